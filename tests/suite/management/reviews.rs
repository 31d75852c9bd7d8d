//! Asking for a review, and what is said in it.

use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, article_path, each, expect_errors, fresh, plain_article, section_path, seeing, text,
};

fn say(caller: &Caller, thing: &Value, action: &str, note: &str) -> Value {
    let path = format!("{}/{action}", article_path(thing));
    let body = json!({ "note": note });
    seeing(caller, thing).post(&path, &body).expect(200).data()
}

fn act(caller: &Caller, thing: &Value, action: &str) -> Value {
    let path = format!("{}/{action}", article_path(thing));
    seeing(caller, thing).act(&path).expect(200).data()
}

#[test]
fn a_review_goes_from_hand_to_hand_with_what_was_said() {
    let app = App::start();
    let (ada, editor) = (app.author(), app.editor());
    let draft = plain_article(&ada, "Reviewed");
    for key in ["review_note", "review_by", "review_at", "approved_revision"] {
        assert_eq!(draft[key], Value::Null, "{key}");
    }
    let asked = say(&ada, &draft, "submit", "Ready.\nI think.");
    assert_eq!(
        (&asked["review"], &asked["review_note"]),
        (&json!("requested"), &json!("Ready.\nI think."))
    );
    assert_eq!(asked["review_by"], draft["created_by"]);
    assert_eq!(asked["review_at"], "2026-03-01T12:00:00Z");
    let queue = format!("{ARTICLES}?review=requested");
    assert_eq!(
        each(&editor.get(&queue).expect(200).data(), "id"),
        [text(&draft["id"])]
    );

    app.clock().advance(60);
    let sent_back = say(&editor, &asked, "request-changes", "The end is missing.");
    assert_eq!(sent_back["review"], "changes_requested");
    assert_ne!(sent_back["review_by"], draft["created_by"]);
    assert_eq!(sent_back["review_at"], "2026-03-01T12:01:00Z");
    let changed = seeing(&ada, &sent_back)
        .patch(&article_path(&draft), &json!({ "dek": "With an end." }))
        .expect(200)
        .data();
    assert_eq!(
        changed["review"], "changes_requested",
        "the author says when it is done"
    );
    let again = act(&ada, &changed, "submit");
    assert_eq!(again["review_note"], Value::Null, "a note belongs to its step");
    let approved = act(&editor, &again, "approve");
    assert_eq!(
        (&approved["review"], &approved["approved_revision"]),
        (&json!("approved"), &json!(2))
    );
    assert_eq!(editor.get(&queue).expect(200).data(), json!([]));
    let published = publish(&editor, &approved).data();
    assert_eq!(published["review"], "approved");
}

#[test]
fn an_approval_belongs_to_the_revision_that_was_approved() {
    let app = App::start();
    let editor = app.editor();
    let draft = create_article(&editor, &article("Approved"));
    let approved = act(&editor, &act(&editor, &draft, "submit"), "approve");
    seeing(&editor, &approved["sections"][0])
        .patch(&section_path(&draft, 0), &json!({ "body": "Something else." }))
        .expect(200);
    let changed = fresh(&editor, &article_path(&draft));
    assert_eq!(
        (
            &changed["review"],
            &changed["approved_revision"],
            &changed["revision"]
        ),
        (&json!("requested"), &json!(1), &json!(2)),
        "editors are asked again"
    );
    // Nobody approves what they have not seen.
    seeing(&editor, &approved)
        .act(&format!("{}/approve", article_path(&draft)))
        .expect_problem(412, "stale_revision");
    let approved = act(&editor, &changed, "approve");
    let same = seeing(&editor, &approved)
        .patch(&article_path(&draft), &json!({ "title": "Approved" }))
        .expect(200)
        .data();
    assert_eq!(same["review"], "approved", "nothing was changed");
    let published = publish(&editor, &approved).data();
    let next = seeing(&editor, &published)
        .patch(&article_path(&draft), &json!({ "title": "The next edition" }))
        .expect(200)
        .data();
    assert_eq!(
        next["review"], "none",
        "what was approved is out, and something new begins"
    );
}

#[test]
fn going_back_and_merging_end_an_approval_as_any_edit_does() {
    let app = App::start();
    let editor = app.editor();
    let draft = create_article(&editor, &article("First"));
    let path = article_path(&draft);
    let approved_again = || {
        let now = fresh(&editor, &path);
        let asked = if now["review"] == "requested" {
            now
        } else {
            act(&editor, &now, "submit")
        };
        let approved = act(&editor, &asked, "approve");
        assert_eq!(approved["approved_revision"], approved["revision"]);
        approved
    };
    seeing(&editor, &draft)
        .patch(&path, &json!({ "title": "Second" }))
        .expect(200);
    let reverted = seeing(&editor, &approved_again())
        .post(&format!("{path}/revisions/1/revert"), &json!({}))
        .expect(200)
        .data();
    assert_eq!(
        (&reverted["title"], &reverted["review"]),
        (&json!("First"), &json!("requested"))
    );
    let approved = approved_again();
    let mut version = article("Third");
    version["slug"] = approved["slug"].clone();
    let merge = json!({ "base_revision": approved["revision"], "article": version });
    let merged = editor.post(&format!("{path}/merge"), &merge).expect(200).data();
    assert_eq!(
        (&merged["title"], &merged["review"]),
        (&json!("Third"), &json!("requested"))
    );
}

