//! The audit log: nothing is changed without an entry, and nobody changes an entry.

use std::collections::BTreeSet;
use std::path::PathBuf;

use masthead_domain::audit::AuditHash;
use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, Database, Masthead, PASSWORD, article, create_article, publish};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cases::{OPEN, PARTING, case, new_user, operations};
use super::support::{
    ARTICLES, TAGS, article_path, eventually, expect_errors, faq, faq_path, section_path, seeing, text,
};

const AUDIT: &str = "/management/v1/audit-entries";
const EXPORT: &str = "/management/v1/audit-entries/export";

/// Operations that leave no entry, and why.
const SILENT: [(&str, &str); 5] = [
    ("begin_sign_on", "nobody is known yet"),
    (
        "refresh_login",
        "a session goes on as it was; that it ends because a token was stolen is an entry",
    ),
    (
        "request_password_reset",
        "nothing changes but that a mail waits; what its link is used for is an entry",
    ),
    ("request_email_verification", "the same"),
    ("resend_invitation", "the same"),
];

/// Operations whose case finds everything as it should be, and changes nothing.
const NOTHING_TO_DO: [&str; 4] = [
    "delete_user_sessions",
    "reactivate_user",
    "revert_article",
    "revert_faq",
];

/// The newest entries, the newest first.
fn entries(admin: &Caller, query: &str) -> Vec<Value> {
    let answer = admin.get(&format!("{AUDIT}?limit=100{query}")).expect(200);
    answer.data().as_array().unwrap().clone()
}

fn lines(admin: &Caller, query: &str) -> Vec<String> {
    let answer = admin.get(&format!("{EXPORT}{query}")).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    answer.text().lines().map(str::to_owned).collect()
}

#[test]
fn whatever_changes_something_is_told_with_who_did_it_and_in_which_request() {
    let app = App::start();
    let watcher = app.key(&[Permission::AuditRead]);
    let mut silent = BTreeSet::new();
    for (id, operation) in operations() {
        let answer_of = |admin: &Caller| {
            let case = case(&app, admin, admin, &id);
            (case.method, case.send_seeing(admin))
        };
        let admin = app.user(Role::Admin, &format!("{}@example.org", id.replace('_', "-")));
        let me = admin.get("/management/v1/auth/me").expect(200).data();
        let (method, answer) = answer_of(&admin);
        assert!(answer.status() < 300, "{id}: {}", answer.text());
        let request = answer.header("x-request-id").unwrap();
        let told = entries(&watcher, &format!("&request_id={request}"));
        if method == "GET" {
            assert!(told.is_empty(), "{id} only reads: {told:?}");
            continue;
        }
        if told.is_empty() {
            silent.insert(id);
            continue;
        }
        for entry in &told {
            // A batch is told by what it holds.
            let action = if id == "run_batch" { "create_tag" } else { &id };
            assert_eq!(entry["action"], action, "{entry}");
            assert_eq!(entry["request_id"], request, "{id}: {entry}");
            assert_eq!(entry["actor"]["kind"], "user", "{id}: {entry}");
            // Whoever logs in is who they turn out to be.
            if operation["security"] != json!([]) && operation["security"] != json!([{}]) {
                assert_eq!(entry["actor"]["id"], me["id"], "{id}: {entry}");
            }
            assert_eq!(
                entry["session_id"].is_string(),
                !OPEN.contains(&id.as_str()),
                "{id}: {entry}"
            );
        }
        assert!(PARTING.contains(&id.as_str()) || answer_of(&admin).1.status() < 500);
    }
    let known = SILENT.iter().map(|(id, _)| *id).chain(NOTHING_TO_DO);
    let expected: BTreeSet<_> = known.map(str::to_owned).collect();
    assert_eq!(
        silent, expected,
        "the left left no entry, of the right it is known why"
    );
}

