//! Old addresses: redirects in one step, and what is gone on purpose.

use masthead_tests::{App, Caller, Response, create_article};
use serde_json::{Value, json};

use super::site::{act, author, patch, published, published_faq, tag};

fn rename(editor: &Caller, article: &Value, slug: &str) -> Value {
    let changed = patch(editor, article, "articles", &json!({ "slug": slug }));
    act(editor, &changed, "articles", "publish")
}

fn delete(editor: &Caller, thing: &Value, kind: &str) {
    let path = format!("/management/v1/{kind}/{}", thing["id"].as_str().unwrap());
    editor
        .clone()
        .seen(thing["etag"].as_str().unwrap())
        .delete(&path)
        .expect(204);
}

#[track_caller]
fn leads(reader: &Caller, from: &str, to: &str) {
    let answer = reader.get(&format!("/delivery/v1/{from}")).expect(308);
    assert_eq!(
        answer.header("location"),
        Some(format!("/delivery/v1/{to}").as_str()),
        "{from}"
    );
    assert!(answer.header("cache-control").unwrap().starts_with("public"));
    assert!(answer.header("cache-tag").is_some_and(|tags| tags.contains(':')));
    reader.get(&format!("/delivery/v1/{to}")).expect(200);
}

#[track_caller]
fn is_gone(answer: Response, reason: &str) {
    let answer = answer.expect_problem(410, "gone");
    let body = answer.body();
    assert_eq!(body["gone"]["reason"], reason);
    assert!(body["gone"]["at"].as_str().unwrap().ends_with('Z'));
    assert!(answer.header("cache-tag").is_some());
    assert!(answer.header("cache-control").unwrap().starts_with("public"));
}

#[test]
fn however_often_something_was_renamed_each_old_slug_leads_there_in_one_step() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "sea", "Sea");
    let ada = author(&editor, "ada", "Ada");
    let mut tides = published(
        &editor,
        "Tides",
        json!({ "slug": "a", "tags": ["sea"], "authors": [{ "slug": "ada" }] }),
    );
    for slug in ["b", "c", "d"] {
        tides = rename(&editor, &tides, slug);
    }
    let sea = patch(&editor, &sea, "tags", &json!({ "slug": "ocean" }));
    patch(&editor, &sea, "tags", &json!({ "slug": "мор" }));
    patch(&editor, &ada, "authors", &json!({ "slug": "ada-lovelace" }));
    for old in ["a", "b", "c"] {
        leads(&reader, &format!("articles/by-slug/{old}"), "articles/by-slug/d");
    }
    leads(
        &reader,
        "articles/by-slug/a?format=text&locale=en",
        "articles/by-slug/d?format=text&locale=en",
    );
    leads(&reader, "articles/by-slug/a.md", "articles/by-slug/d.md");
    for old in ["sea", "ocean"] {
        leads(&reader, &format!("tags/{old}"), "tags/%D0%BC%D0%BE%D1%80");
    }
    leads(&reader, "authors/ada", "authors/ada-lovelace");
}

#[test]
fn a_circle_of_names_is_no_circle_of_redirects() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let one = published(&editor, "One", json!({ "slug": "a" }));
    let one = rename(&editor, &one, "b");
    let one = rename(&editor, &one, "a");
    reader.get("/delivery/v1/articles/by-slug/a").expect(200);
    leads(&reader, "articles/by-slug/b", "articles/by-slug/a");
    // Two things change places by way of a third name.
    let two = published(&editor, "Two", json!({ "slug": "z" }));
    let one = rename(&editor, &one, "c");
    let two = rename(&editor, &two, "a");
    rename(&editor, &one, "z");
    let id = |slug: &str| {
        reader
            .get(&format!("/delivery/v1/articles/by-slug/{slug}"))
            .expect(200)
            .data()["id"]
            .clone()
    };
    assert_eq!((id("a"), id("z")), (two["id"].clone(), one["id"].clone()));
    leads(&reader, "articles/by-slug/c", "articles/by-slug/z");
}

#[test]
fn a_redirect_sleeps_while_something_has_its_slug() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let one = published(&editor, "One", json!({ "slug": "a" }));
    let one = rename(&editor, &one, "b");
    let two = published(&editor, "Two", json!({ "slug": "a" }));
    let found = reader.get("/delivery/v1/articles/by-slug/a").expect(200).data();
    assert_eq!(found["id"], two["id"]);
    act(&editor, &two, "articles", "unpublish");
    leads(&reader, "articles/by-slug/a", "articles/by-slug/b");
    act(&editor, &one, "articles", "unpublish");
    is_gone(reader.get("/delivery/v1/articles/by-slug/a"), "unpublished");
}

