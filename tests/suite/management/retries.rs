//! The same request sent twice is carried out once.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, article, create_article};
use serde_json::{Value, json};

use super::cases::{OPEN, PARTING, case, operations, takes_header};
use super::raw::exchange;
use super::support::{ARTICLES, FAQS, TAGS, article_path, faq, faq_path, fresh, seeing, text, total};

const REPLAYED: &str = "idempotent-replayed";

fn keyed(caller: &Caller, key: &str) -> Caller {
    caller.clone().with("Idempotency-Key", key)
}

#[test]
fn the_same_key_and_body_get_the_first_answer_again() {
    let app = App::start();
    let editor = app.editor();
    let body = article("Once, ü");
    let first = keyed(&editor, "k-1").post(ARTICLES, &body).expect(201);
    assert_eq!(first.header(REPLAYED), None);
    // What has happened since then changes nothing of it.
    let made = first.data();
    seeing(&editor, &made)
        .patch(&article_path(&made), &json!({ "title": "Changed" }))
        .expect(200);
    for key in ["k-1", "\"k-1\""] {
        let again = keyed(&editor, key).post(ARTICLES, &body).expect(201);
        assert_eq!(again.header(REPLAYED), Some("true"));
        assert_eq!(again.bytes(), first.bytes());
        for name in ["etag", "location", "content-type", "cache-control"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(total(&editor, ARTICLES), 1);
    keyed(&editor, "k-2").post(ARTICLES, &body).expect(201);
    assert_eq!(total(&editor, ARTICLES), 2);
}

#[test]
fn a_first_answer_is_compressed_like_any_other() {
    let app = App::start();
    let editor = app.editor();
    let body = article("Once").to_string();
    let request = format!(
        "POST {ARTICLES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\nAccept-Encoding: gzip\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        editor.token().unwrap(),
        body.len()
    );
    for replayed in [None, Some("true")] {
        let answer = exchange(&app, request.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header(REPLAYED)), (201, replayed));
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        assert_eq!(answer.header("location").map(str::len), Some(ARTICLES.len() + 37));
    }
}

#[test]
fn another_request_under_the_same_key_is_refused() {
    let app = App::start();
    let editor = app.editor();
    let made = keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Sea" }))
        .expect(201);
    let refused = |answer: masthead_tests::Response| {
        answer.expect_problem(422, "idempotency_key_reused");
    };
    refused(keyed(&editor, "k").post(TAGS, &json!({ "name": "Moon" })));
    // However wrong it is in itself.
    refused(keyed(&editor, "k").post(TAGS, &json!({ "nam": 5 })));
    refused(keyed(&editor, "k").send("POST", TAGS, Some(("application/json", b"{\"name\": \"Sea\"}"))));
    refused(keyed(&editor, "k").send(
        "POST",
        TAGS,
        Some(("application/json; charset=utf-8", b"{\"name\":\"Sea\"}")),
    ));
    refused(keyed(&editor, "k").post("/management/v1/authors", &json!({ "name": "Sea" })));
    assert_eq!(total(&editor, TAGS), 1);
    assert_eq!(total(&editor, "/management/v1/authors"), 0);
    let again = keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Sea" }))
        .expect(201);
    assert_eq!(again.bytes(), made.bytes());
}

#[test]
fn an_act_is_bound_to_the_revision_that_was_seen() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Why?");
    let path = format!("{}/publish", faq_path(&made));
    let first = keyed(&seeing(&editor, &made), "k").act(&path).expect(200);
    seeing(&editor, &made)
        .patch(&faq_path(&made), &json!({ "answer": "Other." }))
        .expect(200);
    // The tag is stale by now; the answer is that of the time when it was not.
    let again = keyed(&seeing(&editor, &made), "k").act(&path).expect(200);
    assert_eq!(
        (again.bytes(), again.header(REPLAYED)),
        (first.bytes(), Some("true"))
    );
    let changed = fresh(&editor, &faq_path(&made));
    assert_eq!(changed["has_unpublished_changes"], true);
    keyed(&seeing(&editor, &changed), "k")
        .act(&path)
        .expect_problem(422, "idempotency_key_reused");
}

