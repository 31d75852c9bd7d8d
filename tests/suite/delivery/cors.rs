//! Which other sites' scripts may read.

use masthead_tests::{App, Response};
use serde_json::json;

use super::site::published;
use crate::faults::wire::{Wired, ask};

const SITE: &str = "https://www.example.org";
const OTHER: &str = "https://evil.example";
const LIST: &str = "/delivery/v1/articles";

fn app(any: bool, exact: &[&str]) -> App {
    let app = App::builder()
        .with(|settings| {
            settings.cors_origins.any_for_delivery = any;
            settings.cors_origins.exact = exact.iter().map(ToString::to_string).collect();
        })
        .start();
    published(&app.editor(), "Tides", json!({}));
    app
}

/// What a browser asks before a request; no operation documents the answer.
fn preflight(app: &App, path: &str, origin: &str, method: &str, headers: &str) -> Wired {
    let mut asked = vec![("Origin", origin), ("Access-Control-Request-Method", method)];
    if !headers.is_empty() {
        asked.push(("Access-Control-Request-Headers", headers));
    }
    let answer = ask(app.address(), "OPTIONS", path, &asked);
    assert!(answer.header("x-request-id").is_some());
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    answer
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

/// No answer ever lets a browser send its credentials along.
fn assert_no_credentials(answer: &Response) {
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn no_other_site_may_read_unless_somebody_says_so() {
    let app = app(false, &[]);
    for path in [
        LIST,
        "/delivery/v1/articles/by-slug/tides",
        "/delivery/v1/nothing",
        "/management/v1/articles",
    ] {
        let answer = app.anonymous().with("Origin", SITE).get(path);
        assert_eq!(allowed(&answer), None, "{path}");
        assert_eq!(answer.header("access-control-expose-headers"), None, "{path}");
        assert_no_credentials(&answer);
    }
    let answer = app.anonymous().with("Origin", SITE).get(LIST).expect(200);
    // Nothing depends on the origin, so caches need not keep an answer for each.
    assert_eq!(
        answer.header("vary").unwrap().to_lowercase(),
        "accept, accept-encoding"
    );
    let answer = preflight(&app, LIST, SITE, "GET", "authorization");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn an_exact_origin_may_read_and_no_other() {
    let app = app(false, &[SITE, "http://localhost:3000"]);
    for origin in [SITE, "http://localhost:3000"] {
        let answer = app.anonymous().with("Origin", origin).get(LIST).expect(200);
        assert_eq!(allowed(&answer), Some(origin));
        assert_no_credentials(&answer);
    }
    for origin in [
        OTHER,
        "null",
        "https://www.example.org.evil.example",
        "http://www.example.org",
        "https://www.example.org:8443",
        "https://example.org",
        "https://WWW.example.org.",
    ] {
        let answer = app.anonymous().with("Origin", origin).get(LIST).expect(200);
        assert_eq!(allowed(&answer), None, "{origin}");
        assert_no_credentials(&answer);
    }
}

#[test]
fn an_answer_that_depends_on_the_origin_says_so_to_caches() {
    for app in [app(false, &[SITE]), app(true, &[])] {
        for origin in [Some(SITE), Some(OTHER), None] {
            let caller = origin.map_or_else(
                || app.anonymous(),
                |origin| app.anonymous().with("Origin", origin),
            );
            let answer = caller.get(LIST).expect(200);
            let vary: Vec<_> = answer
                .headers()
                .get_all("vary")
                .iter()
                .flat_map(|value| {
                    value
                        .to_str()
                        .unwrap()
                        .split(',')
                        .map(|name| name.trim().to_lowercase())
                })
                .collect();
            for name in ["origin", "accept", "accept-encoding"] {
                assert!(vary.iter().any(|given| given == name), "{origin:?}: {vary:?}");
            }
            let held = caller.with("If-None-Match", &answer.etag()).get(LIST).expect(304);
            assert_eq!(allowed(&held), allowed(&answer));
        }
    }
}

#[test]
fn scripts_may_see_the_headers_that_the_conventions_name() {
    let app = app(false, &[SITE]);
    let answer = app.anonymous().with("Origin", SITE).get(LIST).expect(200);
    let exposed = answer
        .header("access-control-expose-headers")
        .unwrap()
        .to_lowercase();
    let mut exposed: Vec<_> = exposed.split(',').map(str::trim).collect();
    exposed.sort_unstable();
    assert_eq!(
        exposed,
        [
            "cache-tag",
            "etag",
            "idempotent-replayed",
            "link",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id"
        ]
    );
}

#[test]
fn problems_can_be_read_by_the_same_sites() {
    let app = app(false, &[SITE]);
    let caller = app.anonymous().with("Origin", SITE);
    for (path, status) in [
        ("/delivery/v1/nothing", 404),
        ("/delivery/v1/articles?limit=0", 400),
        ("/management/v1/articles", 401),
    ] {
        let answer = caller.get(path).expect(status);
        assert_eq!(allowed(&answer), Some(SITE), "{path}");
    }
    let answer = caller.send("PUT", LIST, None).expect(405);
    assert_eq!(allowed(&answer), Some(SITE));
}

#[test]
fn a_preflight_is_answered_for_what_clients_send() {
    let app = app(false, &[SITE]);
    for (method, headers) in [
        ("GET", "authorization"),
        ("PATCH", "authorization, content-type, if-match"),
        ("PUT", "authorization,content-type,if-none-match"),
        ("POST", "authorization,content-type,idempotency-key,x-request-id"),
        ("DELETE", "if-match"),
        ("GET", "traceparent,tracestate"),
        ("GET", "last-event-id"),
    ] {
        let path = if method == "GET" {
            LIST
        } else {
            "/management/v1/articles"
        };
        let answer = preflight(&app, path, SITE, method, headers);
        assert_eq!(answer.status, 200, "{method} {headers}: {}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), Some(SITE));
        let granted = answer.header("access-control-allow-methods").unwrap();
        assert!(granted.split(',').any(|one| one.trim() == method), "{granted}");
        let granted = answer
            .header("access-control-allow-headers")
            .unwrap()
            .to_lowercase();
        for name in headers.split(',').map(str::trim) {
            assert!(
                granted.split(',').any(|one| one.trim() == name),
                "{name} is not in {granted}"
            );
        }
        assert_eq!(answer.header("access-control-max-age"), Some("600"));
        assert!(answer.body.is_empty());
    }
}

#[test]
fn a_preflight_of_another_site_grants_nothing() {
    let app = app(false, &[SITE]);
    for (origin, method) in [(OTHER, "GET"), ("null", "DELETE")] {
        let answer = preflight(&app, LIST, origin, method, "authorization");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    let answer = preflight(&app, LIST, SITE, "TRACE", "");
    assert!(
        !answer
            .list("access-control-allow-methods")
            .contains(&"trace".to_owned()),
        "{answer:?}"
    );
}

#[test]
fn every_site_may_read_delivery_where_that_is_set_and_never_management() {
    let app = app(true, &[SITE]);
    for origin in [SITE, OTHER, "null"] {
        let answer = app.anonymous().with("Origin", origin).get(LIST).expect(200);
        assert!(
            [Some(origin), Some("*")].contains(&allowed(&answer)),
            "{origin}: {:?}",
            allowed(&answer)
        );
        assert_no_credentials(&answer);
        let answer = preflight(&app, LIST, origin, "GET", "if-none-match");
        assert_eq!(answer.status, 200, "{origin}");
        assert!(
            [Some(origin), Some("*")].contains(&answer.header("access-control-allow-origin")),
            "{origin}"
        );
    }
    for (origin, expected) in [(SITE, Some(SITE)), (OTHER, None), ("null", None)] {
        let answer = app
            .anonymous()
            .with("Origin", origin)
            .get("/management/v1/auth/me")
            .expect(401);
        assert_eq!(allowed(&answer), expected, "{origin}");
        let answer = preflight(&app, "/management/v1/articles", origin, "POST", "authorization");
        assert_eq!(answer.header("access-control-allow-origin"), expected, "{origin}");
    }
}
