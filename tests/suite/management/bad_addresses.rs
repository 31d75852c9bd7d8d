//! Addresses, methods and headers that cannot be.

use std::collections::BTreeSet;

use masthead_api::documents;
use masthead_openapi::document::Surface;
use masthead_tests::{App, article, create_article};
use serde_json::{Value, json};

use super::cases::{case, operations};
use super::raw::exchange;
use super::support::{
    ARTICLES, article_path, expect_errors, fresh, plain_article, section_path, text, totals,
};

const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];

#[test]
fn a_method_that_an_address_does_not_take_is_told_which_it_takes() {
    let app = App::start();
    let editor = app.editor();
    let document = documents::document(Surface::Management);
    let id = "01930000-0000-7000-8000-000000000001";
    for (template, item) in document["paths"].as_object().unwrap() {
        let path = template.replace("{id}", id).replace("{section_id}", id);
        let path = ["{n}", "{a}", "{b}"]
            .iter()
            .fold(path, |path, number| path.replace(number, "1"));
        let taken: BTreeSet<_> = item
            .as_object()
            .unwrap()
            .keys()
            .map(|method| method.to_uppercase())
            .collect();
        let mut allowed = taken.clone();
        if taken.contains("GET") {
            allowed.insert("HEAD".into());
        }
        let allowed = allowed.into_iter().collect::<Vec<_>>().join(", ");
        let others = METHODS.iter().filter(|method| !taken.contains(**method));
        for method in others.chain(&["TRACE", "BREW"]) {
            for caller in [&editor, &app.anonymous()] {
                let answer = caller
                    .send(method, &path, None)
                    .expect_problem(405, "method_not_allowed");
                assert_eq!(
                    answer.header("allow"),
                    Some(allowed.as_str()),
                    "{method} {template}"
                );
            }
        }
    }
}

#[test]
fn an_address_that_nothing_is_at_is_not_found() {
    let app = App::start();
    let editor = app.editor();
    let made = article_path(&plain_article(&editor, "There"));
    for path in [
        "/management".to_owned(),
        "/management/v1".to_owned(),
        "/management/v1/".to_owned(),
        "/management/v1/nothing".to_owned(),
        "/management/v2/articles".to_owned(),
        "/Management/v1/articles".to_owned(),
        "/management/v1/articles/".to_owned(),
        "/management//v1/articles".to_owned(),
        "/management/v1/Articles".to_owned(),
        "/management/v1/articles.json".to_owned(),
        "/management/v1/auth".to_owned(),
        format!("{made}/"),
        format!("{made}/nothing"),
        format!("{made}/sections/"),
        format!("{made}/publish/now"),
    ] {
        for caller in [&editor, &app.anonymous()] {
            for method in ["GET", "POST", "DELETE"] {
                let answer = caller.send(method, &path, None);
                assert_eq!(answer.status(), 404, "{method} {path}: {}", answer.text());
                assert_eq!(answer.body()["code"], "not_found", "{method} {path}");
            }
        }
    }
}

