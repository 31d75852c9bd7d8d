//! The preview surface: working copies in the shapes of delivery, for who holds a link or may preview.

mod links;
mod passes;
mod shapes;

use masthead_tests::{App, Caller, Response};
use serde_json::{Value, json};

use crate::management::support::{article_path, text};

/// Where links are by their ids.
const LINKS: &str = "/management/v1/preview-links";

/// Where the links to an article are.
fn links_of(article: &Value) -> String {
    format!("{}/preview-links", article_path(article))
}

/// Where the working copy of an article is shown.
fn page(article: &Value) -> String {
    format!("/preview/v1/articles/{}", text(&article["id"]))
}

/// A new link to an article.
#[track_caller]
fn link(caller: &Caller, article: &Value, seconds: u32) -> Value {
    caller
        .post(&links_of(article), &json!({ "expires_in": seconds }))
        .expect(201)
        .data()
}

/// What a reader sees who holds this token.
fn with_token(app: &App, path: &str, token: &Value) -> Response {
    let mark = if path.contains('?') { '&' } else { '?' };
    app.anonymous().get(&format!("{path}{mark}token={}", text(token)))
}
