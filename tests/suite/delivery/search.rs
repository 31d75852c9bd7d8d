//! Searching: what is found, in which order, and what is said of it.

use std::fmt::Write as _;

use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, author, names, patch, published, tag};

/// The answer to a search; blanks and signs are encoded.
#[track_caller]
pub(super) fn search(reader: &Caller, q: &str, rest: &str) -> Value {
    reader
        .get(&format!("/delivery/v1/search?q={}{rest}", encoded(q)))
        .expect(200)
        .body()
}

pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").expect("a text takes it");
    }
    encoded
}

#[track_caller]
pub(super) fn titles(reader: &Caller, q: &str) -> Vec<String> {
    let body = search(reader, q, "");
    let hits = body["data"]["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["article"]["title"].as_str().unwrap().to_owned())
        .collect()
}

fn body(text: &str) -> Value {
    json!({ "sections": [{ "kind": "text", "heading": "Part", "body": text }] })
}

#[test]
fn a_higher_field_wins_however_often_the_word_stands_below() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let often = "quartz ".repeat(200);
    published(&editor, "In body", body(&often));
    published(
        &editor,
        "In FAQ",
        json!({ "faqs": [{ "question": "Quartz?", "answer": "Yes." }] }),
    );
    published(
        &editor,
        "In heading",
        json!({ "sections": [{ "kind": "text", "heading": "Of quartz", "body": "Nothing." }] }),
    );
    published(&editor, "In dek", json!({ "dek": "All about quartz." }));
    published(&editor, "In Quartz", json!({}));
    // Everywhere but in the title.
    published(
        &editor,
        "Everywhere",
        json!({
            "dek": "quartz quartz quartz",
            "sections": [{ "kind": "text", "heading": "quartz quartz", "body": often }],
            "faqs": [{ "question": "quartz quartz quartz quartz?", "answer": often }],
        }),
    );
    assert_eq!(
        titles(&reader, "quartz"),
        [
            "In Quartz",
            "Everywhere",
            "In dek",
            "In heading",
            "In FAQ",
            "In body"
        ]
    );
}

#[test]
fn among_equals_the_newer_comes_first_and_a_word_counts_how_often_it_stands() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for (title, text) in [("Old", "zephyr"), ("Twice", "zephyr zephyr"), ("New", "zephyr")] {
        published(&editor, title, body(text));
        app.clock().advance(60);
    }
    assert_eq!(titles(&reader, "zephyr"), ["Twice", "New", "Old"]);
    // A new edition keeps its place: its first publication counts.
    let hits = search(&reader, "zephyr", "");
    let scores: Vec<_> = hits["data"]["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["score"].as_i64().unwrap())
        .collect();
    assert!(scores[0] > scores[1] && scores[1] == scores[2], "{scores:?}");
}

#[test]
fn words_phrases_beginnings_and_exclusions_narrow() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "One", body("Low water in the old harbour."));
    app.clock().advance(60);
    published(
        &editor,
        "Two",
        body("The water is low, the harbour's wall is high."),
    );
    app.clock().advance(60);
    published(
        &editor,
        "Three",
        body("Hard by the harbour stands a wall; low tide. Water!"),
    );
    for (q, found) in [
        ("water", &["Three", "Two", "One"][..]),
        ("LOW harbour", &["Three", "Two", "One"]),
        ("\"low water\"", &["One"]),
        ("\"low tide\" water", &["Three"]),
        ("\"tide water\"", &["Three"]),
        ("harb*", &["Three", "Two", "One"]),
        ("ha* -hard", &["Two", "One"]),
        ("har* -ol*", &["Three", "Two"]),
        ("water -\"low water\"", &["Three", "Two"]),
        ("water -wall", &["One"]),
        ("wall \"old harbour\"", &[]),
        ("\"harbour wall\"", &[]),
        ("harbour -harbour", &[]),
        ("nowhere", &[]),
        ("water -nowhere -\"not here\"", &["Three", "Two", "One"]),
        // A phrase does not reach from the title into the body.
        ("\"one low\"", &[]),
        ("one low", &["One"]),
    ] {
        assert_eq!(titles(&reader, q), found, "{q}");
    }
}

