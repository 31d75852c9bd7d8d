//! Answers that the store keeps finished: the same as those made anew, and gone with whatever changes them.

use std::time::Duration;

use masthead_tests::{App, Caller, Response};
use serde_json::{Value, json};

use super::kept::counted;
use super::site::{act, author, patch, published, published_faq, tag};

const PATH: &str = "/delivery/v1/articles/by-slug/tides";

/// A node that keeps nothing in memory.
fn app() -> App {
    App::builder()
        .with(|settings| settings.answer_cache_bytes = 0)
        .start()
}

fn from_store(app: &App) -> u64 {
    counted(app, "masthead_requests_total", &["source=\"store\""])
}

/// Asks until the store has the answer finished.
#[track_caller]
fn finished(app: &App, reader: &Caller, path: &str) -> Response {
    let begun = masthead_api::system::stopwatch();
    loop {
        let before = from_store(app);
        let answer = reader.get(path).expect(200);
        if from_store(app) > before {
            return answer;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{path} is never finished"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// All headers but those that tell the time.
fn lasting(answer: &Response) -> Vec<(String, String)> {
    let mut headers: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .filter(|(name, _)| name != "date" && name != "last-modified")
        .collect();
    headers.sort();
    headers
}

fn whole(editor: &Caller) -> Value {
    tag(editor, "sea", "Sea");
    author(editor, "ada", "Ada Byron");
    let rest = json!({
        "tags": ["sea"],
        "authors": [{ "slug": "ada" }],
        "faqs": [{ "question": "Why?", "answer": "The moon." }],
    });
    published(editor, "Tides", rest)
}

/// An answer that is made for this request: its entry is thrown away with a change of its author.
///
/// Somebody who asked in the instant in which the entry was written may have it written once more, even after the
/// change; then another change has to throw it away.
#[track_caller]
fn made_anew(app: &App, editor: &Caller, reader: &Caller, path: &str, author: &str) -> Response {
    for turn in 0..20 {
        let seen = editor
            .get(&format!("/management/v1/authors/{author}"))
            .expect(200)
            .data();
        patch(
            editor,
            &seen,
            "authors",
            &json!({ "bio": format!("Of {path}, {turn}.") }),
        );
        app.clock().advance(60);
        let before = from_store(app);
        let made = reader.get(path).expect(200);
        if from_store(app) == before {
            return made;
        }
    }
    panic!("{path} is never made anew");
}

#[test]
fn a_finished_answer_is_the_one_that_is_made() {
    let app = app();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = whole(&editor);
    app.clock().advance(60);
    let by_id = format!("/delivery/v1/articles/{}", article["id"].as_str().unwrap());
    for path in [PATH, &format!("{PATH}?locale=en"), &by_id] {
        // Whoever names a request id gets it back, and is not the reason for a difference.
        let reader = reader.clone().with("X-Request-Id", "the-same-for-all");
        let made = reader.get(&format!(
            "{path}{}format=html",
            if path.contains('?') { '&' } else { '?' }
        ));
        let kept = finished(&app, &reader, path);
        assert_eq!(kept.data(), made.expect(200).data(), "{path}");
        assert_eq!(kept.body()["links"]["self"], path);
        let id = kept.data()["authors"][0]["id"].as_str().unwrap().to_owned();
        let made = made_anew(&app, &editor, &reader, path, &id);
        let kept = finished(&app, &reader, path);
        assert_eq!(made.text(), kept.text(), "{path}");
        assert_eq!(lasting(&made), lasting(&kept), "{path}");
    }
}

#[test]
fn a_client_that_has_a_finished_answer_is_told_so() {
    let app = app();
    whole(&app.editor());
    let reader = app.anonymous();
    let kept = finished(&app, &reader, PATH);
    let before = from_store(&app);
    let unchanged = reader
        .clone()
        .with("If-None-Match", &kept.etag())
        .get(PATH)
        .expect(304);
    assert_eq!(unchanged.text(), "");
    assert_eq!(unchanged.header("etag"), kept.header("etag"));
    assert_eq!(unchanged.header("cache-tag"), kept.header("cache-tag"));
    assert_eq!(from_store(&app), before + 1);
    let other = reader.with("If-None-Match", "\"other\"").get(PATH).expect(200);
    assert_eq!(other.text(), kept.text());
}

#[test]
fn whatever_an_answer_shows_makes_it_new() {
    let app = app();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = whole(&editor);
    let renamed = |kind: &str, name: &str| {
        let shown = finished(&app, &reader, PATH).data();
        let id = shown[kind][0]["id"].as_str().unwrap();
        let seen = editor
            .get(&format!("/management/v1/{kind}/{id}"))
            .expect(200)
            .data();
        patch(&editor, &seen, kind, &json!({ "name": name }));
    };
    renamed("tags", "The Sea");
    assert_eq!(reader.get(PATH).expect(200).data()["tags"][0]["name"], "The Sea");
    renamed("authors", "Ada Lovelace");
    assert_eq!(
        reader.get(PATH).expect(200).data()["authors"][0]["name"],
        "Ada Lovelace"
    );
    let seen = finished(&app, &reader, PATH).data();
    let id = seen["faqs"][0]["id"].as_str().unwrap();
    let faq = editor
        .get(&format!("/management/v1/faqs/{id}"))
        .expect(200)
        .data();
    let faq = patch(&editor, &faq, "faqs", &json!({ "question": "Why twice?" }));
    assert_eq!(
        finished(&app, &reader, PATH).data()["faqs"][0]["question"],
        "Why?"
    );
    act(&editor, &faq, "faqs", "publish");
    assert_eq!(
        reader.get(PATH).expect(200).data()["faqs"][0]["question"],
        "Why twice?"
    );
    finished(&app, &reader, PATH);
    let id = article["id"].as_str().unwrap();
    let fresh = editor
        .get(&format!("/management/v1/articles/{id}"))
        .expect(200)
        .data();
    let fresh = patch(&editor, &fresh, "articles", &json!({ "title": "Ebb" }));
    assert_eq!(finished(&app, &reader, PATH).data()["title"], "Tides");
    let fresh = act(&editor, &fresh, "articles", "publish");
    assert_eq!(reader.get(PATH).expect(200).data()["title"], "Ebb");
    finished(&app, &reader, PATH);
    act(&editor, &fresh, "articles", "unpublish");
    assert_ne!(reader.get(PATH).status(), 200);
}

#[test]
fn a_question_and_its_first_publication_make_the_answer_new() {
    let app = app();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faq = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "How?", "answer": "So." }),
    );
    published(&editor, "Tides", json!({ "faqs": [{ "id": faq["id"] }] }));
    assert_eq!(
        finished(&app, &reader, PATH).data()["faqs"][0]["question"],
        "How?"
    );
    act(&editor, &faq, "faqs", "unpublish");
    assert_eq!(reader.get(PATH).expect(200).data()["faqs"], json!([]));
}

