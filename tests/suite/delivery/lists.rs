//! Lists of articles: what rows hold, filters, order and counts.

use masthead_tests::App;
use serde_json::{Value, json};

use super::site::{author, column, names, published, tag};

const BY_DEFAULT: [&str; 18] = [
    "authors",
    "cover",
    "dek",
    "excerpt",
    "first_published_at",
    "id",
    "kind",
    "locale",
    "metadata",
    "published_at",
    "reading_time_minutes",
    "seo",
    "slug",
    "tags",
    "title",
    "toc",
    "updated_at",
    "word_count",
];
const ALWAYS: [&str; 5] = ["id", "kind", "locale", "slug", "title"];

fn site() -> App {
    let app = App::start();
    let editor = app.editor();
    for (slug, name) in [("sea", "Sea"), ("moon", "Moon")] {
        tag(&editor, slug, name);
    }
    author(&editor, "ada", "Ada Byron");
    author(&editor, "ben", "Ben Nevis");
    let rows = [
        (
            "Delta",
            json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }] }),
        ),
        (
            "Alpha",
            json!({ "tags": ["sea", "moon"], "authors": [{ "slug": "ben" }], "locale": "de" }),
        ),
        (
            "Charlie",
            json!({ "tags": ["moon"], "authors": [{ "slug": "ada" }, { "slug": "ben", "role": "editor" }] }),
        ),
        (
            "Bravo",
            json!({ "kind": "page", "faqs": [{ "question": "Who?", "answer": "Me." }] }),
        ),
    ];
    for (title, rest) in rows {
        app.clock().advance(60);
        published(&editor, title, rest);
    }
    app
}

fn titles(app: &App, query: &str) -> Vec<String> {
    let answer = app
        .anonymous()
        .get(&format!("/delivery/v1/articles?{query}"))
        .expect(200);
    column(&answer.data(), "title")
}

