//! Conflicts that help: what a stale write is told, so that no edit is lost.

use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, Response, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    TAGS, article_path, author, each, faq, faq_path, fresh, section_path, seeing, tag, text,
};

/// Changes a thing as it is now.
#[track_caller]
pub fn change(caller: &Caller, path: &str, body: &Value) -> Value {
    seeing(caller, &fresh(caller, path))
        .patch(path, body)
        .expect(200)
        .data()
}

/// The conflicts of a stale write, by their pointers.
#[track_caller]
pub fn conflicts(answer: &Response) -> Vec<(String, Value, Value, Value)> {
    let body = answer.body();
    assert_eq!(body["code"], "stale_revision", "{body}");
    let list = body["conflicts"]
        .as_array()
        .unwrap_or_else(|| panic!("no conflicts: {body}"));
    list.iter()
        .map(|one| {
            let values = (one["base"].clone(), one["theirs"].clone(), one["yours"].clone());
            (text(&one["pointer"]), values.0, values.1, values.2)
        })
        .collect()
}

fn conflict(pointer: &str, base: &Value, theirs: &Value, yours: &Value) -> (String, Value, Value, Value) {
    (pointer.to_owned(), base.clone(), theirs.clone(), yours.clone())
}

#[test]
fn of_two_on_one_paragraph_the_slower_is_shown_both() {
    let app = App::start();
    let (ada, bob) = (app.editor(), app.user(Role::Editor, "bob@example.org"));
    let made = create_article(&ada, &masthead_tests::article("Met"));
    let path = section_path(&made, 0);
    let seen = fresh(&ada, &path);
    app.clock().advance(60);
    change(
        &bob,
        &path,
        &json!({ "body": "The sea is **seldom** still.", "heading": "Start" }),
    );
    // Elsewhere in the article something else goes on.
    app.clock().advance(60);
    change(&ada, &section_path(&made, 1), &json!({ "body": "It was." }));
    let stale = seeing(&ada, &seen)
        .patch(
            &path,
            &json!({ "body": "The sea is **hardly** still.", "level": 3 }),
        )
        .expect_problem(412, "stale_revision");
    let body = stale.body();
    assert_eq!(
        (&body["base_revision"], &body["current_revision"]),
        (&json!(1), &json!(2))
    );
    assert_ne!(body["changed_by"], made["created_by"]);
    assert_eq!(
        body["changed_by"],
        fresh(&ada, &format!("{}/revisions/2", article_path(&made)))["credential"]
    );
    assert_eq!(body["changed_at"], "2026-03-01T12:01:00Z");
    let expected = conflict(
        "/body",
        &json!("The sea is **never** still."),
        &json!("The sea is **seldom** still."),
        &json!("The sea is **hardly** still."),
    );
    assert_eq!(conflicts(&stale), [expected]);
    assert_eq!(body["conflicts"][0]["section_id"], made["sections"][0]["id"]);
    // Nothing was written, and nothing stands in the way of what does not clash.
    let same = seeing(&ada, &seen)
        .patch(&path, &json!({ "level": 3 }))
        .expect_problem(412, "stale_revision");
    assert_eq!(conflicts(&same), []);
    assert!(text(&same.body()["detail"]).contains("Nothing that you write was changed"));
}

#[test]
fn an_article_tells_each_field_that_both_changed() {
    let app = App::start();
    let editor = app.editor();
    for name in ["One", "Two", "Three"] {
        tag(&editor, name);
        author(&editor, name);
    }
    let mut body = masthead_tests::article("Fields");
    body["tags"] = json!(["one"]);
    body["seo"] = json!({ "title": "A", "description": "B" });
    let made = create_article(&editor, &body);
    let path = article_path(&made);
    change(
        &editor,
        &path,
        &json!({
            "title": "Theirs", "dek": "Same", "excerpt": "Theirs alone", "tags": ["one", "two"],
            "seo": { "title": "Theirs", "description": "Theirs" }, "authors": [{ "slug": "one" }]
        }),
    );
    let stale = seeing(&editor, &made).patch(
        &path,
        &json!({
            "title": "Yours", "dek": "Same", "slug": "yours-alone", "tags": ["three"],
            "seo": { "title": "Yours", "no_index": true }, "authors": [{ "slug": "two", "role": "editor" }]
        }),
    );
    let stale = stale.expect_problem(412, "stale_revision");
    let mut found = conflicts(&stale);
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let writer = json!([{ "slug": "one", "role": "writer" }]);
    let expected = [
        conflict(
            "/authors",
            &json!([]),
            &writer,
            &json!([{ "slug": "two", "role": "editor" }]),
        ),
        conflict("/seo/title", &json!("A"), &json!("Theirs"), &json!("Yours")),
        conflict(
            "/tags",
            &json!(["one"]),
            &json!(["one", "two"]),
            &json!(["three"]),
        ),
        conflict("/title", &json!("Fields"), &json!("Theirs"), &json!("Yours")),
    ];
    assert_eq!(found, expected);
    assert_eq!(stale.body()["base_revision"], 1);
    assert_eq!(fresh(&editor, &path)["title"], "Theirs");
}