#[test]
fn a_slug_leads_on_in_its_own_locale() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "English", json!({ "slug": "new" }));
    let french = published(&editor, "French", json!({ "slug": "old", "locale": "fr" }));
    rename(&editor, &french, "new");
    leads(
        &reader,
        "articles/by-slug/old?locale=fr",
        "articles/by-slug/new?locale=fr",
    );
    leads(&reader, "articles/by-slug/old", "articles/by-slug/new?locale=fr");
    reader
        .get("/delivery/v1/articles/by-slug/old?locale=en")
        .expect_problem(404, "not_found");
}

#[test]
fn what_was_taken_down_on_purpose_is_gone_and_comes_back() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let tides = published(
        &editor,
        "Tides",
        json!({ "faqs": [{ "question": "Why?", "answer": "So." }] }),
    );
    let why = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "Alone?", "answer": "Yes." }),
    );
    let id = tides["id"].as_str().unwrap().to_owned();
    let tides = act(&editor, &tides, "articles", "unpublish");
    let addresses = [
        format!("articles/{id}"),
        format!("articles/{id}.md"),
        format!("articles/{id}/sections"),
        format!("articles/{id}/faqs"),
        "articles/by-slug/tides".to_owned(),
        "articles/by-slug/tides.md".to_owned(),
        "articles/by-slug/tides?locale=en".to_owned(),
    ];
    for path in &addresses {
        is_gone(reader.get(&format!("/delivery/v1/{path}")), "unpublished");
    }
    reader
        .get("/delivery/v1/articles/by-slug/tides?locale=fr")
        .expect_problem(404, "not_found");
    let tides = act(&editor, &tides, "articles", "publish");
    for path in &addresses {
        reader.get(&format!("/delivery/v1/{path}")).expect(200);
    }
    delete(&editor, &tides, "articles");
    for path in &addresses {
        is_gone(reader.get(&format!("/delivery/v1/{path}")), "deleted");
    }
    let faq = format!("/delivery/v1/faqs/{}", why["id"].as_str().unwrap());
    let why = act(&editor, &why, "faqs", "unpublish");
    is_gone(reader.get(&faq), "unpublished");
    delete(&editor, &why, "faqs");
    is_gone(reader.get(&faq), "deleted");
}

#[test]
fn what_was_never_public_is_never_gone_and_nothing_leads_to_it() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(
        &editor,
        &json!({ "locale": "en", "title": "Secret", "slug": "secret" }),
    );
    let draft = patch(&editor, &draft, "articles", &json!({ "slug": "more-secret" }));
    let idle = tag(&editor, "idle", "Idle");
    let idle = patch(&editor, &idle, "tags", &json!({ "slug": "idler" }));
    for (kind, slug, target, locale) in [
        ("article", "hint", &draft, json!("en")),
        ("tag", "hint", &idle, json!(null)),
    ] {
        let body = json!({ "type": kind, "slug": slug, "target_id": target["id"], "locale": locale });
        editor.post("/management/v1/redirects", &body).expect(201);
    }
    let id = draft["id"].as_str().unwrap();
    let paths = [
        format!("articles/{id}"),
        "articles/by-slug/secret".to_owned(),
        "articles/by-slug/more-secret".to_owned(),
        "articles/by-slug/hint".to_owned(),
        "tags/idle".to_owned(),
        "tags/hint".to_owned(),
    ];
    for path in &paths {
        reader
            .get(&format!("/delivery/v1/{path}"))
            .expect_problem(404, "not_found");
    }
    delete(&editor, &draft, "articles");
    for path in &paths {
        reader
            .get(&format!("/delivery/v1/{path}"))
            .expect_problem(404, "not_found");
    }
    // A working copy that was renamed and not published leaves the old slug where it is.
    let shown = published(&editor, "Shown", json!({}));
    patch(&editor, &shown, "articles", &json!({ "slug": "unseen" }));
    reader.get("/delivery/v1/articles/by-slug/shown").expect(200);
    reader
        .get("/delivery/v1/articles/by-slug/unseen")
        .expect_problem(404, "not_found");
}

#[test]
fn what_was_renamed_while_nobody_saw_it_is_found_by_the_slug_that_readers_knew() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "sea", "Sea");
    let tides = published(&editor, "Tides", json!({ "tags": ["sea"] }));
    let tides = act(&editor, &tides, "articles", "unpublish");
    patch(&editor, &sea, "tags", &json!({ "slug": "ocean" }));
    reader
        .get("/delivery/v1/tags/sea")
        .expect_problem(404, "not_found");
    rename(&editor, &tides, "why-tides-turn");
    leads(&reader, "tags/sea", "tags/ocean");
    leads(
        &reader,
        "articles/by-slug/tides",
        "articles/by-slug/why-tides-turn",
    );
}
