//! What the tests of this surface share: small things to make, counts, addresses.

use masthead_tests::{Caller, Response, create_article};
use serde_json::{Value, json};

/// Where articles are.
pub const ARTICLES: &str = "/management/v1/articles";
/// Where FAQs are.
pub const FAQS: &str = "/management/v1/faqs";
/// Where tags are.
pub const TAGS: &str = "/management/v1/tags";
/// Where authors are.
pub const AUTHORS: &str = "/management/v1/authors";

/// Where redirects are.
pub const REDIRECTS: &str = "/management/v1/redirects";

/// Where things are that were deleted.
pub const TRASH: &str = "/management/v1/trash";

/// Where proposals are.
pub const PROPOSALS: &str = "/management/v1/proposals";

/// Where editorial notes are.
pub const NOTES: &str = "/management/v1/notes";

/// A text in a body.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The address of an article.
#[track_caller]
pub fn article_path(article: &Value) -> String {
    format!("{ARTICLES}/{}", text(&article["id"]))
}

/// The address of a section, by its place.
#[track_caller]
pub fn section_path(article: &Value, index: usize) -> String {
    let id = text(&article["sections"][index]["id"]);
    format!("{}/sections/{id}", article_path(article))
}

/// The address of a FAQ.
#[track_caller]
pub fn faq_path(faq: &Value) -> String {
    format!("{FAQS}/{}", text(&faq["id"]))
}

/// Somebody who has seen the present state of a thing.
#[track_caller]
pub fn seeing(caller: &Caller, thing: &Value) -> Caller {
    caller.clone().seen(&text(&thing["etag"]))
}

/// The smallest article there can be.
#[track_caller]
pub fn plain_article(caller: &Caller, title: &str) -> Value {
    create_article(caller, &json!({ "locale": "en", "title": title }))
}

/// A tag; its slug is made of its name.
#[track_caller]
pub fn tag(caller: &Caller, name: &str) -> Value {
    caller.post(TAGS, &json!({ "name": name })).expect(201).data()
}

/// An author; the slug is made of the name.
#[track_caller]
pub fn author(caller: &Caller, name: &str) -> Value {
    caller.post(AUTHORS, &json!({ "name": name })).expect(201).data()
}

/// A FAQ that stands alone.
#[track_caller]
pub fn faq(caller: &Caller, question: &str) -> Value {
    let body = json!({ "locale": "en", "question": question, "answer": "It *depends*." });
    caller.post(FAQS, &body).expect(201).data()
}

/// How many rows a list has.
#[track_caller]
pub fn total(caller: &Caller, list: &str) -> u64 {
    let separator = if list.contains('?') { '&' } else { '?' };
    let body = caller
        .get(&format!("{list}{separator}count=exact&limit=1"))
        .expect(200)
        .body();
    body["meta"]["total"].as_u64().expect("a total")
}

/// How many articles, FAQs, tags and authors there are.
#[track_caller]
pub fn totals(caller: &Caller) -> [u64; 4] {
    [ARTICLES, FAQS, TAGS, AUTHORS].map(|list| total(caller, list))
}

/// The present state of a thing.
#[track_caller]
pub fn fresh(caller: &Caller, path: &str) -> Value {
    caller.get(path).expect(200).data()
}

/// Insists that a problem lists exactly these places with these codes.
#[track_caller]
pub fn expect_errors(response: &Response, expected: &[(&str, &str)]) {
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(place, code)| ((*place).to_owned(), (*code).to_owned()))
        .collect();
    expected.sort();
    assert_eq!(response.errors(), expected, "{}", response.text());
}

/// One field of each thing in a list.
#[track_caller]
pub fn each(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    items.iter().map(|item| text(&item[field])).collect()
}

/// Waits for something that another thread does within seconds.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..200 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("within ten seconds: {what}");
}
