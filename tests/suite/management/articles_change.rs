//! Changing, replacing and deleting articles.

use masthead_tests::{App, create_article};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, article_path, author, each, expect_errors, faq, fresh, plain_article, seeing, tag, text,
    total, totals,
};

#[test]
fn a_put_creates_with_an_id_of_the_clients_choosing() {
    let app = App::start();
    let editor = app.editor();
    let path = format!("{ARTICLES}/0195aaaa-0000-7000-8000-000000000001");
    let creating = editor.clone().with("If-None-Match", "*");
    let answer = creating
        .put(&path, &masthead_tests::article("Chosen"))
        .expect(201);
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let made = answer.data();
    assert_eq!(made["id"], "0195aaaa-0000-7000-8000-000000000001");
    assert_eq!(made["revision"], 1);
    assert_eq!(made["sections"].as_array().unwrap().len(), 2);
    let again = creating.put(&path, &masthead_tests::article("Another"));
    again.expect_problem(412, "precondition_failed");
    assert_eq!(fresh(&editor, &path), made);
    assert_eq!(totals(&editor)[..2], [1, 1]);
}

#[test]
fn a_put_names_one_of_the_two_preconditions() {
    let app = App::start();
    let editor = app.editor();
    let article = plain_article(&editor, "There");
    let (path, body) = (
        article_path(&article),
        json!({ "locale": "en", "title": "Replaced" }),
    );
    let neither = editor
        .put(&path, &body)
        .expect_problem(428, "precondition_required");
    expect_errors(&neither, &[("If-Match", "required")]);
    let both = seeing(&editor, &article)
        .with("If-None-Match", "*")
        .put(&path, &body)
        .expect_problem(400, "invalid_header");
    expect_errors(&both, &[("If-None-Match", "invalid_format")]);
    for wrong in [text(&article["etag"]), "nonsense".to_owned()] {
        let answer = editor.clone().with("If-None-Match", &wrong).put(&path, &body);
        answer.expect_problem(400, "invalid_header");
    }
    let stale = editor.clone().seen("\"000000000000-9\"").put(&path, &body);
    stale.expect_problem(412, "stale_revision");
    let absent = format!("{ARTICLES}/0195aaaa-0000-7000-8000-000000000009");
    editor
        .clone()
        .seen("*")
        .put(&absent, &body)
        .expect_problem(404, "not_found");
    assert_eq!(fresh(&editor, &path), article);
    assert_eq!(total(&editor, ARTICLES), 1);
}

#[test]
fn a_put_replaces_everything_and_keeps_the_sections_it_names() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    let mut body = masthead_tests::article("Before");
    body["tags"] = json!(["sea"]);
    body["metadata"] = json!({ "a": 1 });
    let before = create_article(&editor, &body);
    let path = article_path(&before);
    let kept = before["sections"][1].clone();
    app.clock().advance(60);
    let body = json!({
        "locale": "en", "title": "After",
        "sections": [
            { "kind": "text", "heading": "New", "body": "New." },
            { "kind": "text", "id": kept["id"], "heading": "The end, reworded", "body": "It never was." }
        ]
    });
    let answer = seeing(&editor, &before).put(&path, &body).expect(200);
    let after = answer.data();
    assert_eq!(after["revision"], 2);
    assert_eq!(answer.etag(), text(&after["etag"]));
    assert_eq!(after["title"], "After");
    assert_eq!(
        after["slug"], before["slug"],
        "a slug that is not given stays as it is"
    );
    assert_eq!(after["dek"], Value::Null);
    assert_eq!(after["metadata"], json!({}));
    assert_eq!(after["tags"], json!([]));
    assert_eq!(after["faqs"], json!([]));
    assert_eq!(after["sections"][1]["id"], kept["id"]);
    assert_eq!(after["sections"][1]["anchor"], "conclusion");
    assert_eq!(after["sections"][1]["revision"], 2);
    assert_eq!(after["sections"][1]["created_at"], kept["created_at"]);
    assert_eq!(after["sections"][0]["revision"], 1);
    assert_ne!(after["sections"][0]["id"], before["sections"][0]["id"]);
    assert_eq!(after["created_at"], "2026-03-01T12:00:00Z");
    assert_eq!(after["updated_at"], "2026-03-01T12:01:00Z");
    assert_eq!(total(&editor, FAQS), 1, "a FAQ is no part of an article");
    let gone = format!("{path}/sections/{}", text(&before["sections"][0]["id"]));
    editor.get(&gone).expect_problem(404, "not_found");

    let again = seeing(&editor, &after).put(&path, &{
        let mut body = body.clone();
        body["sections"][0]["id"] = after["sections"][0]["id"].clone();
        body
    });
    assert_eq!(
        again.expect(200).data(),
        after,
        "what changes nothing is no revision"
    );
}

