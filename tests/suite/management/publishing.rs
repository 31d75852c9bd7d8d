//! What readers see, and since when.

use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{article_path, expect_errors, fresh, plain_article, section_path, seeing, text};

fn act(caller: &Caller, article: &Value, action: &str) -> Value {
    seeing(caller, article)
        .act(&format!("{}/{action}", article_path(article)))
        .expect(200)
        .data()
}

fn schedule(caller: &Caller, article: &Value, at: &str) -> Value {
    seeing(caller, article)
        .post(
            &format!("{}/schedule", article_path(article)),
            &json!({ "publish_at": at }),
        )
        .expect(200)
        .data()
}

fn delivered(article: &Value) -> String {
    format!("/delivery/v1/articles/{}", text(&article["id"]))
}

#[test]
fn publishing_again_keeps_the_first_date() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(&editor, &article("Dated"));
    let first = publish(&editor, &draft).data();
    assert_eq!(first["status"], "published");
    assert_eq!(
        (&first["revision"], &first["published_revision"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(first["published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(first["first_published_at"], "2026-03-01T12:00:00Z");

    app.clock().advance(60);
    let same = publish(&editor, &first);
    assert_eq!(
        same.data(),
        first,
        "what readers see already is not published again"
    );
    assert_eq!(same.body()["meta"]["published_faqs"], json!([]));

    let path = section_path(&first, 0);
    seeing(&editor, &first["sections"][0])
        .patch(&path, &json!({ "body": "Corrected." }))
        .expect(200);
    let ahead = fresh(&editor, &article_path(&first));
    assert_eq!(ahead["has_unpublished_changes"], true);
    assert_eq!(ahead["status"], "published");
    let body = || {
        reader
            .get(&format!("{}?format=text", delivered(&first)))
            .expect(200)
            .data()["sections"][0]["body"]["text"]
            .clone()
    };
    assert_eq!(body(), "The sea is never still.");
    let second = publish(&editor, &ahead).data();
    assert_eq!(body(), "Corrected.");
    assert_eq!(second["published_at"], "2026-03-01T12:01:00Z");
    assert_eq!(second["first_published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(second["published_revision"], 2);
    assert_eq!(second["has_unpublished_changes"], false);
}

#[test]
fn what_is_unpublished_is_gone_for_readers_and_a_draft_again() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let first = publish(&editor, &create_article(&editor, &article("Away"))).data();
    reader.get(&delivered(&first)).expect(200);
    let down = act(&editor, &first, "unpublish");
    assert_eq!(
        (&down["status"], &down["published_at"]),
        (&json!("draft"), &Value::Null)
    );
    assert_eq!(down["first_published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(
        (&down["published_revision"], &down["revision"]),
        (&Value::Null, &json!(1))
    );
    for address in [
        delivered(&first),
        format!("{}/sections", delivered(&first)),
        "/delivery/v1/articles/by-slug/away".to_owned(),
    ] {
        reader.get(&address).expect_problem(410, "gone");
    }
    app.clock().advance(60);
    let again = publish(&editor, &down).data();
    assert_eq!(again["published_at"], "2026-03-01T12:01:00Z");
    assert_eq!(again["first_published_at"], "2026-03-01T12:00:00Z");
    reader.get(&delivered(&first)).expect(200);
}

#[test]
fn an_edition_can_be_dated_back_and_never_ahead() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = plain_article(&editor, "Moved here");
    let path = format!("{}/publish", article_path(&draft));
    let ahead = seeing(&editor, &draft)
        .post(&path, &json!({ "published_at": "2026-03-01T12:00:01Z" }))
        .expect_problem(422, "validation_failed");
    expect_errors(&ahead, &[("/published_at", "in_future")]);
    for (wrong, code) in [(json!("yesterday"), "invalid_format"), (json!(7), "wrong_type")] {
        let answer = seeing(&editor, &draft)
            .post(&path, &json!({ "published_at": wrong }))
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("/published_at", code)]);
    }
    let unknown = seeing(&editor, &draft)
        .post(&path, &json!({ "publish_at": "2020-01-01T00:00:00Z" }))
        .expect_problem(422, "unknown_field");
    expect_errors(&unknown, &[("/publish_at", "unknown_field")]);
    assert_eq!(fresh(&editor, &article_path(&draft)), draft);

    let back = seeing(&editor, &draft)
        .post(&path, &json!({ "published_at": "2019-05-06T09:08:09+02:00" }))
        .expect(200)
        .data();
    assert_eq!(back["published_at"], "2019-05-06T07:08:09Z");
    assert_eq!(back["first_published_at"], "2019-05-06T07:08:09Z");
    let page = reader.get(&delivered(&draft)).expect(200).data();
    assert_eq!(page["published_at"], "2019-05-06T07:08:09Z");
    let later = seeing(&editor, &back)
        .post(&path, &json!({ "published_at": "2020-01-01T00:00:00Z" }))
        .expect(200)
        .data();
    assert_eq!(later["published_at"], "2020-01-01T00:00:00Z");
    assert_eq!(
        later["first_published_at"], "2019-05-06T07:08:09Z",
        "the first date only goes back"
    );
    let same = seeing(&editor, &later)
        .send("POST", &path, Some(("application/json", b"{}")))
        .expect(200)
        .data();
    assert_eq!(same["published_at"], "2020-01-01T00:00:00Z");
}

#[test]
fn a_moment_is_answered_as_it_is_kept() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for (given, kept) in [
        ("2020-01-01T00:00:00.123456789Z", "2020-01-01T00:00:00.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("1969-07-20T20:17:40Z", "1969-07-20T20:17:40Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ] {
        let draft = plain_article(&editor, "Moment");
        let answer = seeing(&editor, &draft)
            .post(
                &format!("{}/publish", article_path(&draft)),
                &json!({ "published_at": given }),
            )
            .expect(200);
        assert_eq!(answer.data()["published_at"], kept);
        assert_eq!(fresh(&editor, &article_path(&draft)), answer.data());
        assert_eq!(
            reader.get(&delivered(&draft)).expect(200).data()["published_at"],
            kept
        );
    }
    let draft = plain_article(&editor, "Moment");
    let scheduled = schedule(&editor, &draft, "2030-01-01T00:00:00.0000019Z");
    assert_eq!(scheduled["publish_at"], "2030-01-01T00:00:00.000001Z");
    assert_eq!(fresh(&editor, &article_path(&draft)), scheduled);
}

#[test]
fn nobody_publishes_an_older_state_than_they_have_seen() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(&editor, &article("Seen"));
    seeing(&editor, &draft["sections"][1])
        .patch(&section_path(&draft, 1), &json!({ "body": "Somebody else's." }))
        .expect(200);
    let stale = seeing(&editor, &draft)
        .act(&format!("{}/publish", article_path(&draft)))
        .expect_problem(412, "stale_revision");
    assert_eq!(stale.body()["current_revision"], 2);
    reader.get(&delivered(&draft)).expect_problem(404, "not_found");
}

#[test]
fn authors_and_viewers_publish_nothing() {
    let app = App::start();
    let (editor, ada, viewer) = (app.editor(), app.author(), app.viewer());
    let own = plain_article(&ada, "Mine");
    let path = article_path(&own);
    for caller in [&ada, &viewer] {
        for action in ["publish", "unpublish", "unschedule"] {
            seeing(caller, &own)
                .act(&format!("{path}/{action}"))
                .expect_problem(403, "forbidden");
        }
        seeing(caller, &own)
            .post(
                &format!("{path}/schedule"),
                &json!({ "publish_at": "2030-01-01T00:00:00Z" }),
            )
            .expect_problem(403, "forbidden");
    }
    assert_eq!(fresh(&viewer, &path), own);
    assert_eq!(publish(&editor, &own).data()["status"], "published");
}
