//! Merging tags: what editors see of it, what is refused, and what happens when two act at once.

use masthead_domain::clock::Clock as _;
use masthead_domain::faq::FaqInput;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::{Unit, faqs, tag_merging};
use masthead_tests::{App, Caller, Response, TestIds, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    TAGS, article_path, each, expect_errors, faq_path, fresh, plain_article, seeing, tag, text, total,
};
use super::writers::{at_once, nodes, statuses};

fn merge(editor: &Caller, gone: &Value, into: &Value) -> Response {
    let path = format!("{TAGS}/{}/merge", text(&gone["id"]));
    seeing(editor, gone).post(&path, &json!({ "into": into }))
}

fn tagged(editor: &Caller, title: &str, tags: &[&str]) -> Value {
    create_article(editor, &json!({ "locale": "en", "title": title, "tags": tags }))
}

#[test]
fn the_tag_that_stays_takes_the_place_of_the_other_in_every_working_copy() {
    let app = App::start();
    let editor = app.editor();
    let [sea, ocean] = ["Sea", "Ocean"].map(|name| tag(&editor, name));
    tag(&editor, "Moon");
    let draft = tagged(&editor, "Draft", &["moon", "sea"]);
    let both = tagged(&editor, "Both", &["sea", "moon", "ocean"]);
    let other = tagged(&editor, "Other", &["moon"]);
    let in_step = publish(&editor, &tagged(&editor, "In step", &["sea"])).data();
    let ahead = publish(&editor, &tagged(&editor, "Ahead", &["sea"])).data();
    let ahead = seeing(&editor, &ahead)
        .patch(&article_path(&ahead), &json!({ "tags": ["sea", "moon"] }))
        .expect(200)
        .data();
    let deleted = tagged(&editor, "Deleted", &["sea"]);
    seeing(&editor, &deleted)
        .delete(&article_path(&deleted))
        .expect(204);
    let faq = json!({ "locale": "en", "question": "Why?", "answer": "So.", "tags": ["sea", "moon"] });
    let faq = editor.post("/management/v1/faqs", &faq).expect(201).data();
    let faq = seeing(&editor, &faq)
        .act(&format!("{}/publish", faq_path(&faq)))
        .expect(200)
        .data();

    let answer = merge(&editor, &sea, &ocean["id"]).expect(200);
    assert_eq!(answer.body()["data"], ocean);
    assert_eq!(answer.etag(), text(&ocean["etag"]));
    assert_eq!(
        answer.body()["meta"],
        json!({ "moved_articles": 4, "moved_faqs": 1 })
    );

    let now = |article: &Value| fresh(&editor, &article_path(article));
    for (article, tags, risen) in [
        (&draft, vec!["moon", "ocean"], 1),
        (&both, vec!["ocean", "moon"], 1),
        (&other, vec!["moon"], 0),
        (&in_step, vec!["ocean"], 1),
        (&ahead, vec!["ocean", "moon"], 1),
    ] {
        let now = now(article);
        assert_eq!(each(&now["tags"], "slug"), tags);
        let before = article["revision"].as_u64().unwrap();
        assert_eq!(now["revision"], before + risen, "{}", article["title"]);
    }
    assert_eq!(
        now(&in_step)["has_unpublished_changes"],
        false,
        "readers see all of it"
    );
    assert_eq!(now(&ahead)["has_unpublished_changes"], true);
    let faq_now = fresh(&editor, &faq_path(&faq));
    assert_eq!(each(&faq_now["tags"], "slug"), ["ocean", "moon"]);
    assert_eq!(faq_now["revision"], faq["revision"].as_u64().unwrap() + 1);
    assert_eq!(faq_now["has_unpublished_changes"], false);
    // Whoever edits meanwhile is told, and what was merged is no more.
    seeing(&editor, &draft)
        .patch(&article_path(&draft), &json!({ "title": "Stale" }))
        .expect_problem(412, "stale_revision");
    editor
        .get(&format!("{TAGS}/{}", text(&sea["id"])))
        .expect_problem(404, "not_found");
    merge(&editor, &sea, &ocean["id"]).expect_problem(404, "not_found");
    assert_eq!(total(&editor, TAGS), 2);
    // What readers see is left alone by publishing what they see already.
    let page = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/in-step")
        .expect(200);
    publish(&editor, &now(&in_step));
    let again = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/in-step")
        .expect(200);
    assert_eq!(again.etag(), page.etag());
}

