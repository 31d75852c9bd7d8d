//! Going back: a new revision that holds what an old one held.

use masthead_tests::{App, Caller, create_article, published_article};
use serde_json::{Value, json};

use super::support::{
    TAGS, article_path, each, expect_errors, faq, faq_path, fresh, plain_article, section_path, seeing, tag,
    text,
};

#[track_caller]
fn change(caller: &Caller, path: &str, body: &Value) -> Value {
    seeing(caller, &fresh(caller, path))
        .patch(path, body)
        .expect(200)
        .data()
}

#[track_caller]
fn revert(caller: &Caller, article: &Value, number: u32, body: &Value) -> Value {
    let path = article_path(article);
    let seen = seeing(caller, &fresh(caller, &path));
    let answer = seen
        .post(&format!("{path}/revisions/{number}/revert"), body)
        .expect(200);
    assert_eq!(answer.etag(), text(&answer.data()["etag"]));
    answer.body()
}

/// Everything that people wrote.
fn written(article: &Value) -> Value {
    let mut article = article.clone();
    let object = article.as_object_mut().unwrap();
    object.retain(|name, _| {
        [
            "kind", "locale", "slug", "title", "dek", "excerpt", "cover", "seo", "metadata", "tags",
            "sections",
        ]
        .contains(&name.as_str())
    });
    for section in object["sections"].as_array_mut().unwrap() {
        let section = section.as_object_mut().unwrap();
        section
            .retain(|name, _| ["id", "kind", "heading", "level", "anchor", "body"].contains(&name.as_str()));
    }
    article
}

#[test]
fn a_whole_article_goes_back_and_readers_see_nothing_of_it() {
    let app = App::start();
    let editor = app.editor();
    let mut body = masthead_tests::article("Back");
    body["metadata"] = json!({ "a": { "b": 1 } });
    body["cover"] = json!({ "url": "/a.jpg", "alt": "Sea" });
    let made = published_article(&editor, &body);
    let path = article_path(&made);
    let seen_by_readers = app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&made["id"])))
        .expect(200)
        .text();
    change(
        &editor,
        &path,
        &json!({ "title": "Other", "dek": null, "metadata": null, "cover": null }),
    );
    change(
        &editor,
        &section_path(&made, 0),
        &json!({ "heading": "Beginning", "anchor": "beginning" }),
    );
    let second = section_path(&made, 1);
    seeing(&editor, &fresh(&editor, &second))
        .delete(&second)
        .expect(204);
    editor
        .post(
            &format!("{path}/sections"),
            &json!({ "kind": "text", "body": "New." }),
        )
        .expect(201);

    let reverted = revert(&editor, &made, 1, &json!({}));
    assert_eq!(reverted["meta"], json!({ "reverted_to": 1, "warnings": [] }));
    let now = fresh(&editor, &path);
    assert_eq!(now, reverted["data"]);
    assert_eq!(written(&now), written(&made));
    assert_eq!(now["revision"], 6);
    assert_eq!(
        (&now["status"], &now["has_unpublished_changes"]),
        (&json!("published"), &json!(true))
    );
    // An address that somebody has shared meanwhile still finds its place.
    assert_eq!(now["sections"][0]["anchor_aliases"], json!(["beginning"]));
    // The way there stays, and nothing differs from where it led.
    let diff = fresh(&editor, &format!("{path}/revisions/1/diff/6"));
    assert_eq!(
        (&diff["fields"], &diff["changed"], &diff["moved"]),
        (&json!([]), &json!([]), &json!([]))
    );
    let list = fresh(&editor, &format!("{path}/revisions"));
    assert!(
        each(&list, "summary")[0].starts_with("reverted to revision 1: "),
        "{list}"
    );
    let now_by_readers = app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&made["id"])))
        .expect(200)
        .text();
    assert_eq!(now_by_readers, seen_by_readers);
    // And it can be gone back from.
    revert(&editor, &made, 5, &json!({}));
    assert_eq!(fresh(&editor, &path)["title"], "Other");
}