#[test]
fn nobody_gets_the_answer_of_somebody_else() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let key = app.key(&[Permission::ArticlesWrite, Permission::ContentRead]);
    let author = app.user(Role::Author, "other@example.org");
    let ids: Vec<_> = [&editor, &admin, &key, &author]
        .into_iter()
        .map(|caller| {
            let answer = keyed(caller, "same").post(ARTICLES, &article("Mine")).expect(201);
            assert_eq!(answer.header(REPLAYED), None);
            text(&answer.data()["id"])
        })
        .collect();
    assert_eq!(total(&editor, ARTICLES), 4);
    // The account is the same under its next token.
    let again = keyed(&app.editor(), "same")
        .post(ARTICLES, &article("Mine"))
        .expect(201);
    assert_eq!(text(&again.data()["id"]), ids[0]);
    assert_eq!(again.header(REPLAYED), Some("true"));
    keyed(&app.anonymous(), "same")
        .post(ARTICLES, &article("Mine"))
        .expect_problem(401, "authentication_required");
}

#[test]
fn what_was_refused_is_judged_anew() {
    let app = App::start();
    let (editor, viewer) = (app.editor(), app.viewer());
    let body = json!({ "locale": "en", "title": "Tagged", "tags": ["sea"] });
    for _ in 0..2 {
        let answer = keyed(&editor, "k").post(ARTICLES, &body);
        answer.expect_problem(422, "validation_failed");
    }
    editor.post(TAGS, &json!({ "name": "Sea" })).expect(201);
    let made = keyed(&editor, "k").post(ARTICLES, &body).expect(201);
    assert_eq!(made.header(REPLAYED), None);
    // A refused request leaves its key free for another one.
    keyed(&editor, "l").post(TAGS, &json!({ "name": "" })).expect(422);
    keyed(&editor, "l")
        .post(TAGS, &json!({ "name": "Moon" }))
        .expect(201);
    keyed(&editor, "m")
        .post(TAGS, &json!({ "name": "Moon", "slug": "moon" }))
        .expect(409);
    keyed(&viewer, "k")
        .post(ARTICLES, &body)
        .expect_problem(403, "forbidden");
}

#[test]
fn a_key_is_free_after_a_day() {
    let app = App::start();
    let editor = app.editor();
    keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Sea" }))
        .expect(201);
    app.clock().advance(24 * 3600 - 1);
    let editor = app.editor();
    let again = keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Sea" }))
        .expect(201);
    assert_eq!(again.header(REPLAYED), Some("true"));
    app.clock().advance(1);
    let editor = app.editor();
    let new = keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Moon" }))
        .expect(201);
    assert_eq!(new.header(REPLAYED), None);
    let again = keyed(&editor, "k")
        .post(TAGS, &json!({ "name": "Moon" }))
        .expect(201);
    assert_eq!(
        (again.header(REPLAYED), again.bytes()),
        (Some("true"), new.bytes())
    );
    assert_eq!(total(&editor, TAGS), 2);
}

#[test]
fn keys_that_are_none_are_refused_before_anything_is_done() {
    let app = App::start();
    let editor = app.editor();
    let (long, longest) = ("k".repeat(256), "k".repeat(255));
    for key in ["", "\"\"", "\"open", "a,b", "a\"b", "\u{fc}", &long] {
        let answer = keyed(&editor, key).post(TAGS, &json!({ "name": "Sea" }));
        let answer = answer.expect_problem(400, "invalid_header");
        assert_eq!(
            answer.errors(),
            [("Idempotency-Key".into(), "invalid_format".into())]
        );
    }
    let twice = keyed(&keyed(&editor, "a"), "a").post(TAGS, &json!({ "name": "Sea" }));
    let twice = twice.expect_problem(400, "invalid_header");
    assert_eq!(twice.errors(), [("Idempotency-Key".into(), "duplicate".into())]);
    assert_eq!(total(&editor, TAGS), 0);
    keyed(&editor, &longest)
        .post(TAGS, &json!({ "name": "Sea" }))
        .expect(201);
}

