//! Moments that are set, called off, and kept on however many nodes.

use std::time::Duration;

use masthead_domain::id::ArticleId;
use masthead_domain::published::Edition;
use masthead_domain::slug::Slug;
use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, article_path, each, eventually, expect_errors, fresh, plain_article, seeing, text,
};

/// Longer than the scheduler waits between two looks.
const A_BEAT: Duration = Duration::from_millis(1_500);

fn act(caller: &Caller, article: &Value, action: &str) -> Value {
    let path = format!("{}/{action}", article_path(article));
    seeing(caller, article).act(&path).expect(200).data()
}

fn set(caller: &Caller, article: &Value, moments: &Value) -> Value {
    let path = format!("{}/schedule", article_path(article));
    seeing(caller, article).post(&path, moments).expect(200).data()
}

fn schedule(caller: &Caller, article: &Value, at: &str) -> Value {
    set(caller, article, &json!({ "publish_at": at }))
}

fn delivered(article: &Value) -> String {
    format!("/delivery/v1/articles/{}", text(&article["id"]))
}

/// What the log says of an article, oldest first.
fn log(app: &App, article: &Value) -> Vec<(String, String)> {
    let changes = app
        .anonymous()
        .get("/delivery/v1/changes?since=0&limit=500")
        .expect(200);
    let all = changes.data().as_array().unwrap().clone();
    let own = all.iter().filter(|entry| entry["id"] == article["id"]);
    own.map(|entry| (text(&entry["op"]), text(&entry["reason"])))
        .collect()
}

fn entries(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(op, reason): &(&str, &str)| ((*op).to_owned(), (*reason).to_owned());
    list.iter().map(owned).collect()
}

/// Lets another article hold, before readers' eyes, the slug of this one: what no request can bring about.
fn take_slug(app: &App, editor: &Caller, article: &Value) -> Value {
    let other = publish(editor, &plain_article(editor, "In the way")).data();
    let id = ArticleId::parse(other["id"].as_str().unwrap()).unwrap();
    let slug = Slug::parse(article["slug"].as_str().unwrap()).unwrap();
    let taken = app.storage().write_blocking(move |repository| {
        let mut there = repository.article(id)?.expect("it is there");
        there.slug = slug.clone();
        let at = there.published_at.expect("it is published");
        repository.put_edition(&Edition::render(&there, at, at))
    });
    taken.expect("the edition is put");
    other
}

#[test]
fn a_scheduled_article_appears_by_itself_when_its_time_has_come() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(&editor, &article("Soon"));
    let scheduled = schedule(&editor, &draft, "2026-03-01T12:10:00Z");
    assert_eq!(scheduled["status"], "scheduled");
    assert_eq!(scheduled["publish_at"], "2026-03-01T12:10:00Z");
    assert_eq!(scheduled["revision"], 1);
    app.clock().advance(599);
    std::thread::sleep(A_BEAT);
    reader.get(&delivered(&draft)).expect_problem(404, "not_found");
    app.clock().advance(1);
    eventually("the article appears", || {
        reader.get(&delivered(&draft)).status() == 200
    });
    let page = reader.get(&delivered(&draft)).expect(200).data();
    assert_eq!(page["published_at"], "2026-03-01T12:10:00Z");
    assert_eq!(page["faqs"][0]["question"], "What of Soon?");
    let shown = fresh(&editor, &article_path(&draft));
    assert_eq!(
        (&shown["status"], &shown["publish_at"]),
        (&json!("published"), &Value::Null)
    );
    assert_eq!(shown["published_at"], "2026-03-01T12:10:00Z");
    assert_eq!(shown["faqs"][0]["status"], "published");
}