#[test]
fn publishing_settles_a_review_that_is_open() {
    let app = App::start();
    let editor = app.editor();
    for steps in [&["submit"][..], &["submit", "request-changes"]] {
        let mut draft = plain_article(&editor, "Open");
        for step in steps {
            draft = act(&editor, &draft, step);
        }
        assert_eq!(publish(&editor, &draft).data()["review"], "none", "{steps:?}");
    }
}

#[test]
fn a_note_is_bounded_text_or_left_out() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Noted");
    let path = format!("{}/submit", article_path(&draft));
    for (note, code) in [
        (json!(""), "too_short"),
        (json!(" \n"), "blank"),
        (json!("a\u{0}b"), "invalid_character"),
        (json!("x".repeat(2_001)), "too_long"),
        (json!(7), "wrong_type"),
    ] {
        let answer = seeing(&editor, &draft)
            .post(&path, &json!({ "note": note }))
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("/note", code)]);
    }
    let stranger = seeing(&editor, &draft)
        .post(&path, &json!({ "message": "No" }))
        .expect_problem(422, "unknown_field");
    expect_errors(&stranger, &[("/message", "unknown_field")]);
    assert_eq!(fresh(&editor, &article_path(&draft)), draft);
    let longest = "ü".repeat(2_000);
    assert_eq!(say(&editor, &draft, "submit", &longest)["review_note"], longest);
}

#[test]
fn an_author_submits_and_reopens_own_articles_and_no_others() {
    let app = App::start();
    let (ada, other, editor) = (
        app.author(),
        app.user(Role::Author, "other@example.org"),
        app.editor(),
    );
    let own = plain_article(&ada, "Mine");
    let path = article_path(&own);
    for action in ["submit", "reopen"] {
        seeing(&other, &own)
            .act(&format!("{path}/{action}"))
            .expect_problem(403, "forbidden");
    }
    act(&ada, &own, "submit");
    for action in [
        "approve",
        "request-changes",
        "publish",
        "unpublish",
        "unschedule",
        "archive",
    ] {
        seeing(&ada, &own)
            .act(&format!("{path}/{action}"))
            .expect_problem(403, "forbidden");
    }
    let away = act(&editor, &own, "archive");
    assert_eq!(act(&ada, &away, "reopen")["status"], "draft");
}

#[test]
fn an_author_does_not_change_what_will_appear_as_it_stands() {
    let app = App::start();
    let (ada, editor) = (app.author(), app.editor());
    let own = create_article(&ada, &article("Scheduled"));
    let path = article_path(&own);
    let scheduled = seeing(&editor, &own)
        .post(
            &format!("{path}/schedule"),
            &json!({ "publish_at": "2030-01-01T00:00:00Z" }),
        )
        .expect(200)
        .data();
    seeing(&ada, &scheduled)
        .patch(&path, &json!({ "title": "Never reviewed" }))
        .expect_problem(403, "forbidden");
    seeing(&ada, &scheduled["sections"][0])
        .patch(&section_path(&own, 0), &json!({ "body": "Never reviewed." }))
        .expect_problem(403, "forbidden");
    ada.post(
        &format!("{path}/sections"),
        &json!({ "kind": "text", "body": "Never reviewed." }),
    )
    .expect_problem(403, "forbidden");
    assert_eq!(fresh(&editor, &path), scheduled);
    let off = act(&editor, &scheduled, "unschedule");
    seeing(&ada, &off)
        .patch(&path, &json!({ "title": "Free again" }))
        .expect(200);
}

#[test]
fn of_two_who_answer_a_review_at_once_one_is_told_so() {
    let app = App::builder().with(|settings| settings.workers = 2).start();
    let editor = app.editor();
    for _ in 0..10 {
        let asked = act(&editor, &plain_article(&editor, "Contested"), "submit");
        let path = article_path(&asked);
        let answers = std::thread::scope(|scope| {
            let ask = || scope.spawn(|| seeing(&editor, &asked).act(&format!("{path}/approve")).status());
            [ask(), ask()].map(|answer| answer.join().unwrap())
        });
        let mut sorted = answers;
        sorted.sort_unstable();
        assert_eq!(sorted, [200, 409]);
        assert_eq!(fresh(&editor, &path)["review"], "approved");
    }
}
