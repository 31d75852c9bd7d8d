//! FAQs: on their own, in articles, and before readers.

use masthead_tests::{App, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    FAQS, article_path, each, expect_errors, faq, faq_path, fresh, plain_article, seeing, tag, text, total,
};

#[test]
fn a_faq_is_made_read_changed_and_deleted() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    let body = json!({ "locale": "en", "question": "How often?", "answer": "**Twice**.", "tags": ["sea"] });
    let answer = editor.post(FAQS, &body).expect(201);
    let made = answer.data();
    let path = faq_path(&made);
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(answer.etag(), text(&made["etag"]));
    assert_eq!(
        (&made["slug"], &made["status"]),
        (&json!("how-often"), &json!("draft"))
    );
    assert_eq!(made["answer"], "**Twice**.");
    assert_eq!(each(&made["tags"], "slug"), ["sea"]);
    assert_eq!(fresh(&editor, &path), made);

    app.clock().advance(60);
    let change = json!({ "answer": "Thrice.", "tags": [] });
    let changed = seeing(&editor, &made).patch(&path, &change).expect(200).data();
    assert_eq!(
        (&changed["question"], &changed["answer"]),
        (&json!("How often?"), &json!("Thrice."))
    );
    assert_eq!((&changed["revision"], &changed["tags"]), (&json!(2), &json!([])));
    assert_eq!(changed["updated_at"], "2026-03-01T12:01:00Z");
    let same = seeing(&editor, &changed).patch(&path, &change).expect(200).data();
    assert_eq!(same, changed, "what changes nothing is no revision");

    seeing(&editor, &changed).delete(&path).expect(204);
    editor.get(&path).expect_problem(404, "not_found");
    editor
        .clone()
        .seen("*")
        .delete(&path)
        .expect_problem(404, "not_found");
    assert_eq!(total(&editor, FAQS), 0);
    assert_eq!(faq(&editor, "How often?")["slug"], "how-often");
}

#[test]
fn a_faq_names_everything_that_is_wrong_with_it() {
    let app = App::start();
    let editor = app.editor();
    let shape = json!({ "question": "", "answer": 7, "status": "published", "tags": [1] });
    let answer = editor.post(FAQS, &shape).expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/answer", "wrong_type"),
            ("/locale", "required"),
            ("/question", "too_short"),
            ("/status", "unknown_field"),
            ("/tags/0", "wrong_type"),
        ],
    );
    let rules = json!({ "locale": "e", "question": " ", "answer": "A\u{7}", "slug": "A", "tags": ["none"] });
    let answer = editor.post(FAQS, &rules).expect(422);
    assert_eq!(
        answer.errors(),
        [("/locale".to_owned(), "too_short".to_owned())],
        "the shape comes first"
    );
    let rules =
        json!({ "locale": "english", "question": " ", "answer": "A\u{7}", "slug": "A", "tags": ["none"] });
    let answer = editor.post(FAQS, &rules).expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/answer", "invalid_character"),
            ("/locale", "invalid_locale"),
            ("/question", "blank"),
            ("/slug", "invalid_slug"),
            ("/tags/0", "unknown_tag"),
        ],
    );
    let made = faq(&editor, "Taken?");
    let body = json!({ "locale": "en", "question": "Q", "answer": "A", "slug": "taken" });
    let answer = editor.post(FAQS, &body).expect_problem(409, "already_exists");
    expect_errors(&answer, &[("/slug", "taken")]);
    assert_eq!(answer.body()["free"], "taken-2");
    let cleared = json!({ "question": null, "answer": null, "slug": null });
    let answer = seeing(&editor, &made)
        .patch(&faq_path(&made), &cleared)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/answer", "wrong_type"),
            ("/question", "wrong_type"),
            ("/slug", "wrong_type"),
        ],
    );
    assert_eq!(total(&editor, FAQS), 1);
}

