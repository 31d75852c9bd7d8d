//! Readers who need a key too, where a setting says so.

use masthead_domain::rights::Permission;
use masthead_tests::App;
use serde_json::json;

use super::site::published;

fn app() -> App {
    let app = App::builder()
        .with(|settings| settings.delivery_requires_key = true)
        .start();
    published(&app.editor(), "Tides", json!({}));
    app.clock().advance(60);
    app
}

const PATHS: [&str; 6] = [
    "/delivery/v1/articles",
    "/delivery/v1/articles/by-slug/tides",
    "/delivery/v1/articles/by-slug/nothing",
    "/delivery/v1/faqs",
    "/delivery/v1/tags?count=exact",
    "/delivery/v1/authors",
];

#[test]
fn a_reader_without_a_key_learns_nothing() {
    let app = app();
    for path in PATHS {
        let answer = app
            .anonymous()
            .get(path)
            .expect_problem(401, "authentication_required");
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"masthead\""),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        for name in ["etag", "cache-tag", "last-modified"] {
            assert_eq!(answer.header(name), None, "{path}: {name}");
        }
        app.anonymous().with("If-None-Match", "*").get(path).expect(401);
        app.anonymous().send("HEAD", path, None).expect(401);
    }
    let wrong = app.anonymous().with("Authorization", "Bearer nonsense");
    wrong.get(PATHS[0]).expect_problem(401, "invalid_token");
    app.anonymous()
        .with("Authorization", "Basic YTpi")
        .get(PATHS[0])
        .expect_problem(401, "authentication_required");
    app.anonymous()
        .get("/delivery/v1/articles?key=abc")
        .expect_problem(400, "key_in_url");
}

#[test]
fn a_key_reads_and_what_it_reads_is_private() {
    let app = app();
    for caller in [
        app.key(&[Permission::ContentRead]),
        app.key(&[Permission::ArticlesWrite]),
        app.viewer(),
    ] {
        let answer = caller.get("/delivery/v1/articles/by-slug/tides").expect(200);
        assert_eq!(answer.data()["title"], "Tides");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        let held = caller.clone().with("If-None-Match", &answer.etag());
        let held = held.get("/delivery/v1/articles/by-slug/tides").expect(304);
        assert_eq!(held.header("cache-control"), Some("private, no-store"));
        let vary = answer.header("vary").unwrap().to_lowercase();
        assert!(vary.contains("accept-encoding"), "{vary}");
    }
}

#[test]
fn what_is_no_content_stays_open() {
    let app = app();
    for path in ["/health/live", "/health/ready", "/openapi/delivery.json"] {
        app.anonymous().get(path).expect(200);
    }
}
