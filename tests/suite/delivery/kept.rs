//! Answers kept in memory: never older than what was acknowledged, never somebody else's, never without bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, author, patch, published, published_faq, tag};
use crate::faults::wire::ask;

const PATH: &str = "/delivery/v1/articles/by-slug/tides";
const LIST: &str = "/delivery/v1/articles?limit=5";

/// A counter of `/metrics`, summed over the lines that hold every word.
pub(super) fn counted(app: &App, name: &str, words: &[&str]) -> u64 {
    let answer = ask(app.address(), "GET", "/metrics", &[]);
    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.body).expect("text");
    text.lines()
        .filter(|line| line.starts_with(name) && words.iter().all(|word| line.contains(word)))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

fn from_memory(app: &App) -> u64 {
    counted(app, "masthead_requests_total", &["source=\"memory\""])
}

fn title(answer: &masthead_tests::Response) -> String {
    answer.body()["data"]["title"]
        .as_str()
        .expect("a title")
        .to_owned()
}

fn rename(editor: &Caller, article: &Value, title: &str) -> Value {
    let fresh = patch(editor, article, "articles", &json!({ "title": title }));
    act(editor, &fresh, "articles", "publish")
}

#[test]
fn the_second_who_asks_gets_the_kept_answer() {
    let app = App::start();
    published(&app.editor(), "Tides", json!({}));
    let reader = app.anonymous();
    let first = reader.get(PATH).expect(200);
    assert_eq!(from_memory(&app), 0);
    let second = reader.get(PATH).expect(200);
    assert_eq!(from_memory(&app), 1);
    assert_eq!(first.body(), second.body());
    for name in [
        "etag",
        "cache-tag",
        "cache-control",
        "vary",
        "content-language",
        "content-type",
        "x-frame-options",
    ] {
        assert!(first.header(name).is_some(), "{name}");
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let head = reader.send("HEAD", PATH, None);
    assert_eq!((head.status(), head.text().as_str()), (200, ""));
    let unchanged = reader.with("If-None-Match", &first.etag()).get(PATH).expect(304);
    assert_eq!(unchanged.header("etag"), first.header("etag"));
    assert_eq!(from_memory(&app), 3);
}

#[test]
fn whoever_asks_after_the_acknowledgement_never_gets_the_old_text() {
    let app = Arc::new(App::builder().with(|settings| settings.workers = 2).start());
    let editor = app.editor();
    let mut article = published(&editor, "Tides", json!({ "slug": "tides" }));
    let newest = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|number| {
            let (app, newest, stop) = (app.clone(), newest.clone(), stop.clone());
            std::thread::spawn(move || {
                let reader = app.anonymous();
                let mut answers = 0;
                while !stop.load(Ordering::Acquire) {
                    let known = newest.load(Ordering::Acquire);
                    let seen = if number == 0 {
                        let list = reader.get(LIST).expect(200).body();
                        list["data"][0]["title"].as_str().expect("a title").to_owned()
                    } else {
                        title(&reader.get(PATH).expect(200))
                    };
                    let seen = seen.trim_start_matches("Tides").trim().parse().unwrap_or(0);
                    assert!(
                        seen >= known,
                        "{seen} was answered after {known} was acknowledged"
                    );
                    answers += 1;
                }
                answers
            })
        })
        .collect();
    for number in 1..=40 {
        article = rename(&editor, &article, &format!("Tides {number}"));
        newest.store(number, Ordering::Release);
    }
    stop.store(true, Ordering::Release);
    let answers: u64 = readers
        .into_iter()
        .map(|reader| reader.join().expect("no old answer"))
        .sum();
    assert!(answers > 40, "{answers}");
    assert!(from_memory(&app) > 0);
}

