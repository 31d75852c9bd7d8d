//! One article, whole: every name that clients rely on.

use masthead_tests::{App, create_article, publish};
use serde_json::{Value, json};

use super::site::{author, names, patch, tag};

fn rich() -> Value {
    json!({
        "locale": "en",
        "slug": "why-tides-turn",
        "title": "Why tides turn",
        "dek": "Twice a day the sea changes its mind.",
        "cover": { "url": "https://img.example.org/sea.jpg", "alt": "The sea", "caption": "At Brighton", "credit": "Ada" },
        "metadata": { "layout": { "wide": true } },
        "tags": ["sea", "moon"],
        "authors": [{ "slug": "ada" }, { "slug": "ben", "role": "photographer" }],
        "sections": [
            { "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." },
            { "kind": "text", "heading": "A detail", "level": 3, "body": "Look closer." },
            { "kind": "quote", "body": "Time and tide.", "attribution": "Chaucer" },
            { "kind": "image", "image": "https://img.example.org/moon.jpg", "alt": "The moon", "caption": "Full", "credit": "Ben" },
            { "kind": "embed", "url": "https://www.youtube.com/watch?v=aqz-KE-bpKQ", "title": "A film" },
            { "kind": "callout", "tone": "tip", "body": "Bring boots." },
            { "kind": "text", "heading": "Conclusion", "body": "It never was." }
        ],
        "faqs": [{ "question": "How often?", "answer": "About every *six* hours." }]
    })
}

fn published(app: &App) -> Value {
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    tag(&editor, "moon", "Moon");
    author(&editor, "ada", "Ada Byron");
    author(&editor, "ben", "Ben Nevis");
    let draft = create_article(&editor, &rich());
    app.clock().advance(60);
    publish(&editor, &draft).data()
}

const NAMES: [&str; 21] = [
    "alternates",
    "authors",
    "cover",
    "dek",
    "excerpt",
    "faqs",
    "first_published_at",
    "id",
    "kind",
    "locale",
    "metadata",
    "published_at",
    "reading_time_minutes",
    "sections",
    "seo",
    "slug",
    "tags",
    "title",
    "toc",
    "updated_at",
    "word_count",
];

#[test]
fn an_article_has_exactly_the_names_of_the_conventions() {
    let app = App::start();
    published(&app);
    let body = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/why-tides-turn")
        .expect(200)
        .body();
    assert_eq!(names(&body), ["data", "links"]);
    assert_eq!(
        body["links"],
        json!({ "self": "/delivery/v1/articles/by-slug/why-tides-turn" })
    );
    let data = &body["data"];
    assert_eq!(names(data), NAMES);
    assert_eq!(names(&data["cover"]), ["alt", "caption", "credit", "url"]);
    assert_eq!(
        names(&data["authors"][0]),
        ["avatar", "bio", "id", "links", "name", "role", "slug"]
    );
    assert_eq!(names(&data["tags"][0]), ["id", "kind", "name", "slug"]);
    assert_eq!(
        names(&data["toc"][0]),
        ["anchor", "children", "level", "section_id", "title"]
    );
    assert_eq!(
        names(&data["faqs"][0]),
        ["anchor", "answer", "id", "question", "slug"]
    );
    assert_eq!(
        names(&data["seo"]),
        [
            "alternates",
            "canonical_url",
            "description",
            "image",
            "no_index",
            "open_graph",
            "title",
            "twitter"
        ]
    );
    let common = ["anchor", "anchor_aliases", "heading", "id", "kind", "level"];
    let own: [&[&str]; 7] = [
        &["body"],
        &["body"],
        &["attribution", "body", "source_url"],
        &["alt", "caption", "credit", "image"],
        &["html", "provider", "title", "url"],
        &["body", "tone"],
        &["body"],
    ];
    for (section, own) in data["sections"].as_array().unwrap().iter().zip(own) {
        let mut expected: Vec<_> = common.iter().chain(own).map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(names(section), expected, "{}", section["kind"]);
    }
}