#[test]
fn a_patch_leaves_what_is_missing_and_clears_what_is_null() {
    let app = App::start();
    let editor = app.editor();
    let mut body = masthead_tests::article("Patched");
    body["excerpt"] = json!("Short.");
    body["cover"] = json!({ "url": "/a.jpg", "alt": "A", "credit": "Ada" });
    body["seo"] = json!({ "title": "S", "description": "D", "image": { "url": "/s.jpg", "alt": "S" } });
    body["metadata"] = json!({ "a": { "b": 1, "c": 2 }, "d": [1, 2] });
    let before = create_article(&editor, &body);
    let path = article_path(&before);
    let change = json!({
        "dek": null,
        "cover": { "alt": "Another", "credit": null, "caption": "New" },
        "seo": { "title": null, "image": { "alt": null }, "no_index": true },
        "metadata": { "a": { "b": null, "e": 3 }, "d": [3] }
    });
    let after = seeing(&editor, &before).patch(&path, &change).expect(200).data();
    assert_eq!(after["revision"], 2);
    assert_eq!(
        (&after["title"], &after["excerpt"]),
        (&json!("Patched"), &json!("Short."))
    );
    assert_eq!(after["dek"], Value::Null);
    assert_eq!(
        after["cover"],
        json!({ "url": "/a.jpg", "alt": "Another", "caption": "New", "credit": null })
    );
    assert_eq!(
        (&after["seo"]["title"], &after["seo"]["description"]),
        (&Value::Null, &json!("D"))
    );
    assert_eq!(after["seo"]["image"]["url"], "/s.jpg");
    assert_eq!(after["seo"]["image"]["alt"], Value::Null);
    assert_eq!(after["seo"]["no_index"], true);
    assert_eq!(after["metadata"], json!({ "a": { "c": 2, "e": 3 }, "d": [3] }));
    assert_eq!(
        after["sections"], before["sections"],
        "sections are no business of a patch"
    );
    assert_eq!(after["faqs"], before["faqs"]);
    let cleared = json!({ "excerpt": null, "cover": null, "seo": null, "metadata": null });
    let cleared = seeing(&editor, &after).patch(&path, &cleared).expect(200).data();
    assert_eq!(
        (&cleared["excerpt"], &cleared["cover"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&cleared["metadata"], &cleared["seo"]["no_index"]),
        (&json!({}), &json!(false))
    );
    assert_eq!(cleared["seo"]["image"], Value::Null);
}

#[test]
fn a_patch_is_taken_in_both_content_types_and_no_other() {
    let app = App::start();
    let editor = app.editor();
    let article = plain_article(&editor, "Typed");
    let path = article_path(&article);
    let any = editor.clone().seen("*");
    for (kind, title) in [
        ("application/json", "One"),
        ("application/merge-patch+json", "Two"),
        ("application/json; charset=utf-8", "Three"),
    ] {
        let body = json!({ "title": title }).to_string();
        let answer = any
            .send("PATCH", &path, Some((kind, body.as_bytes())))
            .expect(200);
        assert_eq!(answer.data()["title"], title);
    }
    for kind in ["application/json-patch+json", "text/plain", ""] {
        any.send("PATCH", &path, Some((kind, br#"{"title":"No"}"#)))
            .expect_problem(415, "unsupported_media_type");
    }
    assert_eq!(fresh(&editor, &path)["title"], "Three");
}

#[test]
fn a_patch_names_everything_that_is_wrong_with_it() {
    let app = App::start();
    let editor = app.editor();
    let article = plain_article(&editor, "Wrong");
    let path = article_path(&article);
    let any = editor.clone().seen("*");
    let shape = any
        .patch(
            &path,
            &json!({ "title": null, "sections": [], "faqs": [], "kind": "poster", "seo": { "no_index": null } }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(
        &shape,
        &[
            ("/faqs", "unknown_field"),
            ("/kind", "unknown_value"),
            ("/sections", "unknown_field"),
            ("/seo/no_index", "wrong_type"),
            ("/title", "wrong_type"),
        ],
    );
    let rules = any
        .patch(
            &path,
            &json!({
                "title": " ", "slug": "A/B", "locale": "xx-yy-zz", "tags": ["none"], "authors": [{ "slug": "none" }],
                "cover": { "alt": "There is no address" }, "seo": { "image": { "alt": "Nor here" } }
            }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(
        &rules,
        &[
            ("/authors/0/slug", "unknown_author"),
            ("/cover/url", "required"),
            ("/locale", "invalid_locale"),
            ("/seo/image/url", "required"),
            ("/slug", "invalid_slug"),
            ("/tags/0", "unknown_tag"),
            ("/title", "blank"),
        ],
    );
    let only = any
        .patch(&path, &json!({ "status": "published" }))
        .expect_problem(422, "unknown_field");
    expect_errors(&only, &[("/status", "unknown_field")]);
    assert_eq!(fresh(&editor, &path), article);
}

#[test]
fn a_patch_that_changes_nothing_is_no_revision() {
    let app = App::start();
    let editor = app.editor();
    let before = create_article(&editor, &masthead_tests::article("Still"));
    let path = article_path(&before);
    app.clock().advance(60);
    for patch in [
        json!({}),
        json!({ "title": "Still" }),
        json!({ "slug": "still", "dek": "Still, in a line.", "cover": null, "seo": {}, "metadata": {}, "tags": [] }),
    ] {
        let answer = seeing(&editor, &before).patch(&path, &patch).expect(200);
        assert_eq!(answer.data(), before, "{patch}");
        assert_eq!(answer.etag(), text(&before["etag"]));
    }
}

#[test]
fn a_slug_can_be_changed_to_one_that_is_free_in_the_locale_it_moves_to() {
    let app = App::start();
    let editor = app.editor();
    create_article(&editor, &json!({ "locale": "de", "title": "A", "slug": "tides" }));
    let article = create_article(&editor, &json!({ "locale": "en", "title": "B", "slug": "tides" }));
    let path = article_path(&article);
    let refused = seeing(&editor, &article)
        .patch(&path, &json!({ "locale": "de" }))
        .expect_problem(409, "already_exists");
    assert_eq!(refused.body()["free"], "tides-2");
    let moved = seeing(&editor, &article)
        .patch(&path, &json!({ "locale": "de", "slug": "tides-2" }))
        .expect(200)
        .data();
    assert_eq!(
        (&moved["locale"], &moved["slug"]),
        (&json!("de"), &json!("tides-2"))
    );
    create_article(&editor, &json!({ "locale": "en", "title": "C", "slug": "tides" }));
}

#[test]
fn links_are_replaced_whole_and_in_order_and_counted() {
    let app = App::start();
    let editor = app.editor();
    for name in ["Sea", "Moon", "Sun"] {
        tag(&editor, name);
    }
    for name in ["Ada Marsh", "Ben Lee"] {
        author(&editor, name);
    }
    let known = faq(&editor, "Known?");
    let article = plain_article(&editor, "Linked");
    let path = article_path(&article);
    let mut now = article;
    let mut put = |part: &str, list: Value| {
        now = seeing(&editor, &now)
            .put(&format!("{path}/{part}"), &json!({ part: list }))
            .expect(200)
            .data();
        now.clone()
    };
    assert_eq!(
        each(&put("tags", json!(["sun", "sea"]))["tags"], "slug"),
        ["sun", "sea"]
    );
    assert_eq!(
        each(&put("tags", json!(["moon", "sea", "sun"]))["tags"], "slug"),
        ["moon", "sea", "sun"]
    );
    let named = put(
        "authors",
        json!([{ "slug": "ben-lee", "role": "editor" }, { "slug": "ada-marsh" }]),
    );
    assert_eq!(each(&named["authors"], "slug"), ["ben-lee", "ada-marsh"]);
    let asked = put(
        "faqs",
        json!([{ "id": known["id"] }, { "question": "New?", "answer": "Yes." }]),
    );
    assert_eq!(each(&asked["faqs"], "question"), ["Known?", "New?"]);
    assert_eq!(asked["revision"], 5);
    assert_eq!(each(&asked["tags"], "slug"), ["moon", "sea", "sun"]);
    let same = put("tags", json!(["moon", "sea", "sun"]));
    assert_eq!(same["revision"], 5);
    assert_eq!(put("tags", json!([]))["tags"], json!([]));
    let any = editor.clone().seen("*");
    let answer = any
        .put(
            &format!("{path}/faqs"),
            &json!({ "faqs": [{ "id": known["id"] }, { "id": known["id"] }] }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/faqs/1/id", "duplicate")]);
    let answer = any
        .put(
            &format!("{path}/tags"),
            &json!({ "tags": ["sea", "none", "sea"] }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/tags/1", "unknown_tag"), ("/tags/2", "duplicate")]);
    let answer = any
        .put(
            &format!("{path}/authors"),
            &json!({ "authors": [{ "slug": "none" }] }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/authors/0/slug", "unknown_author")]);
    assert_eq!(fresh(&editor, &path)["revision"], 6);
}