#[test]
fn what_had_nothing_to_do_is_told_where_it_has() {
    let app = App::start();
    let admin = app.admin();
    let made = create_article(&admin, &article("Reverted"));
    let faq = faq(&admin, "Reverted?");
    for (thing, path, patch) in [
        (&made, article_path(&made), json!({ "title": "Other" })),
        (&faq, faq_path(&faq), json!({ "question": "Other?" })),
    ] {
        let now = seeing(&admin, thing).patch(&path, &patch).expect(200).data();
        seeing(&admin, &now)
            .act(&format!("{path}/revisions/1/revert"))
            .expect(200);
    }
    let user = admin
        .post("/management/v1/users", &new_user("Away"))
        .expect(201)
        .data();
    let path = format!("/management/v1/users/{}", text(&user["id"]));
    let login = json!({ "email": user["email"], "password": "nanoseconds of wire, 30 cm" });
    app.anonymous()
        .post("/management/v1/auth/login", &login)
        .expect(200);
    admin.delete(&format!("{path}/sessions")).expect(204);
    let away = seeing(&admin, &user)
        .act(&format!("{path}/suspend"))
        .expect(200)
        .data();
    seeing(&admin, &away)
        .act(&format!("{path}/reactivate"))
        .expect(200);
    for action in NOTHING_TO_DO {
        assert_eq!(entries(&admin, &format!("&action={action}")).len(), 1, "{action}");
    }
}

#[test]
fn an_entry_says_which_revision_became_which() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let made = create_article(&editor, &article("Told"));
    let id = text(&made["id"]);
    let section = made["sections"][0].clone();
    seeing(&editor, &section)
        .patch(&section_path(&made, 0), &json!({ "heading": "Other" }))
        .expect(200);
    let now = editor.get(&article_path(&made)).expect(200).data();
    publish(&editor, &now).expect(200);
    let published = editor.get(&article_path(&made)).expect(200).data();
    seeing(&editor, &published)
        .delete(&article_path(&made))
        .expect(204);
    editor
        .act(&format!("/management/v1/trash/{id}/restore"))
        .expect(200);
    let told = entries(&admin, &format!("&resource_id={id}&sort=seq"));
    let told: Vec<_> = told
        .iter()
        .map(|entry| {
            let thing = &entry["resource"];
            assert_eq!(thing["type"], "article");
            assert_eq!(entry["actor"]["name"], "Somebody");
            (
                text(&entry["action"]),
                thing["revision_before"].as_u64(),
                thing["revision_after"].as_u64(),
            )
        })
        .collect();
    let expected = [
        ("create_article", None, Some(1)),
        ("update_section", Some(1), Some(2)),
        ("publish_article", Some(2), Some(2)),
        ("delete_article", Some(2), None),
    ];
    for (told, (action, before, after)) in told.iter().zip(expected) {
        assert_eq!(*told, (action.to_owned(), before, after));
    }
    let (action, before, after) = &told[4];
    assert_eq!((action.as_str(), *before), ("restore_trash_item", None));
    assert!(after.is_some());
    assert_eq!(told.len(), 5, "{told:?}");
    // What changes nothing leaves no entry, and what is refused none either.
    let now = editor.get(&article_path(&made)).expect(200).data();
    let count = entries(&admin, "").len();
    seeing(&editor, &now)
        .patch(&article_path(&made), &json!({ "title": now["title"] }))
        .expect(200);
    editor
        .patch(&article_path(&made), &json!({ "title": "Unseen" }))
        .expect(428);
    editor.post(ARTICLES, &json!({ "title": "" })).expect(422);
    assert_eq!(entries(&admin, "").len(), count);
}

