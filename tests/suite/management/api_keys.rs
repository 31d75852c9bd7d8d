//! API keys, as admins manage them.

use masthead_domain::rights::Permission;
use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::cases::KEYS;
use super::support::{each, eventually, expect_errors, fresh, seeing, text};

const ME: &str = "/management/v1/auth/me";

fn path(key: &Value) -> String {
    format!("{KEYS}/{}", text(&key["id"]))
}

#[track_caller]
fn made(admin: &Caller, body: &Value) -> Value {
    admin.post(KEYS, body).expect(201).data()
}

fn with(app: &App, key: &Value) -> Caller {
    Caller::new(app.address(), Some(text(&key["secret"])))
}

#[test]
fn a_key_shows_its_secret_once_and_works_until_it_is_revoked() {
    let app = App::start();
    let node = app.second_node().start();
    let admin = app.admin();
    let body =
        json!({ "name": "Build server", "scopes": ["content:read", "content:read", "articles:write"] });
    let answer = admin.post(KEYS, &body).expect(201);
    let key = answer.data();
    assert_eq!(answer.header("location"), Some(path(&key).as_str()));
    let secret = text(&key["secret"]);
    assert!(
        secret.starts_with(&text(&key["prefix"])) && secret.starts_with("mhk_"),
        "{key}"
    );
    assert_eq!(key["scopes"], json!(["content:read", "articles:write"]));
    let shown = admin.get(&path(&key)).expect(200);
    assert_eq!(shown.data()["secret"], Value::Null);
    assert!(!shown.text().contains(&secret[12..]), "{}", shown.text());
    let list = admin.get(KEYS).expect(200);
    assert!(!list.text().contains(&secret[12..]), "{}", list.text());

    with(&node, &key).get(ME).expect(200);
    seeing(&admin, &key)
        .act(&format!("{}/revoke", path(&key)))
        .expect(200);
    with(&node, &key).get(ME).expect_problem(401, "invalid_token");
    let revoked = fresh(&admin, &path(&key));
    assert!(revoked["revoked_at"].is_string(), "{revoked}");
    // It stays what it is.
    seeing(&admin, &revoked)
        .act(&format!("{}/revoke", path(&key)))
        .expect_problem(404, "not_found");
    seeing(&admin, &revoked)
        .patch(&path(&key), &json!({ "name": "Back" }))
        .expect_problem(404, "not_found");
}

#[test]
fn a_rotated_key_has_two_secrets_for_a_while() {
    let app = App::start();
    let admin = app.admin();
    let key = made(&admin, &json!({ "name": "Rotated", "scopes": ["content:read"] }));
    let rotate = |seen: &Value, overlap: u32| {
        seeing(&admin, seen)
            .post(
                &format!("{}/rotate", path(&key)),
                &json!({ "overlap_seconds": overlap }),
            )
            .expect(200)
            .data()
    };
    let next = rotate(&key, 60);
    assert_eq!((&next["id"], &next["revision"]), (&key["id"], &json!(2)));
    assert_ne!(
        (&next["secret"], &next["prefix"]),
        (&key["secret"], &key["prefix"])
    );
    app.clock().advance(59);
    for secret in [&key, &next] {
        assert_eq!(with(&app, secret).get(ME).expect(200).data()["id"], key["id"]);
    }
    app.clock().advance(1);
    with(&app, &key).get(ME).expect_problem(401, "invalid_token");
    with(&app, &next).get(ME).expect(200);
    let last = rotate(&next, 0);
    with(&app, &next).get(ME).expect_problem(401, "invalid_token");
    with(&app, &last).get(ME).expect(200);
    let wrong = seeing(&admin, &last)
        .post(
            &format!("{}/rotate", path(&key)),
            &json!({ "overlap_seconds": 604_801 }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(&wrong, &[("/overlap_seconds", "out_of_range")]);
    // Revoking ends both.
    let both = rotate(&last, 600);
    seeing(&admin, &both)
        .act(&format!("{}/revoke", path(&key)))
        .expect(200);
    for secret in [&last, &both] {
        with(&app, secret).get(ME).expect_problem(401, "invalid_token");
    }
}

#[test]
fn a_key_comes_from_its_networks_alone_and_until_its_end() {
    let app = App::start();
    let admin = app.admin();
    let here = json!({ "name": "Here", "scopes": ["content:read"], "addresses": ["127.0.0.0/8", "::1"] });
    let here = made(&admin, &here);
    assert_eq!(here["addresses"], json!(["127.0.0.0/8", "::1/128"]));
    with(&app, &here).get(ME).expect(200);
    let patch = json!({ "addresses": ["192.0.2.0/24"] });
    let moved = seeing(&admin, &here)
        .patch(&path(&here), &patch)
        .expect(200)
        .data();
    with(&app, &here).get(ME).expect_problem(401, "invalid_token");
    // Nobody says where they come from.
    for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
        let value = if header == "Forwarded" {
            "for=192.0.2.1"
        } else {
            "192.0.2.1"
        };
        with(&app, &here)
            .with(header, value)
            .get(ME)
            .expect_problem(401, "invalid_token");
    }
    let patch = json!({ "addresses": [], "expires_at": "2026-03-01T13:00:00Z" });
    seeing(&admin, &moved).patch(&path(&here), &patch).expect(200);
    with(&app, &here).get(ME).expect(200);
    app.clock().advance(3600);
    with(&app, &here).get(ME).expect_problem(401, "invalid_token");
    let admin = app.admin();
    let wrong = json!({
        "name": " ", "scopes": ["content:read"], "addresses": ["localhost", "10.0.0.0/33"],
        "expires_at": "2026-03-01T12:30:00Z",
    });
    let answer = admin.post(KEYS, &wrong).expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/name", "blank"),
            ("/addresses/0", "invalid_network"),
            ("/addresses/1", "invalid_network"),
            ("/expires_at", "in_the_past"),
        ],
    );
}