#[test]
fn a_merge_that_cannot_be_is_refused_with_its_reason() {
    let app = App::start();
    let editor = app.editor();
    let [sea, ocean] = ["Sea", "Ocean"].map(|name| tag(&editor, name));
    let nobody = json!("01930000-0000-7000-8000-00000000ffff");
    let article = plain_article(&editor, "No tag");
    for (into, code) in [
        (&sea["id"], "itself"),
        (&nobody, "unknown_tag"),
        (&article["id"], "unknown_tag"),
        (&json!("ocean"), "invalid_id"),
        (&json!(null), "wrong_type"),
        (&json!(""), "invalid_id"),
    ] {
        let refused = merge(&editor, &sea, into).expect_problem(422, "validation_failed");
        expect_errors(&refused, &[("/into", code)]);
    }
    let path = format!("{TAGS}/{}/merge", text(&sea["id"]));
    let into = json!({ "into": ocean["id"] });
    editor
        .post(&path, &into)
        .expect_problem(428, "precondition_required");
    seeing(&editor, &ocean)
        .post(&path, &into)
        .expect_problem(412, "stale_revision");
    let renamed = seeing(&editor, &sea)
        .patch(
            &format!("{TAGS}/{}", text(&sea["id"])),
            &json!({ "name": "Seas" }),
        )
        .expect(200)
        .data();
    merge(&editor, &sea, &ocean["id"]).expect_problem(412, "stale_revision");
    let missing = format!("{TAGS}/{}/merge", text(&nobody));
    editor
        .clone()
        .seen("*")
        .post(&missing, &into)
        .expect_problem(404, "not_found");
    seeing(&editor, &renamed)
        .post(&path, &json!({}))
        .expect_problem(422, "validation_failed");
    let stranger = json!({ "into": ocean["id"], "from": sea["id"] });
    seeing(&editor, &renamed)
        .post(&path, &stranger)
        .expect_problem(422, "unknown_field");
    // Rights come before everything else.
    merge(&app.author(), &sea, &nobody).expect_problem(403, "forbidden");
    merge(&app.viewer(), &sea, &nobody).expect_problem(403, "forbidden");
    assert_eq!(total(&editor, TAGS), 2);
}

#[test]
fn what_is_carried_by_more_than_is_changed_at_once_stays_as_it_is() {
    let app = App::start();
    let editor = app.editor();
    let [sea, ocean] = ["Sea", "Ocean"].map(|name| tag(&editor, name));
    let now = app.clock().now();
    app.storage()
        .write_blocking(move |repository| {
            let (ids, actor) = (TestIds::default(), Actor::command_line());
            let mut unit = Unit {
                repository,
                now,
                ids: &ids,
                actor: &actor,
                acting: None,
                site: None,
            };
            for number in 0..=tag_merging::LIMIT {
                let input = FaqInput {
                    question: format!("Question {number}?"),
                    answer: "So.".into(),
                    slug: Some(format!("q-{number}")),
                    tags: vec!["sea".into()],
                };
                faqs::create(&mut unit, None, "en", input)?;
            }
            Ok(())
        })
        .unwrap();
    let refused = merge(&editor, &sea, &ocean["id"]).expect_problem(409, "too_many_uses");
    let detail = text(&refused.body()["detail"]);
    assert!(
        detail.contains("1001 places") && detail.contains("at most 1000"),
        "{detail}"
    );
    assert_eq!(total(&editor, "/management/v1/faqs?tag=sea"), 1_001);
    let one = editor.get("/management/v1/faqs?limit=1").expect(200).data()[0].clone();
    seeing(&editor, &one)
        .patch(&faq_path(&one), &json!({ "tags": [] }))
        .expect(200);
    let merged = merge(&editor, &sea, &ocean["id"]).expect(200).body();
    assert_eq!(
        merged["meta"],
        json!({ "moved_articles": 0, "moved_faqs": 1_000 })
    );
    assert_eq!(total(&editor, "/management/v1/faqs?tag=ocean"), 1_000);
}

