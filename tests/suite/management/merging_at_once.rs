//! Two editors at once, through whole requests: both succeed, or one is shown both.

use std::sync::Barrier;
use std::thread;

use masthead_tests::{App, Caller, Response, create_article};
use serde_json::json;

use super::merging::{merge, version};
use super::support::{article_path, each, fresh, section_path, seeing, text};

#[test]
fn two_editors_on_two_sections_both_succeed_always() {
    let app = App::start();
    let other = app.second_node().start();
    let ada = app.editor();
    let bob = Caller::new(other.address(), ada.token().map(str::to_owned));
    let made = create_article(&ada, &masthead_tests::article("Raced"));
    let path = article_path(&made);
    let barrier = Barrier::new(2);
    let work = |caller: &Caller, index: usize, who: &str| {
        let mut seen = made.clone();
        for round in 0..12 {
            barrier.wait();
            let body = format!("{who} {round}");
            if round % 2 == 0 {
                // A section on its own.
                let own = section_path(&made, index);
                let tag = fresh(caller, &own);
                seeing(caller, &tag)
                    .patch(&own, &json!({ "body": body }))
                    .expect(200);
                seen = fresh(caller, &path);
            } else {
                // The whole article, as an editor holds it that knows nothing of sections.
                let mut yours = version(&seen);
                yours["sections"][index]["body"] = json!(body);
                let answer = merge(caller, &seen, &yours).expect(200);
                assert_eq!(answer.body()["meta"]["conflicts"], json!([]));
                seen = answer.data();
            }
            let now = fresh(caller, &section_path(&made, index));
            assert_eq!(now["body"], body);
            barrier.wait();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| work(&ada, 0, "Ada"));
        scope.spawn(|| work(&bob, 1, "Bob"));
    });
    let now = fresh(&ada, &path);
    assert_eq!(each(&now["sections"], "body"), ["Ada 11", "Bob 11"]);
    assert_eq!(now["revision"], 25);
    let history = ada
        .get(&format!("{path}/revisions?count=exact&limit=1"))
        .expect(200)
        .body();
    assert_eq!(history["meta"]["total"], 25);
}

#[test]
fn of_two_who_merge_one_paragraph_at_once_one_is_shown_both_and_nothing_is_lost() {
    let app = App::start();
    let other = app.second_node().start();
    let ada = app.editor();
    let bob = Caller::new(other.address(), ada.token().map(str::to_owned));
    let made = create_article(&ada, &masthead_tests::article("Contended"));
    let mut now = made.clone();
    for round in 0..8 {
        let barrier = Barrier::new(2);
        let send = |caller: &Caller, who: &str| {
            let mut yours = version(&now);
            yours["sections"][0]["body"] = json!(format!("{who}{round}"));
            barrier.wait();
            merge(caller, &now, &yours).expect(200)
        };
        let answers = thread::scope(|scope| {
            let one = scope.spawn(|| send(&ada, "Ada"));
            let other = send(&bob, "Bob");
            [one.join().unwrap(), other]
        });
        let (mine, theirs): (Vec<&Response>, Vec<&Response>) = answers
            .iter()
            .partition(|answer| answer.body()["meta"]["conflicts"] == json!([]));
        let ([winner], [loser]) = (mine.as_slice(), theirs.as_slice()) else {
            panic!("{} {}", answers[0].text(), answers[1].text())
        };
        let shown = loser.body()["meta"]["conflicts"][0].clone();
        assert_eq!(shown["theirs"], winner.data()["sections"][0]["body"]);
        let mut both = [text(&shown["theirs"]), text(&shown["yours"])];
        both.sort();
        assert_eq!(both, [format!("Ada{round}"), format!("Bob{round}")]);
        now = fresh(&ada, &article_path(&made));
        assert_eq!(now["sections"][0]["body"], shown["theirs"]);
    }
    assert_eq!(now["revision"], 9, "who clashed wrote nothing");
}