#[test]
fn what_falls_due_appears_as_it_stands_and_once_on_however_many_nodes() {
    let app = App::start();
    let _other = app.second_node().start();
    let editor = app.editor();
    let draft = create_article(&editor, &article("Changed"));
    let scheduled = schedule(&editor, &draft, "2026-03-01T12:10:00Z");
    let changed = seeing(&editor, &scheduled)
        .patch(&article_path(&draft), &json!({ "title": "Changed since" }))
        .expect(200)
        .data();
    assert_eq!(changed["status"], "scheduled", "a write changes no state");
    let moved = schedule(&editor, &changed, "2026-03-01T12:05:00Z");
    assert_eq!(moved["publish_at"], "2026-03-01T12:05:00Z");
    app.clock().advance(301);
    eventually("it is published", || {
        fresh(&editor, &article_path(&draft))["status"] == "published"
    });
    std::thread::sleep(A_BEAT);
    let shown = fresh(&editor, &article_path(&draft));
    assert_eq!(shown["published_at"], "2026-03-01T12:05:00Z");
    assert_eq!(
        (&shown["revision"], &shown["published_revision"]),
        (&json!(2), &json!(2))
    );
    let page = app.anonymous().get(&delivered(&draft)).expect(200).data();
    assert_eq!(page["title"], "Changed since");
}

#[test]
fn a_schedule_lies_ahead_and_can_be_called_off() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = plain_article(&editor, "Never");
    let path = format!("{}/schedule", article_path(&draft));
    for past in [
        "2026-03-01T12:00:00Z",
        "2026-03-01T11:59:59Z",
        "1999-01-01T00:00:00Z",
    ] {
        let answer = seeing(&editor, &draft)
            .post(&path, &json!({ "publish_at": past }))
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("/publish_at", "in_past")]);
    }
    let missing = seeing(&editor, &draft)
        .post(&path, &json!({}))
        .expect_problem(422, "validation_failed");
    expect_errors(&missing, &[("/publish_at", "required")]);
    seeing(&editor, &draft)
        .act(&path)
        .expect_problem(415, "unsupported_media_type");
    assert_eq!(fresh(&editor, &article_path(&draft)), draft);

    let scheduled = schedule(&editor, &draft, "2026-03-01T12:10:00Z");
    let off = act(&editor, &scheduled, "unschedule");
    assert_eq!(
        (&off["status"], &off["publish_at"]),
        (&json!("draft"), &Value::Null)
    );
    app.clock().advance(660);
    std::thread::sleep(A_BEAT);
    reader.get(&delivered(&draft)).expect_problem(404, "not_found");
    let now = publish(&editor, &off).data();
    assert_eq!(now["published_at"], "2026-03-01T12:11:00Z");
}

#[test]
fn a_scheduled_article_that_is_published_by_hand_or_deleted_is_not_published_again() {
    let app = App::start();
    let editor = app.editor();
    let [hand, gone] = ["Hand", "Gone"].map(|title| {
        let draft = plain_article(&editor, title);
        schedule(&editor, &draft, "2026-03-01T12:10:00Z")
    });
    let published = publish(&editor, &hand).data();
    assert_eq!(published["publish_at"], Value::Null);
    seeing(&editor, &gone).delete(&article_path(&gone)).expect(204);
    app.clock().advance(601);
    std::thread::sleep(A_BEAT);
    assert_eq!(
        fresh(&editor, &article_path(&hand))["published_at"],
        "2026-03-01T12:00:00Z"
    );
    app.anonymous()
        .get(&delivered(&gone))
        .expect_problem(404, "not_found");
}

#[test]
fn moments_are_checked_together_and_a_published_article_takes_the_second_alone() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Moments");
    let published = publish(&editor, &plain_article(&editor, "There")).data();
    let (past, soon, later) = (
        "2026-03-01T11:00:00Z",
        "2026-03-01T12:05:00Z",
        "2026-03-01T12:10:00Z",
    );
    let refused = |thing: &Value, moments: Value, errors: &[(&str, &str)]| {
        let path = format!("{}/schedule", article_path(thing));
        let answer = seeing(&editor, thing)
            .post(&path, &moments)
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, errors);
        assert_eq!(fresh(&editor, &article_path(thing)), *thing);
    };
    let (publish_at, unpublish_at) = ("/publish_at", "/unpublish_at");
    refused(&draft, json!({}), &[(publish_at, "required")]);
    refused(&draft, json!({ "publish_at": null }), &[(publish_at, "required")]);
    refused(
        &draft,
        json!({ "unpublish_at": soon }),
        &[(publish_at, "required")],
    );
    refused(
        &draft,
        json!({ "unpublish_at": past }),
        &[(publish_at, "required"), (unpublish_at, "in_past")],
    );
    for end in [soon, later] {
        refused(
            &draft,
            json!({ "publish_at": later, "unpublish_at": end }),
            &[(unpublish_at, "not_after_publish_at")],
        );
    }
    refused(
        &draft,
        json!({ "publish_at": past, "unpublish_at": past }),
        &[(publish_at, "in_past"), (unpublish_at, "not_after_publish_at")],
    );
    refused(&published, json!({}), &[(unpublish_at, "required")]);
    refused(
        &published,
        json!({ "unpublish_at": past }),
        &[(unpublish_at, "in_past")],
    );

    let both = set(
        &editor,
        &draft,
        &json!({ "publish_at": soon, "unpublish_at": later }),
    );
    assert_eq!(
        (&both["publish_at"], &both["unpublish_at"]),
        (&json!(soon), &json!(later))
    );
    assert_eq!(both["schedule_state"], "pending");
    let one = set(&editor, &both, &json!({ "publish_at": later }));
    assert_eq!(
        (&one["publish_at"], &one["unpublish_at"]),
        (&json!(later), &Value::Null)
    );
    let ends = set(&editor, &published, &json!({ "unpublish_at": later }));
    assert_eq!(
        (&ends["status"], &ends["unpublish_at"]),
        (&json!("published"), &json!(later))
    );
    let off = act(&editor, &ends, "unschedule");
    assert_eq!(
        (&off["status"], &off["unpublish_at"]),
        (&json!("published"), &Value::Null)
    );
    assert_eq!(off["schedule_state"], Value::Null);
}