#[test]
fn another_node_gives_the_old_text_up_by_itself() {
    let app = App::start();
    let editor = app.editor();
    let other = app.second_node().start();
    let mut article = published(&editor, "Tides", json!({ "slug": "tides" }));
    for number in 1..=5 {
        let reader = other.anonymous();
        reader.get(PATH).expect(200);
        reader.get(PATH).expect(200);
        article = rename(&editor, &article, &format!("Tides {number}"));
        let acknowledged = masthead_api::system::stopwatch();
        while title(&reader.get(PATH).expect(200)) != format!("Tides {number}") {
            // The promise is 200 ms; a machine that runs tests beside it gets more before this counts as never.
            assert!(
                acknowledged.elapsed() < Duration::from_secs(5),
                "the old text stays"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert!(from_memory(&other) > 0);
}

#[test]
fn what_another_process_writes_into_the_database_is_noticed() {
    let app = App::start();
    let article = published(&app.editor(), "Tides", json!({ "slug": "tides" }));
    let other = app
        .second_node()
        .with(|settings| settings.answer_cache_bytes = 0)
        .start();
    app.anonymous().get(PATH).expect(200);
    let token = app.editor().token().expect("a token").to_owned();
    rename(&Caller::new(other.address(), Some(token)), &article, "Otherwise");
    let begun = masthead_api::system::stopwatch();
    while title(&app.anonymous().get(PATH).expect(200)) != "Otherwise" {
        assert!(begun.elapsed() < Duration::from_secs(5), "the old text stays");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_part_of_an_answer_makes_it_forgotten() {
    let app = App::start();
    let editor = app.editor();
    let topic = tag(&editor, "sea", "Sea");
    let ada = author(&editor, "ada", "Ada");
    let faq = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "Why?", "answer": "So." }),
    );
    let parts = json!({ "slug": "tides", "tags": ["sea"], "authors": [{ "slug": "ada", "role": "writer" }], "faqs": [{ "id": faq["id"] }] });
    let article = published(&editor, "Tides", parts);
    let reader = app.anonymous();
    let shown = |what: &str| {
        for path in [
            PATH,
            LIST,
            "/delivery/v1/tags",
            "/delivery/v1/authors",
            "/delivery/v1/faqs",
        ] {
            reader.get(path).expect(200);
        }
        let text = [
            reader.get(PATH).expect(200).text(),
            reader.get(LIST).expect(200).text(),
        ]
        .join("\n");
        text.matches(what).count()
    };
    assert!(shown("Sea") > 0);
    patch(&editor, &topic, "tags", &json!({ "name": "Ocean" }));
    assert!(shown("Ocean") >= 2 && shown("Sea") == 0);
    patch(&editor, &ada, "authors", &json!({ "name": "Grace" }));
    assert!(shown("Grace") >= 2);
    let faq = patch(
        &editor,
        &faq,
        "faqs",
        &json!({ "answer": "Because of the moon." }),
    );
    assert_eq!(shown("moon"), 0);
    act(&editor, &faq, "faqs", "publish");
    assert!(shown("moon") > 0);
    let article = editor
        .get(&format!(
            "/management/v1/articles/{}",
            article["id"].as_str().unwrap()
        ))
        .expect(200)
        .data();
    act(&editor, &article, "articles", "unpublish");
    assert_ne!(reader.get(PATH).status(), 200);
    assert_eq!(reader.get(LIST).expect(200).body()["data"], json!([]));
}

#[test]
fn articles_that_share_a_tag_with_a_changed_one_stay_kept_and_its_counts_do_not() {
    let app = App::start();
    let editor = app.editor();
    let topic = tag(&editor, "sea", "Sea");
    tag(&editor, "moon", "Moon");
    author(&editor, "ada", "Ada");
    let parts = |slug: &str| json!({ "slug": slug, "tags": ["sea"], "authors": [{ "slug": "ada", "role": "writer" }] });
    let article = published(&editor, "Tides", parts("tides"));
    published(&editor, "Waves", parts("waves"));
    let reader = app.anonymous();
    let waves = "/delivery/v1/articles/by-slug/waves";
    let [sea, moon, ada] =
        ["tags/sea", "tags/moon", "authors/ada"].map(|path| format!("/delivery/v1/{path}"));
    let forms = [format!("{waves}.md"), format!("{waves}?format=text")];
    let kept = |path: &str| -> bool {
        let before = from_memory(&app);
        reader.get(path).expect(200);
        from_memory(&app) > before
    };
    let count = |path: &str| reader.get(path).expect(200).body()["data"]["articles_count"].clone();
    let listed = |list: &str, slug: &str| {
        let rows = reader.get(&format!("/delivery/v1/{list}")).expect(200).body()["data"].clone();
        let own = rows.as_array().unwrap().iter().find(|row| row["slug"] == slug);
        own.expect("it is listed")["articles_count"].clone()
    };
    let counts = || {
        let counted = [count(&sea), count(&ada)];
        assert_eq!(counted, [listed("tags", "sea"), listed("authors", "ada")]);
        counted
    };
    let all_are_kept = || [waves, &forms[0], &forms[1]].map(kept) == [true; 3];
    all_are_kept();
    assert!(all_are_kept());
    assert_eq!(counts(), [2, 2]);
    let article = rename(&editor, &article, "Tides again");
    assert_eq!(title(&reader.get(PATH).expect(200)), "Tides again");
    assert!(all_are_kept());
    let third = published(&editor, "Winds", parts("winds"));
    assert!(all_are_kept());
    assert_eq!(counts(), [3, 3]);
    act(&editor, &third, "articles", "unpublish");
    assert!(all_are_kept());
    assert_eq!(counts(), [2, 2]);
    // A tag that it loses and one that it gets: both count anew.
    let fresh = patch(&editor, &article, "articles", &json!({ "tags": ["moon"] }));
    act(&editor, &fresh, "articles", "publish");
    assert_eq!((counts(), count(&moon)), ([json!(1), json!(2)], json!(1)));
    assert!(all_are_kept());
    patch(&editor, &topic, "tags", &json!({ "name": "Ocean" }));
    assert!(!kept(waves) && !kept(&forms[0]) && !kept(&forms[1]));
    assert!(reader.get(waves).expect(200).text().contains("Ocean"));
}

#[test]
fn a_name_that_passes_to_another_locale_is_looked_up_anew() {
    let app = App::start();
    let editor = app.editor();
    published(&editor, "Marées", json!({ "slug": "tides", "locale": "fr" }));
    assert_eq!(
        app.anonymous().get(PATH).expect(200).body()["data"]["locale"],
        "fr"
    );
    published(&editor, "Tides", json!({ "slug": "tides" }));
    assert_eq!(
        app.anonymous().get(PATH).expect(200).body()["data"]["locale"],
        "en"
    );
}

#[test]
fn many_who_ask_at_once_have_it_computed_once() {
    let app = Arc::new(App::builder().with(|settings| settings.workers = 2).start());
    published(&app.editor(), "Tides", json!({ "slug": "tides" }));
    let made = |app: &App| {
        counted(
            app,
            "masthead_requests_total",
            &["source=\"made\"", "get_article_by_slug"],
        )
    };
    let begin = Arc::new(std::sync::Barrier::new(24));
    let all: Vec<_> = (0..24)
        .map(|_| {
            let (app, begin) = (app.clone(), begin.clone());
            std::thread::spawn(move || {
                begin.wait();
                app.anonymous().get(PATH).expect(200).etag()
            })
        })
        .collect();
    let mut tags: Vec<_> = all
        .into_iter()
        .map(|one| one.join().expect("an answer"))
        .collect();
    tags.dedup();
    assert_eq!(tags.len(), 1);
    assert_eq!(made(&app), 1, "one computation");
    assert_eq!(from_memory(&app), 23);
}

#[test]
fn nothing_of_one_caller_reaches_another() {
    let app = App::builder()
        .with(|settings| settings.cors_origins.any_for_delivery = true)
        .start();
    let editor = app.editor();
    published(&editor, "Tides", json!({ "slug": "tides" }));
    let first = editor
        .clone()
        .with("Origin", "https://one.example")
        .with("X-Request-Id", "id-of-the-first")
        .get(PATH)
        .expect(200);
    assert_eq!(first.header("cache-control"), Some("private, no-store"));
    assert_eq!(first.header("x-request-id"), Some("id-of-the-first"));
    let second = app
        .anonymous()
        .with("Origin", "https://two.example")
        .get(PATH)
        .expect(200);
    assert_eq!(
        second.header("access-control-allow-origin"),
        Some("https://two.example")
    );
    assert!(second.header("cache-control").unwrap().starts_with("public"));
    assert_ne!(second.header("x-request-id"), Some("id-of-the-first"));
    let third = app.anonymous().get(PATH).expect(200);
    assert_eq!(third.header("access-control-allow-origin"), None);
    let fourth = editor.get(PATH).expect(200);
    assert_eq!(fourth.header("cache-control"), Some("private, no-store"));
    assert_eq!(from_memory(&app), 3);
    app.anonymous()
        .with("Accept", "image/png")
        .get(PATH)
        .expect_problem(406, "not_acceptable");
    app.anonymous()
        .get(&format!("{PATH}?token=x"))
        .expect_problem(400, "key_in_url");
}

#[test]
fn where_readers_need_a_key_nothing_is_given_without() {
    let app = App::builder()
        .with(|settings| settings.delivery_requires_key = true)
        .start();
    let editor = app.editor();
    published(&editor, "Tides", json!({ "slug": "tides" }));
    editor.get(PATH).expect(200);
    editor.get(PATH).expect(200);
    app.anonymous()
        .get(PATH)
        .expect_problem(401, "authentication_required");
    assert_eq!(from_memory(&app), 0);
}

#[test]
fn what_is_kept_has_a_bound() {
    let app = App::builder()
        .with(|settings| settings.answer_cache_bytes = 1 << 20)
        .start();
    let text = "The sea is never still. ".repeat(400);
    published(
        &app.editor(),
        "Tides",
        json!({ "slug": "tides", "sections": [{ "kind": "text", "body": text }] }),
    );
    let forms = ["html", "markdown", "text"];
    for a in forms {
        for b in forms {
            for n in 0..20 {
                let spelled = format!("{PATH}?format={a},{b}&{}locale=en", "&".repeat(n));
                app.anonymous().get(&spelled);
            }
        }
    }
    let bytes = counted(&app, "masthead_kept_answers_bytes", &[]);
    assert!((1..=1 << 20).contains(&bytes), "{bytes}");
}

#[test]
fn each_encoding_is_kept_and_named_for_itself() {
    let app = App::start();
    let text = "The sea is never still. ".repeat(200);
    published(
        &app.editor(),
        "Tides",
        json!({ "slug": "tides", "sections": [{ "kind": "text", "body": text }] }),
    );
    let get = |encoding: &str| ask(app.address(), "GET", PATH, &[("Accept-Encoding", encoding)]);
    let plain = get("identity");
    for encoding in ["br", "zstd", "gzip"] {
        let (first, second) = (get(encoding), get(encoding));
        assert_eq!(first.header("content-encoding"), Some(encoding));
        assert_eq!(first.body, second.body);
        assert_eq!(second.decoded(), plain.body);
        let tag = second.header("etag").expect("a tag").to_owned();
        assert!(tag.ends_with(&format!("-{encoding}\"")), "{tag}");
        let held = ask(
            app.address(),
            "GET",
            PATH,
            &[("Accept-Encoding", encoding), ("If-None-Match", &tag)],
        );
        assert_eq!((held.status, held.header("etag")), (304, Some(tag.as_str())));
        assert!(held.body.is_empty() && held.header("content-encoding").is_none());
    }
}