#[test]
fn of_two_tags_merged_into_each_other_at_once_exactly_one_stays() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..10 {
        let [a, b] = ["a", "b"].map(|name| tag(&here, &format!("{name}{round}")));
        let slugs = [&a, &b].map(|tag| text(&tag["slug"]));
        let title = format!("Round {round}");
        let one = publish(&here, &tagged(&here, &title, &[&slugs[0], &slugs[1]])).data();
        tagged(&here, &format!("Draft {round}"), &[&slugs[1]]);
        let answers = at_once(|| merge(&here, &a, &b["id"]), || merge(&there, &b, &a["id"]));
        let shown = format!("{} {}", answers[0].text(), answers[1].text());
        assert_eq!(statuses(&answers), [200, 422], "{shown}");
        let stays = answers
            .iter()
            .find(|answer| answer.status() == 200)
            .unwrap()
            .data();
        let loser = answers.iter().find(|answer| answer.status() == 422).unwrap();
        expect_errors(loser, &[("/into", "unknown_tag")]);
        let now = fresh(&here, &article_path(&one));
        assert_eq!(each(&now["tags"], "id"), [text(&stays["id"])]);
        let page = there.get(&format!("/delivery/v1/articles/by-slug/round-{round}"));
        assert_eq!(each(&page.expect(200).data()["tags"], "id"), [text(&stays["id"])]);
    }
    assert_eq!(total(&here, TAGS), 10);
}

#[test]
fn whoever_publishes_or_edits_what_carries_the_tag_meanwhile_never_brings_it_back() {
    let app = App::start();
    let other = app.second_node().start();
    let (here, there) = nodes(&app, &other);
    for round in 0..12 {
        let [sea, ocean] = ["sea", "ocean"].map(|name| tag(&here, &format!("{name}{round}")));
        let slug = text(&sea["slug"]);
        let title = format!("Round {round}");
        let carried: &[&str] = if round % 3 == 2 { &[] } else { &[&slug] };
        let article = tagged(&here, &title, carried);
        let path = article_path(&article);
        let act = || match round % 3 {
            0 => seeing(&there, &article).act(&format!("{path}/publish")),
            1 => seeing(&there, &article).patch(&path, &json!({ "title": title, "tags": [&slug] })),
            _ => seeing(&there, &article).put(&format!("{path}/tags"), &json!({ "tags": [&slug] })),
        };
        let answers = at_once(|| merge(&here, &sea, &ocean["id"]), act);
        let shown = format!("round {round}: {} {}", answers[0].text(), answers[1].text());
        assert_eq!(answers[0].status(), 200, "{shown}");
        assert!([200, 412, 422].contains(&answers[1].status()), "{shown}");
        let now = fresh(&here, &path);
        let expected: &[&str] = if carried.is_empty() && answers[1].status() != 200 {
            &[]
        } else {
            &["ocean"]
        };
        let names: Vec<_> = each(&now["tags"], "name");
        let expected: Vec<_> = expected.iter().map(|name| format!("{name}{round}")).collect();
        assert_eq!(names, expected, "{shown}");
        // Whatever came first, publishing it shows no other.
        let shown = publish(&here, &now).data();
        let page = here.get(&format!("/delivery/v1/articles/{}", text(&shown["id"])));
        assert_eq!(each(&page.expect(200).data()["tags"], "name"), expected);
    }
    assert_eq!(total(&here, TAGS), 12);
    let shown = here.get("/delivery/v1/tags?limit=100").expect(200).data();
    let names = each(&shown, "name");
    assert!(names.iter().all(|name| name.starts_with("ocean")), "{names:?}");
}
