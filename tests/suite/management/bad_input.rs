//! Bodies that cannot be: each is answered with what to do, and leaves nothing behind.

use masthead_tests::{App, Caller, article, create_article};
use serde_json::json;

use super::cases::{case, operations};
use super::raw::{cut_off, exchange};
use super::support::{
    ARTICLES, TAGS, article_path, expect_errors, fresh, plain_article, text, total, totals,
};

const JSON: &str = "application/json";

/// The service answers, writes, and holds what it held before.
#[track_caller]
fn expect_unharmed(app: &App, editor: &Caller, before: [u64; 4]) {
    assert_eq!(totals(editor), before, "something half-written remains");
    assert_eq!(app.anonymous().get("/health/ready").status(), 200);
    let made = plain_article(editor, "Still alive");
    editor
        .clone()
        .seen(&text(&made["etag"]))
        .delete(&article_path(&made))
        .expect(204);
}

#[test]
fn a_character_that_no_database_keeps_is_refused_with_its_place() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({
        "locale": "en", "title": "a\u{0}b", "metadata": { "x/y": ["\u{0}"], "k\u{0}": 1 },
        "sections": [{ "kind": "text", "body": "\u{0}" }], "faqs": [{ "question": "\u{0}?", "answer": "A" }]
    });
    let answer = editor
        .post(ARTICLES, &body)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/faqs/0/question", "invalid_character"),
            ("/metadata/k\u{0}", "invalid_character"),
            ("/metadata/x~1y/0", "invalid_character"),
            ("/sections/0/body", "invalid_character"),
            ("/title", "invalid_character"),
        ],
    );
    for query in ["text=%00", "tag=a%00", "%00=1"] {
        editor
            .get(&format!("{ARTICLES}?{query}"))
            .expect_problem(400, "malformed_request");
    }
    editor
        .get(&format!("{ARTICLES}/%00"))
        .expect_problem(404, "not_found");
    let login = json!({ "email": "a\u{0}@example.org", "password": "x" });
    app.anonymous()
        .post("/management/v1/auth/login", &login)
        .expect_problem(422, "validation_failed");
    expect_unharmed(&app, &editor, [0; 4]);
}

