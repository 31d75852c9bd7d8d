//! New articles: all of them or nothing.

use masthead_tests::{App, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, author, each, expect_errors, faq, fresh, plain_article, tag, text, total, totals,
};

/// An article with a section of every kind and everything that can be linked.
fn whole(faq: &Value) -> Value {
    json!({
        "kind": "article",
        "locale": "EN-us",
        "title": "Why tides turn",
        "dek": "Twice a day the sea changes its mind.",
        "excerpt": "About the moon.",
        "cover": { "url": "https://example.org/sea.jpg", "alt": "", "caption": "The sea.", "credit": "Ada" },
        "seo": { "title": "Tides", "image": { "url": "/media/tide.jpg" }, "no_index": true },
        "metadata": { "layout": "wide", "colours": ["blue", null], "deep": { "er": 1 } },
        "sections": [
            { "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." },
            { "kind": "text", "heading": "Introduction", "level": 3, "body": "Again." },
            { "kind": "quote", "body": "Time and tide.", "attribution": "Somebody", "source_url": "https://example.org/q" },
            { "kind": "image", "image": "/media/a.jpg", "alt": "A wave", "caption": "Wave", "credit": "Ben" },
            { "kind": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "title": "A film" },
            { "kind": "callout", "tone": "warning", "body": "Mind the rip." },
            { "kind": "callout", "body": "A note." }
        ],
        "faqs": [{ "question": "How often?", "answer": "Twice.", "tags": ["sea"] }, { "id": faq["id"] }],
        "tags": ["moon", "sea"],
        "authors": [{ "slug": "ada-marsh" }, { "slug": "ben-lee", "role": "photographer" }]
    })
}

#[test]
fn an_article_is_created_with_everything_in_it_in_one_request() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    tag(&editor, "Moon");
    author(&editor, "Ada Marsh");
    author(&editor, "Ben Lee");
    let known = faq(&editor, "Who knows?");
    let answer = editor.post(ARTICLES, &whole(&known)).expect(201);
    let made = answer.data();
    let path = format!("{ARTICLES}/{}", text(&made["id"]));
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(answer.etag(), text(&made["etag"]));
    assert_eq!(made["revision"], 1);
    assert_eq!(made["status"], "draft");
    assert_eq!(made["review"], "none");
    assert_eq!(made["has_unpublished_changes"], false);
    assert_eq!(made["locale"], "en-US");
    assert_eq!(made["slug"], "why-tides-turn");
    assert_eq!(made["created_at"], "2026-03-01T12:00:00Z");
    assert_eq!(made["published_at"], Value::Null);
    assert_eq!(
        made["cover"],
        json!({ "url": "https://example.org/sea.jpg", "alt": "", "caption": "The sea.", "credit": "Ada" })
    );
    assert_eq!(made["seo"]["image"]["url"], "/media/tide.jpg");
    assert_eq!(made["seo"]["no_index"], true);
    assert_eq!(
        made["metadata"],
        json!({ "layout": "wide", "colours": ["blue", null], "deep": { "er": 1 } })
    );
    assert_eq!(each(&made["tags"], "slug"), ["moon", "sea"]);
    assert_eq!(each(&made["authors"], "slug"), ["ada-marsh", "ben-lee"]);
    assert_eq!(each(&made["authors"], "role"), ["writer", "photographer"]);
    assert_eq!(each(&made["faqs"], "question"), ["How often?", "Who knows?"]);
    assert_eq!(made["faqs"][0]["locale"], "en-US");
    assert_eq!(made["faqs"][0]["status"], "draft");
    assert_eq!(each(&made["faqs"][0]["tags"], "slug"), ["sea"]);
    assert_eq!(made["faqs"][1]["etag"], known["etag"]);
    let kinds = each(&made["sections"], "kind");
    assert_eq!(
        kinds,
        ["text", "text", "quote", "image", "embed", "callout", "callout"]
    );
    assert_eq!(made["sections"][0]["anchor"], "introduction");
    assert_eq!(made["sections"][0]["level"], 2);
    assert_eq!(made["sections"][0]["body"], "The sea is **never** still.");
    assert_eq!(made["sections"][1]["anchor"], "introduction-2");
    assert_eq!(made["sections"][1]["level"], 3);
    assert_eq!(made["sections"][2]["heading"], Value::Null);
    assert_eq!(made["sections"][2]["source_url"], "https://example.org/q");
    assert_eq!(made["sections"][5]["tone"], "warning");
    assert_eq!(made["sections"][6]["tone"], "note");
    assert_eq!(made["toc"][0]["children"][0]["anchor"], "introduction-2");
    for section in made["sections"].as_array().unwrap() {
        assert_eq!(section["revision"], 1);
        assert!(text(&section["etag"]).ends_with("-1\""), "{section}");
    }
    let read = editor.get(&path).expect(200);
    assert_eq!(read.data(), made);
    assert_eq!(read.etag(), answer.etag());
    assert_eq!(totals(&editor), [1, 2, 2, 2]);
}