#[test]
fn what_is_to_be_taken_away_goes_by_itself_and_once_on_two_nodes() {
    let app = App::start();
    let _other = app.second_node().start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let window = json!({ "publish_at": "2026-03-01T12:02:00Z", "unpublish_at": "2026-03-01T12:04:00Z" });
    let draft = set(&editor, &create_article(&editor, &article("Window")), &window);
    let published = publish(&editor, &plain_article(&editor, "There")).data();
    let ends = set(
        &editor,
        &published,
        &json!({ "unpublish_at": "2026-03-01T12:04:00Z" }),
    );
    app.clock().advance(121);
    eventually("it appears", || reader.get(&delivered(&draft)).status() == 200);
    assert_eq!(fresh(&editor, &article_path(&draft))["schedule_state"], "pending");
    app.clock().advance(120);
    for thing in [&draft, &ends] {
        eventually("it goes", || reader.get(&delivered(thing)).status() == 410);
        let now = fresh(&editor, &article_path(thing));
        assert_eq!(
            (&now["status"], &now["unpublish_at"]),
            (&json!("draft"), &Value::Null)
        );
        assert_eq!(
            (&now["schedule_state"], &now["etag"]),
            (&Value::Null, &thing["etag"])
        );
    }
    std::thread::sleep(A_BEAT);
    for thing in [&draft, &ends] {
        let once = entries(&[("upsert", "published"), ("delete", "unpublished")]);
        assert_eq!(log(&app, thing), once);
    }
}

#[test]
fn what_cannot_be_kept_is_said_and_can_be_scheduled_anew() {
    let app = App::start();
    let _other = app.second_node().start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(&editor, &article("Taken"));
    let other = take_slug(&app, &editor, &draft);
    let fine = schedule(&editor, &plain_article(&editor, "Fine"), "2026-03-01T12:01:01Z");
    let scheduled = schedule(&editor, &draft, "2026-03-01T12:01:00Z");
    app.clock().advance(61);
    let path = article_path(&draft);
    eventually("it fails", || fresh(&editor, &path)["schedule_state"] == "failed");
    eventually("others are not held up", || {
        reader.get(&delivered(&fine)).status() == 200
    });
    let failed = fresh(&editor, &path);
    assert_eq!(
        (&failed["status"], &failed["publish_at"], &failed["etag"]),
        (&json!("scheduled"), &scheduled["publish_at"], &scheduled["etag"])
    );
    assert_eq!(failed["schedule_error"]["code"], "already_exists");
    assert_eq!(failed["schedule_error"]["at"], "2026-03-01T12:01:01Z");
    let message = text(&failed["schedule_error"]["message"]);
    assert!(message.contains("`taken`"), "{message}");
    assert_eq!(failed["faqs"][0]["status"], "draft", "all or nothing");
    let list = format!("{ARTICLES}?schedule_state=failed");
    assert_eq!(
        each(&editor.get(&list).expect(200).data(), "id"),
        [text(&draft["id"])]
    );

    // What is in the way goes, and still nothing happens until somebody says when.
    act(&editor, &other, "unpublish");
    std::thread::sleep(A_BEAT);
    assert_eq!(fresh(&editor, &path), failed);
    let anew = schedule(&editor, &failed, "2026-03-01T12:02:00Z");
    assert_eq!(
        (&anew["schedule_state"], &anew["schedule_error"]),
        (&json!("pending"), &Value::Null)
    );
    app.clock().advance(60);
    eventually("it appears", || reader.get(&delivered(&draft)).status() == 200);
    assert_eq!(fresh(&editor, &path)["schedule_state"], Value::Null);
}

