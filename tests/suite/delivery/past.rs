//! What readers saw at a moment that has passed, and who may ask.

use masthead_domain::clock::Clock as _;
use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, published};

/// The present moment, as a request names it; then time goes on.
fn mark(app: &App) -> String {
    let now = app.clock().now().to_rfc3339().replace("+00:00", "Z");
    app.clock().advance(60);
    now
}

fn fresh(editor: &Caller, kind: &str, id: &Value) -> Value {
    let path = format!("/management/v1/{kind}/{}", id.as_str().unwrap());
    editor.get(&path).expect(200).data()
}

#[test]
fn only_who_may_preview_is_told_and_nobody_keeps_it() {
    let app = App::start();
    let article = published(&app.editor(), "Tides", json!({}));
    let moment = mark(&app);
    let id = article["id"].as_str().unwrap();
    let path = format!("/delivery/v1/articles/{id}?as_of={moment}");
    let anonymous = app.anonymous().get(&path);
    anonymous.expect_problem(401, "authentication_required");
    let forged = Caller::new(app.address(), Some("nonsense".to_owned()));
    forged.get(&path).expect_problem(401, "invalid_token");
    let reader = app.user(Role::Reader, "reader@example.org");
    reader.get(&path).expect_problem(403, "forbidden");
    app.key(&[Permission::ContentRead])
        .get(&path)
        .expect_problem(403, "forbidden");
    // Who may not see it is not told whether it is there.
    let nothing = format!("/delivery/v1/articles/0193aaaa-0000-7000-8000-000000000009?as_of={moment}");
    reader.get(&nothing).expect_problem(403, "forbidden");
    for caller in [app.viewer(), app.editor(), app.key(&[Permission::ContentPreview])] {
        let answer = caller.get(&path).expect(200);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.header("cache-tag"), None);
        assert_eq!(answer.header("etag"), None);
        assert_eq!(answer.data()["title"], "Tides");
        caller.get(&nothing).expect_problem(404, "not_found");
    }
    // What one was shown is nobody else's.
    app.anonymous()
        .get(&path)
        .expect_problem(401, "authentication_required");
}

#[test]
fn a_moment_that_lies_ahead_or_is_none_is_refused() {
    let app = App::start();
    let article = published(&app.editor(), "Tides", json!({}));
    let (viewer, id) = (app.viewer(), article["id"].as_str().unwrap());
    let at = |moment: &str| viewer.get(&format!("/delivery/v1/articles/{id}?as_of={moment}"));
    at(&app.clock().now().to_rfc3339().replace("+00:00", "Z")).expect(200);
    let ahead = at("2026-03-01T12:00:01Z").expect_problem(400, "invalid_parameter");
    assert_eq!(ahead.errors(), [("as_of".to_owned(), "in_future".to_owned())]);
    for moment in ["yesterday", "", "2026-03-01", "2026-13-01T00:00:00Z", "12:00:00Z"] {
        let refused = at(moment).expect_problem(400, "invalid_parameter");
        assert_eq!(
            refused.errors(),
            [("as_of".to_owned(), "invalid_format".to_owned())],
            "{moment}"
        );
    }
    // Other zones are understood.
    at("2026-03-01T13:00:00%2B01:00").expect(200);
    at("2026-03-01T13:00:00%2B00:00").expect_problem(400, "invalid_parameter");
}

#[test]
fn drafts_and_what_was_never_published_have_no_past() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let body =
        json!({ "locale": "en", "title": "Secret", "sections": [{ "kind": "text", "body": "Nobody." }] });
    let draft = masthead_tests::create_article(&editor, &body);
    let while_draft = mark(&app);
    let path = |moment: &str| {
        format!(
            "/delivery/v1/articles/{}?as_of={moment}",
            draft["id"].as_str().unwrap()
        )
    };
    admin.get(&path(&while_draft)).expect_problem(404, "not_found");
    act(&editor, &draft, "articles", "publish");
    let public = mark(&app);
    admin.get(&path(&while_draft)).expect_problem(404, "not_found");
    admin.get(&path(&public)).expect(200);
    // A FAQ that was a draft when the article was seen is not among its FAQs.
    let faq = editor
        .post(
            "/management/v1/faqs",
            &json!({ "locale": "en", "question": "Who?", "answer": "Later." }),
        )
        .expect(201)
        .data();
    let linked = fresh(&editor, "articles", &draft["id"]);
    let path_of = format!("/management/v1/articles/{}/faqs", draft["id"].as_str().unwrap());
    let seen = editor.clone().seen(linked["etag"].as_str().unwrap());
    seen.put(&path_of, &json!({ "faqs": [{ "id": faq["id"] }] }))
        .expect(200);
    let linked_only = mark(&app);
    let shown = admin.get(&path(&linked_only)).expect(200).data();
    assert_eq!(shown["faqs"], json!([]));
}
