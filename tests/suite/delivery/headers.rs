//! What every answer carries, whatever it is: an id, security headers; and what `HEAD` says.

use masthead_tests::{App, Response};
use serde_json::json;

use super::site::published;

/// One of every kind of answer.
fn answers(app: &App) -> Vec<(String, Response)> {
    let (reader, editor) = (app.anonymous(), app.editor());
    let etag = reader.get("/delivery/v1/articles").expect(200).etag();
    let mut all = vec![
        (
            "304".to_owned(),
            reader
                .clone()
                .with("If-None-Match", &etag)
                .get("/delivery/v1/articles")
                .expect(304),
        ),
        (
            "405".to_owned(),
            reader.send("DELETE", "/delivery/v1/articles", None).expect(405),
        ),
        (
            "HEAD".to_owned(),
            reader.send("HEAD", "/delivery/v1/articles", None).expect(200),
        ),
        (
            "415".to_owned(),
            editor
                .send("POST", "/management/v1/tags", Some(("text/plain", b"x")))
                .expect(415),
        ),
        (
            "422".to_owned(),
            editor.post("/management/v1/tags", &json!({})).expect(422),
        ),
        (
            "201".to_owned(),
            editor
                .post("/management/v1/tags", &json!({ "name": "New" }))
                .expect(201),
        ),
        (
            "406".to_owned(),
            reader
                .clone()
                .with("Accept", "text/html")
                .get("/delivery/v1/articles")
                .expect(406),
        ),
        (
            "431".to_owned(),
            reader
                .clone()
                .with("X-Long", &"x".repeat(20_000))
                .get("/delivery/v1/articles")
                .expect(431),
        ),
        (
            "414".to_owned(),
            reader
                .get(&format!("/delivery/v1/articles?tag={}", "x".repeat(9_000)))
                .expect(414),
        ),
    ];
    for (path, status) in [
        ("/delivery/v1/articles", 200),
        ("/delivery/v1/articles/by-slug/tides", 200),
        ("/delivery/v1/nothing", 404),
        ("/delivery/v1/articles?limit=0", 400),
        ("/delivery/v1/articles?token=x", 400),
        ("/management/v1/articles", 401),
        ("/nothing", 404),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/openapi/delivery.json", 200),
        ("/openapi/management.json", 200),
    ] {
        all.push((path.to_owned(), reader.get(path).expect(status)));
    }
    all
}

fn site() -> App {
    let app = App::start();
    published(&app.editor(), "Tides", json!({}));
    app.clock().advance(60);
    app
}

#[test]
fn every_answer_carries_the_security_headers() {
    let app = site();
    for (what, answer) in answers(&app) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{what}: {name}");
        }
        assert_eq!(answer.header("server"), None, "{what}");
        assert_eq!(answer.header("x-powered-by"), None, "{what}");
        assert!(answer.header("cache-control").is_some(), "{what}");
    }
}

#[test]
fn only_good_public_answers_may_be_kept() {
    let app = site();
    for (what, answer) in answers(&app) {
        let control = answer.header("cache-control").unwrap();
        let is_public = control.starts_with("public");
        let may_be = answer.status() < 400 && !what.starts_with("/health") && what != "201";
        assert_eq!(is_public, may_be, "{what}: {control}");
        if !is_public {
            assert!(control.contains("no-store"), "{what}: {control}");
        }
    }
}

#[test]
fn a_sane_request_id_is_given_back_and_another_is_replaced() {
    let app = site();
    let reader = app.anonymous();
    let with = |id: &str, path: &str| {
        let answer = reader.clone().with("X-Request-Id", id).get(path);
        answer.header("x-request-id").unwrap().to_owned()
    };
    let paths = [
        "/delivery/v1/articles",
        "/delivery/v1/nothing",
        "/health/live",
        "/delivery/v1/articles?limit=0",
    ];
    let longest = "a".repeat(128);
    for path in paths {
        for id in [
            "abcd1234",
            "0193aaaa-0000-7000-8000-000000000001",
            "A.b_c-d.9",
            &longest,
        ] {
            assert_eq!(with(id, path), id, "{path}");
        }
        let long = "a".repeat(129);
        for id in [
            "",
            "short",
            "with spaces in it",
            "new\tline-is-here",
            "semi;colon;here",
            "<script>alert</script>",
            "ünïcödë-id",
            &long,
        ] {
            let given = with(id, path);
            assert_ne!(given, id, "{path}");
            assert!(uuid::Uuid::parse_str(&given).is_ok(), "{path}: {given}");
        }
    }
    // A problem names the same id in its body, which the harness checks for every answer.
    let answer = reader
        .clone()
        .with("X-Request-Id", "my-own-request")
        .get("/delivery/v1/nothing");
    assert_eq!(answer.body()["request_id"], "my-own-request");
}

#[test]
fn requests_without_an_id_get_one_each() {
    let app = site();
    let reader = app.anonymous();
    let id = || {
        reader
            .get("/delivery/v1/articles")
            .header("x-request-id")
            .unwrap()
            .to_owned()
    };
    let (first, second) = (id(), id());
    assert_ne!(first, second);
    for id in [first, second] {
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7, "{id}");
    }
}

#[test]
fn a_trace_context_is_taken_whether_or_not_it_is_sound() {
    let app = site();
    for trace in [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-will-be",
        "00-00000000000000000000000000000000-0000000000000000-00",
        "nonsense",
        "",
        &"0".repeat(4_000),
    ] {
        let caller = app
            .anonymous()
            .with("traceparent", trace)
            .with("tracestate", "vendor=1");
        let answer = caller.get("/delivery/v1/articles").expect(200);
        // The answer's own id stays its own.
        assert!(
            !answer
                .header("x-request-id")
                .unwrap()
                .contains("4bf92f3577b34da6")
        );
    }
}

#[test]
fn head_says_what_get_says_without_saying_it() {
    let app = site();
    let reader = app.anonymous();
    for path in [
        "/delivery/v1/articles",
        "/delivery/v1/articles?limit=1&count=exact",
        "/delivery/v1/articles/by-slug/tides",
        "/delivery/v1/tags",
        "/delivery/v1/nothing",
        "/delivery/v1/articles?limit=0",
        "/health/live",
        "/openapi/delivery.json",
    ] {
        let (get, head) = (reader.get(path), reader.send("HEAD", path, None));
        assert_eq!(head.status(), get.status(), "{path}");
        assert!(head.bytes().is_empty(), "{path}");
        for name in [
            "etag",
            "last-modified",
            "cache-control",
            "cache-tag",
            "vary",
            "content-type",
            "content-language",
            "link",
            "content-length",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    let etag = reader.get("/delivery/v1/articles").etag();
    reader
        .clone()
        .with("If-None-Match", &etag)
        .send("HEAD", "/delivery/v1/articles", None)
        .expect(304);
}
