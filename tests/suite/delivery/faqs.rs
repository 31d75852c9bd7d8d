//! FAQs on their own.

use masthead_tests::App;
use serde_json::json;

use super::site::{act, column, names, published, published_faq, tag};

#[test]
fn a_faq_has_exactly_the_names_that_clients_rely_on() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    let faq = published_faq(
        &editor,
        &json!({
            "locale": "en", "question": "How often do tides turn?", "answer": "About every **six** hours.", "tags": ["sea"]
        }),
    );
    let id = faq["id"].as_str().unwrap();
    let answer = app
        .anonymous()
        .get(&format!("/delivery/v1/faqs/{id}"))
        .expect(200);
    assert_eq!(answer.header("content-language"), Some("en"));
    let data = answer.data();
    assert_eq!(names(&answer.body()), ["data"]);
    assert_eq!(
        data,
        json!({
            "id": id, "locale": "en", "slug": "how-often-do-tides-turn", "anchor": "faq-how-often-do-tides-turn",
            "question": "How often do tides turn?",
            "answer": { "html": "<p>About every <strong>six</strong> hours.</p>" },
            "tags": [{ "id": data["tags"][0]["id"], "slug": "sea", "name": "Sea", "kind": "topic" }],
            "published_at": "2026-03-01T12:00:00Z", "first_published_at": "2026-03-01T12:00:00Z",
            "updated_at": "2026-03-01T12:00:00Z"
        })
    );
    let text = app
        .anonymous()
        .get(&format!("/delivery/v1/faqs/{id}?format=markdown,text"))
        .expect(200)
        .data();
    assert_eq!(
        text["answer"],
        json!({ "markdown": "About every **six** hours.", "text": "About every six hours." })
    );
}

#[test]
fn the_list_holds_published_faqs_with_their_answers_in_the_order_of_their_questions() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    for (locale, question, tags) in [
        ("en", "C?", json!(["sea"])),
        ("en", "A?", json!([])),
        ("de", "B?", json!(["sea"])),
    ] {
        app.clock().advance(60);
        published_faq(
            &editor,
            &json!({ "locale": locale, "question": question, "answer": "Yes.", "tags": tags }),
        );
    }
    editor
        .post(
            "/management/v1/faqs",
            &json!({ "locale": "en", "question": "Draft?", "answer": "Yes." }),
        )
        .expect(201);
    let list = |query: &str| {
        app.anonymous()
            .get(&format!("/delivery/v1/faqs?count=exact{query}"))
            .expect(200)
            .body()
    };
    for (query, expected) in [
        ("", &["A?", "B?", "C?"][..]),
        ("&sort=-question", &["C?", "B?", "A?"]),
        ("&sort=-published_at", &["B?", "A?", "C?"]),
        ("&sort=updated_at,question", &["C?", "A?", "B?"]),
        ("&locale=en", &["A?", "C?"]),
        ("&tag=sea", &["B?", "C?"]),
        ("&tag=sea&locale=de", &["B?"]),
        ("&tag=nothing", &[]),
        ("&locale=no_locale", &[]),
    ] {
        let body = list(query);
        assert_eq!(column(&body["data"], "question"), expected, "{query}");
        assert_eq!(body["meta"]["total"], expected.len(), "{query}");
    }
    let first = &list("&format=text")["data"][0];
    assert_eq!(first["answer"], json!({ "text": "Yes." }));
    app.anonymous()
        .get("/delivery/v1/faqs?author=ada")
        .expect_problem(400, "unknown_parameter");
}

#[test]
fn a_faq_is_shown_alone_in_its_article_and_in_lists_or_nowhere() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faq = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "Shared?", "answer": "Yes." }),
    );
    let id = faq["id"].as_str().unwrap().to_owned();
    let article = published(
        &editor,
        "Tides",
        json!({ "faqs": [{ "id": id }, { "question": "Own?", "answer": "Yes." }] }),
    );
    let article_id = article["id"].as_str().unwrap();
    let questions = || {
        [
            column(
                &reader
                    .get(&format!("/delivery/v1/articles/{article_id}"))
                    .expect(200)
                    .data()["faqs"],
                "question",
            ),
            column(
                &reader
                    .get(&format!("/delivery/v1/articles/{article_id}/faqs"))
                    .expect(200)
                    .data(),
                "question",
            ),
            column(
                &reader
                    .get("/delivery/v1/articles?include=faqs")
                    .expect(200)
                    .data()[0]["faqs"],
                "question",
            ),
        ]
    };
    for shown in questions() {
        assert_eq!(shown, ["Shared?", "Own?"]);
    }
    let draft = act(&editor, &faq, "faqs", "unpublish");
    reader
        .get(&format!("/delivery/v1/faqs/{id}"))
        .expect_problem(410, "gone");
    assert_eq!(
        column(&reader.get("/delivery/v1/faqs").expect(200).data(), "question"),
        ["Own?"]
    );
    for shown in questions() {
        assert_eq!(shown, ["Own?"]);
    }
    // Shown again, it stands where it stood.
    act(&editor, &draft, "faqs", "publish");
    for shown in questions() {
        assert_eq!(shown, ["Shared?", "Own?"]);
    }
}