#[test]
fn case_accents_and_scripts_are_no_hindrance() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "Größe", body("Die Größe der Flut überrascht."));
    app.clock().advance(60);
    published(&editor, "Été", body("L’eau monte à Nîmes."));
    app.clock().advance(60);
    published(&editor, "潮汐", body("我们今天去北京大学学习潮汐。"));
    app.clock().advance(60);
    published(&editor, "Прилив", body("Прилив и отлив."));
    for (q, found) in [
        ("grosse", "Größe"),
        ("GRÖSSE", "Größe"),
        ("uberrascht", "Größe"),
        ("eau", "Été"),
        ("nimes", "Été"),
        ("e\u{301}te\u{301}", "Été"),
        ("潮汐", "潮汐"),
        ("京大", "潮汐"),
        ("北京大学", "潮汐"),
        ("\"去北京\"", "潮汐"),
        ("汐", "潮汐"),
        ("学习 今天", "潮汐"),
        ("ПРИЛИВ", "Прилив"),
        ("отл*", "Прилив"),
    ] {
        assert_eq!(titles(&reader, q), [found], "{q}");
    }
    for q in ["大北", "北大", "\"今天北京\"", "grösser"] {
        assert!(titles(&reader, q).is_empty(), "{q}");
    }
}

#[test]
fn a_hit_says_where_its_words_stand() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    author(&editor, "ada", "Ada Byron");
    let article = published(
        &editor,
        "Tides",
        json!({
            "dek": "Of tides & <b>ebb</b>.", "tags": ["sea"], "authors": [{ "slug": "ada" }],
            "sections": [
                { "kind": "text", "heading": "How tides turn", "body": "No **tides** without 🎉 a moon, no\n\ntides without a sea." },
                { "kind": "image", "image": "https://example.org/a.jpg", "alt": "Tides at noon" }
            ],
            "faqs": [{ "question": "What of tides?", "answer": "They turn." }]
        }),
    );
    let body = search(&reader, "tides", "");
    assert_eq!(names(&body), ["data", "links", "meta"]);
    assert_eq!(names(&body["data"]), ["facets", "hits"]);
    assert_eq!(body["data"]["facets"], json!({}));
    assert_eq!(body["meta"], json!({ "limit": 20 }));
    let hit = &body["data"]["hits"][0];
    assert_eq!(names(hit), ["article", "matches", "score"]);
    assert_eq!(
        names(&hit["article"]),
        [
            "authors",
            "cover",
            "dek",
            "excerpt",
            "id",
            "kind",
            "locale",
            "published_at",
            "slug",
            "tags",
            "title"
        ]
    );
    assert_eq!(hit["article"]["tags"][0]["slug"], "sea");
    assert_eq!(hit["article"]["authors"][0]["name"], "Ada Byron");
    let (section, image, faq) = (
        &article["sections"][0]["id"],
        &article["sections"][1]["id"],
        &article["faqs"][0]["id"],
    );
    let whole = reader
        .get("/delivery/v1/articles/by-slug/tides")
        .expect(200)
        .data();
    let matches: Vec<_> = hit["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            (
                found["field"].as_str().unwrap(),
                &found["section_id"],
                &found["faq_id"],
                &found["anchor"],
            )
        })
        .collect();
    let (none, toc, anchor) = (
        Value::Null,
        &whole["toc"][0]["anchor"],
        &whole["faqs"][0]["anchor"],
    );
    assert_eq!(
        matches,
        [
            ("title", &none, &none, &none),
            ("dek", &none, &none, &none),
            ("heading", section, &none, toc),
            ("faq", &none, faq, anchor),
            ("body", section, &none, toc),
        ],
        "{image}"
    );
    let body = &hit["matches"][4]["snippet"];
    assert_eq!(
        body["text"],
        "No tides without 🎉 a moon, no tides without a sea."
    );
    assert_eq!(
        body["marks"],
        json!([{ "start": 3, "end": 8 }, { "start": 30, "end": 35 }])
    );
    // Plain text as it was written: nothing is escaped, and nothing is to be trusted.
    assert_eq!(hit["matches"][1]["snippet"]["text"], "Of tides & <b>ebb</b>.");
}