#[test]
fn the_log_is_filtered_and_walked_and_only_who_may_reads_it() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    for number in 0..7 {
        editor
            .post(TAGS, &json!({ "name": format!("Tag {number}") }))
            .expect(201);
        app.clock().advance(1);
    }
    let key = app.key(&[Permission::ArticlesWrite]);
    let made = key.post(TAGS, &json!({ "name": "Of a key" })).expect(201).data();
    let all = entries(&admin, "&resource_type=tag&sort=seq");
    assert_eq!(all.len(), 8);
    let last = all.last().unwrap();
    assert_eq!(last["actor"]["kind"], "key");
    assert_eq!(last["resource"]["id"], made["id"]);
    assert_eq!(last["session_id"], Value::Null);
    // Page by page, forward, and each row once.
    let (mut seen, mut next) = (
        Vec::new(),
        Some(format!("{AUDIT}?resource_type=tag&sort=seq&limit=3&count=exact")),
    );
    while let Some(path) = next {
        let page = admin.get(&path).expect(200).body();
        assert_eq!(page["meta"]["total"], 8);
        seen.extend(page["data"].as_array().unwrap().clone());
        next = page["links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, all);
    let of = |query: &str| entries(&admin, query).len();
    let (first, fourth) = (text(&all[0]["created_at"]), text(&all[3]["created_at"]));
    assert_eq!(of(&format!("&action=create_tag&to={fourth}")), 3);
    assert_eq!(of(&format!("&action=create_tag&from={fourth}")), 5);
    assert_eq!(of(&format!("&action=create_tag&from={first}&to={fourth}")), 3);
    let (editors, keys) = (text(&all[0]["actor"]["id"]), text(&last["actor"]["id"]));
    assert_eq!(of(&format!("&actor_id={editors}&resource_type=tag")), 7);
    assert_eq!(of(&format!("&actor_id={keys}")), 1);
    assert_eq!(of("&action=nothing"), 0);
    for (query, place, code) in [
        ("actor_id=me", "actor_id", "invalid_id"),
        ("resource_type=nothing", "resource_type", "unknown_value"),
        ("who=me", "who", "unknown_parameter"),
    ] {
        let answer = admin.get(&format!("{AUDIT}?{query}"));
        assert_eq!(answer.status(), 400, "{query}: {}", answer.text());
        expect_errors(&answer, &[(place, code)]);
    }
    for path in [AUDIT, EXPORT] {
        for caller in [&editor, &app.author(), &app.viewer(), &key] {
            caller.get(path).expect_problem(403, "forbidden");
        }
        app.anonymous().get(path).expect(401);
        app.key(&[Permission::AuditRead]).get(path).expect(200);
    }
}

#[test]
fn no_entry_holds_a_secret_or_a_text() {
    let app = App::start();
    let admin = app.admin();
    let mut body = new_user("Secretive");
    body["email"] = json!("qanary@example.org");
    let made = admin.post("/management/v1/users", &body).expect(201).data();
    let user = format!("/management/v1/users/{}", text(&made["id"]));
    seeing(&admin, &made)
        .put(
            &format!("{user}/password"),
            &json!({ "password": "another qanary of passwords" }),
        )
        .expect(200);
    let login = json!({ "email": "qanary@example.org", "password": "another qanary of passwords" });
    let tokens = app
        .anonymous()
        .post("/management/v1/auth/login", &login)
        .expect(200)
        .data();
    let key = json!({ "name": "qanary", "scopes": ["content:read"] });
    let key = admin.post("/management/v1/api-keys", &key).expect(201).data();
    create_article(&admin, &article("Qanary of a title"));
    let told = lines(&admin, "").join("\n").to_lowercase();
    assert!(
        told.contains("set_user_password") && told.contains("create_api_key"),
        "{told}"
    );
    for secret in [
        "qanary",
        PASSWORD,
        "argon2",
        &text(&key["secret"]).to_lowercase(),
        &text(&tokens["refresh_token"]).to_lowercase(),
        &text(&tokens["access_token"]).to_lowercase(),
    ] {
        assert!(!told.contains(secret), "the log holds {secret}");
    }
}

/// SHA-256 of a text, in hexadecimal.
fn sha256(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text).into();
    AuditHash(hash).to_string()
}