#[test]
fn a_whole_version_tells_sections_by_their_places_in_it() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Whole"));
    let path = article_path(&made);
    let (first, second) = (&made["sections"][0], &made["sections"][1]);
    change(&editor, &section_path(&made, 0), &json!({ "body": "Theirs." }));
    let away = section_path(&made, 1);
    seeing(&editor, second).delete(&away).expect(204);
    let version = json!({
        "locale": "en", "title": "Whole", "dek": made["dek"],
        "sections": [
            { "kind": "text", "body": "Quite new." },
            { "id": second["id"], "kind": "text", "heading": "Conclusion", "body": "Yours, too." },
            { "id": first["id"], "kind": "text", "heading": "Introduction", "body": "Yours." }
        ],
        "faqs": [{ "id": made["faqs"][0]["id"] }, { "question": "New?", "answer": "Yes." }]
    });
    let stale = seeing(&editor, &made)
        .put(&path, &version)
        .expect_problem(412, "stale_revision");
    let found = conflicts(&stale);
    let pointers: Vec<_> = found.iter().map(|one| one.0.as_str()).collect();
    assert_eq!(pointers, ["/sections/1", "/sections/2/body"]);
    assert_eq!(
        (&found[0].2, &found[0].3["body"]),
        (&Value::Null, &json!("Yours, too."))
    );
    assert_eq!((&found[1].2, &found[1].3), (&json!("Theirs."), &json!("Yours.")));
    let ids = each(&stale.body()["conflicts"], "section_id");
    assert_eq!(ids, [text(&second["id"]), text(&first["id"])]);
    let kept = fresh(&editor, &path);
    assert_eq!(
        kept["faqs"].as_array().unwrap().len(),
        1,
        "nothing was made on the way"
    );
}