#[test]
fn an_article_has_the_values_that_were_published() {
    let app = App::start();
    let working = published(&app);
    let data = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/why-tides-turn")
        .expect(200)
        .data();
    assert_eq!(data["id"], working["id"]);
    assert_eq!(
        (&data["kind"], &data["locale"]),
        (&json!("article"), &json!("en"))
    );
    assert_eq!(data["dek"], "Twice a day the sea changes its mind.");
    assert_eq!(data["excerpt"], "The sea is never still.");
    assert_eq!(
        data["cover"],
        json!({ "url": "https://img.example.org/sea.jpg", "alt": "The sea", "caption": "At Brighton", "credit": "Ada" })
    );
    assert_eq!(data["metadata"], json!({ "layout": { "wide": true } }));
    let authors = data["authors"].as_array().unwrap();
    assert_eq!(
        (&authors[0]["name"], &authors[0]["role"]),
        (&json!("Ada Byron"), &json!("writer"))
    );
    assert_eq!(
        (&authors[1]["slug"], &authors[1]["role"]),
        (&json!("ben"), &json!("photographer"))
    );
    assert_eq!(authors[0]["bio"], "Ada Byron writes.");
    assert_eq!(
        (&authors[0]["avatar"], &authors[0]["links"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(
        (&data["tags"][0]["slug"], &data["tags"][1]["name"]),
        (&json!("sea"), &json!("Moon"))
    );
    assert_eq!(data["tags"][0]["kind"], "topic");
    let seo = json!({
        "title": "Why tides turn",
        "description": "Twice a day the sea changes its mind.",
        "canonical_url": null,
        "image": { "url": "https://img.example.org/sea.jpg", "alt": "The sea" },
        "no_index": false
    });
    for (name, expected) in seo.as_object().unwrap() {
        assert_eq!(data["seo"][name], *expected, "{name}");
    }
    assert_eq!(
        (&data["word_count"], &data["reading_time_minutes"]),
        (&json!(19), &json!(1))
    );
    let faq = &data["faqs"][0];
    assert_eq!(
        (&faq["slug"], &faq["anchor"]),
        (&json!("how-often"), &json!("faq-how-often"))
    );
    assert_eq!(
        faq["answer"],
        json!({ "html": "<p>About every <em>six</em> hours.</p>" })
    );
}

#[test]
fn sections_come_in_order_and_each_kind_with_what_it_holds() {
    let app = App::start();
    let working = published(&app);
    let data = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/why-tides-turn")
        .expect(200)
        .data();
    let sections = data["sections"].as_array().unwrap();
    let ids = |list: &Value| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|section| section["id"].clone())
            .collect()
    };
    assert_eq!(ids(&data["sections"]), ids(&working["sections"]));
    assert_eq!(
        sections[0],
        json!({
            "id": working["sections"][0]["id"], "kind": "text", "heading": "Introduction", "level": 2,
            "anchor": "introduction", "anchor_aliases": [],
            "body": { "html": "<p>The sea is <strong>never</strong> still.</p>" }
        })
    );
    assert_eq!(
        sections[2],
        json!({
            "id": working["sections"][2]["id"], "kind": "quote", "heading": null, "level": null, "anchor": null,
            "anchor_aliases": [], "body": { "html": "<p>Time and tide.</p>" },
            "attribution": "Chaucer", "source_url": null
        })
    );
    assert_eq!(
        (&sections[3]["image"], &sections[3]["credit"]),
        (&json!("https://img.example.org/moon.jpg"), &json!("Ben"))
    );
    assert_eq!(sections[4]["provider"], "YouTube");
    let frame = sections[4]["html"].as_str().unwrap();
    assert!(
        frame.starts_with("<iframe ") && frame.contains("aqz-KE-bpKQ"),
        "{frame}"
    );
    assert_eq!(
        (&sections[5]["tone"], &sections[5]["body"]["html"]),
        (&json!("tip"), &json!("<p>Bring boots.</p>"))
    );
    let contents = data["toc"].as_array().unwrap();
    assert_eq!(contents.len(), 2);
    assert_eq!(
        (&contents[0]["anchor"], &contents[0]["level"]),
        (&json!("introduction"), &json!(2))
    );
    assert_eq!(contents[0]["section_id"], sections[0]["id"]);
    assert_eq!(
        contents[0]["children"],
        json!([{ "section_id": sections[1]["id"], "anchor": "a-detail", "title": "A detail", "level": 3, "children": [] }])
    );
    assert_eq!(contents[1]["title"], "Conclusion");
}

#[test]
fn dates_tell_the_first_edition_the_present_one_and_the_last_change() {
    let app = App::start();
    let working = published(&app);
    let (editor, path) = (app.editor(), "/delivery/v1/articles/by-slug/why-tides-turn");
    let dates = |data: &Value| {
        ["first_published_at", "published_at", "updated_at"]
            .map(|name| data[name].as_str().unwrap().to_owned())
    };
    let first = dates(&app.anonymous().get(path).expect(200).data());
    assert_eq!(
        first,
        [
            "2026-03-01T12:01:00Z",
            "2026-03-01T12:01:00Z",
            "2026-03-01T12:00:00Z"
        ]
    );
    app.clock().advance(60);
    let changed = patch(&editor, &working, "articles", &json!({ "dek": "Another line." }));
    app.clock().advance(60);
    publish(&editor, &changed);
    let second = dates(&app.anonymous().get(path).expect(200).data());
    assert_eq!(
        second,
        [
            "2026-03-01T12:01:00Z",
            "2026-03-01T12:03:00Z",
            "2026-03-01T12:02:00Z"
        ]
    );
}

#[test]
fn bodies_come_in_the_forms_that_are_asked_for_and_in_no_other() {
    let app = App::start();
    published(&app);
    let reader = app.anonymous();
    let path = "/delivery/v1/articles/by-slug/why-tides-turn";
    let (html, markdown, text) = (
        "<p>The sea is <strong>never</strong> still.</p>",
        "The sea is **never** still.",
        "The sea is never still.",
    );
    for (asked, body) in [
        ("html", json!({ "html": html })),
        ("markdown", json!({ "markdown": markdown })),
        ("text", json!({ "text": text })),
        ("html,markdown", json!({ "html": html, "markdown": markdown })),
        (
            "text,html,markdown",
            json!({ "html": html, "markdown": markdown, "text": text }),
        ),
        ("html%2Ctext", json!({ "html": html, "text": text })),
    ] {
        let data = reader.get(&format!("{path}?format={asked}")).expect(200).data();
        assert_eq!(data["sections"][0]["body"], body, "{asked}");
        assert_eq!(names(&data["faqs"][0]["answer"]), names(&body), "{asked}");
        assert_eq!(names(&data["sections"][5]["body"]), names(&body), "{asked}");
    }
    for wrong in ["", "pdf", "html,pdf", "html,,text", "HTML"] {
        let refused = reader.get(&format!("{path}?format={wrong}"));
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert!(
            refused.errors().iter().all(|(name, _)| name == "format"),
            "{wrong}: {}",
            refused.text()
        );
    }
}

#[test]
fn an_article_is_the_same_by_its_id_and_by_its_slug() {
    let app = App::start();
    let working = published(&app);
    let reader = app.anonymous();
    let path = format!("/delivery/v1/articles/{}", working["id"].as_str().unwrap());
    let by_slug = reader
        .get("/delivery/v1/articles/by-slug/why-tides-turn?locale=en&format=text")
        .expect(200)
        .body();
    let by_id = reader.get(&format!("{path}?format=text")).expect(200).body();
    assert_eq!(by_id["data"], by_slug["data"]);
    assert_eq!(by_id["links"]["self"], format!("{path}?format=text"));
    assert_eq!(
        by_slug["links"]["self"],
        "/delivery/v1/articles/by-slug/why-tides-turn?locale=en&format=text"
    );
}

#[test]
fn sections_and_faqs_can_be_read_alone() {
    let app = App::start();
    let working = published(&app);
    let reader = app.anonymous();
    let path = format!("/delivery/v1/articles/{}", working["id"].as_str().unwrap());
    let whole = reader
        .get(&format!("{path}?format=markdown,html"))
        .expect(200)
        .data();
    for part in ["sections", "faqs"] {
        let body = reader
            .get(&format!("{path}/{part}?format=html,markdown"))
            .expect(200)
            .body();
        assert_eq!(body["data"], whole[part], "{part}");
        assert_eq!(names(&body), ["data"]);
    }
    reader
        .get(&format!("{path}/sections?limit=1"))
        .expect_problem(400, "unknown_parameter");
}

#[test]
fn an_article_with_nothing_but_a_title_answers_nulls_and_empty_lists() {
    let app = App::start();
    let editor = app.editor();
    publish(
        &editor,
        &create_article(
            &editor,
            &json!({ "locale": "de", "title": "Leer", "kind": "page" }),
        ),
    );
    let data = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/leer")
        .expect(200)
        .data();
    assert_eq!(names(&data), NAMES);
    assert_eq!(
        (&data["kind"], &data["locale"], &data["excerpt"]),
        (&json!("page"), &json!("de"), &json!(""))
    );
    for name in ["dek", "cover"] {
        assert_eq!(data[name], Value::Null, "{name}");
    }
    for name in ["authors", "tags", "toc", "sections", "faqs"] {
        assert_eq!(data[name], json!([]), "{name}");
    }
    assert_eq!(data["metadata"], json!({}));
    assert_eq!(
        (&data["word_count"], &data["reading_time_minutes"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(data["seo"]["title"], "Leer");
    assert_eq!(data["seo"]["description"], Value::Null);
}