#[test]
fn a_key_has_no_right_that_its_maker_lacks() {
    let app = App::start();
    let admin = app.admin();
    let maker = app.key(&[Permission::KeysManage, Permission::ContentRead]);
    maker
        .post(KEYS, &json!({ "name": "Less", "scopes": ["content:read"] }))
        .expect(201);
    let more = json!({ "name": "More", "scopes": ["content:read", "users:manage"] });
    maker.post(KEYS, &more).expect_problem(403, "forbidden");
    let strong = made(&admin, &more);
    for request in [
        seeing(&maker, &strong).patch(&path(&strong), &json!({ "scopes": ["content:read"] })),
        seeing(&maker, &strong).post(&format!("{}/rotate", path(&strong)), &json!({})),
        seeing(&maker, &strong).act(&format!("{}/revoke", path(&strong))),
    ] {
        request.expect_problem(403, "forbidden");
    }
    let unknown = json!({ "name": "Odd", "scopes": ["everything"] });
    let answer = admin
        .post(KEYS, &unknown)
        .expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/scopes/0", "unknown_value")]);
    let none = json!({ "name": "None", "scopes": [] });
    admin.post(KEYS, &none).expect_problem(422, "validation_failed");
}

#[test]
fn fewer_scopes_hold_from_the_next_request_on() {
    let app = App::start();
    let admin = app.admin();
    let key = made(
        &admin,
        &json!({ "name": "Less", "scopes": ["content:read", "articles:write"] }),
    );
    let body = json!({ "locale": "en", "title": "By a machine" });
    with(&app, &key)
        .post("/management/v1/articles", &body)
        .expect(201);
    let patch = json!({ "scopes": ["content:read"] });
    seeing(&admin, &key).patch(&path(&key), &patch).expect(200);
    with(&app, &key)
        .post("/management/v1/articles", &body)
        .expect_problem(403, "forbidden");
}

#[test]
fn its_last_use_is_noted_to_the_minute() {
    let app = App::start();
    let admin = app.admin();
    let key = made(&admin, &json!({ "name": "Used", "scopes": ["content:read"] }));
    assert_eq!(fresh(&admin, &path(&key))["last_used_at"], Value::Null);
    let noted = |at: &str| {
        eventually("the use is noted", || {
            fresh(&admin, &path(&key))["last_used_at"] == at
        });
    };
    with(&app, &key).get(ME).expect(200);
    noted("2026-03-01T12:00:00Z");
    app.clock().advance(30);
    with(&app, &key).get(ME).expect(200);
    app.clock().advance(30);
    with(&app, &key).get(ME).expect(200);
    noted("2026-03-01T12:01:00Z");
    // Nothing of that is a change: what somebody has seen is good still.
    seeing(&admin, &key)
        .patch(&path(&key), &json!({ "name": "Used much" }))
        .expect(200);
    let keys = admin.get(&format!("{KEYS}?limit=1")).expect(200).data();
    assert_eq!(each(&keys, "name"), ["Used much"]);
}
