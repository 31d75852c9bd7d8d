//! What the preview shows is what delivery shows once it is published, byte by byte.

use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::page;
use crate::management::support::{
    article_path, author, faq, faq_path, fresh, plain_article, seeing, tag, text,
};

/// The forms and questions that both surfaces are asked.
const ASKED: [(&str, &str); 6] = [
    ("", "application/json"),
    ("?format=markdown", "application/json"),
    ("?format=html,markdown,text", "application/json"),
    ("?locale=fr&fallback=en", "application/json"),
    ("", "text/markdown"),
    ("", "application/ld+json"),
];

/// A body up to where it says where it is.
fn told(caller: &Caller, path: &str, form: &str) -> String {
    let answer = caller.clone().with("Accept", form).get(path).expect(200);
    let whole = answer.text();
    match whole.find(",\"links\":{\"self\":") {
        Some(end) if form == "application/json" => whole[..end].to_owned(),
        _ => whole,
    }
}

/// Everything there is to show: all kinds of sections, tags, names, FAQs in every state, another language.
fn rich(editor: &Caller) -> Value {
    let (sea, ada, bob) = (tag(editor, "Sea"), author(editor, "Ada"), author(editor, "Bob"));
    let seen = |question: &str| {
        let made = faq(editor, question);
        let path = format!("{}/publish", faq_path(&made));
        seeing(editor, &made).act(&path).expect(200).data()
    };
    let (shown, changed, draft) = (seen("Shown?"), seen("Changed?"), faq(editor, "Draft?"));
    seeing(editor, &changed)
        .patch(
            &faq_path(&changed),
            &json!({ "answer": "Readers do not see this yet." }),
        )
        .expect(200);
    let mut body = article("Rich");
    body["slug"] = json!("rich");
    body["dek"] = json!("With everything.");
    body["cover"] = json!({ "url": "https://example.org/a.jpg", "alt": "A" });
    body["metadata"] = json!({ "theme": "dark" });
    body["tags"] = json!([sea["slug"]]);
    body["authors"] =
        json!([{ "slug": ada["slug"], "role": "writer" }, { "slug": bob["slug"], "role": "editor" }]);
    body["faqs"] = json!([{ "id": draft["id"] }, { "id": changed["id"] }, { "id": shown["id"] }]);
    body["sections"] = json!([
        { "kind": "text", "heading": "One", "body": "It is **one**.[^1]\n\n[^1]: A note." },
        { "kind": "quote", "heading": "Two", "level": 3, "body": "Words.", "attribution": "Somebody" },
        { "kind": "image", "image": "https://example.org/b.jpg", "alt": "B" },
        { "kind": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ" },
        { "kind": "callout", "tone": "tip", "body": "| a | b |\n|---|---|\n| 1 | 2 |" },
    ]);
    let made = create_article(editor, &body);
    let german = json!({ "locale": "de", "title": "Reich", "translation_of": made["id"] });
    publish(editor, &create_article(editor, &german)).expect(200);
    fresh(editor, &article_path(&made))
}

#[test]
fn what_is_previewed_is_what_publishing_shows() {
    let app = App::builder()
        .with(|settings| settings.site_url = Some("https://example.org".to_owned()))
        .start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let made = rich(&editor);
    let all = |surface: &str, caller: &Caller| {
        let places = [text(&made["id"]), "by-slug/rich".to_owned()];
        let mut bodies = Vec::new();
        for place in places {
            for (query, form) in ASKED {
                let path = format!("/{surface}/v1/articles/{place}{query}");
                bodies.push(told(caller, &path, form));
            }
        }
        bodies
    };
    let before = all("preview", &editor);
    assert!(before[0].contains("Draft?"), "{}", before[0]);
    publish(&editor, &made).expect(200);
    let shown = all("delivery", &reader);
    for (number, (one, other)) in before.iter().zip(&shown).enumerate() {
        assert_eq!(one, other, "{number}");
    }
    // Once it is published the two are the same still, and go apart with the next change.
    app.clock().advance(60);
    assert_eq!(all("preview", &editor), shown);
    let now = fresh(&editor, &article_path(&made));
    seeing(&editor, &now)
        .patch(&article_path(&made), &json!({ "title": "Richer" }))
        .expect(200);
    let ahead = editor.get(&page(&made)).expect(200).data();
    assert_eq!(ahead["title"], "Richer");
    assert_eq!(ahead["published_at"], "2026-03-01T12:01:00Z");
    assert_eq!(ahead["first_published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(all("delivery", &reader), shown);
}

#[test]
fn the_languages_of_a_story_are_chosen_among_its_working_copies() {
    let app = App::start();
    let editor = app.editor();
    let english = plain_article(&editor, "Tides");
    let german = create_article(
        &editor,
        &json!({ "locale": "de", "title": "Gezeiten", "slug": "tides", "translation_of": english["id"] }),
    );
    let id = |path: &str| text(&editor.get(path).expect(200).data()["id"]);
    let (en, de) = (text(&english["id"]), text(&german["id"]));
    assert_eq!(id(&format!("{}?locale=de", page(&english))), de);
    assert_eq!(id(&format!("{}?locale=fr&fallback=en", page(&german))), en);
    assert_eq!(id("/preview/v1/articles/by-slug/tides"), en);
    assert_eq!(id("/preview/v1/articles/by-slug/tides?locale=de"), de);
    assert_eq!(id("/preview/v1/articles/by-slug/tides?locale=fr&fallback=de"), de);
    for missing in ["?locale=fr", "?locale=fr&fallback=none,en"] {
        editor
            .get(&format!("{}{missing}", page(&english)))
            .expect_problem(404, "not_found");
    }
    editor
        .get(&format!("{}?fallback=en", page(&english)))
        .expect_problem(400, "invalid_parameter");
    // A link opens its own article, under the slug that two have and by the other's language.
    let link = super::link(&editor, &german, 60);
    let by_token = |path: &str| super::with_token(&app, path, &link["token"]);
    let shown = by_token("/preview/v1/articles/by-slug/tides").expect(200);
    assert_eq!(shown.data()["id"], german["id"]);
    assert_eq!(shown.header("content-language"), Some("de"));
    by_token(&format!("{}?locale=de", page(&english))).expect(200);
    by_token(&page(&english)).expect_problem(404, "not_found");
    by_token(&format!("{}?locale=en", page(&german))).expect_problem(404, "not_found");
    by_token("/preview/v1/articles/by-slug/tides?locale=en").expect_problem(404, "not_found");
}