#[test]
fn a_bad_tag_at_the_end_leaves_nothing_behind() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    author(&editor, "Ada Marsh");
    let before = totals(&editor);
    let mut body = masthead_tests::article("All or nothing");
    body["authors"] = json!([{ "slug": "ada-marsh" }]);
    body["tags"] = json!(["sea", "no-such-tag"]);
    let answer = editor
        .post(ARTICLES, &body)
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/tags/1", "unknown_tag")]);
    assert_eq!(totals(&editor), before);
    body["tags"] = json!(["sea"]);
    assert_eq!(create_article(&editor, &body)["slug"], "all-or-nothing");
}

#[test]
fn a_taken_slug_of_the_last_faq_takes_everything_back_and_says_where_it_stands() {
    let app = App::start();
    let editor = app.editor();
    editor
        .post(
            FAQS,
            &json!({ "locale": "en", "question": "Q", "answer": "A", "slug": "taken" }),
        )
        .expect(201);
    let before = totals(&editor);
    let body = json!({
        "locale": "en", "title": "Half written",
        "faqs": [
            { "question": "A new one?", "answer": "Yes." },
            { "question": "A taken one?", "answer": "No.", "slug": "taken" }
        ]
    });
    let answer = editor.post(ARTICLES, &body).expect_problem(409, "already_exists");
    expect_errors(&answer, &[("/faqs/1/slug", "taken")]);
    assert_eq!(answer.body()["free"], "taken-2");
    assert_eq!(totals(&editor), before);
    assert_eq!(total(&editor, &format!("{FAQS}?text=new+one")), 0);
}

#[test]
fn everything_that_breaks_the_shape_is_named_at_once() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({
        "locale": 7,
        "title": "x".repeat(301),
        "dek": "",
        "status": "published",
        "kind": "poster",
        "cover": { "alt": "no address", "size": 1 },
        "seo": { "no_index": "yes" },
        "metadata": [],
        "sections": [
            { "kind": "text", "body": "Good." },
            { "kind": "text", "heading": "No body", "tone": "note" },
            { "kind": "text", "body": "x".repeat(100_001) },
            { "kind": "quote", "body": "Q", "level": 5 },
            { "kind": "video", "body": "Q" },
            "text"
        ],
        "faqs": [{ "question": "No answer?" }, { "id": "no-uuid" }],
        "tags": "sea",
        "authors": [{ "role": "writer" }, { "slug": "ada-marsh", "role": "king" }],
        "a/b~c": 1
    });
    let answer = editor
        .post(ARTICLES, &body)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/a~1b~0c", "unknown_field"),
            ("/authors/0/slug", "required"),
            ("/authors/1/role", "unknown_value"),
            ("/cover/size", "unknown_field"),
            ("/cover/url", "required"),
            ("/dek", "too_short"),
            ("/faqs/0/answer", "required"),
            ("/faqs/1/id", "invalid_id"),
            ("/kind", "unknown_value"),
            ("/locale", "wrong_type"),
            ("/metadata", "wrong_type"),
            ("/sections/1/body", "required"),
            ("/sections/1/tone", "unknown_field"),
            ("/sections/2/body", "too_long"),
            ("/sections/3/level", "out_of_range"),
            ("/sections/4/kind", "unknown_value"),
            ("/sections/5", "wrong_type"),
            ("/seo/no_index", "wrong_type"),
            ("/status", "unknown_field"),
            ("/tags", "wrong_type"),
            ("/title", "too_long"),
        ],
    );
    assert_eq!(totals(&editor), [0; 4]);
}

#[test]
fn everything_that_breaks_a_rule_is_named_at_once() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    author(&editor, "Ada Marsh");
    let twice = "01930000-0000-7000-8000-00000000abcd";
    let body = json!({
        "locale": "english",
        "slug": "Not A/Slug",
        "title": " \t ",
        "dek": "two\nlines",
        "cover": { "url": "javascript:alert(1)" },
        "seo": { "canonical_url": "//evil.example" },
        "metadata": { "a": { "b": { "c": { "d": { "e": { "f": { "g": { "h": { "i": 1 } } } } } } } } },
        "sections": [
            { "kind": "text", "heading": " ", "body": "Good." },
            { "kind": "text", "anchor": "alone", "body": "No heading." },
            { "kind": "text", "heading": "H", "anchor": "Not An Anchor", "body": "B" },
            { "kind": "image", "image": "ftp://example.org/a.jpg" },
            { "kind": "text", "id": twice, "body": "1" },
            { "kind": "text", "id": twice, "body": "2" }
        ],
        "faqs": [
            { "question": " ", "answer": "A", "tags": ["no-such"] },
            { "id": "01930000-0000-7000-8000-0000000fffff" }
        ],
        "tags": ["sea", "sea", "no-such"],
        "authors": [{ "slug": "ada-marsh" }, { "slug": "nobody" }, { "slug": "ada-marsh" }]
    });
    let answer = editor
        .post(ARTICLES, &body)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/authors/1/slug", "unknown_author"),
            ("/authors/2/slug", "duplicate"),
            ("/cover/url", "invalid_url"),
            ("/dek", "invalid_character"),
            ("/faqs/0/question", "blank"),
            ("/faqs/0/tags/0", "unknown_tag"),
            ("/faqs/1/id", "unknown_faq"),
            ("/locale", "invalid_locale"),
            ("/metadata", "too_deep"),
            ("/sections/0/heading", "blank"),
            ("/sections/1/anchor", "not_applicable"),
            ("/sections/2/anchor", "invalid_anchor"),
            ("/sections/3/image", "invalid_url"),
            ("/sections/5/id", "duplicate"),
            ("/seo/canonical_url", "invalid_url"),
            ("/slug", "invalid_slug"),
            ("/tags/1", "duplicate"),
            ("/tags/2", "unknown_tag"),
            ("/title", "blank"),
        ],
    );
    assert_eq!(totals(&editor), [0, 0, 1, 1]);
}

