//! Content that the tests of this folder publish.

use masthead_tests::{Caller, create_article, publish};
use serde_json::{Value, json};

/// Makes a tag.
#[track_caller]
pub(crate) fn tag(editor: &Caller, slug: &str, name: &str) -> Value {
    let body = json!({ "slug": slug, "name": name });
    editor.post("/management/v1/tags", &body).expect(201).data()
}

/// Makes an author.
#[track_caller]
pub(crate) fn author(editor: &Caller, slug: &str, name: &str) -> Value {
    let body = json!({ "slug": slug, "name": name, "bio": format!("{name} writes.") });
    editor.post("/management/v1/authors", &body).expect(201).data()
}

/// Publishes a small article: a title and a slug, the rest as given.
#[track_caller]
pub(crate) fn published(editor: &Caller, title: &str, rest: Value) -> Value {
    let mut body = json!({
        "locale": "en",
        "title": title,
        "sections": [{ "kind": "text", "heading": "Introduction", "body": format!("{title} begins.") }],
    });
    for (name, value) in rest.as_object().expect("an object") {
        body[name] = value.clone();
    }
    publish(editor, &create_article(editor, &body)).data()
}

/// Publishes a FAQ that stands alone.
#[track_caller]
pub(crate) fn published_faq(editor: &Caller, body: &Value) -> Value {
    let faq = editor.post("/management/v1/faqs", body).expect(201).data();
    act(editor, &faq, "faqs", "publish")
}

/// Does something to a thing in the state it was last seen in.
#[track_caller]
pub(crate) fn act(editor: &Caller, thing: &Value, kind: &str, what: &str) -> Value {
    let (id, etag) = (thing["id"].as_str().unwrap(), thing["etag"].as_str().unwrap());
    let path = format!("/management/v1/{kind}/{id}/{what}");
    editor.clone().seen(etag).act(&path).expect(200).data()
}

/// Changes a thing in the state it was last seen in.
#[track_caller]
pub(crate) fn patch(editor: &Caller, thing: &Value, kind: &str, body: &Value) -> Value {
    let (id, etag) = (thing["id"].as_str().unwrap(), thing["etag"].as_str().unwrap());
    let path = format!("/management/v1/{kind}/{id}");
    editor.clone().seen(etag).patch(&path, body).expect(200).data()
}

/// The names of an object, sorted.
pub(crate) fn names(value: &Value) -> Vec<String> {
    let mut names: Vec<_> = value.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    names
}

/// One text of every row.
pub(crate) fn column(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row[name].as_str().expect("a text").to_owned())
        .collect()
}
