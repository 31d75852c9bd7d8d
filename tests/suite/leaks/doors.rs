//! The only doors to what is private, and who stands before them.

use masthead_api::documents;
use masthead_openapi::document::Surface;
use masthead_tests::App;
use serde_json::json;

use super::world::{Desk, public};
use crate::management::cases::OPEN;

#[test]
fn a_reader_reads_nothing_of_management() {
    let app = App::start();
    let published = public(&Desk(app.editor()));
    let (id, section) = (
        published[0]["id"].as_str().unwrap(),
        published[0]["sections"][0]["id"].as_str().unwrap(),
    );
    let document = documents::document(Surface::Management);
    let mut asked = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        let path = template.replace("{section_id}", section).replace("{id}", id);
        let path = ["{n}", "{a}", "{b}"]
            .iter()
            .fold(path, |path, number| path.replace(number, "1"));
        assert!(!path.contains('{'), "{template}");
        for (method, operation) in item.as_object().unwrap() {
            // What says nothing of anybody, or asks for more than a token.
            if OPEN.iter().any(|open| operation["operationId"] == *open) {
                continue;
            }
            let method = method.to_uppercase();
            let answer = app
                .anonymous()
                .send(&method, &path, None)
                .expect_problem(401, "authentication_required");
            assert_eq!(
                answer.header("cache-control"),
                Some("private, no-store"),
                "{method} {path}"
            );
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer realm=\"masthead\""),
                "{method} {path}"
            );
            assert_eq!(answer.header("etag"), None, "{method} {path}");
            let wrong = app.anonymous().with("Authorization", "Bearer nonsense");
            wrong
                .send(&method, &path, None)
                .expect_problem(401, "invalid_token");
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");
    app.anonymous()
        .send("HEAD", "/management/v1/articles", None)
        .expect(401);
}

#[test]
fn whether_a_private_thing_is_there_is_not_told_to_strangers() {
    let app = App::start();
    let draft = Desk(app.editor()).create("articles", &json!({ "locale": "en", "title": "Secret" }));
    let answer = |id: &str| {
        let answer = app
            .anonymous()
            .get(&format!("/management/v1/articles/{id}"))
            .expect(401);
        answer.text().replace(answer.header("x-request-id").unwrap(), "…")
    };
    let there = answer(draft["id"].as_str().unwrap());
    assert_eq!(there, answer("0193ffff-0000-7000-8000-000000000000"));
    assert_eq!(there, answer("no-id"));
}

#[test]
fn a_credential_shows_nothing_more_on_delivery() {
    let app = App::start();
    let desk = Desk(app.editor());
    public(&desk);
    let draft = desk.create(
        "articles",
        &json!({ "locale": "en", "title": "Secret", "slug": "secret" }),
    );
    for caller in [app.viewer(), app.editor(), app.admin()] {
        caller
            .get("/delivery/v1/articles/by-slug/secret")
            .expect_problem(404, "not_found");
        caller
            .get(&format!(
                "/delivery/v1/articles/{}",
                draft["id"].as_str().unwrap()
            ))
            .expect(404);
        let (theirs, open) = (
            caller.get("/delivery/v1/articles?count=exact"),
            app.anonymous().get("/delivery/v1/articles?count=exact"),
        );
        assert_eq!(theirs.bytes(), open.bytes());
    }
}
