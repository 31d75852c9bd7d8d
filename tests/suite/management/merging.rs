//! Merging: two editors at once, and no edit is lost.

use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, Response, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    article_path, author, each, expect_errors, fresh, plain_article, section_path, seeing, tag, text, total,
};

/// The whole article as a client would send it back.
pub fn version(article: &Value) -> Value {
    let keep = |from: &Value, names: &[&str]| -> Value {
        let fields = from.as_object().unwrap().iter();
        fields
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let mut whole = keep(
        article,
        &[
            "kind", "locale", "slug", "title", "dek", "excerpt", "cover", "seo", "metadata",
        ],
    );
    let list = |name: &str, item: &dyn Fn(&Value) -> Value| -> Value {
        article[name].as_array().unwrap().iter().map(item).collect()
    };
    whole["sections"] = list("sections", &|one| {
        keep(one, &["id", "kind", "heading", "level", "anchor", "body"])
    });
    whole["faqs"] = list("faqs", &|one| keep(one, &["id"]));
    whole["tags"] = list("tags", &|one| one["slug"].clone());
    whole["authors"] = list("authors", &|one| keep(one, &["slug", "role"]));
    whole
}

/// Merges a version that was made of this state.
pub fn merge(caller: &Caller, article: &Value, yours: &Value) -> Response {
    let body = json!({ "base_revision": article["revision"], "article": yours });
    caller.post(&format!("{}/merge", article_path(article)), &body)
}

#[track_caller]
fn change(caller: &Caller, path: &str, body: &Value) -> Value {
    seeing(caller, &fresh(caller, path))
        .patch(path, body)
        .expect(200)
        .data()
}

fn pointers(list: &Value) -> Vec<String> {
    each(list, "pointer")
}

#[test]
fn what_does_not_clash_goes_together() {
    let app = App::start();
    let (ada, bob) = (app.editor(), app.user(Role::Editor, "bob@example.org"));
    for name in ["One", "Two"] {
        tag(&ada, name);
    }
    let made = create_article(&ada, &masthead_tests::article("Merged"));
    let path = article_path(&made);
    let mut yours = version(&made);
    yours["dek"] = json!("Ada's.");
    yours["sections"][1]["body"] = json!("It never was, and never will be.");
    yours["sections"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kind": "text", "heading": "More", "body": "Ada's." }));
    yours["tags"] = json!(["one"]);
    yours["metadata"] = json!({ "ada": 1 });

    change(
        &bob,
        &path,
        &json!({ "title": "Bob's", "tags": ["two"], "metadata": { "bob": 2 } }),
    );
    change(&bob, &section_path(&made, 0), &json!({ "body": "Bob's." }));
    bob.post(
        &format!("{path}/sections"),
        &json!({ "kind": "text", "heading": "More", "body": "Bob's." }),
    )
    .expect(201);
    // Words of one paragraph, far enough from each other.
    change(
        &bob,
        &section_path(&made, 1),
        &json!({ "body": "She never was." }),
    );

    let answer = merge(&ada, &made, &yours).expect(200);
    let (now, meta) = (answer.data(), answer.body()["meta"].clone());
    assert_eq!(answer.etag(), text(&now["etag"]));
    assert_eq!(meta["conflicts"], json!([]));
    assert_eq!(meta["base_revision"], 1);
    let mut applied = pointers(&meta["applied"]);
    applied.sort();
    assert_eq!(
        applied,
        [
            "/dek",
            "/metadata/ada",
            "/sections/1/body",
            "/sections/2",
            "/tags"
        ]
    );
    assert_eq!((&now["title"], &now["dek"]), (&json!("Bob's"), &json!("Ada's.")));
    assert_eq!(now["metadata"], json!({ "ada": 1, "bob": 2 }));
    let mut tags = each(&now["tags"], "slug");
    tags.sort();
    assert_eq!(tags, ["one", "two"]);
    let bodies = each(&now["sections"], "body");
    assert_eq!(bodies[..2], ["Bob's.", "She never was, and never will be."]);
    assert_eq!(bodies.len(), 4);
    let mut anchors = each(&now["sections"], "anchor");
    anchors.sort();
    assert_eq!(anchors, ["conclusion", "introduction", "more", "more-2"]);
    assert_eq!(fresh(&ada, &path), now);
    assert_eq!(now["revision"], 6);
    let list = fresh(&ada, &format!("{path}/revisions"));
    assert!(
        text(&list[0]["summary"]).starts_with("merged from revision 1: "),
        "{list}"
    );
}

#[test]
fn what_clashes_stays_and_is_shown_with_both() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Clash"));
    let path = article_path(&made);
    let mut yours = version(&made);
    yours["title"] = json!("Yours");
    yours["sections"][0]["body"] = json!("A sea is **hardly** still.");
    yours["excerpt"] = json!("Yours alone.");
    change(&editor, &path, &json!({ "title": "Theirs" }));
    change(
        &editor,
        &section_path(&made, 0),
        &json!({ "body": "The sea is **seldom** still." }),
    );
    let answer = merge(&editor, &made, &yours).expect(200);
    let (now, meta) = (answer.data(), answer.body()["meta"].clone());
    assert_eq!(pointers(&meta["conflicts"]), ["/title", "/sections/0/body"]);
    let shown = &meta["conflicts"][1];
    assert_eq!(shown["section_id"], made["sections"][0]["id"]);
    assert_eq!(shown["base"], "The sea is **never** still.");
    assert_eq!(shown["theirs"], "The sea is **seldom** still.");
    assert_eq!(shown["yours"], "A sea is **hardly** still.");
    assert_eq!(
        shown["words"],
        json!([{ "base": "never", "theirs": "seldom", "yours": "hardly" }])
    );
    assert_eq!(
        (&now["title"], &now["excerpt"]),
        (&json!("Theirs"), &json!("Yours alone."))
    );
    assert_eq!(now["sections"][0]["body"], "A sea is **seldom** still.");
    // Said again on top of what is there now, it is settled.
    let mut settled = version(&now);
    settled["title"] = json!("Yours");
    let answer = merge(&editor, &now, &settled).expect(200);
    assert_eq!(
        (
            answer.data()["title"].clone(),
            answer.body()["meta"]["conflicts"].clone()
        ),
        (json!("Yours"), json!([]))
    );
}

#[test]
fn order_links_and_removals_go_together_or_are_shown() {
    let app = App::start();
    let editor = app.editor();
    for name in ["One", "Two", "Three"] {
        author(&editor, name);
    }
    let mut body = masthead_tests::article("Lists");
    body["sections"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kind": "text", "body": "Third." }));
    body["authors"] = json!([{ "slug": "one" }]);
    let made = create_article(&editor, &body);
    let path = article_path(&made);
    let mut yours = version(&made);
    yours["sections"].as_array_mut().unwrap().rotate_right(1);
    yours["authors"] = json!([{ "slug": "two" }, { "slug": "one", "role": "editor" }]);
    yours["faqs"] = json!([{ "question": "New?", "answer": "Yes." }, { "id": made["faqs"][0]["id"] }]);
    change(
        &editor,
        &path,
        &json!({ "authors": [{ "slug": "one" }, { "slug": "three" }] }),
    );
    let second = section_path(&made, 1);
    seeing(&editor, &fresh(&editor, &second))
        .delete(&second)
        .expect(204);
    let answer = merge(&editor, &made, &yours).expect(200);
    let (now, meta) = (answer.data(), answer.body()["meta"].clone());
    assert_eq!(meta["conflicts"], json!([]));
    assert_eq!(
        each(&now["sections"], "body"),
        ["Third.", "The sea is **never** still."]
    );
    assert_eq!(each(&now["authors"], "slug"), ["two", "one", "three"]);
    assert_eq!(now["authors"][1]["role"], "editor");
    assert_eq!(each(&now["faqs"], "question"), ["New?", "What of Lists?"]);
    // What one takes away and the other writes on is shown.
    let mut yours = version(&now);
    yours["sections"].as_array_mut().unwrap().remove(0);
    let third = format!("{path}/sections/{}", text(&now["sections"][0]["id"]));
    change(&editor, &third, &json!({ "body": "Third, and goes on." }));
    let meta = merge(&editor, &now, &yours).expect(200).body()["meta"].clone();
    assert_eq!(pointers(&meta["conflicts"]), ["/sections"]);
    assert_eq!(meta["conflicts"][0]["yours"], Value::Null);
    assert_eq!(meta["conflicts"][0]["theirs"]["body"], "Third, and goes on.");
}

#[test]
fn a_merge_of_nothing_changes_nothing_and_readers_see_nothing_of_any() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Seen"));
    let published = publish(&editor, &made).data();
    let answer = merge(&editor, &published, &version(&published)).expect(200);
    assert_eq!(answer.data(), published);
    assert_eq!(answer.body()["meta"]["applied"], json!([]));
    let reader = |app: &App| {
        app.anonymous()
            .get(&format!("/delivery/v1/articles/{}", text(&made["id"])))
            .expect(200)
            .text()
    };
    let before = reader(&app);
    let mut yours = version(&published);
    yours["title"] = json!("A secret");
    let now = merge(&editor, &published, &yours).expect(200).data();
    assert_eq!(
        (&now["status"], &now["has_unpublished_changes"]),
        (&json!("published"), &json!(true))
    );
    assert_eq!(reader(&app), before);
}

#[test]
fn what_cannot_be_merged_is_told_with_its_place() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Wrong"));
    let taken = plain_article(&editor, "Taken");
    let path = format!("{}/merge", article_path(&made));
    let whole = version(&made);
    let before = fresh(&editor, &article_path(&made));
    let questions = total(&editor, "/management/v1/faqs");
    for (base, status, errors) in [
        (json!(2), 422, vec![("/base_revision", "unknown_revision")]),
        (
            json!(2_147_483_647),
            422,
            vec![("/base_revision", "unknown_revision")],
        ),
        (json!(0), 422, vec![]),
        (json!(-1), 422, vec![]),
        (json!(4_294_967_296_u64), 422, vec![]),
        (json!("1"), 422, vec![]),
        (json!(1.5), 422, vec![]),
        (Value::Null, 422, vec![]),
    ] {
        let answer = editor.post(&path, &json!({ "base_revision": base, "article": whole }));
        assert_eq!(answer.status(), status, "{base}: {}", answer.text());
        if !errors.is_empty() {
            expect_errors(&answer, &errors);
        }
        assert!(
            answer.errors().iter().all(|(place, _)| place == "/base_revision"),
            "{}",
            answer.text()
        );
    }
    let mut wrong = whole.clone();
    wrong["tags"] = json!(["unknown"]);
    wrong["sections"][0]["level"] = json!(2);
    wrong["sections"][1]["body"] = json!("\u{1}");
    wrong["faqs"] = json!([{ "question": "Made?", "answer": "No." }]);
    let answer = editor
        .post(&path, &json!({ "base_revision": 1, "article": wrong }))
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/article/sections/1/body", "invalid_character"),
            ("/article/tags/0", "unknown_tag"),
        ],
    );
    let mut stranger = whole.clone();
    stranger["colour"] = json!("red");
    let answer = editor
        .post(&path, &json!({ "base_revision": 1, "article": stranger }))
        .expect_problem(422, "unknown_field");
    assert_eq!(answer.errors()[0].0, "/article/colour");
    let mut held = whole.clone();
    held["slug"] = taken["slug"].clone();
    let answer = editor
        .post(&path, &json!({ "base_revision": 1, "article": held }))
        .expect_problem(409, "already_exists");
    assert_eq!(answer.errors()[0].0, "/article/slug");
    editor.post(&path, &whole).expect(422);
    // A precondition is not needed, and held to where it is sent.
    editor
        .clone()
        .seen("\"000000000000-7\"")
        .post(&path, &json!({ "base_revision": 1, "article": whole }))
        .expect_problem(412, "stale_revision");
    assert_eq!(fresh(&editor, &article_path(&made)), before);
    assert_eq!(total(&editor, "/management/v1/faqs"), questions);
    seeing(&editor, &before)
        .post(&path, &json!({ "base_revision": 1, "article": whole }))
        .expect(200);
}

#[test]
fn both_together_stay_within_the_limits() {
    let app = App::start();
    let editor = app.editor();
    let sections: Vec<_> = (0..150)
        .map(|n| json!({ "kind": "text", "body": format!("S {n}") }))
        .collect();
    let made = create_article(
        &editor,
        &json!({ "locale": "en", "title": "Full", "sections": sections }),
    );
    let more = |from: usize| {
        let mut yours = version(&made);
        let list = yours["sections"].as_array_mut().unwrap();
        list.extend((0..40).map(|n| json!({ "kind": "text", "body": format!("New {}", from + n) })));
        yours
    };
    merge(&editor, &made, &more(0)).expect(200);
    let refused = merge(&editor, &made, &more(100)).expect_problem(422, "validation_failed");
    expect_errors(&refused, &[("/article/sections", "too_many")]);
    let now = fresh(&editor, &article_path(&made));
    assert_eq!(now["sections"].as_array().unwrap().len(), 190);
}