#[test]
fn an_export_is_verified_without_the_service() {
    let app = App::start();
    let admin = app.admin();
    for number in 0..5 {
        create_article(&admin, &article(&format!("Number {number}")));
    }
    let all = lines(&admin, "");
    let mut previous = "0".repeat(64);
    for (index, line) in all.iter().enumerate() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["seq"], index + 1);
        assert_eq!(entry["previous_hash"], previous.as_str());
        let hash = text(&entry["hash"]);
        let hashed = line.replace(&format!(",\"hash\":\"{hash}\"}}"), "}");
        assert_eq!(sha256(&hashed), hash, "{line}");
        previous = hash;
    }
    assert!(all.len() > 5, "{all:?}");
    assert_eq!(lines(&admin, "?after_seq=3"), all[3..]);
    // Each with its FAQ.
    assert_eq!(lines(&admin, "?action=create_article&after_seq=0").len(), 10);
    assert_eq!(lines(&admin, "?resource_type=article").len(), 5);
    for (query, place) in [("after_seq=-1", "after_seq"), ("limit=5", "limit")] {
        let answer = admin.get(&format!("{EXPORT}?{query}"));
        assert_eq!(answer.status(), 400, "{}", answer.text());
        assert_eq!(answer.errors()[0].0, place);
    }
}

#[test]
fn the_command_line_verifies_and_exports_the_log_of_a_running_service() {
    let app = App::start();
    let admin = app.admin();
    create_article(&admin, &article("Kept"));
    let url = app.database().url().to_owned();
    let run = |arguments: &[&str]| {
        let output = Masthead::run(&[&["audit"], arguments, &["--database-url", &url]].concat(), "");
        let said = String::from_utf8(output.stdout).unwrap();
        let noted = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said, noted)
    };
    let (code, head, noted) = run(&["verify"]);
    assert_eq!(code, Some(0), "{head} {noted}");
    assert!(noted.contains("none changed, none missing"), "{noted}");
    let all = lines(&admin, "");
    let (code, exported, _) = run(&["export"]);
    assert_eq!((code, exported), (Some(0), all.join("\n") + "\n"));
    let (_, rest, _) = run(&["export", "--after", "1"]);
    assert_eq!(rest.lines().collect::<Vec<_>>(), all[1..]);
    // What was the end once still has to be there.
    create_article(&admin, &article("Later"));
    let head = head.trim();
    assert_eq!(run(&["verify", "--expect", head]).0, Some(0));
    let (seq, hash) = head.split_once(':').unwrap();
    let other = format!("{seq}:{}", "0".repeat(hash.len()));
    let (code, said, noted) = run(&["verify", "--expect", &other]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is not the one that was expected"), "{said}");
    assert!(noted.contains("is not what was written"), "{noted}");
    assert_eq!(run(&["verify", "--expect", "900:ab"]).0, Some(2));
}

#[test]
fn what_the_service_and_the_command_line_do_is_told_too() {
    let database = std::sync::Arc::new(Database::migrated());
    let url = database.url().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("brought.md");
    std::fs::write(&file, "# Brought\n\nIn.\n").unwrap();
    for arguments in [
        &["import", "markdown", folder.path().to_str().unwrap()][..],
        &["key", "create", "--name", "K", "--scopes", "content:read"],
    ] {
        let output = Masthead::run(&[arguments, &["--database-url", &url]].concat(), "");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let app = App::builder().on(database).start();
    let (editor, admin) = (app.editor(), app.admin());
    let told = entries(&admin, "&sort=seq");
    let of = |action: &str| -> Vec<String> {
        let told = told.iter().filter(|entry| entry["action"] == action);
        told.map(|entry| text(&entry["actor"]["kind"])).collect()
    };
    assert_eq!(of("import_markdown"), ["command_line"]);
    assert_eq!(of("create_api_key"), ["command_line"]);
    let made = create_article(&editor, &article("Due"));
    seeing(&editor, &made)
        .post(
            &format!("{}/schedule", article_path(&made)),
            &json!({ "publish_at": "2026-03-01T12:01:00Z" }),
        )
        .expect(200);
    app.clock().advance(120);
    let newest = || entries(&admin, &format!("&resource_id={}", text(&made["id"])))[0].clone();
    eventually("the scheduler has done it", || {
        newest()["action"] == "publish_article"
    });
    let shown = newest();
    assert_eq!(shown["actor"]["kind"], "scheduler");
    assert_eq!(shown["request_id"], Value::Null);
}
