//! Two writers at once.

use std::sync::Barrier;
use std::thread;

use masthead_tests::{App, Caller, Response, create_article};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, article_path, each, faq, faq_path, fresh, section_path, seeing, tag, text, total,
};

/// Does two things at the same moment.
pub(super) fn at_once(
    one: impl FnOnce() -> Response + Send,
    other: impl FnOnce() -> Response + Send,
) -> [Response; 2] {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            barrier.wait();
            one()
        });
        barrier.wait();
        let second = other();
        [first.join().expect("the first writer ends"), second]
    })
}

/// The callers of two nodes.
pub(super) fn nodes(app: &App, other: &App) -> (Caller, Caller) {
    let editor = app.editor();
    let there = Caller::new(other.address(), editor.token().map(str::to_owned));
    (editor, there)
}

pub(super) fn statuses(answers: &[Response; 2]) -> [u16; 2] {
    let mut statuses = [answers[0].status(), answers[1].status()];
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_two_writers_to_one_section_exactly_one_wins() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    let article = create_article(&here, &masthead_tests::article("Contended"));
    let path = section_path(&article, 0);
    let mut section = article["sections"][0].clone();
    for round in 0..10 {
        let write = |caller: &Caller, who: &str| {
            seeing(caller, &section).patch(&path, &json!({ "body": format!("{who} {round}") }))
        };
        let answers = at_once(|| write(&here, "Here"), || write(&there, "There"));
        assert_eq!(
            statuses(&answers),
            [200, 412],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        let winner = answers
            .iter()
            .find(|answer| answer.status() == 200)
            .unwrap()
            .data();
        let loser = answers.iter().find(|answer| answer.status() == 412).unwrap();
        assert_eq!(loser.body()["code"], "stale_revision");
        assert_eq!(loser.body()["current_revision"], winner["revision"]);
        section = fresh(&here, &path);
        assert_eq!(section, winner);
        assert_eq!(section["revision"], round + 2);
    }
    assert_eq!(fresh(&there, &article_path(&article))["revision"], 11);
}

#[test]
fn two_writers_to_two_sections_of_one_article_never_meet() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    let article = create_article(&here, &masthead_tests::article("Shared"));
    let mut sections = [article["sections"][0].clone(), article["sections"][1].clone()];
    for round in 0..10 {
        let write = |caller: &Caller, index: usize| {
            seeing(caller, &sections[index]).patch(
                &section_path(&article, index),
                &json!({ "body": format!("Body {index} {round}") }),
            )
        };
        let answers = at_once(|| write(&here, 0), || write(&there, 1));
        assert_eq!(
            statuses(&answers),
            [200, 200],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        sections = answers.map(|answer| answer.data());
    }
    let now = fresh(&here, &article_path(&article));
    assert_eq!(now["revision"], 21, "each change is one of the article's too");
    for index in 0..2 {
        assert_eq!(now["sections"][index]["body"], format!("Body {index} 9"));
        assert_eq!(now["sections"][index]["revision"], 11);
    }
}

#[test]
fn sections_added_at_once_are_all_there_in_a_whole_order() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    let article = create_article(&here, &masthead_tests::article("Growing"));
    let list = format!("{}/sections", article_path(&article));
    let first = &article["sections"][0]["id"];
    for round in 0..5 {
        let add = |caller: &Caller, who: &str| {
            let heading = format!("Same heading {round}");
            let body = json!({ "kind": "text", "heading": heading, "body": who, "after": first });
            caller.post(&list, &body)
        };
        let answers = at_once(|| add(&here, "Here"), || add(&there, "There"));
        assert_eq!(
            statuses(&answers),
            [201, 201],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
    }
    let now = fresh(&here, &article_path(&article));
    assert_eq!(now["sections"].as_array().unwrap().len(), 12);
    let mut anchors = each(&now["sections"], "anchor");
    anchors.sort();
    anchors.dedup();
    assert_eq!(anchors.len(), 12, "no two sections have one anchor");
    assert_eq!(now["revision"], 11);
    assert_eq!(each(&now["sections"], "heading")[0], "Introduction");
    assert_eq!(each(&now["sections"], "heading")[11], "Conclusion");
}

#[test]
fn one_slug_is_given_once_however_many_ask_at_once() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..5 {
        let own = json!({ "locale": "en", "title": "T", "slug": format!("slug-{round}") });
        let answers = at_once(|| here.post(ARTICLES, &own), || there.post(ARTICLES, &own));
        assert_eq!(
            statuses(&answers),
            [201, 409],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        let loser = answers
            .iter()
            .find(|answer| answer.status() == 409)
            .unwrap()
            .body();
        assert_eq!(loser["code"], "already_exists");
        assert_eq!(loser["free"], format!("slug-{round}-2"));

        let derived = json!({ "locale": "en", "title": format!("Derived {round}") });
        let answers = at_once(
            || here.post(ARTICLES, &derived),
            || there.post(ARTICLES, &derived),
        );
        assert_eq!(
            statuses(&answers),
            [201, 201],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        let mut slugs = answers.map(|answer| text(&answer.data()["slug"]));
        slugs.sort();
        assert_eq!(slugs, [format!("derived-{round}"), format!("derived-{round}-2")]);
    }
    assert_eq!(total(&here, ARTICLES), 15);
}

#[test]
fn one_chosen_id_is_created_once() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..5 {
        let path = format!("{ARTICLES}/0195aaaa-0000-7000-8000-00000000000{round}");
        let create = |caller: &Caller, title: &str| {
            let body = json!({ "locale": "en", "title": format!("{title} {round}") });
            caller.clone().with("If-None-Match", "*").put(&path, &body)
        };
        let answers = at_once(|| create(&here, "Here"), || create(&there, "There"));
        assert_eq!(
            statuses(&answers),
            [201, 412],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        let winner = answers.iter().find(|answer| answer.status() == 201).unwrap();
        assert_eq!(fresh(&here, &path), winner.data());
    }
    assert_eq!(total(&here, ARTICLES), 5);
}

#[test]
fn what_is_deleted_and_what_is_linked_at_once_are_never_both() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..5 {
        let article = create_article(&here, &json!({ "locale": "en", "title": format!("A {round}") }));
        let question = faq(&here, &format!("Q {round}?"));
        let tag = tag(&here, &format!("Tag {round}"));
        let path = article_path(&article);
        let link = json!({ "faqs": [{ "id": question["id"] }] });
        let answers = at_once(
            || seeing(&here, &article).put(&format!("{path}/faqs"), &link),
            || seeing(&there, &question).delete(&faq_path(&question)),
        );
        assert!(
            [[200, 409], [204, 422]].contains(&statuses(&answers)),
            "{:?} {} {}",
            statuses(&answers),
            answers[0].text(),
            answers[1].text()
        );
        let now = fresh(&here, &path);
        let linked = now["faqs"].as_array().unwrap().len() == 1;
        let there_is = here.get(&faq_path(&question)).status() == 200;
        assert_eq!(linked, there_is);

        let tag_path = format!("/management/v1/tags/{}", text(&tag["id"]));
        let tags = json!({ "tags": [tag["slug"]] });
        let answers = at_once(
            || seeing(&here, &now).put(&format!("{path}/tags"), &tags),
            || seeing(&there, &tag).delete(&tag_path),
        );
        assert!(
            [[200, 409], [204, 422]].contains(&statuses(&answers)),
            "{:?} {} {}",
            statuses(&answers),
            answers[0].text(),
            answers[1].text()
        );
        let linked = fresh(&here, &path)["tags"].as_array().unwrap().len() == 1;
        assert_eq!(linked, here.get(&tag_path).status() == 200);
    }
    let left: u64 = total(&here, FAQS);
    assert!(left <= 5);
}

#[test]
fn nobody_publishes_what_they_have_not_seen() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..5 {
        let article = create_article(&here, &masthead_tests::article(&format!("Race {round}")));
        let (path, section) = (article_path(&article), section_path(&article, 0));
        let answers = at_once(
            || seeing(&here, &article).act(&format!("{path}/publish")),
            || seeing(&there, &article["sections"][0]).patch(&section, &json!({ "body": "Unseen" })),
        );
        assert_eq!(answers[1].status(), 200, "{}", answers[1].text());
        let delivered = format!("/delivery/v1/articles/{}?format=markdown", text(&article["id"]));
        let page = app.anonymous().get(&delivered);
        match answers[0].status() {
            200 => {
                let page = page.expect(200).data();
                assert_ne!(page["sections"][0]["body"]["markdown"], "Unseen");
                assert_eq!(fresh(&here, &path)["has_unpublished_changes"], true);
            }
            412 => {
                page.expect_problem(404, "not_found");
                assert_eq!(fresh(&here, &path)["status"], "draft");
            }
            other => panic!("{other}: {}", answers[0].text()),
        }
    }
}