#[test]
fn a_list_of_finished_rows_is_the_one_that_is_made() {
    let app = app();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = whole(&editor);
    published(&editor, "Ebb", json!({ "tags": ["sea"] }));
    app.clock().advance(60);
    let reader = reader.with("X-Request-Id", "the-same-for-all");
    let pages = [
        "/delivery/v1/articles",
        "/delivery/v1/articles?tag=sea",
        "/delivery/v1/articles?sort=title&count=exact",
        "/delivery/v1/articles?q=moon",
        "/delivery/v1/articles?tag=sea&limit=1",
    ];
    let made: Vec<Response> = pages.iter().map(|page| reader.get(page).expect(200)).collect();
    for (slug, row) in [("tides", "Tides"), ("ebb", "Ebb")] {
        let path = format!("/delivery/v1/articles/by-slug/{slug}");
        assert_eq!(finished(&app, &reader, &path).data()["title"], row);
    }
    for (page, made) in pages.iter().zip(made) {
        let kept = reader.get(page).expect(200);
        assert_eq!(kept.text(), made.text(), "{page}");
        assert_eq!(lasting(&kept), lasting(&made), "{page}");
        let joined = format!("{page}{}format=html", if page.contains('?') { '&' } else { '?' });
        let anew = reader.get(&joined).expect(200);
        assert_eq!(kept.data(), anew.data(), "{page}");
        assert_eq!(kept.header("cache-tag"), anew.header("cache-tag"), "{page}");
    }
    // Whatever a row shows makes it new at once.
    let newest = |count: usize| {
        let rows = reader
            .get("/delivery/v1/articles?tag=sea&sort=title")
            .expect(200)
            .data();
        assert_eq!(rows.as_array().map(Vec::len), Some(count));
        rows[count - 1].clone()
    };
    let shown = newest(2);
    for (kind, name) in [("tags", "The Sea"), ("authors", "Ada Lovelace")] {
        let id = shown[kind][0]["id"].as_str().unwrap();
        let seen = editor
            .get(&format!("/management/v1/{kind}/{id}"))
            .expect(200)
            .data();
        patch(&editor, &seen, kind, &json!({ "name": name }));
        assert_eq!(newest(2)[kind][0]["name"], name);
        finished(&app, &reader, PATH);
        assert_eq!(newest(2)[kind][0]["name"], name);
    }
    let path = format!("/management/v1/articles/{}", article["id"].as_str().unwrap());
    let fresh = editor.get(&path).expect(200).data();
    let fresh = patch(&editor, &fresh, "articles", &json!({ "title": "Springs" }));
    assert_eq!(newest(2)["title"], "Tides");
    let fresh = act(&editor, &fresh, "articles", "publish");
    assert_eq!(newest(2)["title"], "Springs");
    act(&editor, &fresh, "articles", "unpublish");
    assert_eq!(newest(1)["title"], "Ebb");
}

#[test]
fn what_nobody_has_asked_for_is_finished_once_nothing_is_published() {
    let app = app();
    let (editor, reader) = (app.editor(), app.anonymous());
    for number in 0..60 {
        published(&editor, &format!("Tide {number}"), json!({}));
    }
    // Each is asked for once and never again, so that only what was finished unasked can come from the store.
    let unasked_and_finished = (0..60).any(|number| {
        std::thread::sleep(Duration::from_millis(500));
        let before = from_store(&app);
        reader
            .get(&format!("/delivery/v1/articles/by-slug/tide-{number}"))
            .expect(200);
        from_store(&app) > before
    });
    assert!(unasked_and_finished);
}