#[test]
fn what_failed_can_be_called_off() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Called off");
    take_slug(&app, &editor, &draft);
    let scheduled = schedule(&editor, &draft, "2026-03-01T12:01:00Z");
    app.clock().advance(61);
    let path = article_path(&draft);
    eventually("it fails", || fresh(&editor, &path)["schedule_state"] == "failed");
    let off = act(&editor, &scheduled, "unschedule");
    assert_eq!(
        (&off["status"], &off["schedule_state"], &off["schedule_error"]),
        (&json!("draft"), &Value::Null, &Value::Null)
    );
}

/// Two requests at once; answers their statuses.
fn at_once(one: impl Fn() -> u16 + Sync, other: impl Fn() -> u16 + Sync) -> [u16; 2] {
    let barrier = std::sync::Barrier::new(2);
    let run = |ask: &(dyn Fn() -> u16 + Sync)| {
        barrier.wait();
        ask()
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| run(&one));
        let second = scope.spawn(|| run(&other));
        [first.join().unwrap(), second.join().unwrap()]
    })
}

#[test]
fn two_who_publish_at_once_publish_once() {
    let app = App::builder().with(|settings| settings.workers = 2).start();
    let editor = app.editor();
    for _ in 0..10 {
        let draft = create_article(&editor, &article("Both"));
        let path = format!("{}/publish", article_path(&draft));
        let ask = || seeing(&editor, &draft).act(&path).status();
        assert_eq!(at_once(ask, ask), [200, 200]);
        assert_eq!(log(&app, &draft), entries(&[("upsert", "published")]));
    }
}

#[test]
fn who_schedules_and_who_calls_off_at_once_leave_one_state() {
    let app = App::builder().with(|settings| settings.workers = 2).start();
    let editor = app.editor();
    for _ in 0..15 {
        let draft = schedule(&editor, &plain_article(&editor, "Race"), "2030-01-01T00:00:00Z");
        let path = article_path(&draft);
        let moment = json!({ "publish_at": "2031-01-01T00:00:00Z" });
        let [set, off] = at_once(
            || {
                seeing(&editor, &draft)
                    .post(&format!("{path}/schedule"), &moment)
                    .status()
            },
            || {
                seeing(&editor, &draft)
                    .act(&format!("{path}/unschedule"))
                    .status()
            },
        );
        assert_eq!(
            (set, off),
            (200, 200),
            "each is allowed before and after the other"
        );
        let now = fresh(&editor, &path);
        let whole = [
            json!(["scheduled", "2031-01-01T00:00:00Z", "pending"]),
            json!(["draft", null, null]),
        ];
        let state = json!([now["status"], now["publish_at"], now["schedule_state"]]);
        assert!(whole.contains(&state), "{state}");
    }
}

#[test]
fn who_calls_off_in_the_moment_itself_is_told_who_was_first() {
    let app = App::builder().with(|settings| settings.workers = 2).start();
    let _other = app.second_node().start();
    let editor = app.editor();
    let all: Vec<_> = (0..20)
        .map(|_| schedule(&editor, &plain_article(&editor, "Moment"), "2026-03-01T12:01:00Z"))
        .collect();
    app.clock().advance(61);
    for draft in &all {
        let path = article_path(draft);
        let answer = seeing(&editor, draft).act(&format!("{path}/unschedule"));
        let expected = match answer.status() {
            200 => ("draft", vec![]),
            409 => ("published", entries(&[("upsert", "published")])),
            other => panic!("{other}: {}", answer.text()),
        };
        assert_eq!(fresh(&editor, &path)["status"], expected.0);
        assert_eq!(log(&app, draft), expected.1);
    }
}
