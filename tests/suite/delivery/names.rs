//! Tags and authors: there for readers as long as something published carries them.

use masthead_tests::{App, article, create_article};
use serde_json::{Value, json};

use super::site::{act, author, column, names, patch, published, published_faq, tag};

#[test]
fn tags_and_authors_have_exactly_the_names_that_clients_rely_on() {
    let app = App::start();
    let editor = app.editor();
    let made = editor
        .post(
            "/management/v1/tags",
            &json!({ "name": "North Sea", "kind": "place", "description": "Cold." }),
        )
        .expect(201)
        .data();
    let body = json!({
        "name": "Ada Byron", "bio": "Counts.", "avatar": { "url": "https://img.example.org/ada.jpg", "alt": "Ada" },
        "links": [{ "label": "Site", "url": "https://ada.example.org/" }]
    });
    let ada = editor.post("/management/v1/authors", &body).expect(201).data();
    published(
        &editor,
        "Tides",
        json!({ "tags": ["north-sea"], "authors": [{ "slug": "ada-byron" }] }),
    );
    let reader = app.anonymous();
    let shown = json!({
        "id": made["id"], "slug": "north-sea", "name": "North Sea", "kind": "place", "description": "Cold.",
        "articles_count": 1
    });
    assert_eq!(
        reader.get("/delivery/v1/tags/north-sea").expect(200).body(),
        json!({ "data": shown })
    );
    assert_eq!(reader.get("/delivery/v1/tags").expect(200).data(), json!([shown]));
    let shown = json!({
        "id": ada["id"], "slug": "ada-byron", "name": "Ada Byron", "bio": "Counts.",
        "avatar": { "url": "https://img.example.org/ada.jpg", "alt": "Ada" },
        "links": [{ "label": "Site", "url": "https://ada.example.org/" }],
        "articles_count": 1
    });
    assert_eq!(
        reader.get("/delivery/v1/authors/ada-byron").expect(200).body(),
        json!({ "data": shown })
    );
    assert_eq!(
        reader.get("/delivery/v1/authors").expect(200).data(),
        json!([shown])
    );
    let body = reader.get("/delivery/v1/tags?count=exact").expect(200).body();
    assert_eq!(names(&body), ["data", "links", "meta"]);
    assert_eq!(body["meta"], json!({ "limit": 20, "total": 1 }));
}

fn counts(rows: &Value) -> Vec<(String, u64)> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["slug"].as_str().unwrap().to_owned(),
            row["articles_count"].as_u64().unwrap(),
        )
    })
    .collect()
}

#[test]
fn counts_are_those_of_published_articles_alone() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    tag(&editor, "moon", "Moon");
    author(&editor, "ada", "Ada");
    author(&editor, "ben", "Ben");
    let one = published(
        &editor,
        "One",
        json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }] }),
    );
    published(
        &editor,
        "Two",
        json!({
            "tags": ["moon", "sea"],
            "authors": [{ "slug": "ben" }, { "slug": "ada", "role": "editor" }]
        }),
    );
    let mut draft = article("Three");
    (draft["tags"], draft["authors"]) = (json!(["sea"]), json!([{ "slug": "ben" }]));
    create_article(&editor, &draft);
    let lists = || {
        ["tags", "authors"]
            .map(|list| counts(&reader.get(&format!("/delivery/v1/{list}")).expect(200).data()))
    };
    let rows = |rows: &[(&str, u64)]| -> Vec<(String, u64)> {
        rows.iter()
            .map(|(slug, count)| ((*slug).to_owned(), *count))
            .collect()
    };
    assert_eq!(
        lists(),
        [rows(&[("moon", 1), ("sea", 2)]), rows(&[("ada", 2), ("ben", 1)])]
    );
    // A draft edit does not count, its publication does.
    let edited = patch(
        &editor,
        &one,
        "articles",
        &json!({ "tags": ["moon"], "authors": [{ "slug": "ben" }] }),
    );
    assert_eq!(
        lists(),
        [rows(&[("moon", 1), ("sea", 2)]), rows(&[("ada", 2), ("ben", 1)])]
    );
    let one = act(&editor, &edited, "articles", "publish");
    assert_eq!(
        lists(),
        [rows(&[("moon", 2), ("sea", 1)]), rows(&[("ada", 1), ("ben", 2)])]
    );
    act(&editor, &one, "articles", "unpublish");
    assert_eq!(
        lists(),
        [rows(&[("moon", 1), ("sea", 1)]), rows(&[("ada", 1), ("ben", 1)])]
    );
    assert_eq!(
        reader.get("/delivery/v1/tags/sea").expect(200).data()["articles_count"],
        1
    );
    assert_eq!(
        reader.get("/delivery/v1/authors/ada").expect(200).data()["articles_count"],
        1
    );
}

#[test]
fn a_name_appears_with_the_first_publication_and_goes_with_the_last() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    author(&editor, "ada", "Ada");
    let both = || {
        [
            reader.get("/delivery/v1/tags/sea").status(),
            reader.get("/delivery/v1/authors/ada").status(),
        ]
    };
    assert_eq!(both(), [404, 404]);
    let one = published(
        &editor,
        "One",
        json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }] }),
    );
    assert_eq!(both(), [200, 200]);
    // A FAQ alone keeps a tag.
    let faq = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "Wet?", "answer": "Yes.", "tags": ["sea"] }),
    );
    act(&editor, &one, "articles", "unpublish");
    assert_eq!(both(), [200, 404]);
    assert_eq!(
        reader.get("/delivery/v1/tags/sea").expect(200).data()["articles_count"],
        0
    );
    act(&editor, &faq, "faqs", "unpublish");
    assert_eq!(both(), [404, 404]);
    assert_eq!(
        reader.get("/delivery/v1/tags?count=exact").expect(200).body()["meta"]["total"],
        0
    );
}

#[test]
fn lists_of_names_sort_and_filter() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for (slug, name, kind) in [
        ("b", "Alpha", "topic"),
        ("a", "Beta", "place"),
        ("c", "Alpha", "place"),
    ] {
        let body = json!({ "slug": slug, "name": name, "kind": kind });
        editor.post("/management/v1/tags", &body).expect(201);
        author(&editor, slug, name);
    }
    published(
        &editor,
        "One",
        json!({
            "tags": ["a", "b", "c"], "authors": [{ "slug": "a" }, { "slug": "b" }, { "slug": "c" }]
        }),
    );
    let slugs = |path: &str| {
        column(
            &reader.get(&format!("/delivery/v1/{path}")).expect(200).data(),
            "slug",
        )
    };
    for list in ["tags", "authors"] {
        assert_eq!(slugs(&format!("{list}?sort=slug")), ["a", "b", "c"]);
        assert_eq!(slugs(&format!("{list}?sort=-slug")), ["c", "b", "a"]);
        assert_eq!(slugs(&format!("{list}?sort=name,-slug")), ["c", "b", "a"]);
        assert_eq!(slugs(&format!("{list}?sort=-name,slug")), ["a", "b", "c"]);
        assert_eq!(slugs(list), ["b", "c", "a"]);
    }
    assert_eq!(slugs("tags?kind=place"), ["c", "a"]);
    assert_eq!(slugs("tags?kind=nothing"), [""; 0]);
    reader
        .get("/delivery/v1/authors?kind=place")
        .expect_problem(400, "unknown_parameter");
}