#[test]
fn what_is_no_json_is_refused_on_every_operation_that_takes_some() {
    let app = App::start();
    let editor = app.admin();
    let bodies: [&[u8]; 16] = [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"{\"locale\": \"en\", \"title\": \"x\"",
        b"{'locale': 'en'}",
        b"{\"title\": \"x\",}",
        b"{\"title\": NaN}",
        b"{\"title\": 1e999}",
        b"{\"title\": \"\\ud800\"}",
        b"{\"title\": \"\\udc00\\ud800\"}",
        b"{\"title\": \"\xff\xfe\"}",
        b"{\"title\": \"a\x00b\"}",
        b"{\"title\": \"x\", \"title\": \"y\"}",
        b"\xef\xbb\xbf{\"title\": \"x\"}",
        b"/* */ {\"title\": \"x\"}",
    ];
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let objects = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    let open = "[".repeat(10_000);
    let deep = [deep.as_bytes(), objects.as_bytes(), open.as_bytes()];
    for (id, operation) in operations() {
        if !operation["requestBody"].is_object() {
            continue;
        }
        let case = case(&app, &editor, &editor, &id);
        let before = totals(&editor);
        let caller = case
            .etag()
            .map_or(editor.clone(), |etag| editor.clone().seen(&etag));
        for body in bodies.iter().chain(&deep) {
            if body.is_empty() && operation["requestBody"]["required"] != true {
                continue;
            }
            let answer = caller.send(case.method, &case.path, Some((JSON, body)));
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(answer.status(), 400, "{id} {shown}: {}", answer.text());
            assert_eq!(answer.body()["code"], "invalid_json", "{id} {shown}");
        }
        assert_eq!(totals(&editor), before, "{id}");
        if let Some(thing) = &case.thing {
            assert_eq!(&fresh(&editor, &case.read), thing, "{id}");
        }
    }
    let twice = editor.send("POST", TAGS, Some((JSON, br#"{"name":"a","name":"b"}"#)));
    assert!(
        text(&twice.body()["detail"]).contains("`name`"),
        "{}",
        twice.text()
    );
}

#[test]
fn json_that_is_no_object_is_refused_on_every_operation_that_takes_some() {
    let app = App::start();
    let editor = app.admin();
    for (id, operation) in operations() {
        if !operation["requestBody"].is_object() {
            continue;
        }
        let case = case(&app, &editor, &editor, &id);
        let caller = case
            .etag()
            .map_or(editor.clone(), |etag| editor.clone().seen(&etag));
        for body in ["null", "[]", "7", "true", "\"x\"", "[{}]"] {
            let answer = caller.send(case.method, &case.path, Some((JSON, body.as_bytes())));
            assert_eq!(answer.status(), 422, "{id} {body}: {}", answer.text());
            assert_eq!(answer.body()["code"], "validation_failed", "{id} {body}");
            expect_errors(&answer, &[("", "wrong_type")]);
        }
        let unknown = caller.send(case.method, &case.path, Some((JSON, b"{\"nonsense\": 1}")));
        assert_eq!(unknown.status(), 422, "{id}: {}", unknown.text());
        let place = ("/nonsense".to_owned(), "unknown_field".to_owned());
        assert!(unknown.errors().contains(&place), "{id}: {}", unknown.text());
        if let Some(thing) = &case.thing {
            assert_eq!(&fresh(&editor, &case.read), thing, "{id}");
        }
    }
}

#[test]
fn a_body_has_a_limit_however_it_is_sent() {
    let app = App::start();
    let editor = app.editor();
    let before = totals(&editor);
    let token = editor.token().unwrap();
    let head = |rest: &str| {
        format!(
            "POST {ARTICLES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {JSON}\r\n{rest}\r\n\r\n"
        )
        .into_bytes()
    };
    let large = vec![b'x'; 10 << 20];
    let mut whole = head(&format!("Content-Length: {}", large.len()));
    whole.extend_from_slice(&large);
    let answer = exchange(&app, &whole).expect("an answer");
    let problem = answer.expect_problem(413, "body_too_large");
    assert!(text(&problem["detail"]).contains("2097152"), "{problem}");

    let mut chunked = head("Transfer-Encoding: chunked");
    for chunk in large.chunks(1 << 16) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    exchange(&app, &chunked)
        .expect("an answer")
        .expect_problem(413, "body_too_large");

    let announced = head("Content-Length: 10485760");
    exchange(&app, &announced)
        .expect("an answer before the body")
        .expect_problem(413, "body_too_large");
    let absurd = head("Content-Length: 99999999999999999999999");
    let answer = exchange(&app, &absurd);
    assert!(
        answer
            .as_ref()
            .is_none_or(|raw| raw.status == 400 || raw.status == 413),
        "{answer:?}"
    );

    // To the byte: the largest body that is taken, and one more.
    let body = |padding: usize| {
        let mut body = json!({ "locale": "en", "title": "Large" }).to_string();
        body.push_str(&" ".repeat(padding - body.len()));
        body
    };
    let limit = 2 << 20;
    let fits = editor.send("POST", ARTICLES, Some((JSON, body(limit).as_bytes())));
    let made = fits.expect(201).data();
    editor.clone().seen("*").delete(&article_path(&made)).expect(204);
    editor
        .send("POST", ARTICLES, Some((JSON, body(limit + 1).as_bytes())))
        .expect_problem(413, "body_too_large");
    expect_unharmed(&app, &editor, before);
}

#[test]
fn a_body_that_does_not_arrive_whole_writes_nothing() {
    let app = App::start();
    let editor = app.editor();
    let before = totals(&editor);
    let token = editor.token().unwrap();
    let body = r#"{"locale":"en","title":"Half"}"#;
    let half = format!(
        "POST {ARTICLES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {JSON}\r\nContent-Length: 100\r\n\r\n{body}"
    );
    if let Some(answer) = cut_off(&app, half.as_bytes()) {
        answer.expect_problem(400, "malformed_request");
    }
    let half = half.replace("Content-Length: 100", "Transfer-Encoding: chunked");
    let half = half.replace(body, &format!("{:x}\r\n{body}\r\n", body.len()));
    if let Some(answer) = cut_off(&app, half.as_bytes()) {
        answer.expect_problem(400, "malformed_request");
    }
    for garbage in [
        "GARBAGE\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
        "POST /management/v1/tags HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ] {
        let answer = cut_off(&app, garbage.as_bytes());
        assert!(
            answer.as_ref().is_none_or(|raw| raw.status == 400),
            "{garbage:?}: {answer:?}"
        );
    }
    expect_unharmed(&app, &editor, before);
}

#[test]
fn a_body_of_another_type_is_refused_on_every_operation_that_takes_one() {
    let app = App::start();
    let editor = app.admin();
    for (id, operation) in operations() {
        if !operation["requestBody"].is_object() {
            continue;
        }
        let case = case(&app, &editor, &editor, &id);
        let before = totals(&editor);
        let caller = case
            .etag()
            .map_or(editor.clone(), |etag| editor.clone().seen(&etag));
        let body = case.body.clone().unwrap_or_else(|| json!({})).to_string();
        for kind in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "json",
            "",
        ] {
            let answer = caller.send(case.method, &case.path, Some((kind, body.as_bytes())));
            assert_eq!(answer.status(), 415, "{id} {kind}: {}", answer.text());
            assert_eq!(answer.body()["code"], "unsupported_media_type");
        }
        if case.method != "PATCH" {
            let merge = ("application/merge-patch+json", body.as_bytes());
            caller
                .send(case.method, &case.path, Some(merge))
                .expect_problem(415, "unsupported_media_type");
        }
        let packed = caller.clone().with("Content-Encoding", "gzip");
        packed
            .send(case.method, &case.path, Some((JSON, body.as_bytes())))
            .expect_problem(415, "unsupported_media_type");
        assert_eq!(totals(&editor), before, "{id}");
    }
}

#[test]
fn a_body_where_none_is_taken_is_refused_and_not_ignored() {
    let app = App::start();
    for (id, operation) in operations() {
        if operation["requestBody"].is_object() {
            continue;
        }
        // Anew, because some operations end the session of whoever sends them.
        let editor = app.admin();
        let case = case(&app, &editor, &editor, &id);
        let caller = case
            .etag()
            .map_or(editor.clone(), |etag| editor.clone().seen(&etag));
        // The client of these tests sends no body with some methods; written out, each can have one.
        let token = caller.token().unwrap();
        let etag = case.etag().unwrap_or_else(|| "*".into());
        let request = format!(
            "{} {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIf-Match: {etag}\r\nContent-Type: {JSON}\r\nContent-Length: 14\r\n\r\n{{\"force\":true}}",
            case.method, case.path
        );
        let packed = request.replace("Content-Type", "Content-Encoding: gzip\r\nContent-Type");
        let chunked = request
            .replace("Content-Length: 14", "Transfer-Encoding: chunked")
            .replace("{\"force\":true}", "e\r\n{\"force\":true}\r\n0\r\n\r\n");
        for request in [&request, &packed, &chunked] {
            exchange(&app, request.as_bytes())
                .expect("an answer")
                .expect_problem(400, "malformed_request");
        }
        if let Some(thing) = &case.thing {
            assert_eq!(&fresh(&editor, &case.read), thing, "{id}");
        }
        let empty = request
            .replace("Content-Length: 14", "Content-Length: 0")
            .replace("{\"force\":true}", "");
        let answer = exchange(&app, empty.as_bytes()).expect("an answer");
        let expected = match id.as_str() {
            "logout" => 204,
            "request_email_verification" | "resend_invitation" => 202,
            _ if case.method == "DELETE" => 204,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{id}: {answer:?}");
    }
}

#[test]
fn a_publication_takes_an_object_or_nothing_at_all() {
    let app = App::start();
    let editor = app.editor();
    let draft = create_article(&editor, &article("Optional"));
    let path = format!("{}/publish", article_path(&draft));
    let any = editor.clone().seen("*");
    any.send("POST", &path, Some((JSON, b""))).expect(200);
    any.send("POST", &path, Some((JSON, b"{}"))).expect(200);
    any.act(&path).expect(200);
    any.send("POST", &path, Some(("text/plain", b"now")))
        .expect_problem(415, "unsupported_media_type");
    assert_eq!(fresh(&editor, &article_path(&draft))["status"], "published");
    assert_eq!(total(&editor, &format!("{ARTICLES}?status=published")), 1);
    // An act that takes nothing takes an empty object for nothing, as many clients send it.
    let path = format!("{}/unpublish", article_path(&draft));
    any.send("POST", &path, Some((JSON, b" {} "))).expect(200);
    assert_eq!(fresh(&editor, &article_path(&draft))["status"], "draft");
}
