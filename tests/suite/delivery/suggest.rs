//! Completions of what is typed.

use masthead_tests::{App, Caller, article, create_article};
use serde_json::{Value, json};

use super::search::encoded;
use super::site::{act, author, column, names, patch, published, tag};

#[track_caller]
fn suggest(reader: &Caller, q: &str, rest: &str) -> Value {
    reader
        .get(&format!("/delivery/v1/suggest?q={}{rest}", encoded(q)))
        .expect(200)
        .data()
}

fn site() -> (App, Caller) {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "harbours", "Harbours");
    author(&editor, "hartmut", "Hartmut Größe");
    let rest = json!({ "tags": ["harbours"], "authors": [{ "slug": "hartmut" }] });
    published(&editor, "Harbour lights", rest.clone());
    published(&editor, "The old harbour", json!({ "locale": "de" }));
    published(&editor, "潮汐与月亮", json!({ "locale": "zh" }));
    published(&editor, "Broadside ballads", json!({}));
    (app, editor)
}

#[test]
fn titles_tags_and_authors_are_completed() {
    let (app, _) = site();
    let reader = app.anonymous();
    let found = suggest(&reader, "har", "");
    assert_eq!(
        column(&found, "text"),
        ["Harbour lights", "Harbours", "Hartmut Größe", "The old harbour"]
    );
    assert_eq!(column(&found, "type"), ["article", "tag", "author", "article"]);
    assert_eq!(names(&found[0]), ["id", "locale", "slug", "text", "type"]);
    assert_eq!(
        (&found[0]["slug"], &found[0]["locale"]),
        (&json!("harbour-lights"), &json!("en"))
    );
    assert_eq!(
        (&found[1]["slug"], &found[1]["locale"]),
        (&json!("harbours"), &Value::Null)
    );
    for (q, found) in [
        ("harbour l", &["Harbour lights"][..]),
        ("OLD HARB", &["The old harbour"]),
        ("grosse", &["Hartmut Größe"]),
        ("潮", &["潮汐与月亮"]),
        ("月亮", &["潮汐与月亮"]),
        ("nothing like it", &[]),
    ] {
        assert_eq!(column(&suggest(&reader, q, ""), "text"), found, "{q}");
    }
}

#[test]
fn errors_are_forgiven_in_words_that_are_long_enough() {
    let (app, _) = site();
    let reader = app.anonymous();
    let all = ["Harbour lights", "Harbours", "The old harbour"];
    for (q, found) in [
        ("hrabour", &all[..]),
        ("harbuor", &all),
        ("arbour", &all),
        ("harrbour", &all),
        ("hartmud", &["Hartmut Größe"]),
        ("braodsied", &["Broadside ballads"]),
        ("balads", &["Broadside ballads"]),
        ("xld", &[]),
        ("hxrbxur", &[]),
        ("brxxdsixe", &[]),
    ] {
        assert_eq!(column(&suggest(&reader, q, ""), "text"), found, "{q}");
    }
    // What was spelled right comes first.
    assert_eq!(column(&suggest(&reader, "harbours", ""), "text")[0], "Harbours");
}

#[test]
fn a_locale_and_a_limit_narrow() {
    let (app, _) = site();
    let reader = app.anonymous();
    assert_eq!(
        column(&suggest(&reader, "har", "&locale=de"), "text"),
        ["Harbours", "Hartmut Größe", "The old harbour"]
    );
    assert_eq!(
        column(&suggest(&reader, "har", "&locale=not_a_locale"), "text"),
        ["Harbours", "Hartmut Größe"]
    );
    assert_eq!(
        column(&suggest(&reader, "har", "&limit=1"), "text"),
        ["Harbour lights"]
    );
    for (query, name, code) in [
        ("q=har&limit=0", "limit", "out_of_range"),
        ("q=har&limit=21", "limit", "out_of_range"),
        ("q=%21", "q", "no_words"),
        ("", "q", "required"),
    ] {
        let refused = reader.get(&format!("/delivery/v1/suggest?{query}"));
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.errors(), [(name.to_owned(), code.to_owned())], "{query}");
    }
}

#[test]
fn only_what_readers_see_is_completed() {
    let (app, editor) = site();
    let reader = app.anonymous();
    tag(&editor, "zebra", "Zebra");
    create_article(&editor, &article("Zebra crossing"));
    assert_eq!(suggest(&reader, "zebra", ""), json!([]));
    let one = published(&editor, "Zenith", json!({ "tags": ["zebra"] }));
    assert_eq!(column(&suggest(&reader, "zebra", ""), "text"), ["Zebra"]);
    let edited = patch(&editor, &one, "articles", &json!({ "title": "Nadir" }));
    assert_eq!(column(&suggest(&reader, "zenith", ""), "text"), ["Zenith"]);
    assert_eq!(suggest(&reader, "nadir", ""), json!([]));
    let one = act(&editor, &edited, "articles", "publish");
    assert_eq!(suggest(&reader, "zenith", ""), json!([]));
    assert_eq!(column(&suggest(&reader, "nadir", ""), "text"), ["Nadir"]);
    act(&editor, &one, "articles", "unpublish");
    assert_eq!(suggest(&reader, "nadir", ""), json!([]));
    assert_eq!(suggest(&reader, "zebra", ""), json!([]));
}