#[test]
fn every_other_stale_change_says_by_whom_and_when() {
    let app = App::start();
    let (editor, bob) = (app.editor(), app.user(Role::Editor, "bob@example.org"));
    let made = create_article(&editor, &masthead_tests::article("Acts"));
    let path = article_path(&made);
    let changed = change(&bob, &path, &json!({ "title": "By Bob" }));
    let seen = seeing(&editor, &made);
    let faqs = json!({ "faqs": [{ "question": "Q?", "answer": "A." }] });
    let order = json!({ "sections": [made["sections"][1]["id"], made["sections"][0]["id"]] });
    for answer in [
        seen.delete(&path),
        seen.act(&format!("{path}/publish")),
        seen.post(
            &format!("{path}/schedule"),
            &json!({ "publish_at": "2030-01-01T00:00:00Z" }),
        ),
        seen.act(&format!("{path}/revisions/1/revert")),
        seen.put(&format!("{path}/faqs"), &faqs),
        seen.put(&format!("{path}/tags"), &json!({ "tags": [] })),
        seen.put(&format!("{path}/sections/order"), &order),
    ] {
        let answer = answer.expect_problem(412, "stale_revision");
        let body = answer.body();
        assert_eq!(
            (&body["base_revision"], &body["current_revision"]),
            (&json!(1), &json!(2)),
            "{body}"
        );
        assert_eq!(
            (&body["changed_by"], &body["changed_at"]),
            (&changed["updated_by"], &changed["updated_at"])
        );
        assert_eq!(conflicts(&answer), []);
    }
    // Two orders that differ are told.
    let mut body = masthead_tests::article("Orders");
    body["sections"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kind": "text", "body": "Third." }));
    let made = create_article(&editor, &body);
    let ids = each(&made["sections"], "id");
    let order = |places: [usize; 3]| json!({ "sections": places.map(|at| ids[at].clone()) });
    let address = format!("{}/sections/order", article_path(&made));
    seeing(&editor, &made)
        .put(&address, &order([2, 0, 1]))
        .expect(200);
    let stale = seeing(&editor, &made)
        .put(&address, &order([1, 0, 2]))
        .expect_problem(412, "stale_revision");
    let found = conflicts(&stale);
    assert_eq!((found.len(), found[0].0.as_str()), (1, "/sections"));
    assert_eq!(found[0].3, order([1, 0, 2])["sections"]);
    // What was linked differently is told as it was written.
    let put = |faqs: Value| {
        seeing(&editor, &made).put(&format!("{}/faqs", article_path(&made)), &json!({ "faqs": faqs }))
    };
    seeing(&editor, &fresh(&editor, &article_path(&made)))
        .put(&format!("{}/faqs", article_path(&made)), &json!({ "faqs": [] }))
        .expect(200);
    let stale = put(json!([{ "question": "Q?", "answer": "A." }])).expect_problem(412, "stale_revision");
    let faqs = (
        json!([{ "id": made["faqs"][0]["id"] }]),
        json!([{ "question": "Q?", "answer": "A." }]),
    );
    assert_eq!(
        conflicts(&stale),
        [conflict("/faqs", &faqs.0, &json!([]), &faqs.1)]
    );
}

#[test]
fn a_section_that_somebody_changed_is_not_taken_away_unseen() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Taken"));
    let path = section_path(&made, 0);
    let now = change(&editor, &path, &json!({ "body": "Theirs." }));
    let stale = seeing(&editor, &made["sections"][0])
        .delete(&path)
        .expect_problem(412, "stale_revision");
    let found = conflicts(&stale);
    assert_eq!((found.len(), found[0].0.as_str()), (1, ""));
    assert_eq!((&found[0].2["body"], &found[0].3), (&now["body"], &Value::Null));
    assert_eq!(fresh(&editor, &path), now);
}

#[test]
fn a_faq_shows_both_too() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Why?");
    let path = faq_path(&made);
    let now = change(
        &editor,
        &path,
        &json!({ "answer": "Theirs.", "question": "Why so?" }),
    );
    let stale = seeing(&editor, &made)
        .patch(&path, &json!({ "answer": "Yours.", "slug": "yours" }))
        .expect_problem(412, "stale_revision");
    let expected = conflict("/answer", &made["answer"], &json!("Theirs."), &json!("Yours."));
    assert_eq!(conflicts(&stale), [expected]);
    let body = stale.body();
    assert_eq!(
        (&body["base_revision"], &body["changed_by"]),
        (&json!(1), &now["updated_by"])
    );
    let stale = seeing(&editor, &made)
        .act(&format!("{path}/publish"))
        .expect_problem(412, "stale_revision");
    assert_eq!(conflicts(&stale), []);
    // Tags and authors have no history: the revisions are told, and when it was.
    let sea = tag(&editor, "Sea");
    let path = format!("{TAGS}/{}", text(&sea["id"]));
    change(&editor, &path, &json!({ "name": "The sea" }));
    let body = seeing(&editor, &sea)
        .patch(&path, &json!({ "name": "Ocean" }))
        .expect_problem(412, "stale_revision")
        .body();
    assert_eq!(
        (&body["base_revision"], &body["current_revision"]),
        (&json!(1), &json!(2))
    );
    assert!(
        body["conflicts"].is_null() && body["changed_at"].is_string(),
        "{body}"
    );
}

#[test]
fn a_conflict_is_shown_to_those_who_may_write_and_to_nobody_else() {
    let app = App::start();
    let (editor, author_) = (app.editor(), app.author());
    let made = create_article(&editor, &masthead_tests::article("Private"));
    publish(&editor, &made);
    change(&editor, &section_path(&made, 0), &json!({ "body": "A secret." }));
    for caller in [
        author_,
        app.viewer(),
        app.user(Role::Reader, "reader@example.org"),
    ] {
        let refused = caller
            .clone()
            .seen(&text(&made["sections"][0]["etag"]))
            .patch(&section_path(&made, 0), &json!({ "body": "No." }))
            .expect_problem(403, "forbidden");
        assert!(!refused.text().contains("secret"));
    }
}
