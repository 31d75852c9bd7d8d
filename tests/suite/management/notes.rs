//! Editorial notes: threads, mentions, and what they are about coming and going.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    FAQS, NOTES, TRASH, article_path, each, expect_errors, faq, faq_path, fresh, plain_article, section_path,
    seeing, text, total,
};

#[track_caller]
pub fn begin(caller: &Caller, about: &str, body: &Value) -> Value {
    caller.post(&format!("{about}/notes"), body).expect(201).data()
}

pub fn note_path(note: &Value) -> String {
    format!("{NOTES}/{}", text(&note["id"]))
}

#[track_caller]
fn reply(caller: &Caller, thread: &Value, body: &str) -> Value {
    let path = format!("{}/replies", note_path(thread));
    caller.post(&path, &json!({ "body": body })).expect(201).data()
}

fn me(caller: &Caller) -> Value {
    caller.get("/management/v1/auth/me").expect(200).data()
}

#[test]
fn a_thread_is_begun_answered_settled_and_taken_up_again() {
    let app = App::start();
    let (author, editor) = (app.author(), app.editor());
    let made = create_article(&author, &article("Discussed"));
    let path = article_path(&made);
    let section = made["sections"][0]["id"].clone();
    let answer = editor
        .post(
            &format!("{path}/notes"),
            &json!({ "body": "**Really?**", "section_id": section, "quote": "The sea" }),
        )
        .expect(201);
    let thread = answer.data();
    assert_eq!(answer.header("location"), Some(note_path(&thread).as_str()));
    assert_eq!(answer.etag(), text(&thread["etag"]));
    assert_eq!(thread["article_id"], made["id"]);
    assert_eq!(thread["faq_id"], Value::Null);
    assert_eq!(
        (&thread["section_id"], &thread["quote"]),
        (&section, &json!("The sea"))
    );
    assert_eq!(
        (&thread["resolved"], &thread["section_missing"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(thread["created_by"]["id"], me(&editor)["id"]);
    assert_eq!(thread["created_by"]["name"], "Somebody");
    // Nobody settles what they have not read: a reply counts.
    let answered = author
        .post(
            &format!("{}/replies", note_path(&thread)),
            &json!({ "body": "Look it up." }),
        )
        .expect(201)
        .body();
    assert_eq!(answered["data"]["thread_id"], thread["id"]);
    assert_eq!(answered["data"]["quote"], "The sea");
    assert_eq!(answered["meta"]["thread_revision"], 2);
    let resolve = format!("{}/resolve", note_path(&thread));
    let stale = seeing(&editor, &thread).act(&resolve);
    assert_eq!(
        stale.expect_problem(412, "stale_revision").body()["current_revision"],
        2
    );
    let seen = editor.clone().seen(&text(&answered["meta"]["thread_etag"]));
    let settled = seen.act(&resolve).expect(200).data();
    assert_eq!(
        (&settled["resolved"], &settled["revision"]),
        (&json!(true), &json!(3))
    );
    assert_eq!(settled["resolved_by"]["id"], me(&editor)["id"]);
    assert_eq!(settled["replies"][0]["body"], "Look it up.");
    let again = seeing(&author, &settled).act(&resolve).expect(200).data();
    assert_eq!(again, settled, "settling it twice changes nothing");
    let reply_of = fresh(&author, &note_path(&answered["data"]));
    assert_eq!(reply_of["resolved"], true);
    assert_eq!(reply_of["replies"], json!([]));
    let reopen = format!("{}/reopen", note_path(&thread));
    let open = seeing(&author, &settled).act(&reopen).expect(200).data();
    assert_eq!(
        (&open["resolved"], &open["resolved_by"]),
        (&json!(false), &Value::Null)
    );
    // A reply is no thread.
    for act in ["resolve", "reopen", "replies"] {
        let path = format!("{}/{act}", note_path(&answered["data"]));
        let any = editor.clone().seen("*");
        let answer = match act {
            "replies" => any.post(&path, &json!({ "body": "No." })),
            _ => any.act(&path),
        };
        answer.expect_problem(404, "not_found");
    }
}

#[test]
fn notes_change_neither_the_text_nor_its_revision_and_reach_no_reader() {
    let app = App::start();
    let editor = app.editor();
    let made = publish(&editor, &create_article(&editor, &article("Quiet"))).data();
    let path = article_path(&made);
    let before = app.anonymous().get("/delivery/v1/articles").expect(200);
    let head = app.anonymous().get("/delivery/v1/changes").expect(200);
    let thread = begin(&editor, &path, &json!({ "body": "Secret XYZZY." }));
    reply(&editor, &thread, "Secret XYZZY too.");
    seeing(&editor, &fresh(&editor, &note_path(&thread)))
        .act(&format!("{}/resolve", note_path(&thread)))
        .expect(200);
    assert_eq!(fresh(&editor, &path), made);
    assert_eq!(editor.get(&path).etag(), text(&made["etag"]));
    assert_eq!(total(&editor, &format!("{path}/revisions")), 1);
    let after = app.anonymous().get("/delivery/v1/articles").expect(200);
    assert_eq!((after.bytes(), after.etag()), (before.bytes(), before.etag()));
    let log = app.anonymous().get("/delivery/v1/changes").expect(200);
    assert_eq!(log.bytes(), head.bytes());
    for reader in [
        format!("/delivery/v1/articles/{}", text(&made["id"])),
        "/delivery/v1/search?q=XYZZY".to_owned(),
    ] {
        assert!(
            !app.anonymous().get(&reader).text().contains("Secret"),
            "{reader}"
        );
    }
    assert_eq!(
        total(
            &editor,
            &format!("{path}?text=XYZZY").replace(&path, "/management/v1/articles")
        ),
        0
    );
    // An editor who read the article before goes on.
    seeing(&editor, &made)
        .patch(&path, &json!({ "title": "Quiet still" }))
        .expect(200);
}

#[test]
fn a_note_stays_with_its_section_wherever_that_goes() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Moving"));
    let path = article_path(&made);
    let (first, second) = (made["sections"][0].clone(), made["sections"][1].clone());
    let thread = begin(
        &editor,
        &path,
        &json!({ "body": "Here.", "section_id": first["id"] }),
    );
    let missing = || fresh(&editor, &note_path(&thread))["section_missing"].clone();
    let order = json!({ "sections": [second["id"], first["id"]] });
    let moved = seeing(&editor, &made).put(&format!("{path}/sections/order"), &order);
    moved.expect(200);
    assert_eq!(missing(), false);
    seeing(&editor, &first)
        .delete(&section_path(&made, 0))
        .expect(204);
    assert_eq!(missing(), true);
    let by_section = format!("{path}/notes?section_id={}", text(&first["id"]));
    let listed = editor.get(&by_section).expect(200).data();
    assert_eq!(each(&listed, "id"), [text(&thread["id"])]);
    assert_eq!(listed[0]["section_missing"], true);
    let other = format!("{path}/notes?section_id={}", text(&second["id"]));
    assert_eq!(total(&editor, &other), 0);
    // About a section that is not there nobody begins another.
    let late = json!({ "body": "Here?", "section_id": first["id"] });
    let refused = editor.post(&format!("{path}/notes"), &late);
    expect_errors(
        &refused.expect_problem(422, "validation_failed"),
        &[("/section_id", "unknown_section")],
    );
    let present = fresh(&editor, &path);
    seeing(&editor, &present)
        .act(&format!("{path}/revisions/1/revert"))
        .expect(200);
    assert_eq!(missing(), false);
}

#[test]
fn notes_go_to_the_trash_come_back_and_are_purged_with_what_they_are_about() {
    let app = App::start();
    let admin = app.admin();
    let thing = faq(&admin, "Lost?");
    let thread = begin(&admin, &faq_path(&thing), &json!({ "body": "Keep this." }));
    let answer = reply(&admin, &thread, "Yes.");
    seeing(&admin, &thing).delete(&faq_path(&thing)).expect(204);
    for path in [
        note_path(&thread),
        note_path(&answer),
        format!("{}/notes", faq_path(&thing)),
    ] {
        admin.get(&path).expect_problem(404, "not_found");
    }
    let replies = format!("{}/replies", note_path(&thread));
    admin
        .post(&replies, &json!({ "body": "x" }))
        .expect_problem(404, "not_found");
    assert_eq!(total(&admin, NOTES), 0);
    let lies = format!("{TRASH}/{}", text(&thing["id"]));
    let back = admin.act(&format!("{lies}/restore")).expect(200).data();
    assert_eq!(
        fresh(&admin, &note_path(&thread))["replies"][0]["id"],
        answer["id"]
    );
    seeing(&admin, &fresh(&admin, &faq_path(&back)))
        .delete(&faq_path(&back))
        .expect(204);
    admin.delete(&lies).expect(204);
    admin.get(&note_path(&thread)).expect_problem(404, "not_found");
}

#[test]
fn a_mention_reaches_an_inbox_by_an_id_or_by_a_name_that_says_one_account() {
    let app = App::start();
    let editor = app.editor();
    let ada = app.user(Role::Author, "ada@example.org");
    let bob = app.user(Role::Viewer, "bob@example.org");
    for email in ["carol@example.org", "carol@example.net"] {
        app.ensure_user(Role::Author, email);
    }
    app.ensure_user(Role::Reader, "dan@example.org");
    let (ada_id, bob_id) = (me(&ada)["id"].clone(), me(&bob)["id"].clone());
    let about = faq_path(&faq(&editor, "Whom?"));
    let body = json!({
        "body": "@Ada. See ada@example.net, @carol, @dan, @nobody!", "mentions": [bob_id]
    });
    let thread = begin(&editor, &about, &body);
    assert_eq!(each(&thread["mentions"], "id"), [text(&bob_id), text(&ada_id)]);
    assert_eq!(thread["mentions"][0]["name"], "Somebody");
    let silent = begin(&editor, &about, &json!({ "body": "To nobody." }));
    let inbox = |caller: &Caller, more: &str| {
        let path = format!("{NOTES}?mentions=me{more}");
        each(&caller.get(&path).expect(200).data(), "id")
    };
    assert_eq!(inbox(&ada, ""), [text(&thread["id"])]);
    assert_eq!(inbox(&bob, ""), [text(&thread["id"])]);
    assert!(inbox(&editor, "").is_empty());
    // A mention in a reply brings its thread.
    let answer = reply(&editor, &silent, "@ada?");
    assert_eq!(inbox(&ada, "").len(), 2);
    // Other words mention others; whom the client names stays as it says.
    let changed = seeing(&editor, &answer)
        .patch(
            &note_path(&answer),
            &json!({ "body": "Never mind.", "mentions": [] }),
        )
        .expect(200)
        .data();
    assert_eq!(
        (&changed["revision"], &changed["mentions"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(inbox(&ada, ""), [text(&thread["id"])]);
    let present = fresh(&editor, &note_path(&thread));
    seeing(&editor, &present)
        .act(&format!("{}/resolve", note_path(&thread)))
        .expect(200);
    assert!(inbox(&ada, "&resolved=false").is_empty());
    assert_eq!(inbox(&ada, "&resolved=true").len(), 1);
    assert_eq!(total(&editor, &format!("{NOTES}?resolved=false")), 1);

    let reader = app.user(Role::Reader, "dan@example.org");
    let wrong = json!({ "body": "x", "mentions": [
        me(&reader)["id"], "01930000-0000-7000-8000-00000000abcd", "ada", bob_id, bob_id
    ]});
    let refused = editor.post(&format!("{about}/notes"), &wrong);
    expect_errors(
        &refused.expect_problem(422, "validation_failed"),
        &[
            ("/mentions/0", "unknown_account"),
            ("/mentions/1", "unknown_account"),
            ("/mentions/2", "unknown_account"),
            ("/mentions/4", "duplicate"),
        ],
    );
    let key = app.key(&[Permission::ContentRead]);
    key.get(&format!("{NOTES}?mentions=me"))
        .expect_problem(403, "forbidden");
}

#[test]
fn whoever_is_gone_stays_named_in_what_was_said() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let gone = me(&app.user(Role::Author, "gone@example.org"))["id"].clone();
    let about = faq_path(&faq(&editor, "Who?"));
    let thread = begin(&editor, &about, &json!({ "body": "@gone" }));
    let account = format!("/management/v1/users/{}", text(&gone));
    seeing(&admin, &fresh(&admin, &account))
        .delete(&account)
        .expect(204);
    let mended = seeing(&editor, &thread)
        .patch(&note_path(&thread), &json!({ "body": "@gone, are you?" }))
        .expect(200)
        .data();
    assert_eq!(each(&mended["mentions"], "id"), [text(&gone)]);
    let refused = editor.post(
        &format!("{about}/notes"),
        &json!({ "body": "x", "mentions": [gone] }),
    );
    expect_errors(
        &refused.expect_problem(422, "validation_failed"),
        &[("/mentions/0", "unknown_account")],
    );
}

#[test]
fn ones_own_words_are_ones_own() {
    let app = App::start();
    let (ada, editor) = (app.author(), app.editor());
    let bob = app.user(Role::Author, "bob@example.org");
    let about = faq_path(&faq(&editor, "Whose?"));
    let thread = begin(&ada, &about, &json!({ "body": "Mine." }));
    let path = note_path(&thread);
    for other in [&bob, &editor, &app.viewer()] {
        let any = other.clone().seen("*");
        any.patch(&path, &json!({ "body": "Yours." }))
            .expect_problem(403, "forbidden");
    }
    bob.clone()
        .seen("*")
        .delete(&path)
        .expect_problem(403, "forbidden");
    let answer = reply(&bob, &thread, "Mine too.");
    let present = fresh(&ada, &path);
    let refused = seeing(&ada, &present).delete(&path);
    let refused = refused.expect_problem(403, "forbidden");
    assert!(
        text(&refused.body()["detail"]).contains("replied"),
        "{}",
        refused.text()
    );
    seeing(&bob, &answer).delete(&note_path(&answer)).expect(204);
    let alone = fresh(&ada, &path);
    assert_eq!(
        (&alone["replies_count"], &alone["revision"]),
        (&json!(0), &json!(3))
    );
    seeing(&ada, &alone).delete(&path).expect(204);
    ada.get(&path).expect_problem(404, "not_found");
    // An editor takes away a whole thread.
    let thread = begin(&ada, &about, &json!({ "body": "Mine again." }));
    let answer = reply(&bob, &thread, "And mine.");
    editor.clone().seen("*").delete(&note_path(&thread)).expect(204);
    bob.get(&note_path(&answer)).expect_problem(404, "not_found");
    assert_eq!(total(&editor, NOTES), 0);
}

#[test]
fn who_only_proposes_sees_the_threads_that_they_began() {
    let app = App::start();
    let editor = app.editor();
    let key = app.key(&[Permission::ArticlesPropose]);
    let made = plain_article(&editor, "Proposed upon");
    let path = article_path(&made);
    let theirs = begin(&editor, &path, &json!({ "body": "Among us." }));
    let own = begin(&key, &path, &json!({ "body": "A dead link." }));
    let answer = reply(&editor, &own, "Thank you.");
    for list in [format!("{path}/notes"), NOTES.to_owned()] {
        let listed = key.get(&list).expect(200).data();
        assert_eq!(each(&listed, "id"), [text(&own["id"])], "{list}");
    }
    key.get(&note_path(&answer)).expect(200);
    key.get(&note_path(&theirs)).expect_problem(404, "not_found");
    let to_theirs = format!("{}/replies", note_path(&theirs));
    key.post(&to_theirs, &json!({ "body": "Me too." }))
        .expect_problem(404, "not_found");
    key.clone()
        .seen("*")
        .act(&format!("{}/resolve", note_path(&theirs)))
        .expect_problem(404, "not_found");
    reply(&key, &own, "Welcome.");
    let question = faq_path(&faq(&editor, "Not theirs?"));
    let notes = format!("{question}/notes");
    key.get(&notes).expect_problem(403, "forbidden");
    key.post(&notes, &json!({ "body": "x" }))
        .expect_problem(403, "forbidden");
}

#[test]
fn everything_wrong_with_a_note_is_told_at_once() {
    let app = App::start();
    let editor = app.editor();
    let about = format!("{}/notes", article_path(&plain_article(&editor, "Wrong")));
    let absent = "01930000-0000-7000-8000-0000000fffff";
    let wrong = json!({ "body": " ", "quote": "\n", "section_id": absent, "mentions": ["x"] });
    let refused = editor
        .post(&about, &wrong)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &refused,
        &[
            ("/body", "blank"),
            ("/mentions/0", "unknown_account"),
            ("/quote", "blank"),
            ("/section_id", "unknown_section"),
        ],
    );
    for (body, place) in [
        (json!({ "body": "x".repeat(5_001) }), ("/body", "too_long")),
        (
            json!({ "body": "x", "quote": "x".repeat(1_001) }),
            ("/quote", "too_long"),
        ),
        (
            json!({ "body": "x", "mentions": vec!["x"; 21] }),
            ("/mentions", "too_many"),
        ),
    ] {
        let refused = editor.post(&about, &body).expect(422);
        assert!(
            refused.errors().contains(&(place.0.into(), place.1.into())),
            "{}",
            refused.text()
        );
    }
    editor
        .post(&about, &json!({ "body": "é".repeat(5_000) }))
        .expect(201);
    editor
        .get(&format!("{about}?section_id=x"))
        .expect_problem(400, "invalid_parameter");
    editor
        .get(&format!("{NOTES}?mentions=you"))
        .expect_problem(400, "invalid_parameter");
    for path in [
        format!("/management/v1/articles/{absent}/notes"),
        format!("{FAQS}/{absent}/notes"),
    ] {
        editor.get(&path).expect_problem(404, "not_found");
        editor
            .post(&path, &json!({ "body": "x" }))
            .expect_problem(404, "not_found");
    }
}

#[test]
fn lists_come_in_pages_with_the_latest_replies() {
    let app = App::start();
    let editor = app.editor();
    let about = article_path(&plain_article(&editor, "Long"));
    let threads: Vec<Value> = (0..5)
        .map(|n| begin(&editor, &about, &json!({ "body": format!("Note {n}") })))
        .collect();
    for n in 0..12 {
        app.clock().advance(1);
        reply(&editor, &threads[0], &format!("Reply {n}"));
    }
    let mut path = format!("{about}/notes?limit=2&sort=created_at&count=exact");
    let mut seen = Vec::new();
    for rows in [2, 2, 1] {
        let page = editor.get(&path).expect(200);
        assert_eq!(page.body()["meta"]["total"], 5);
        let ids = each(&page.data(), "id");
        assert_eq!(ids.len(), rows);
        seen.extend(ids);
        path = page.body()["links"]["next"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(
        seen,
        threads.iter().map(|note| text(&note["id"])).collect::<Vec<_>>()
    );
    let latest = editor
        .get(&format!("{NOTES}?sort=-updated_at&limit=1"))
        .expect(200)
        .data();
    assert_eq!(latest[0]["id"], threads[0]["id"]);
    assert_eq!(latest[0]["replies_count"], 12);
    let shown = each(&latest[0]["replies"], "body");
    assert_eq!(
        (shown.len(), shown[0].as_str(), shown[9].as_str()),
        (10, "Reply 2", "Reply 11")
    );
    assert_eq!(
        fresh(&editor, &note_path(&threads[0]))["replies"]
            .as_array()
            .map(Vec::len),
        Some(12)
    );
}