#[test]
fn rows_carry_everything_but_bodies() {
    let app = site();
    let body = app.anonymous().get("/delivery/v1/articles").expect(200).body();
    assert_eq!(names(&body), ["data", "links", "meta"]);
    assert_eq!(body["meta"], json!({ "limit": 20 }));
    assert_eq!(
        body["links"],
        json!({ "self": "/delivery/v1/articles", "next": null, "prev": null })
    );
    assert_eq!(
        column(&body["data"], "title"),
        ["Bravo", "Charlie", "Alpha", "Delta"]
    );
    for row in body["data"].as_array().unwrap() {
        assert_eq!(names(row), BY_DEFAULT);
    }
    let charlie = &body["data"][1];
    assert_eq!(column(&charlie["authors"], "name"), ["Ada Byron", "Ben Nevis"]);
    assert_eq!(column(&charlie["tags"], "slug"), ["moon"]);
    assert_eq!(charlie["toc"][0]["anchor"], "introduction");
    assert_eq!(
        (&charlie["word_count"], &charlie["reading_time_minutes"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(charlie["excerpt"], "Charlie begins.");
    assert!(!body.to_string().contains("<p>"), "{body}");
}

#[test]
fn include_adds_bodies_in_the_form_that_is_asked_for() {
    let app = site();
    let get = |query: &str| {
        app.anonymous()
            .get(&format!("/delivery/v1/articles?{query}"))
            .expect(200)
            .data()
    };
    let rows = get("include=sections");
    let with = |names: &[&str]| {
        let mut all: Vec<_> = BY_DEFAULT.iter().chain(names).map(ToString::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(names(&rows[0]), with(&["sections"]));
    assert_eq!(
        rows[0]["sections"][0]["body"],
        json!({ "html": "<p>Bravo begins.</p>" })
    );
    let rows = get("include=faqs,sections&format=text");
    assert_eq!(names(&rows[0]), with(&["faqs", "sections"]));
    assert_eq!(rows[0]["faqs"][0]["answer"], json!({ "text": "Me." }));
    assert_eq!(
        rows[1]["sections"][0]["body"],
        json!({ "text": "Charlie begins." })
    );
    assert_eq!(rows[1]["faqs"], json!([]));
    // They are there anyway.
    assert_eq!(names(&get("include=authors,tags")[0]), with(&[]));
}

#[test]
fn fields_leave_out_the_rest_and_combine_with_include() {
    let app = site();
    let shown = |query: &str| {
        names(
            &app.anonymous()
                .get(&format!("/delivery/v1/articles?{query}"))
                .expect(200)
                .data()[0],
        )
    };
    let always_and = |more: &[&str]| {
        let mut all: Vec<_> = ALWAYS.iter().chain(more).map(ToString::to_string).collect();
        all.sort();
        all
    };
    for (query, more) in [
        ("fields=title", &[][..]),
        ("fields=id,slug", &[]),
        ("fields=dek,cover", &["cover", "dek"]),
        ("fields=authors", &["authors"]),
        ("fields=sections", &["sections"]),
        ("fields=dek&include=tags", &["dek", "tags"]),
        ("fields=title&include=sections,faqs", &["faqs", "sections"]),
        ("fields=faqs,toc&include=faqs", &["faqs", "toc"]),
        (
            "fields=word_count,reading_time_minutes,seo,metadata,excerpt",
            &["excerpt", "metadata", "reading_time_minutes", "seo", "word_count"],
        ),
        (
            "fields=published_at,first_published_at,updated_at",
            &["first_published_at", "published_at", "updated_at"],
        ),
    ] {
        assert_eq!(shown(query), always_and(more), "{query}");
    }
}

#[test]
fn a_field_that_is_null_is_there_and_one_that_was_not_asked_for_is_not() {
    let app = site();
    let rows = app
        .anonymous()
        .get("/delivery/v1/articles?fields=dek")
        .expect(200)
        .data();
    assert_eq!(rows[0]["dek"], Value::Null);
    assert!(rows[0].as_object().unwrap().contains_key("dek"));
    assert!(!rows[0].as_object().unwrap().contains_key("cover"));
}

#[test]
fn filters_narrow_alone_and_together() {
    let app = site();
    for (query, expected) in [
        ("tag=sea", &["Alpha", "Delta"][..]),
        ("tag=moon", &["Charlie", "Alpha"]),
        ("author=ada", &["Charlie", "Delta"]),
        ("author=ben", &["Charlie", "Alpha"]),
        ("locale=de", &["Alpha"]),
        ("locale=DE", &["Alpha"]),
        ("kind=page", &["Bravo"]),
        ("kind=article", &["Charlie", "Alpha", "Delta"]),
        ("tag=sea&author=ada", &["Delta"]),
        ("tag=moon&author=ben&locale=en&kind=article", &["Charlie"]),
        ("tag=sea&kind=page", &[]),
        ("tag=nothing", &[]),
        ("tag=No%20Slug", &[]),
        ("author=nobody", &[]),
        ("locale=fr", &[]),
        ("locale=not_a_locale", &[]),
    ] {
        assert_eq!(titles(&app, query), expected, "{query}");
        let counted = app
            .anonymous()
            .get(&format!("/delivery/v1/articles?{query}&count=exact&limit=1"))
            .expect(200);
        assert_eq!(
            counted.body()["meta"],
            json!({ "limit": 1, "total": expected.len() }),
            "{query}"
        );
    }
}

#[test]
fn rows_sort_by_several_keys_in_either_direction() {
    let app = App::start();
    let editor = app.editor();
    // Two moments, two titles twice.
    for title in ["Beta", "Alpha", "Beta", "Alpha"] {
        published(&editor, title, json!({}));
        if title == "Alpha" {
            app.clock().advance(60);
        }
    }
    let slugs = |query: &str| {
        column(
            &app.anonymous()
                .get(&format!("/delivery/v1/articles?{query}"))
                .expect(200)
                .data(),
            "slug",
        )
    };
    for (query, expected) in [
        ("sort=title,published_at", ["alpha", "alpha-2", "beta", "beta-2"]),
        ("sort=title,-published_at", ["alpha-2", "alpha", "beta-2", "beta"]),
        ("sort=-title,published_at", ["beta", "beta-2", "alpha", "alpha-2"]),
        ("sort=published_at,-title", ["beta", "alpha", "beta-2", "alpha-2"]),
        (
            "sort=-first_published_at,title",
            ["alpha-2", "beta-2", "alpha", "beta"],
        ),
        ("sort=updated_at,title", ["alpha", "beta", "alpha-2", "beta-2"]),
        // The id breaks ties, in the direction of the last key.
        ("sort=title", ["alpha", "alpha-2", "beta", "beta-2"]),
        ("sort=-title", ["beta-2", "beta", "alpha-2", "alpha"]),
        ("", ["alpha-2", "beta-2", "alpha", "beta"]),
    ] {
        assert_eq!(slugs(query), expected, "{query}");
    }
}

#[test]
fn a_list_says_how_many_there_are_only_when_it_is_asked() {
    let app = site();
    let meta = |query: &str| {
        app.anonymous()
            .get(&format!("/delivery/v1/articles?{query}"))
            .expect(200)
            .body()["meta"]
            .clone()
    };
    assert_eq!(meta("limit=2"), json!({ "limit": 2 }));
    assert_eq!(meta("limit=2&count=exact"), json!({ "limit": 2, "total": 4 }));
    assert_eq!(
        meta("limit=100&count=exact&tag=sea"),
        json!({ "limit": 100, "total": 2 })
    );
}

#[test]
fn an_empty_site_answers_empty_lists() {
    let app = App::start();
    for list in ["articles", "faqs", "tags", "authors"] {
        let body = app
            .anonymous()
            .get(&format!("/delivery/v1/{list}?count=exact"))
            .expect(200)
            .body();
        assert_eq!(body["data"], json!([]), "{list}");
        assert_eq!(body["meta"], json!({ "limit": 20, "total": 0 }), "{list}");
        assert_eq!(
            body["links"],
            json!({ "self": format!("/delivery/v1/{list}?count=exact"), "next": null, "prev": null })
        );
    }
}

#[test]
fn what_a_list_does_not_know_is_refused_by_name() {
    let app = App::start();
    let reader = app.anonymous();
    let unknown = reader
        .get("/delivery/v1/articles?status=draft&search=x")
        .expect_problem(400, "unknown_parameter");
    assert_eq!(
        unknown.errors(),
        [("search", "unknown_parameter"), ("status", "unknown_parameter")].map(pair)
    );
    assert!(
        unknown.body()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("tag, tag_all, not_tag, author, locale, fallback, kind, slug, id")
    );
    for (query, errors) in [
        ("limit=0", &[("limit", "out_of_range")][..]),
        ("limit=101", &[("limit", "out_of_range")]),
        ("limit=many", &[("limit", "wrong_type")]),
        ("count=all", &[("count", "unknown_value")]),
        ("sort=size", &[("sort", "unknown_value")]),
        ("include=drafts", &[("include", "unknown_value")]),
        ("fields=body", &[("fields", "unknown_value")]),
        ("kind=draft", &[("kind", "unknown_value")]),
        ("locale=en&locale=de", &[("locale", "duplicate")]),
        (
            "limit=0&sort=size&x=1",
            &[
                ("limit", "out_of_range"),
                ("sort", "unknown_value"),
                ("x", "unknown_parameter"),
            ],
        ),
    ] {
        let refused = reader.get(&format!("/delivery/v1/articles?{query}"));
        let refused = refused.expect_problem(400, "invalid_parameter");
        let errors: Vec<_> = errors.iter().copied().map(pair).collect();
        assert_eq!(refused.errors(), errors, "{query}");
    }
    reader
        .get("/delivery/v1/articles?sort=title,-title")
        .expect_problem(400, "invalid_parameter");
}

fn pair((place, code): (&str, &str)) -> (String, String) {
    (place.to_owned(), code.to_owned())
}
