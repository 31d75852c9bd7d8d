//! Preflight: what is found before something is published, and what a site makes of it.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, create_article, publish, published_article};
use serde_json::{Value, json};

use super::support::{article_path, each, eventually, expect_errors, faq, faq_path, fresh, seeing, text};
use super::writers::{at_once, statuses};

const SETTINGS: &str = "/management/v1/settings/preflight";

#[track_caller]
fn look(caller: &Caller, path: &str) -> Value {
    caller
        .act(&format!("{path}/publish?dry_run=true"))
        .expect(200)
        .data()
}

fn found(report: &Value) -> Vec<(String, String, String)> {
    let checks = report["checks"]
        .as_array()
        .unwrap_or_else(|| panic!("no checks: {report}"));
    let mut found: Vec<_> = checks
        .iter()
        .map(|check| {
            (
                text(&check["code"]),
                text(&check["severity"]),
                text(&check["pointer"]),
            )
        })
        .collect();
    found.sort();
    found
}

fn told(code: &str, severity: &str, pointer: &str) -> (String, String, String) {
    (code.to_owned(), severity.to_owned(), pointer.to_owned())
}

#[track_caller]
fn set(admin: &Caller, checks: &Value) -> Value {
    let seen = fresh(admin, SETTINGS);
    let answer = seeing(admin, &seen).put(SETTINGS, &json!({ "checks": checks }));
    answer.expect(200).data()
}

#[test]
fn a_look_tells_everything_and_changes_nothing() {
    let app = App::builder()
        .with(|settings| settings.site_url = Some("https://example.org".into()))
        .start();
    let editor = app.editor();
    published_article(&editor, &masthead_tests::article("Seen"));
    create_article(&editor, &masthead_tests::article("Hidden"));
    let body = json!({
        "locale": "en",
        "title": "A title that goes on and on until search engines have no room left for it",
        "cover": { "url": "/a.jpg" },
        "sections": [
            { "kind": "text", "heading": "Visit", "body": "Antony Blinken's visit: [a](/seen), [b](/hidden), [c](https://example.org/lost), [d](#lost)." },
            { "kind": "text", "heading": "visit", "body": "Then Antony Blinker's visit ended. ![](map.png)" },
            { "kind": "image", "image": "/b.jpg" },
            { "kind": "text", "body": "<!-- later -->" },
        ],
        "faqs": [{ "question": "Why did Antony Blinken go?", "answer": "<!-- later -->" }],
    });
    let draft = create_article(&editor, &body);
    let path = article_path(&draft);
    let log = || app.anonymous().get("/delivery/v1/changes").expect(200).body()["meta"].clone();
    let before = (fresh(&editor, &path), log());
    let answer = editor.act(&format!("{path}/publish?dry_run=true")).expect(200);
    let report = answer.data();
    assert_eq!(answer.etag(), text(&draft["etag"]));
    assert_eq!((&report["ok"], &report["id"]), (&json!(false), &draft["id"]));
    assert_eq!(
        found(&report),
        [
            told("broken_link", "warning", "/sections/0/body"),
            told("broken_link", "warning", "/sections/0/body"),
            told("duplicate_heading", "warning", "/sections/1/heading"),
            told("empty_answer", "error", "/faqs/0/answer"),
            told("empty_section", "warning", "/sections/3/body"),
            told("long_title", "warning", "/title"),
            told("missing_alt", "warning", "/cover/alt"),
            told("missing_alt", "warning", "/sections/1/body"),
            told("missing_alt", "warning", "/sections/2/alt"),
            told("missing_dek", "warning", "/dek"),
            told("similar_names", "warning", "/sections/1/body"),
            told("unpublished_link", "warning", "/sections/0/body"),
        ]
    );
    // Errors come first, and both places say the same.
    assert_eq!(report["checks"][0]["code"], "empty_answer");
    assert_eq!(answer.body()["meta"]["checks"], report["checks"]);
    assert_eq!((fresh(&editor, &path), log()), before);
    app.anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&draft["id"])))
        .expect_problem(404, "not_found");

    // The same list keeps it from readers.
    let refused = seeing(&editor, &draft)
        .act(&format!("{path}/publish"))
        .expect_problem(422, "preflight_failed");
    assert_eq!(refused.body()["checks"], report["checks"]);
    expect_errors(&refused, &[("/faqs/0/answer", "empty_answer")]);
    assert_eq!((fresh(&editor, &path), log()), before);

    let faq_path = faq_path(&draft["faqs"][0]);
    seeing(&editor, &fresh(&editor, &faq_path))
        .patch(&faq_path, &json!({ "answer": "To talk." }))
        .expect(200);
    let now = fresh(&editor, &path);
    let done = publish(&editor, &now);
    assert_eq!(done.data()["status"], "published");
    assert_eq!(
        (&done.data()["ok"], &done.data()["checks"]),
        (&Value::Null, &Value::Null)
    );
    let warned = each(&done.body()["meta"]["checks"], "code");
    assert_eq!(warned.len(), 11, "{warned:?}");
}