#[test]
fn a_change_based_on_what_a_writer_read_is_never_lost_among_many() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    let article = create_article(
        &here,
        &json!({ "locale": "en", "title": "Counter", "metadata": { "n": 0 } }),
    );
    let path = article_path(&article);
    let count = |caller: &Caller| {
        for _ in 0..10 {
            loop {
                let seen = fresh(caller, &path);
                let next = seen["metadata"]["n"].as_u64().unwrap() + 1;
                let answer = seeing(caller, &seen).patch(&path, &json!({ "metadata": { "n": next } }));
                match answer.status() {
                    200 => break,
                    412 => {}
                    other => panic!("{other}: {}", answer.text()),
                }
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| count(&here));
        scope.spawn(|| count(&there));
    });
    let now: Value = fresh(&here, &path);
    assert_eq!(
        (&now["metadata"]["n"], &now["revision"]),
        (&json!(20), &json!(21))
    );
}

#[test]
fn of_two_who_publish_at_once_both_see_the_same_one_edition() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..5 {
        let article = create_article(&here, &masthead_tests::article(&format!("Edition {round}")));
        let path = format!("{}/publish", article_path(&article));
        let answers = at_once(
            || seeing(&here, &article).act(&path),
            || seeing(&there, &article).act(&path),
        );
        for answer in &answers {
            assert_eq!(answer.status(), 200, "{}", answer.text());
        }
        assert_eq!(answers[0].data(), answers[1].data());
        let told = |answer: &Response| answer.body()["meta"]["published_faqs"].as_array().unwrap().len();
        let mut faqs = [told(&answers[0]), told(&answers[1])];
        faqs.sort_unstable();
        assert_eq!(faqs, [0, 1], "the question is published once");
        let id = text(&article["id"]);
        let mut entries = 0;
        let mut after = "/delivery/v1/changes?limit=100".to_owned();
        loop {
            let page = app.anonymous().get(&after).expect(200).body();
            let rows = page["data"].as_array().unwrap();
            entries += rows.iter().filter(|row| row.to_string().contains(&id)).count();
            match page["links"]["next"].as_str() {
                Some(next) if !rows.is_empty() => after = next.to_owned(),
                _ => break,
            }
        }
        assert_eq!(entries, 1, "one edition, one entry in the change log");
    }
}
