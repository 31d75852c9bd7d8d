//! Articles that tests write.

use serde_json::{Value, json};

use crate::caller::{Caller, Response};

/// The body of a small article with two sections and a FAQ.
pub fn article(title: &str) -> Value {
    json!({
        "locale": "en",
        "title": title,
        "dek": format!("{title}, in a line."),
        "sections": [
            { "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." },
            { "kind": "text", "heading": "Conclusion", "body": "It never was." }
        ],
        "faqs": [{ "question": format!("What of {title}?"), "answer": "It *depends*." }]
    })
}

/// Creates an article; answers the working copy.
#[track_caller]
pub fn create_article(caller: &Caller, body: &Value) -> Value {
    caller.post("/management/v1/articles", body).expect(201).data()
}

/// Publishes a working copy as it is.
#[track_caller]
pub fn publish(caller: &Caller, article: &Value) -> Response {
    let (id, etag) = (
        article["id"].as_str().expect("an id"),
        article["etag"].as_str().expect("a tag"),
    );
    caller
        .clone()
        .seen(etag)
        .act(&format!("/management/v1/articles/{id}/publish"))
        .expect(200)
}

/// Creates an article and publishes it; answers the working copy.
#[track_caller]
pub fn published_article(caller: &Caller, body: &Value) -> Value {
    let article = create_article(caller, body);
    publish(caller, &article).data()
}