#[test]
fn a_plain_article_is_published_with_what_could_be_better() {
    let app = App::start();
    let editor = app.editor();
    let body =
        json!({ "locale": "en", "title": "Plain", "sections": [{ "kind": "text", "body": "Words." }] });
    let draft = create_article(&editor, &body);
    let report = look(&editor, &article_path(&draft));
    assert_eq!(report["ok"], true);
    assert_eq!(found(&report), [told("missing_dek", "warning", "/dek")]);
    let done = publish(&editor, &draft);
    assert_eq!(each(&done.body()["meta"]["checks"], "code"), ["missing_dek"]);
}

#[test]
fn a_look_needs_no_precondition_and_holds_one_that_is_given() {
    let app = App::start();
    let editor = app.editor();
    let draft = create_article(&editor, &masthead_tests::article("Seen"));
    let path = article_path(&draft);
    let address = format!("{path}/publish?dry_run=true");
    editor.act(&address).expect(200);
    seeing(&editor, &draft).act(&address).expect(200);
    let changed = seeing(&editor, &draft)
        .patch(&path, &json!({ "dek": "Another." }))
        .expect(200)
        .data();
    seeing(&editor, &draft)
        .act(&address)
        .expect_problem(412, "stale_revision");
    seeing(&editor, &changed).act(&address).expect(200);
    editor
        .act(&format!("{path}/publish"))
        .expect_problem(428, "precondition_required");
    editor
        .act(&format!("{path}/publish?dry_run=false"))
        .expect_problem(428, "precondition_required");
    for wrong in ["yes", "1", ""] {
        editor
            .act(&format!("{path}/publish?dry_run={wrong}"))
            .expect_problem(400, "invalid_parameter");
    }
    // Whoever may not publish may not look either, and what cannot be published cannot be looked over.
    app.author().act(&address).expect_problem(403, "forbidden");
    app.viewer().act(&address).expect_problem(403, "forbidden");
    seeing(&editor, &changed)
        .act(&format!("{path}/archive"))
        .expect(200);
    editor.act(&address).expect_problem(409, "illegal_transition");
}

#[test]
fn a_question_is_looked_over_alone() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Why?");
    let path = faq_path(&made);
    let report = look(&editor, &path);
    assert_eq!((&report["ok"], &report["checks"]), (&json!(true), &json!([])));
    let body = json!({ "answer": "![](a.png)" });
    let now = seeing(&editor, &made).patch(&path, &body).expect(200).data();
    let report = look(&editor, &path);
    assert_eq!(
        found(&report),
        [
            told("empty_answer", "error", "/answer"),
            told("missing_alt", "warning", "/answer"),
        ]
    );
    let refused = seeing(&editor, &now).act(&format!("{path}/publish"));
    let refused = refused.expect_problem(422, "preflight_failed");
    assert_eq!(refused.body()["checks"], report["checks"]);
    assert_eq!(fresh(&editor, &path)["status"], "draft");
    editor
        .act(&format!("{path}/publish"))
        .expect_problem(428, "precondition_required");
}

