//! A real nginx in front of the service as a shared cache, with the example configuration: what it keeps is right for
//! whoever gets it, and what is not for everybody is never kept.

mod purging;
mod secrets;

use std::time::Duration;

use masthead_tests::{App, Nginx, Relay};
use serde_json::{Value, json};

use super::wire::{Wired, ask};
use crate::delivery::site::{act, patch, published, tag};

const TIDES: &str = "/delivery/v1/articles/by-slug/tides";

fn unchanged(example: String) -> String {
    example
}

fn get(nginx: &Nginx, path: &str, headers: &[(&str, &str)]) -> Wired {
    let answer = ask(nginx.address(), "GET", path, headers);
    assert_eq!(answer.header("set-cookie"), None, "{path}");
    answer
}

/// What the cache did: `MISS`, `HIT`, `STALE`, …
fn cached(answer: &Wired) -> &str {
    answer.header("x-cache-status").unwrap_or("-")
}

fn json_of(answer: &Wired) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// Asks again until an answer is as it has to become.
#[track_caller]
fn until(what: &str, mut ask: impl FnMut() -> bool) {
    for _ in 0..500 {
        if ask() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("within ten seconds: {what}");
}

#[track_caller]
fn keeps_nothing_of(nginx: &Nginx, words: &[&str]) {
    for file in nginx.kept() {
        let kept = std::fs::read(&file).unwrap_or_default();
        let text = String::from_utf8_lossy(&kept);
        for word in words {
            assert!(!text.contains(word), "{word} is kept: {text}");
        }
    }
}

#[test]
fn a_kept_article_is_asked_for_again_by_its_entity_tag_and_never_grows_old() {
    let app = App::start();
    let editor = app.editor();
    let article = published(&editor, "Tides", json!({}));
    app.clock().advance(60);
    let relay = Relay::to(app.address());
    let nginx = Nginx::in_front_of(relay.address(), unchanged);
    let first = get(&nginx, TIDES, &[]);
    assert_eq!((first.status, cached(&first)), (200, "MISS"));
    let second = get(&nginx, TIDES, &[]);
    assert_eq!((second.status, cached(&second)), (200, "HIT"));
    assert_eq!(first.body, second.body);
    for name in [
        "etag",
        "cache-control",
        "cache-tag",
        "last-modified",
        "content-type",
    ] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(relay.log().len(), 1);

    // Whoever comes first afterwards gets what is kept, and the cache asks whether it is still so.
    until("it grows old", || cached(&get(&nginx, TIDES, &[])) != "HIT");
    let name = format!("if-none-match: {}", first.header("etag").unwrap().to_lowercase());
    until("it is asked for again", || {
        let asked = relay
            .log()
            .into_iter()
            .find(|exchange| exchange.asked.contains(&name));
        asked.is_some_and(|exchange| exchange.answered.starts_with("http/1.1 304"))
    });
    until("it is fresh again", || cached(&get(&nginx, TIDES, &[])) == "HIT");
    let whole = |relay: &Relay| {
        let log = relay.log().into_iter();
        log.filter(|exchange| exchange.answered.starts_with("http/1.1 200"))
            .count()
    };
    assert_eq!(whole(&relay), 1, "the body came once");

    let editor = app.editor();
    let fresh = patch(&editor, &article, "articles", &json!({ "title": "Otherwise" }));
    act(&editor, &fresh, "articles", "publish");
    until("the new text comes", || {
        json_of(&get(&nginx, TIDES, &[]))["data"]["title"] == "Otherwise"
    });
    assert_eq!(whole(&relay), 2);

    // While the service is away, readers get what there is.
    relay.go_away(true);
    until("it grows old", || cached(&get(&nginx, TIDES, &[])) == "STALE");
    for _ in 0..3 {
        let answer = get(&nginx, TIDES, &[]);
        assert_eq!(json_of(&answer)["data"]["title"], "Otherwise");
    }
    assert_eq!(get(&nginx, "/delivery/v1/tags", &[]).status, 502);
    relay.go_away(false);
    until("it is fresh again", || cached(&get(&nginx, TIDES, &[])) == "HIT");
    assert_eq!(get(&nginx, "/delivery/v1/tags", &[]).status, 200);
}

#[test]
fn encodings_and_forms_are_kept_apart() {
    let app = App::start();
    let text = "The sea is never still. ".repeat(100);
    let sections = json!([{ "kind": "text", "heading": "On", "body": text }]);
    published(&app.editor(), "Tides", json!({ "sections": sections }));
    let nginx = Nginx::in_front_of(app.address(), unchanged);
    let mut wanted = Vec::new();
    for encoding in ["identity", "br", "gzip", "zstd", "gzip, br;q=0.1", "br;q=0, *"] {
        for form in ["application/json", "text/markdown", "application/ld+json", "*/*"] {
            wanted.push([("Accept-Encoding", encoding), ("Accept", form)]);
        }
    }
    let told = |answer: &Wired| {
        let header = |name: &str| answer.header(name).map(str::to_owned);
        let headers = ["content-type", "content-encoding", "etag", "vary"].map(header);
        (answer.status, headers, answer.body.clone())
    };
    for round in ["MISS", "HIT", "HIT"] {
        for headers in &wanted {
            let direct = ask(app.address(), "GET", TIDES, headers);
            let answer = get(&nginx, TIDES, headers);
            assert_eq!(told(&answer), told(&direct), "{headers:?}");
            assert_eq!(cached(&answer), round, "{headers:?}");
        }
        // In another order each time.
        wanted.reverse();
    }
    let neither = get(&nginx, TIDES, &[("Accept", "image/png")]);
    assert_eq!((neither.status, cached(&neither)), (406, "MISS"));
    let neither = get(&nginx, TIDES, &[("Accept", "image/png")]);
    assert_eq!(
        (neither.status, cached(&neither)),
        (406, "MISS"),
        "a refusal is not kept"
    );
}

#[test]
fn redirects_and_what_is_gone_are_kept_and_refusals_are_not() {
    let app = App::start();
    let editor = app.editor();
    let renamed = published(&editor, "Tides", json!({ "slug": "old" }));
    let renamed = patch(&editor, &renamed, "articles", &json!({ "slug": "new" }));
    act(&editor, &renamed, "articles", "publish");
    let gone = published(&editor, "Gone", json!({ "slug": "gone" }));
    act(&editor, &gone, "articles", "unpublish");
    let nginx = Nginx::in_front_of(app.address(), unchanged);
    let at = |rest: &str| format!("/delivery/v1/articles/by-slug/{rest}");
    for (path, status, location) in [
        (at("old"), 308, Some(at("new"))),
        (at("old?format=text"), 308, Some(at("new?format=text"))),
        (at("gone"), 410, None),
    ] {
        for expected in ["MISS", "HIT"] {
            let answer = get(&nginx, &path, &[]);
            assert_eq!((answer.status, cached(&answer)), (status, expected), "{path}");
            assert_eq!(answer.header("location"), location.as_deref(), "{path}");
        }
    }
    for (path, status) in [
        (at("later"), 404),
        ("/delivery/v1/nothing".to_owned(), 404),
        (at("new?colour=blue"), 400),
        ("/delivery/v1/articles?limit=0".to_owned(), 400),
        ("/delivery/v1/articles?after=forged".to_owned(), 400),
        (at("new?key=mh_secret"), 400),
    ] {
        for _ in 0..2 {
            let answer = get(&nginx, &path, &[]);
            assert_eq!((answer.status, cached(&answer)), (status, "MISS"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
    // Nobody waits for what was missing a moment ago.
    published(&editor, "Later", json!({ "slug": "later" }));
    assert_eq!(get(&nginx, &at("later"), &[]).status, 200);
    // The same question in two orders is two addresses, with one answer.
    let orders = ["new?format=text&locale=en", "new?locale=en&format=text"].map(at);
    let data = orders.map(|path| {
        let (first, second) = (get(&nginx, &path, &[]), get(&nginx, &path, &[]));
        assert_eq!((cached(&first), cached(&second)), ("MISS", "HIT"), "{path}");
        json_of(&second)["data"].clone()
    });
    assert_eq!(data[0], data[1]);
    for path in ["/delivery/v1/changes", "/delivery/v1/changes?since=1"] {
        assert_eq!(
            cached(&get(&nginx, path, &[])),
            "-",
            "{path} is asked for each time"
        );
    }
    keeps_nothing_of(&nginx, &["mh_secret", "no-store"]);
}

#[test]
fn a_client_that_names_another_host_changes_nothing_for_others() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    let renamed = published(&editor, "Tides", json!({ "slug": "old", "tags": ["sea"] }));
    let renamed = patch(&editor, &renamed, "articles", &json!({ "slug": "tides" }));
    act(&editor, &renamed, "articles", "publish");
    let nginx = Nginx::in_front_of(app.address(), unchanged);
    let evil = [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "evil"),
        ("X-Forwarded-Prefix", "/evil"),
        ("Forwarded", "host=evil.example;proto=evil"),
        ("X-Original-URL", "/management/v1/evil"),
        ("X-Rewrite-URL", "/evil"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Origin", "https://evil.example"),
        ("Referer", "https://evil.example/"),
        ("Accept-Language", "evil"),
        ("X-Request-Id", "id-of-somebody-else"),
        (
            "traceparent",
            "00-e111e111e111e111e111e111e111e111-e111e111e111e111-01",
        ),
        ("Cookie", "evil=1"),
    ];
    for path in [
        TIDES,
        "/delivery/v1/articles?limit=1",
        "/delivery/v1/articles/by-slug/old",
        "/delivery/v1/tags/sea",
        "/delivery/v1/site",
        "/delivery/v1/sitemap.xml",
        "/delivery/v1/sitemaps/1.xml",
        "/delivery/v1/robots.txt",
        "/delivery/v1/llms.txt",
        "/delivery/v1/feeds/rss.xml",
        "/delivery/v1/feeds/atom.xml",
        "/delivery/v1/feeds/feed.json",
    ] {
        let direct = ask(app.address(), "GET", path, &[]);
        let first = get(&nginx, path, &evil);
        let second = get(&nginx, path, &[]);
        assert_eq!((cached(&first), cached(&second)), ("MISS", "HIT"), "{path}");
        assert_eq!(
            (second.status, &second.body),
            (direct.status, &direct.body),
            "{path}"
        );
        let shown = format!("{second:?} {}", second.text());
        for theirs in ["evil", "e111e111", "id-of-somebody-else"] {
            assert!(!shown.contains(theirs), "{path}: {shown}");
        }
    }
    keeps_nothing_of(&nginx, &["evil", "e111e111"]);
}

#[test]
fn parts_heads_and_conditions_leave_the_whole_for_the_next() {
    let app = App::start();
    for slug in ["a", "b", "c", "d"] {
        published(&app.editor(), slug, json!({ "slug": slug }));
    }
    app.clock().advance(60);
    let nginx = Nginx::in_front_of(app.address(), unchanged);
    let since = "Sun, 01 Mar 2037 12:00:00 GMT";
    let first = |slug: &str, method: &str, headers: &[(&str, &str)]| {
        let path = format!("/delivery/v1/articles/by-slug/{slug}");
        let direct = ask(app.address(), "GET", &path, &[]);
        let answer = ask(nginx.address(), method, &path, headers);
        for _ in 0..2 {
            let whole = get(&nginx, &path, &[]);
            assert_eq!(
                (whole.status, cached(&whole)),
                (200, "HIT"),
                "{method} {headers:?}"
            );
            assert_eq!(whole.body, direct.body, "{method} {headers:?}");
            assert_eq!(whole.header("etag"), direct.header("etag"));
            let tag = whole.header("etag").unwrap();
            let held = get(&nginx, &path, &[("If-None-Match", tag)]);
            assert_eq!((held.status, held.header("etag")), (304, Some(tag)));
            assert_eq!(get(&nginx, &path, &[("If-None-Match", "\"other\"")]).status, 200);
            let bare = ask(nginx.address(), "HEAD", &path, &[]);
            assert_eq!((bare.status, bare.header("etag")), (200, Some(tag)));
            let part = get(&nginx, &path, &[("Range", "bytes=5-14")]);
            match part.status {
                206 => assert_eq!(part.body, direct.body[5..15]),
                status => assert_eq!((status, part.body), (200, direct.body.clone())),
            }
        }
        answer
    };
    assert!(first("a", "HEAD", &[]).body.is_empty());
    let part = first("b", "GET", &[("Range", "bytes=0-9")]);
    assert!([200, 206].contains(&part.status));
    assert_eq!(first("c", "GET", &[("If-None-Match", "*")]).status, 304);
    assert_eq!(first("d", "GET", &[("If-Modified-Since", since)]).status, 200);
}