#[test]
fn a_word_is_shown_in_the_very_text_that_holds_it_however_many_there_are() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let letters = |n: usize| [n / 10, n % 10].map(|digit| char::from(b'a' + u8::try_from(digit).unwrap()));
    let word = |n: usize| format!("kelp{}", String::from_iter(letters(n)));
    let sections: Vec<_> = (0..90)
        .map(|n| {
            let shared = if n % 40 == 7 { "moss " } else { "" };
            json!({ "kind": "text", "body": format!("Some {shared}and {}.", word(n)) })
        })
        .collect();
    let article = published(&editor, "Seaweeds", json!({ "sections": sections }));
    let ids: Vec<_> = (0..90).map(|n| article["sections"][n]["id"].clone()).collect();
    let shown = |q: &str| -> Vec<Value> {
        let matches = search(&reader, q, "")["data"]["hits"][0]["matches"].clone();
        let matches = matches.as_array().expect("matches").iter();
        matches.map(|found| found["section_id"].clone()).collect()
    };
    for (n, id) in ids.iter().enumerate() {
        assert_eq!(shown(&word(n)), std::slice::from_ref(id), "{n}");
    }
    assert_eq!(shown("moss"), [7, 47, 87].map(|n| ids[n].clone()));
    assert_eq!(shown("seaweeds"), [Value::Null]);
}

#[test]
fn a_correction_of_a_faq_is_found_in_every_article_at_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faq = json!({ "locale": "en", "question": "Why salt?", "answer": "Because of rivers." });
    let faq = super::site::published_faq(&editor, &faq);
    for title in ["One", "Two"] {
        published(&editor, title, json!({ "faqs": [{ "id": faq["id"] }] }));
        app.clock().advance(60);
    }
    assert_eq!(titles(&reader, "rivers"), ["Two", "One"]);
    let faq = patch(&editor, &faq, "faqs", &json!({ "answer": "Because of stones." }));
    assert_eq!(titles(&reader, "stones"), [""; 0], "a draft correction");
    let faq = act(&editor, &faq, "faqs", "publish");
    assert_eq!(titles(&reader, "stones"), ["Two", "One"]);
    assert_eq!(titles(&reader, "rivers"), [""; 0]);
    act(&editor, &faq, "faqs", "unpublish");
    assert_eq!(titles(&reader, "stones"), [""; 0]);
    assert_eq!(titles(&reader, "salt"), [""; 0]);
}

#[test]
fn what_is_published_anew_or_taken_down_is_found_as_readers_see_it() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = published(&editor, "Ebb", json!({ "dek": "Of moons." }));
    let edited = patch(
        &editor,
        &article,
        "articles",
        &json!({ "title": "Flood", "dek": "Of suns." }),
    );
    assert_eq!(titles(&reader, "moons"), ["Ebb"]);
    assert_eq!(titles(&reader, "suns"), [""; 0]);
    let article = act(&editor, &edited, "articles", "publish");
    assert_eq!(titles(&reader, "suns"), ["Flood"]);
    assert_eq!(titles(&reader, "moons"), [""; 0]);
    assert_eq!(
        titles(&reader, "ebb begins"),
        ["Flood"],
        "the section is as it was"
    );
    let article = act(&editor, &article, "articles", "unpublish");
    for q in ["suns", "flood", "begins"] {
        assert_eq!(titles(&reader, q), [""; 0], "{q}");
    }
    act(&editor, &article, "articles", "publish");
    assert_eq!(titles(&reader, "suns"), ["Flood"]);
}

#[test]
fn a_faq_corrected_while_its_article_is_published_anew_is_found_as_it_stands() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faq = json!({ "locale": "en", "question": "How salty?", "answer": "Correction0." });
    let mut faq = super::site::published_faq(&editor, &faq);
    let mut article = published(
        &editor,
        "Edition0",
        json!({ "faqs": [{ "id": faq["id"] }], "sections": [] }),
    );
    let rounds = 12;
    std::thread::scope(|scope| {
        let corrects = scope.spawn(|| {
            for round in 1..=rounds {
                faq = patch(
                    &editor,
                    &faq,
                    "faqs",
                    &json!({ "answer": format!("Correction{round}.") }),
                );
                faq = act(&editor, &faq, "faqs", "publish");
            }
        });
        for round in 1..=rounds {
            let title = json!({ "title": format!("Edition{round}") });
            article = patch(&editor, &article, "articles", &title);
            article = act(&editor, &article, "articles", "publish");
        }
        corrects.join().unwrap();
    });
    let last = format!("Edition{rounds}");
    assert_eq!(
        titles(&reader, &format!("correction{rounds} edition{rounds}")),
        [last]
    );
    for round in 0..rounds {
        for word in ["correction", "edition"] {
            assert_eq!(
                titles(&reader, &format!("{word}{round}")),
                [""; 0],
                "{word}{round}"
            );
        }
    }
}