#[test]
fn only_the_named_sections_go_back() {
    let app = App::start();
    let editor = app.editor();
    let mut body = masthead_tests::article("Parts");
    body["sections"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kind": "text", "body": "Third." }));
    let made = create_article(&editor, &body);
    let path = article_path(&made);
    change(&editor, &path, &json!({ "title": "Kept" }));
    for index in 0..2 {
        change(&editor, &section_path(&made, index), &json!({ "body": "Other." }));
    }
    let second = section_path(&made, 1);
    let deleted = fresh(&editor, &second);
    seeing(&editor, &deleted).delete(&second).expect(204);
    let wanted = json!({ "sections": [made["sections"][1]["id"]] });
    let now = revert(&editor, &made, 1, &wanted)["data"].clone();
    assert_eq!(now["title"], "Kept");
    assert_eq!(
        each(&now["sections"], "body"),
        ["Other.", "It never was.", "Third."]
    );
    assert_eq!(each(&now["sections"], "id"), each(&made["sections"], "id"));
    // A tag of its former life does not pass for one of its new one.
    let again = &now["sections"][1];
    assert!(
        again["revision"].as_u64() > deleted["revision"].as_u64(),
        "{again}"
    );
    seeing(&editor, &deleted)
        .delete(&second)
        .expect_problem(412, "stale_revision");
    seeing(&editor, again)
        .patch(&second, &json!({ "body": "Goes on." }))
        .expect(200);
}

#[test]
fn what_is_no_section_of_the_revision_is_told() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("One"));
    let other = create_article(&editor, &masthead_tests::article("Other"));
    let path = article_path(&made);
    let later = editor
        .post(
            &format!("{path}/sections"),
            &json!({ "kind": "text", "body": "Later." }),
        )
        .expect(201)
        .data();
    let before = fresh(&editor, &path);
    let own = &made["sections"][0]["id"];
    let body = json!({ "sections": [own, other["sections"][0]["id"], later["id"], "nonsense", own] });
    let refused = seeing(&editor, &before)
        .post(&format!("{path}/revisions/1/revert"), &body)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &refused,
        &[
            ("/sections/1", "unknown_section"),
            ("/sections/2", "unknown_section"),
            ("/sections/3", "unknown_section"),
            ("/sections/4", "duplicate"),
        ],
    );
    for (body, status) in [
        (json!({ "sections": [] }), 422),
        (json!({ "sections": null }), 422),
        (json!({ "section": [own] }), 422),
        (json!([]), 422),
    ] {
        let refused = seeing(&editor, &before).post(&format!("{path}/revisions/1/revert"), &body);
        assert_eq!(refused.status(), status, "{body}: {}", refused.text());
    }
    assert_eq!(fresh(&editor, &path), before);
}

#[test]
fn what_cannot_come_back_is_told_and_stops_nothing() {
    let app = App::start();
    let editor = app.editor();
    let sea = tag(&editor, "Sea");
    let question = faq(&editor, "Why?");
    let body = json!({
        "locale": "en", "title": "First", "slug": "first", "tags": ["sea"], "faqs": [{ "id": question["id"] }]
    });
    let made = create_article(&editor, &body);
    let path = article_path(&made);
    change(
        &editor,
        &path,
        &json!({ "slug": "second", "title": "Second", "tags": [] }),
    );
    seeing(&editor, &fresh(&editor, &path))
        .put(&format!("{path}/faqs"), &json!({ "faqs": [] }))
        .expect(200);
    seeing(&editor, &sea)
        .delete(&format!("{TAGS}/{}", text(&sea["id"])))
        .expect(204);
    seeing(&editor, &question)
        .delete(&faq_path(&question))
        .expect(204);
    create_article(
        &editor,
        &json!({ "locale": "en", "title": "Another", "slug": "first" }),
    );
    let reverted = revert(&editor, &made, 1, &json!({}));
    let mut told = each(&reverted["meta"]["warnings"], "pointer");
    told.sort();
    assert_eq!(told, ["/faqs", "/slug", "/tags"]);
    let now = &reverted["data"];
    assert_eq!((&now["title"], &now["slug"]), (&json!("First"), &json!("second")));
    assert_eq!((&now["tags"], &now["faqs"]), (&json!([]), &json!([])));
}

#[test]
fn going_back_needs_the_present_revision_and_may_change_nothing() {
    let app = App::start();
    let editor = app.editor();
    let made = plain_article(&editor, "T");
    let path = article_path(&made);
    change(&editor, &path, &json!({ "title": "U" }));
    let revert = format!("{path}/revisions/1/revert");
    editor.act(&revert).expect_problem(428, "precondition_required");
    seeing(&editor, &made)
        .act(&revert)
        .expect_problem(412, "stale_revision");
    let now = fresh(&editor, &path);
    // To where it is already.
    let same = seeing(&editor, &now)
        .act(&format!("{path}/revisions/2/revert"))
        .expect(200)
        .data();
    assert_eq!(same, now);
    // Without a body, as an act.
    let back = seeing(&editor, &now).act(&revert).expect(200).data();
    assert_eq!((&back["title"], &back["revision"]), (&json!("T"), &json!(3)));
}

#[test]
fn a_faq_goes_back_too() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Why?");
    let path = faq_path(&made);
    change(
        &editor,
        &path,
        &json!({ "question": "Why not?", "answer": "Because.", "slug": "why-not" }),
    );
    let now = fresh(&editor, &path);
    let answer = seeing(&editor, &now)
        .act(&format!("{path}/revisions/1/revert"))
        .expect(200);
    let back = answer.data();
    for field in ["question", "answer", "slug", "locale", "tags"] {
        assert_eq!(back[field], made[field], "{field}");
    }
    assert_eq!(back["revision"], 3);
    assert_eq!(answer.body()["meta"]["reverted_to"], 1);
}
