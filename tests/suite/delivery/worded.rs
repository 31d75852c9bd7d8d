//! Lists of articles that hold certain words: the words of a search, as a filter of a list.

use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::search::{encoded, titles as found};
use super::site::{act, column, published, tag};

fn body(text: &str) -> Value {
    json!({ "sections": [{ "kind": "text", "heading": "Part", "body": text }] })
}

fn site() -> App {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    for (title, text, tags) in [
        ("Delta", "Low water in the harbour.", json!(["sea"])),
        ("Alpha", "The harbour at night; water is low.", json!([])),
        ("Charlie", "Nothing of the kind.", json!(["sea"])),
        ("Bravo", "Storm over the harbours of the north.", json!(["sea"])),
        ("Echo", "海港的潮汐", json!([])),
    ] {
        app.clock().advance(60);
        let mut rest = body(text);
        rest["tags"] = tags;
        published(&editor, title, rest);
    }
    app
}

#[track_caller]
fn listed(reader: &Caller, q: &str, rest: &str) -> Vec<String> {
    let path = format!("/delivery/v1/articles?q={}{rest}", encoded(q));
    column(&reader.get(&path).expect(200).data(), "title")
}

#[test]
fn a_list_of_words_holds_what_a_search_finds_in_the_order_of_the_list() {
    let app = site();
    let reader = app.anonymous();
    for (q, titles) in [
        ("harbour", vec!["Alpha", "Delta"]),
        ("harbour*", vec!["Bravo", "Alpha", "Delta"]),
        ("\"low water\"", vec!["Delta"]),
        ("harbour* -storm", vec!["Alpha", "Delta"]),
        ("海港", vec!["Echo"]),
        ("unheard", vec![]),
    ] {
        assert_eq!(listed(&reader, q, ""), titles, "{q}");
        let mut ranked = found(&reader, q);
        ranked.sort();
        let mut plain = titles;
        plain.sort_unstable();
        assert_eq!(ranked, plain, "{q}");
    }
    assert_eq!(
        listed(&reader, "harbour*", "&sort=title"),
        ["Alpha", "Bravo", "Delta"]
    );
    assert_eq!(listed(&reader, "harbour*", "&tag=sea"), ["Bravo", "Delta"]);
    assert_eq!(listed(&reader, "harbour*", "&not_tag=sea"), ["Alpha"]);
}

#[test]
fn pages_of_words_are_whole_and_counted() {
    let app = site();
    let reader = app.anonymous();
    let mut next = Some("/delivery/v1/articles?q=harbour*&limit=1&count=exact&sort=published_at".to_owned());
    let mut all = Vec::new();
    while let Some(path) = next {
        let page = reader.get(&path).expect(200).body();
        assert_eq!(page["meta"]["total"], 3);
        all.extend(column(&page["data"], "title"));
        next = page["links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(all, ["Delta", "Alpha", "Bravo"]);
}

#[test]
fn words_that_cannot_be_searched_are_refused_as_in_a_search() {
    let app = App::start();
    let reader = app.anonymous();
    for q in ["", "%21%3F", "-storm", "a*"] {
        reader.get(&format!("/delivery/v1/articles?q={q}")).expect(400);
    }
}

#[test]
fn a_kept_list_of_words_knows_what_changes() {
    let app = site();
    let (editor, reader) = (app.editor(), app.anonymous());
    assert_eq!(listed(&reader, "harbour", ""), ["Alpha", "Delta"]);
    app.clock().advance(60);
    let new = published(&editor, "Foxtrot", body("A harbour of its own."));
    assert_eq!(listed(&reader, "harbour", ""), ["Foxtrot", "Alpha", "Delta"]);
    act(&editor, &new, "articles", "unpublish");
    assert_eq!(listed(&reader, "harbour", ""), ["Alpha", "Delta"]);
}
