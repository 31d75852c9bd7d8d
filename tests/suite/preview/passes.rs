//! Who opens what: tokens and credentials that are good, and all that are not.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, Response};
use serde_json::json;

use super::{LINKS, link, page, with_token};
use crate::management::support::{article_path, expect_errors, plain_article, seeing, text};

/// An answer without what is different in each: the request's id and the time.
fn bare(answer: Response) -> (u16, String, Vec<(String, String)>) {
    let id = answer.header("x-request-id").unwrap().to_owned();
    let headers = answer.headers().iter();
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status(), answer.text().replace(&id, "…"), headers)
}

#[test]
fn whatever_does_not_open_an_article_is_answered_alike() {
    let app = App::start();
    let editor = app.editor();
    let (draft, other) = (plain_article(&editor, "Draft"), plain_article(&editor, "Other"));
    let good = link(&editor, &draft, 3_600)["token"].clone();
    let expired = link(&editor, &draft, 60)["token"].clone();
    let revoked = link(&editor, &draft, 3_600);
    let elsewhere = link(&editor, &other, 3_600)["token"].clone();
    editor
        .delete(&format!("{LINKS}/{}", text(&revoked["id"])))
        .expect(204);
    app.clock().advance(60);
    let mut altered = text(&good);
    let last = if altered.pop() == Some('A') { 'Q' } else { 'A' };
    altered.push(last);
    let path = page(&draft);
    with_token(&app, &path, &good).expect(200);
    let refused = bare(with_token(&app, &path, &expired).expect_problem(404, "not_found"));
    let long = format!("mhp_{}", "A".repeat(1_000));
    for token in [
        revoked["token"].clone(),
        elsewhere,
        json!(altered),
        json!("mhp_short"),
        json!("nonsense"),
        json!(""),
        json!(long),
    ] {
        assert_eq!(bare(with_token(&app, &path, &token)), refused, "{token}");
        if text(&token).starts_with("mhp_") {
            let bearer = Caller::new(app.address(), Some(text(&token)));
            assert_eq!(bare(bearer.get(&path)), refused, "{token}");
        }
    }
    // No address tells more than another.
    for path in [
        page(&other),
        "/preview/v1/articles/0193ffff-0000-7000-8000-000000000000".to_owned(),
        "/preview/v1/articles/no-id".to_owned(),
        "/preview/v1/articles/by-slug/other".to_owned(),
        "/preview/v1/articles/by-slug/nothing".to_owned(),
        "/preview/v1/articles/by-slug/No%20Slug".to_owned(),
        format!("{}?locale=de", page(&draft)),
    ] {
        assert_eq!(bare(with_token(&app, &path, &good)), refused, "{path}");
    }
    seeing(&editor, &draft).delete(&article_path(&draft)).expect(204);
    assert_eq!(bare(with_token(&app, &path, &good)), refused);
    // Restored in time, it is shown again.
    editor
        .act(&format!("/management/v1/trash/{}/restore", text(&draft["id"])))
        .expect(200);
    with_token(&app, &path, &good).expect(200);
}

#[test]
fn a_credential_opens_every_working_copy_if_it_may_preview() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Draft");
    let path = page(&draft);
    for caller in [
        app.viewer(),
        app.author(),
        editor,
        app.key(&[Permission::ContentPreview]),
    ] {
        caller.get(&path).expect(200);
        caller.get("/preview/v1/articles/by-slug/draft").expect(200);
        caller
            .get("/preview/v1/articles/by-slug/nothing")
            .expect_problem(404, "not_found");
    }
    app.anonymous()
        .get(&path)
        .expect_problem(401, "authentication_required");
    for caller in [
        app.user(Role::Reader, "reader@example.org"),
        app.key(&[Permission::ContentRead]),
    ] {
        caller.get(&path).expect_problem(403, "forbidden");
        caller
            .get("/preview/v1/articles/no-id")
            .expect_problem(403, "forbidden");
    }
    let wrong = Caller::new(app.address(), Some("nonsense".to_owned()));
    let answer = wrong.get(&path).expect_problem(401, "invalid_token");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
}

#[test]
fn a_credential_in_the_address_stays_refused() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Draft");
    let token = text(&link(&editor, &draft, 60)["token"]);
    let key = app.key(&[Permission::ContentPreview]);
    let reader = app.anonymous();
    for query in [
        format!("token={}", key.token().unwrap()),
        format!("token={}", editor.token().unwrap()),
        format!("access_token={token}"),
        format!("key={token}"),
    ] {
        reader
            .get(&format!("{}?{query}", page(&draft)))
            .expect_problem(400, "key_in_url");
    }
    for path in [
        format!("/delivery/v1/articles?token={token}"),
        format!("/delivery/v1/articles?tag={token}"),
        format!("/management/v1/articles?token={token}"),
    ] {
        reader.get(&path).expect_problem(400, "key_in_url");
    }
    let both = editor.get(&format!("{}?token={token}", page(&draft)));
    let both = both.expect_problem(400, "invalid_parameter");
    expect_errors(&both, &[("token", "conflict")]);
    reader
        .get(&format!("{}?colour=red&token={token}", page(&draft)))
        .expect_problem(400, "unknown_parameter");
    // The token of a link opens nothing but the preview.
    let bearer = Caller::new(app.address(), Some(token));
    bearer
        .get(&article_path(&draft))
        .expect_problem(401, "invalid_token");
}