#[test]
fn an_id_that_cannot_be_is_answered_like_one_that_is_not_there() {
    let app = App::start();
    let editor = app.admin();
    let before = totals(&editor);
    let ids = [
        "1",
        "null",
        "undefined",
        "-",
        "%20",
        "%00",
        "%ff",
        "..",
        "..%2f..%2fetc",
        "a%2Fb",
        "%F0%9F%8C%8A",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "01930000000070008000000000000001",
        "{01930000-0000-7000-8000-000000000001}",
        "urn:uuid:01930000-0000-7000-8000-000000000001",
        "01930000-0000-7000-8000-00000000000g",
        "01930000-0000-7000-8000-0000000000012",
        "' or 1=1 --",
        "01930000-0000-7000-8000-0000000fffff",
    ];
    for (operation, described) in operations() {
        let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
        if !parameters.iter().any(|parameter| parameter["in"] == "path") {
            continue;
        }
        let mut case = case(&app, &editor, &editor, &operation);
        let path = case.path.clone();
        let given: Vec<_> = path.split('/').filter(|part| part.len() == 36).collect();
        let totals_then = totals(&editor);
        for wrong in ids {
            if wrong == ".." {
                continue; // the client takes it out of the path
            }
            let wrong = wrong.replace(' ', "%20").replace(['{', '}'], "%7B");
            for part in &given {
                case.path = path.replace(part, &wrong);
                let answer = case.send(&editor.clone().seen("*"));
                assert_eq!(answer.status(), 404, "{operation} {wrong}: {}", answer.text());
                assert_eq!(answer.body()["code"], "not_found", "{operation} {wrong}");
            }
        }
        assert_eq!(totals(&editor), totals_then, "{operation}");
    }
    assert_ne!(totals(&editor), before, "the cases made things");
    let creating = editor.clone().with("If-None-Match", "*");
    for wrong in ["1", "00000000-0000-0000-0000-000000000000"] {
        creating
            .put(&format!("{ARTICLES}/{wrong}"), &article("No"))
            .expect_problem(404, "not_found");
    }
}

#[test]
fn one_thing_has_one_address() {
    let app = App::start();
    let editor = app.editor();
    let path = format!("{ARTICLES}/0195aaaa-0000-7000-8000-00000000abcd");
    let creating = editor.clone().with("If-None-Match", "*");
    creating.put(&path, &article("One")).expect(201);
    let upper = format!("{ARTICLES}/0195AAAA-0000-7000-8000-00000000ABCD");
    editor.get(&upper).expect_problem(404, "not_found");
    editor.get(&path).expect(200);
}

#[test]
fn a_parameter_that_is_not_known_is_refused_on_every_operation() {
    let app = App::start();
    let editor = app.admin();
    for id in operations().into_keys() {
        let mut case = case(&app, &editor, &editor, &id);
        let before = totals(&editor);
        case.path = format!("{}?nonsense=1", case.path);
        let answer = case.send_seeing(&editor);
        assert_eq!(answer.status(), 400, "{id}: {}", answer.text());
        assert_eq!(answer.body()["code"], "unknown_parameter", "{id}");
        expect_errors(&answer, &[("nonsense", "unknown_parameter")]);
        assert_eq!(totals(&editor), before, "{id}");
        if let Some(thing) = &case.thing {
            assert_eq!(&fresh(&editor, &case.read), thing, "{id}");
        }
    }
}

#[test]
fn only_json_can_be_had() {
    let app = App::start();
    let editor = app.admin();
    for id in operations().into_keys() {
        if id == "export_audit_entries" {
            continue;
        }
        let case = case(&app, &editor, &editor, &id);
        let before = totals(&editor);
        for accept in [
            "text/html",
            "image/*",
            "application/json;q=0",
            "text/html, application/xml;q=0.9",
        ] {
            let answer = case.send_seeing(&editor.clone().with("Accept", accept));
            assert_eq!(answer.status(), 406, "{id} {accept}: {}", answer.text());
            assert_eq!(answer.body()["code"], "not_acceptable", "{id}");
        }
        assert_eq!(totals(&editor), before, "{id}");
        if let Some(thing) = &case.thing {
            assert_eq!(&fresh(&editor, &case.read), thing, "{id}");
        }
    }
    // But for an export, which is lines.
    let export = "/management/v1/audit-entries/export";
    for (accept, status) in [("application/x-ndjson", 200), ("application/json", 406)] {
        editor.clone().with("Accept", accept).get(export).expect(status);
    }
    for accept in [
        "application/json",
        "*/*",
        "application/*",
        "text/html, */*;q=0.1",
        "Application/JSON; charset=utf-8",
    ] {
        editor.clone().with("Accept", accept).get(ARTICLES).expect(200);
    }
}

