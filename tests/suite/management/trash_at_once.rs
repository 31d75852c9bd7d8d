//! Two at once on one thing: delete, publish, restore, purge, and a slug that two want.

use std::sync::Barrier;
use std::thread;

use masthead_tests::{App, Caller, Response};
use serde_json::{Value, json};

use super::support::{ARTICLES, TRASH, article_path, fresh, plain_article, seeing, text};

/// Two callers on two nodes.
fn two(app: &App) -> (App, Caller, Caller) {
    let other = app.second_node().start();
    let one = app.admin();
    let two = Caller::new(other.address(), one.token().map(str::to_owned));
    (other, one, two)
}

/// Sends both at once.
fn race(one: impl FnOnce() -> Response + Send, other: impl FnOnce() -> Response + Send) -> [Response; 2] {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            barrier.wait();
            one()
        });
        barrier.wait();
        let second = other();
        [first.join().unwrap(), second]
    })
}

fn item(thing: &Value) -> String {
    format!("{TRASH}/{}", text(&thing["id"]))
}

fn deleted(caller: &Caller, title: &str) -> Value {
    let made = plain_article(caller, title);
    seeing(caller, &made).delete(&article_path(&made)).expect(204);
    made
}

fn statuses(answers: &[Response; 2]) -> [u16; 2] {
    let mut both = [answers[0].status(), answers[1].status()];
    both.sort_unstable();
    both
}

#[test]
fn of_two_who_restore_one_thing_one_does() {
    let app = App::start();
    let (_other, ada, bob) = two(&app);
    for round in 0..6 {
        let made = deleted(&ada, &format!("Twice {round}"));
        let path = format!("{}/restore", item(&made));
        let answers = race(|| ada.act(&path), || bob.act(&path));
        assert_eq!(statuses(&answers), [200, 404]);
        assert_eq!(fresh(&ada, &article_path(&made))["revision"], 1);
    }
}

#[test]
fn a_thing_is_restored_or_purged_and_never_half_of_each() {
    let app = App::start();
    let (_other, ada, bob) = two(&app);
    for round in 0..8 {
        let made = deleted(&ada, &format!("Either {round}"));
        let (path, restore) = (item(&made), format!("{}/restore", item(&made)));
        let [back, purged] = race(|| ada.act(&restore), || bob.delete(&path));
        let there = ada.get(&article_path(&made)).status();
        let history = ada.get(&format!("{}/revisions", article_path(&made))).status();
        match (back.status(), purged.status()) {
            (200, 404) => assert_eq!((there, history), (200, 200)),
            (404, 204) => assert_eq!((there, history), (404, 404)),
            other => panic!("{other:?}: {} / {}", back.text(), purged.text()),
        }
        ada.get(&path).expect_problem(404, "not_found");
    }
}

#[test]
fn a_slug_that_a_new_article_claims_meanwhile_has_one_owner() {
    let app = App::start();
    let (_other, ada, bob) = two(&app);
    for round in 0..8 {
        let slug = format!("claimed-{round}");
        let made = deleted(&ada, &format!("Claimed {round}"));
        let restore = format!("{}/restore", item(&made));
        let body = json!({ "locale": "en", "title": "New", "slug": slug });
        let [back, new] = race(|| ada.act(&restore), || bob.post(ARTICLES, &body));
        let codes = (back.status(), new.status());
        assert!([(200, 409), (409, 201)].contains(&codes), "{codes:?}");
        if codes.0 == 409 {
            let refused = back.expect_problem(409, "slug_taken");
            assert_eq!(refused.body()["free"], format!("{slug}-2"));
        }
    }
}

#[test]
fn an_article_is_published_or_deleted_and_readers_never_keep_what_is_in_the_trash() {
    let app = App::start();
    let (_other, ada, bob) = two(&app);
    for round in 0..8 {
        let made = plain_article(&ada, &format!("Shown {round}"));
        let path = article_path(&made);
        let publish = format!("{path}/publish");
        let [published, gone] = race(
            || seeing(&ada, &made).act(&publish),
            || seeing(&bob, &made).delete(&path),
        );
        let page = format!("/delivery/v1/articles/{}", text(&made["id"]));
        let seen = app.anonymous().get(&page).status();
        // Publishing leaves the entity tag good, so the delete may follow it; after the delete there is nothing.
        match (published.status(), gone.status()) {
            (200, 204) => assert_eq!(seen, 410),
            (404, 204) => assert_eq!(seen, 404),
            other => panic!("{other:?}: {} / {}", published.text(), gone.text()),
        }
        fresh(&ada, &item(&made));
    }
}