#[test]
fn a_key_is_refused_where_it_would_mean_nothing() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Guarded"));
    let caller = keyed(&seeing(&editor, &made), "k");
    let path = article_path(&made);
    caller
        .patch(&path, &json!({ "title": "No" }))
        .expect_problem(400, "invalid_header");
    caller
        .put(&path, &article("No"))
        .expect_problem(400, "invalid_header");
    caller.delete(&path).expect_problem(400, "invalid_header");
    assert_eq!(caller.get(&path).expect(200).data(), made);
}

#[test]
fn every_post_of_the_document_can_be_sent_again() {
    let app = App::start();
    let mut walked = 0;
    for (id, operation) in operations() {
        // Anew, because some operations end the session of whoever sends them.
        let editor = app.admin();
        let case = case(&app, &editor, &editor, &id);
        assert_eq!(
            takes_header(&operation, "Idempotency-Key"),
            case.method == "POST",
            "{id}"
        );
        if case.method != "POST" {
            continue;
        }
        walked += 1;
        let caller = keyed(&editor, &format!("walk {id}"));
        let first = case.send_seeing(&caller);
        assert!((200..300).contains(&first.status()), "{id}: {}", first.text());
        assert_eq!(first.header(REPLAYED), None, "{id}");
        let again = case.send_seeing(&caller);
        if PARTING.contains(&id.as_str()) {
            again.expect_problem(401, "invalid_token");
            continue;
        }
        let untold = [
            "create_api_key",
            "rotate_api_key",
            "create_preview_link",
            "begin_second_factor",
            "confirm_second_factor",
            "renew_recovery_codes",
            "disable_second_factor",
        ];
        if untold.contains(&id.as_str()) {
            again.expect_problem(409, "answer_not_kept");
            continue;
        }
        if OPEN.contains(&id.as_str()) {
            // Whom a key belongs to is not known; a link is good once whatever key comes with it.
            assert_eq!(again.header(REPLAYED), None);
            let is_link = ["confirm", "accept", "finish"]
                .iter()
                .any(|verb| id.starts_with(verb));
            let expected = if is_link { 401 } else { first.status() };
            assert_eq!(again.status(), expected, "{id}: {}", again.text());
            continue;
        }
        assert_eq!(again.status(), first.status(), "{id}: {}", again.text());
        assert_eq!(again.header(REPLAYED), Some("true"), "{id}");
        assert_eq!(again.bytes(), first.bytes(), "{id}");
        let responses = operation["responses"].as_object().unwrap();
        let good = &responses[&first.status().to_string()];
        assert!(good["headers"]["Idempotent-Replayed"].is_object(), "{id}");
    }
    assert!(walked >= 13, "{walked}");
}

#[test]
fn a_login_takes_a_key_and_keeps_nothing() {
    let app = App::start();
    app.ensure_user(Role::Viewer, "ada@example.org");
    let login = json!({ "email": "ada@example.org", "password": masthead_tests::PASSWORD });
    let path = "/management/v1/auth/login";
    let token = |answer: masthead_tests::Response| text(&answer.expect(200).data()["access_token"]);
    let one = token(keyed(&app.anonymous(), "k").post(path, &login));
    let other = token(keyed(&app.anonymous(), "k").post(path, &login));
    assert_ne!(one, other);
    keyed(&app.anonymous(), "\"")
        .post(path, &login)
        .expect_problem(400, "invalid_header");
    let again: Value = json!({ "email": "ada@example.org", "password": "wrong wrong wrong" });
    keyed(&app.anonymous(), "k")
        .post(path, &again)
        .expect_problem(401, "invalid_credentials");
    assert_eq!(total(&app.editor(), FAQS), 0);
}