#[test]
fn an_address_and_headers_have_a_limit() {
    let app = App::start();
    let editor = app.editor();
    for (length, status) in [(100, 200), (9_000, 414), (60_000, 414)] {
        let query = if status == 200 {
            "sort=title".to_owned()
        } else {
            format!("text={}", "x".repeat(length))
        };
        let answer = editor.get(&format!("{ARTICLES}?{query}"));
        assert_eq!(answer.status(), status, "{}", answer.text());
    }
    editor
        .get(&format!("{ARTICLES}/{}", "x".repeat(9_000)))
        .expect_problem(414, "uri_too_long");
    editor
        .get(&format!("{ARTICLES}?text={}", "x".repeat(201)))
        .expect_problem(400, "invalid_parameter");
    editor
        .clone()
        .with("X-Padding", &"x".repeat(10_000))
        .get(ARTICLES)
        .expect(200);
    editor
        .clone()
        .with("X-Padding", &"x".repeat(20_000))
        .get(ARTICLES)
        .expect_problem(431, "headers_too_large");
    let mut many = editor.clone();
    for number in 0..80 {
        many = many.with(&format!("X-Padding-{number}"), &"x".repeat(300));
    }
    many.get(ARTICLES).expect_problem(431, "headers_too_large");
    // What no server reads to its end is at least not answered with success, and harms nobody.
    let huge = format!(
        "GET {ARTICLES} HTTP/1.1\r\nHost: x\r\nX-Padding: {}\r\n\r\n",
        "x".repeat(2 << 20)
    );
    let answer = exchange(&app, huge.as_bytes());
    assert!(
        answer.as_ref().is_none_or(|raw| [400, 431].contains(&raw.status)),
        "{answer:?}"
    );
    editor.get(ARTICLES).expect(200);
}

#[test]
fn every_answer_names_its_request() {
    let app = App::start();
    let editor = app.editor();
    let kept = editor
        .clone()
        .with("X-Request-Id", "trace-0001.abc")
        .get("/management/v1/nothing");
    assert_eq!(kept.header("x-request-id"), Some("trace-0001.abc"));
    assert_eq!(kept.body()["request_id"], "trace-0001.abc");
    for wild in ["a", "<script>alert(1)</script>", &"x".repeat(200)] {
        let answer = editor
            .clone()
            .with("X-Request-Id", wild)
            .get(ARTICLES)
            .expect(200);
        assert_ne!(answer.header("x-request-id"), Some(wild));
    }
}

#[test]
fn a_head_is_answered_like_a_get_without_its_body() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Headed"));
    for path in [ARTICLES.to_owned(), article_path(&made), section_path(&made, 0)] {
        let (get, head) = (
            editor.get(&path).expect(200),
            editor.send("HEAD", &path, None).expect(200),
        );
        assert!(head.bytes().is_empty());
        assert_eq!(head.header("etag"), get.header("etag"));
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
    let absent = format!("{ARTICLES}/01930000-0000-7000-8000-0000000fffff");
    editor.send("HEAD", &absent, None).expect(404);
    app.anonymous().send("HEAD", ARTICLES, None).expect(401);
}

#[test]
fn a_problem_has_its_whole_form() {
    let app = App::start();
    let editor = app.editor();
    let answer = editor
        .post(ARTICLES, &json!({}))
        .expect_problem(422, "validation_failed");
    let body = answer.body();
    assert_eq!(body["type"], "/docs/problems/validation_failed");
    assert!(text(&body["detail"]).starts_with("2 things"), "{body}");
    assert_eq!(
        each_message(&body),
        ["`locale` is missing.", "`title` is missing."]
    );
    let page = app.anonymous().get(&text(&body["type"]));
    assert_eq!(page.status(), 200);
}

fn each_message(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    let mut messages: Vec<_> = errors.iter().map(|error| text(&error["message"])).collect();
    messages.sort();
    messages
}