#[test]
fn a_site_turns_checks_off_and_up_on_every_node() {
    let app = App::start();
    let node = app.second_node().start();
    let (admin, editor) = (app.admin(), app.editor());
    let first = admin.get(SETTINGS).expect(200);
    assert_eq!(first.etag(), text(&first.data()["etag"]));
    assert_eq!(
        (&first.data()["revision"], &first.data()["updated_at"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(first.data()["checks"].as_object().unwrap().len(), 13);
    assert_eq!(first.data()["checks"]["empty_answer"], "error");
    let now = set(&admin, &json!({ "missing_dek": "error", "long_title": "off" }));
    assert_eq!(
        (&now["revision"], &now["checks"]["missing_dek"]),
        (&json!(2), &json!("error"))
    );
    assert_eq!(now["checks"]["missing_alt"], "warning");

    let body = json!({ "locale": "en", "title": "x".repeat(80), "sections": [{ "kind": "text", "body": "Words." }] });
    let draft = create_article(&editor, &body);
    let there = Caller::new(node.address(), editor.token().map(str::to_owned));
    let path = format!("{}/publish", article_path(&draft));
    let refused = seeing(&there, &draft)
        .act(&path)
        .expect_problem(422, "preflight_failed");
    expect_errors(&refused, &[("/dek", "missing_dek")]);
    assert_eq!(refused.body()["checks"].as_array().unwrap().len(), 1);
    // What is left out gets its default.
    let now = set(&admin, &json!({}));
    assert_eq!(
        (&now["checks"], &now["revision"]),
        (&first.data()["checks"], &json!(3))
    );
    seeing(&there, &draft).act(&path).expect(200);
}

#[test]
fn settings_are_for_admins_and_nothing_in_them_is_ignored() {
    let app = App::start();
    let (admin, editor) = (app.admin(), app.editor());
    let seen = fresh(&editor, SETTINGS);
    let body = json!({ "checks": { "missing_dek": "off" } });
    seeing(&editor, &seen)
        .put(SETTINGS, &body)
        .expect_problem(403, "forbidden");
    app.user(Role::Reader, "reader@example.org")
        .get(SETTINGS)
        .expect_problem(403, "forbidden");
    app.key(&[Permission::SettingsManage])
        .get(SETTINGS)
        .expect_problem(403, "forbidden");
    admin
        .put(SETTINGS, &body)
        .expect_problem(428, "precondition_required");
    let unknown = seeing(&admin, &seen)
        .put(SETTINGS, &json!({ "checks": { "missing_deck": "off" } }))
        .expect_problem(422, "unknown_field");
    expect_errors(&unknown, &[("/checks/missing_deck", "unknown_field")]);
    assert!(unknown.text().contains("missing_dek"), "{}", unknown.text());
    for wrong in [json!("loud"), json!(true), Value::Null, json!(["off"])] {
        let answer = seeing(&admin, &seen)
            .put(SETTINGS, &json!({ "checks": { "missing_dek": wrong } }))
            .expect_problem(422, "validation_failed");
        assert!(
            answer.errors().iter().all(|(at, _)| at == "/checks/missing_dek"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(fresh(&admin, SETTINGS), seen);
}

#[test]
fn of_two_admins_who_set_at_once_one_is_told() {
    let app = App::start();
    let node = app.second_node().start();
    let admin = app.admin();
    let there = Caller::new(node.address(), admin.token().map(str::to_owned));
    for _ in 0..3 {
        let seen = fresh(&admin, SETTINGS);
        let answers = at_once(
            || seeing(&admin, &seen).put(SETTINGS, &json!({ "checks": { "missing_dek": "off" } })),
            || seeing(&there, &seen).put(SETTINGS, &json!({ "checks": { "missing_alt": "off" } })),
        );
        assert_eq!(
            statuses(&answers),
            [200, 412],
            "{} {}",
            answers[0].text(),
            answers[1].text()
        );
        let now = fresh(&admin, SETTINGS);
        assert_eq!(
            now["revision"].as_u64(),
            seen["revision"].as_u64().map(|seen| seen + 1)
        );
    }
}

#[test]
fn a_schedule_that_fails_the_checks_says_so() {
    let app = App::start();
    let (admin, editor) = (app.admin(), app.editor());
    let body =
        json!({ "locale": "en", "title": "Later", "sections": [{ "kind": "text", "body": "Words." }] });
    let draft = create_article(&editor, &body);
    let path = article_path(&draft);
    let moment = json!({ "publish_at": "2026-03-01T12:01:00Z" });
    seeing(&editor, &draft)
        .post(&format!("{path}/schedule"), &moment)
        .expect(200);
    set(&admin, &json!({ "missing_dek": "error" }));
    app.clock().advance(61);
    eventually("the schedule fails", || {
        fresh(&editor, &path)["schedule_state"] == "failed"
    });
    let failed = fresh(&editor, &path);
    assert_eq!(failed["status"], "scheduled");
    assert_eq!(failed["schedule_error"]["code"], "preflight_failed");
    let message = text(&failed["schedule_error"]["message"]);
    assert!(message.contains("/dek"), "{message}");
}