#[test]
fn limits_are_taken_to_the_last_and_refused_beyond() {
    let app = App::start();
    let editor = app.editor();
    let section = json!({ "kind": "text", "body": "x" });
    let article = |sections: usize| json!({ "locale": "en", "title": "é".repeat(300), "sections": vec![section.clone(); sections] });
    let made = create_article(&editor, &article(200));
    assert_eq!(made["sections"].as_array().unwrap().len(), 200);
    let answer = editor
        .post(ARTICLES, &article(201))
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/sections", "too_many")]);
    let long = json!({ "kind": "text", "body": "x".repeat(100_000) });
    let whole = json!({ "locale": "en", "title": "Long", "sections": vec![long.clone(); 11] });
    let answer = editor
        .post(ARTICLES, &whole)
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/sections", "too_long")]);
    assert_eq!(total(&editor, ARTICLES), 1);
}

#[test]
fn a_slug_is_made_of_the_title_and_numbered_where_it_is_taken() {
    let app = App::start();
    let editor = app.editor();
    let slugs: Vec<_> = (0..3)
        .map(|_| text(&plain_article(&editor, "Größe & Wärme: 10 °C!")["slug"]))
        .collect();
    assert_eq!(slugs[1], format!("{}-2", slugs[0]));
    assert_eq!(slugs[2], format!("{}-3", slugs[0]));
    let german = create_article(
        &editor,
        &json!({ "locale": "de", "title": "Größe & Wärme: 10 °C!" }),
    );
    assert_eq!(
        german["slug"],
        slugs[0].as_str(),
        "a slug is unique within its locale"
    );
    assert_eq!(plain_article(&editor, "!!!")["slug"], "article");
    for number in 2..=90 {
        assert_eq!(plain_article(&editor, "!!!")["slug"], format!("article-{number}"));
    }
}

#[test]
fn a_slug_of_ones_own_that_is_taken_is_refused_with_one_that_is_free() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({ "locale": "en", "title": "A", "slug": "tides" });
    create_article(&editor, &body);
    create_article(
        &editor,
        &json!({ "locale": "en", "title": "B", "slug": "tides-2" }),
    );
    let answer = editor.post(ARTICLES, &body).expect_problem(409, "already_exists");
    assert_eq!(answer.body()["free"], "tides-3");
    expect_errors(&answer, &[("/slug", "taken")]);
    assert_eq!(total(&editor, ARTICLES), 2);
}

#[test]
fn a_slug_that_readers_still_use_is_taken() {
    let app = App::start();
    let editor = app.editor();
    let first = create_article(&editor, &json!({ "locale": "en", "title": "A", "slug": "tides" }));
    let first = publish(&editor, &first).data();
    let path = format!("{ARTICLES}/{}", text(&first["id"]));
    editor
        .clone()
        .seen(&text(&first["etag"]))
        .patch(&path, &json!({ "slug": "currents" }))
        .expect(200);
    let answer = editor
        .post(
            ARTICLES,
            &json!({ "locale": "en", "title": "B", "slug": "tides" }),
        )
        .expect_problem(409, "already_exists");
    assert_eq!(answer.body()["free"], "tides-2");
    publish(&editor, &fresh(&editor, &path));
    create_article(&editor, &json!({ "locale": "en", "title": "B", "slug": "tides" }));
}

#[test]
fn what_rendering_will_not_carry_is_said_when_it_is_written() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({
        "locale": "en", "title": "Warned",
        "sections": [
            { "kind": "text", "body": "Fine." },
            { "kind": "embed", "url": "https://player.example.org/1" },
            { "kind": "text", "body": "A <script>alert(1)</script> here." }
        ]
    });
    let answer = editor.post(ARTICLES, &body).expect(201);
    let warnings = answer.body()["meta"]["warnings"].clone();
    let pointers = each(&warnings, "pointer");
    assert!(pointers.contains(&"/sections/1/url".to_owned()), "{warnings}");
    assert!(pointers.contains(&"/sections/2/body".to_owned()), "{warnings}");
    assert_eq!(
        answer.data()["sections"][2]["body"],
        "A <script>alert(1)</script> here."
    );
}