#[test]
fn a_faq_stands_before_readers_from_its_publication_to_its_end() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let made = faq(&editor, "Alone?");
    let path = faq_path(&made);
    let delivered = format!("/delivery/v1/faqs/{}", text(&made["id"]));
    reader.get(&delivered).expect_problem(404, "not_found");
    let shown = seeing(&editor, &made)
        .act(&format!("{path}/publish"))
        .expect(200)
        .data();
    assert_eq!(shown["status"], "published");
    assert_eq!(shown["revision"], 1, "a change of state is no revision");
    assert_eq!(shown["published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(reader.get(&delivered).expect(200).data()["question"], "Alone?");

    app.clock().advance(60);
    let again = seeing(&editor, &shown)
        .act(&format!("{path}/publish"))
        .expect(200)
        .data();
    assert_eq!(again, shown, "what readers see already is not published again");
    let ahead = seeing(&editor, &shown)
        .patch(&path, &json!({ "question": "Corrected?" }))
        .expect(200)
        .data();
    assert_eq!(ahead["has_unpublished_changes"], true);
    assert_eq!(reader.get(&delivered).expect(200).data()["question"], "Alone?");
    let second = seeing(&editor, &ahead)
        .act(&format!("{path}/publish"))
        .expect(200)
        .data();
    assert_eq!(second["published_at"], "2026-03-01T12:01:00Z");
    assert_eq!(second["first_published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(second["has_unpublished_changes"], false);
    assert_eq!(
        reader.get(&delivered).expect(200).data()["question"],
        "Corrected?"
    );

    let down = seeing(&editor, &second)
        .act(&format!("{path}/unpublish"))
        .expect(200)
        .data();
    assert_eq!(
        (&down["status"], &down["published_at"]),
        (&json!("draft"), &Value::Null)
    );
    reader.get(&delivered).expect_problem(410, "gone");
    let answer = seeing(&editor, &down)
        .act(&format!("{path}/unpublish"))
        .expect_problem(409, "illegal_transition");
    assert_eq!(answer.body()["allowed"], json!(["publish"]));
    let third = seeing(&editor, &down)
        .act(&format!("{path}/publish"))
        .expect(200)
        .data();
    assert_eq!(third["first_published_at"], "2026-03-01T12:00:00Z");
    seeing(&editor, &third).delete(&path).expect(204);
    reader.get(&delivered).expect_problem(410, "gone");
}

#[test]
fn a_faq_that_articles_link_is_not_deleted_and_says_which() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Shared?");
    let path = faq_path(&made);
    let link = json!({ "faqs": [{ "id": made["id"] }] });
    let articles = ["One", "Two"].map(|title| {
        let article = plain_article(&editor, title);
        seeing(&editor, &article)
            .put(&format!("{}/faqs", article_path(&article)), &link)
            .expect(200)
            .data()
    });
    let answer = seeing(&editor, &made).delete(&path).expect_problem(409, "in_use");
    let body = answer.body();
    assert_eq!(body["used_in_total"], 2);
    let mut used = each(&body["used_in"], "title");
    used.sort();
    assert_eq!(used, ["One", "Two"]);
    assert_eq!(each(&body["used_in"], "type"), ["article", "article"]);
    assert!(each(&body["used_in"], "id").contains(&text(&articles[0]["id"])));
    assert_eq!(fresh(&editor, &path), made);

    seeing(&editor, &articles[0])
        .put(
            &format!("{}/faqs", article_path(&articles[0])),
            &json!({ "faqs": [] }),
        )
        .expect(200);
    let left = seeing(&editor, &made).delete(&path).expect_problem(409, "in_use");
    assert_eq!(left.body()["used_in_total"], 1);
    seeing(&editor, &articles[1])
        .delete(&article_path(&articles[1]))
        .expect(204);
    seeing(&editor, &made).delete(&path).expect(204);
}

#[test]
fn a_faq_that_only_readers_still_see_in_an_article_is_not_deleted_from_under_them() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = publish(
        &editor,
        &create_article(&editor, &masthead_tests::article("Shown")),
    )
    .data();
    let path = article_path(&article);
    let changed = seeing(&editor, &article)
        .put(&format!("{path}/faqs"), &json!({ "faqs": [] }))
        .expect(200)
        .data();
    let question = fresh(&editor, &faq_path(&article["faqs"][0]));
    let delivered = format!("/delivery/v1/articles/{}", text(&article["id"]));
    let asked = || {
        reader.get(&delivered).expect(200).data()["faqs"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(asked(), 1, "the edition stays as it was published");
    let answer = seeing(&editor, &question).delete(&faq_path(&question));
    answer.expect_problem(409, "in_use");
    assert_eq!(asked(), 1);
    publish(&editor, &changed);
    assert_eq!(asked(), 0);
    seeing(&editor, &question)
        .delete(&faq_path(&question))
        .expect(204);
}

#[test]
fn publishing_an_article_publishes_its_draft_faqs_and_says_so() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let known = faq(&editor, "Known?");
    let shown = seeing(&editor, &known)
        .act(&format!("{}/publish", faq_path(&known)))
        .expect(200)
        .data();
    let article = create_article(
        &editor,
        &json!({
            "locale": "en", "title": "With questions",
            "faqs": [
                { "question": "B?", "answer": "B" }, { "id": shown["id"] }, { "question": "A?", "answer": "A" }
            ]
        }),
    );
    let answer = publish(&editor, &article);
    let published = answer.body()["meta"]["published_faqs"].clone();
    assert_eq!(
        published,
        json!([article["faqs"][0]["id"], article["faqs"][2]["id"]])
    );
    assert_eq!(
        each(&answer.data()["faqs"], "status"),
        ["published", "published", "published"]
    );
    let page = reader
        .get("/delivery/v1/articles/by-slug/with-questions")
        .expect(200)
        .data();
    assert_eq!(each(&page["faqs"], "question"), ["B?", "Known?", "A?"]);
    assert_eq!(
        reader
            .get("/delivery/v1/faqs")
            .expect(200)
            .data()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn a_correction_reaches_every_article_by_its_own_publication_and_not_before() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let made = faq(&editor, "Right?");
    let path = faq_path(&made);
    for title in ["One", "Two"] {
        let body = json!({ "locale": "en", "title": title, "faqs": [{ "id": made["id"] }] });
        publish(&editor, &create_article(&editor, &body));
    }
    let answers = || {
        ["one", "two"].map(|slug| {
            let page = reader
                .get(&format!("/delivery/v1/articles/by-slug/{slug}?format=markdown"))
                .expect(200);
            text(&page.data()["faqs"][0]["answer"]["markdown"])
        })
    };
    assert_eq!(answers(), ["It *depends*.", "It *depends*."]);
    let changed = seeing(&editor, &fresh(&editor, &path))
        .patch(&path, &json!({ "answer": "Right." }))
        .expect(200)
        .data();
    assert_eq!(answers(), ["It *depends*.", "It *depends*."]);
    let one = editor.get("/management/v1/articles?text=one").expect(200).data()[0].clone();
    publish(&editor, &one);
    assert_eq!(
        answers(),
        ["It *depends*.", "It *depends*."],
        "publishing an article publishes drafts, and this is none"
    );
    seeing(&editor, &changed)
        .act(&format!("{path}/publish"))
        .expect(200);
    assert_eq!(answers(), ["Right.", "Right."]);

    let shown = fresh(&editor, &path);
    seeing(&editor, &shown)
        .act(&format!("{path}/unpublish"))
        .expect(200);
    let page = reader.get("/delivery/v1/articles/by-slug/one").expect(200).data();
    assert_eq!(page["faqs"], json!([]));
}
