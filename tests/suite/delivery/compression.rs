//! Answers in fewer bytes: `br`, `zstd` and `gzip`, each with a strong tag of its own.

use masthead_tests::App;
use serde_json::json;

use super::site::{act, patch, published};
use crate::faults::wire::{Wired, ask};

const PATH: &str = "/delivery/v1/articles/by-slug/tides";
const ENCODINGS: [&str; 3] = ["br", "zstd", "gzip"];

fn site() -> App {
    let app = App::start();
    let text = "The sea is never still. ".repeat(200);
    published(
        &app.editor(),
        "Tides",
        json!({ "sections": [{ "kind": "text", "body": text }] }),
    );
    app.clock().advance(60);
    app
}

fn get(app: &App, accepted: &str, more: &[(&str, &str)]) -> Wired {
    let headers: Vec<_> = [("Accept-Encoding", accepted)]
        .iter()
        .chain(more)
        .copied()
        .collect();
    ask(app.address(), "GET", PATH, &headers)
}

#[test]
fn an_answer_comes_in_the_encoding_that_is_asked_for_and_holds_the_same() {
    let app = site();
    let plain = get(&app, "identity", &[]);
    assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
    for encoding in ENCODINGS {
        let answer = get(&app, encoding, &[]);
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, Some(encoding))
        );
        assert_eq!(answer.decoded(), plain.body, "{encoding}");
        assert!(
            answer.body.len() * 4 < plain.body.len(),
            "{encoding}: {} bytes",
            answer.body.len()
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-tag"), plain.header("cache-tag"));
        assert_eq!(answer.header("cache-control"), plain.header("cache-control"));
    }
}

#[test]
fn every_encoding_varies_by_what_is_accepted() {
    let app = site();
    for accepted in ["identity", "br", "zstd", "gzip", "*"] {
        let vary = get(&app, accepted, &[]).list("vary");
        for name in ["accept", "accept-encoding"] {
            assert!(vary.iter().any(|given| given == name), "{accepted}: {vary:?}");
        }
    }
}

#[test]
fn every_encoding_has_a_strong_tag_of_its_own() {
    let app = site();
    let mut tags: Vec<_> = ["identity"]
        .iter()
        .chain(&ENCODINGS)
        .map(|encoding| {
            let tag = get(&app, encoding, &[]).header("etag").unwrap().to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{encoding}: {tag}");
            assert_eq!(
                get(&app, encoding, &[]).header("etag"),
                Some(tag.as_str()),
                "{encoding}"
            );
            tag
        })
        .collect();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "{tags:?}");
}

#[test]
fn a_client_that_holds_an_encoded_answer_is_told_so_by_the_same_name() {
    let app = site();
    for held in ["identity", "br", "zstd", "gzip"] {
        let fresh = get(&app, held, &[]);
        let tag = fresh.header("etag").unwrap();
        for asked in [held, "identity", "gzip, br, zstd"] {
            let answer = get(&app, asked, &[("If-None-Match", tag)]);
            assert_eq!(
                (answer.status, answer.header("etag")),
                (304, Some(tag)),
                "{held} {asked}"
            );
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("content-encoding"), None, "{held} {asked}");
            assert_eq!(answer.header("cache-tag"), fresh.header("cache-tag"));
            assert!(answer.list("vary").contains(&"accept-encoding".to_owned()));
        }
        let dated = get(
            &app,
            held,
            &[("If-Modified-Since", fresh.header("last-modified").unwrap())],
        );
        assert_eq!(dated.status, 304, "{held}");
    }
}

#[test]
fn a_publication_ends_what_a_client_held_in_any_encoding() {
    let app = site();
    let editor = app.editor();
    let tags: Vec<_> = ENCODINGS
        .iter()
        .map(|encoding| get(&app, encoding, &[]).header("etag").unwrap().to_owned())
        .collect();
    let row = app.anonymous().get(PATH).expect(200).data();
    let working = editor
        .get(&format!(
            "/management/v1/articles/{}",
            row["id"].as_str().unwrap()
        ))
        .expect(200)
        .data();
    let edited = patch(&editor, &working, "articles", &json!({ "dek": "New." }));
    act(&editor, &edited, "articles", "publish");
    for (encoding, tag) in ENCODINGS.iter().zip(&tags) {
        let answer = get(&app, encoding, &[("If-None-Match", tag)]);
        assert_eq!(answer.status, 200, "{encoding}");
        assert_ne!(answer.header("etag"), Some(tag.as_str()));
        assert!(String::from_utf8(answer.decoded()).unwrap().contains("New."));
    }
}

#[test]
fn problems_are_problems_in_any_encoding() {
    let app = App::start();
    for encoding in ENCODINGS {
        let answer = ask(
            app.address(),
            "GET",
            "/delivery/v1/articles/by-slug/nothing",
            &[("Accept-Encoding", encoding)],
        );
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let body: serde_json::Value = serde_json::from_slice(&answer.decoded()).unwrap();
        assert_eq!(body["code"], "not_found", "{encoding}");
    }
}

#[test]
fn head_says_what_get_says_in_every_encoding() {
    let app = site();
    for encoding in ["identity", "br", "zstd", "gzip"] {
        let got = get(&app, encoding, &[]);
        let head = ask(app.address(), "HEAD", PATH, &[("Accept-Encoding", encoding)]);
        assert_eq!(head.status, 200);
        for name in [
            "etag",
            "last-modified",
            "cache-control",
            "cache-tag",
            "content-encoding",
            "content-type",
            "content-language",
        ] {
            assert_eq!(head.header(name), got.header(name), "{encoding}: {name}");
        }
    }
}

#[test]
fn an_editors_tag_names_a_revision_however_it_travels() {
    let app = site();
    let editor = app.editor();
    let row = app.anonymous().get(PATH).expect(200).data();
    let path = format!("/management/v1/articles/{}", row["id"].as_str().unwrap());
    let plain = editor.get(&path).expect(200).etag();
    let token = format!("Bearer {}", editor.token().unwrap());
    for encoding in ENCODINGS {
        let answer = ask(
            app.address(),
            "GET",
            &path,
            &[("Accept-Encoding", encoding), ("Authorization", &token)],
        );
        assert_eq!(answer.header("content-encoding"), Some(encoding));
        assert_eq!(answer.header("etag"), Some(plain.as_str()), "{encoding}");
    }
}
