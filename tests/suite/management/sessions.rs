//! Sessions: renewed by refresh tokens, and ended everywhere at once.

use masthead_api::config::SecretKey;
use masthead_api::credentials::Cost;
use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, PASSWORD, Response};
use serde_json::{Value, json};

use super::cases::{SESSIONS, USERS};
use super::support::{each, expect_errors, fresh, seeing, text};
use super::writers::{at_once, statuses};

const LOGIN: &str = "/management/v1/auth/login";
const REFRESH: &str = "/management/v1/auth/refresh";
const LOGOUT: &str = "/management/v1/auth/logout";
const CHANGE: &str = "/management/v1/auth/password";
const ME: &str = "/management/v1/auth/me";

const ADA: &str = "ada@example.org";

/// Logs in anew, on a device.
#[track_caller]
fn login(app: &App, email: &str, device: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD });
    let caller = app.anonymous().with("User-Agent", device);
    caller.post(LOGIN, &body).expect(200).data()
}

fn with(app: &App, tokens: &Value) -> Caller {
    Caller::new(app.address(), Some(text(&tokens["access_token"])))
}

fn refresh(app: &App, tokens: &Value, device: &str) -> Response {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    app.anonymous().with("User-Agent", device).post(REFRESH, &body)
}

#[test]
fn a_session_goes_on_with_one_refresh_token_after_the_other() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let mut tokens = login(&app, ADA, "Firefox");
    let session = tokens["session_id"].clone();
    for _ in 0..5 {
        app.clock().advance(890);
        let next = refresh(&app, &tokens, "Firefox").expect(200).data();
        assert_eq!(next["session_id"], session);
        assert_ne!(next["refresh_token"], tokens["refresh_token"]);
        assert_ne!(next["access_token"], tokens["access_token"]);
        assert_eq!(
            (&next["token_type"], &next["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        tokens = next;
    }
    with(&app, &tokens).get(ME).expect(200);
    let list = with(&app, &tokens).get(SESSIONS).expect(200).data();
    assert_eq!(each(&list, "id"), [text(&session)]);
    assert_eq!(
        (
            &list[0]["user_agent"],
            &list[0]["address"],
            &list[0]["is_current"]
        ),
        (&json!("Firefox"), &json!("127.0.0.1"), &json!(true))
    );
}

#[test]
fn a_refresh_token_is_nothing_else_and_nothing_else_is_one() {
    let app = App::start();
    let editor = app.editor();
    let tokens = login(&app, "editor@example.org", "Firefox");
    let refresh = text(&tokens["refresh_token"]);
    Caller::new(app.address(), Some(refresh.clone()))
        .get(ME)
        .expect_problem(401, "invalid_token");
    editor
        .get(&format!("/management/v1/articles?text={refresh}"))
        .expect_problem(400, "key_in_url");
    let last = if refresh.ends_with('0') { "1" } else { "0" };
    for wrong in [
        text(&tokens["access_token"]).chars().take(190).collect(),
        format!("{}{last}", &refresh[..refresh.len() - 1]),
        refresh.to_uppercase(),
        "mhr_".to_owned(),
    ] {
        app.anonymous()
            .post(REFRESH, &json!({ "refresh_token": wrong }))
            .expect_problem(401, "invalid_token");
    }
    for wrong in [json!(null), json!({}), json!([]), json!(7), json!(true)] {
        let answer = app
            .anonymous()
            .post(REFRESH, &json!({ "refresh_token": wrong }))
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("/refresh_token", "wrong_type")]);
    }
}

#[test]
fn a_used_token_that_is_shown_again_ends_its_session() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let (stolen, other) = (login(&app, ADA, "Firefox"), login(&app, ADA, "Phone"));
    let next = refresh(&app, &stolen, "Firefox").expect(200).data();
    app.clock().advance(11);
    with(&app, &next).get(ME).expect(200);
    refresh(&app, &stolen, "Firefox").expect_problem(401, "invalid_token");
    // Both the thief and the owner are out; the other device stays.
    with(&app, &next).get(ME).expect_problem(401, "invalid_token");
    refresh(&app, &next, "Firefox").expect_problem(401, "invalid_token");
    with(&app, &other).get(ME).expect(200);
    refresh(&app, &other, "Phone").expect(200);
}

#[test]
fn two_tabs_that_renew_at_once_both_go_on_and_another_device_does_not() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let node = app.second_node().start();
    let tokens = login(&app, ADA, "Firefox");
    let answers = at_once(
        || refresh(&app, &tokens, "Firefox"),
        || refresh(&node, &tokens, "Firefox"),
    );
    assert_eq!(statuses(&answers), [200, 200], "{}", answers[0].text());
    let [one, other] = answers.map(|answer| answer.data());
    assert_ne!(one["refresh_token"], other["refresh_token"]);
    refresh(&app, &one, "Firefox").expect(200);
    refresh(&app, &other, "Firefox").expect(200);

    let tokens = login(&app, ADA, "Firefox");
    refresh(&app, &tokens, "Firefox").expect(200);
    refresh(&app, &tokens, "Thief").expect_problem(401, "invalid_token");
    with(&app, &tokens).get(ME).expect_problem(401, "invalid_token");

    // The grace gives nobody as many as they like.
    let tokens = login(&app, ADA, "Firefox");
    let given = (0..20)
        .filter(|_| refresh(&app, &tokens, "Firefox").status() == 200)
        .count();
    assert_eq!(given, 5);
}

#[test]
fn a_session_is_over_when_nobody_renews_it_and_in_any_case_after_ninety_days() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let idle = login(&app, ADA, "Firefox");
    app.clock().advance(14 * 86_400);
    refresh(&app, &idle, "Firefox").expect_problem(401, "invalid_token");
    let mut tokens = login(&app, ADA, "Firefox");
    for _ in 0..6 {
        app.clock().advance(13 * 86_400);
        tokens = refresh(&app, &tokens, "Firefox").expect(200).data();
    }
    app.clock().advance(12 * 86_400 - 60);
    tokens = refresh(&app, &tokens, "Firefox").expect(200).data();
    with(&app, &tokens).get(ME).expect(200);
    app.clock().advance(60);
    with(&app, &tokens).get(ME).expect_problem(401, "invalid_token");
    refresh(&app, &tokens, "Firefox").expect_problem(401, "invalid_token");
}

#[test]
fn whatever_ends_a_session_ends_it_on_every_node_at_once() {
    let app = App::start();
    let node = app.second_node().start();
    let admin = app.admin();
    app.ensure_user(Role::Editor, ADA);
    let id = with(&app, &login(&app, ADA, "x")).get(ME).expect(200).data()["id"].clone();
    let account = format!("{USERS}/{}", text(&id));
    let act = |part: &str| {
        seeing(&admin, &fresh(&admin, &account))
            .act(&format!("{account}/{part}"))
            .expect(200)
    };
    let patch = |body: &Value| {
        seeing(&admin, &fresh(&admin, &account))
            .patch(&account, body)
            .expect(200);
    };
    let ended_by = |what: &str, end: &dyn Fn(&Value)| {
        let (one, other) = (login(&app, ADA, "One"), login(&app, ADA, "Other"));
        let there = with(&node, &one);
        there.get(ME).expect(200);
        end(&one);
        let answer = there.get(ME);
        assert_eq!(answer.status(), 401, "{what}: {}", answer.text());
        assert_eq!(answer.body()["code"], "invalid_token", "{what}");
        refresh(&node, &one, "One").expect_problem(401, "invalid_token");
        with(&node, &other).get(ME).status()
    };
    let logout = |tokens: &Value| {
        with(&app, tokens).act(LOGOUT).expect(204);
    };
    assert_eq!(ended_by("logout", &logout), 200);
    let end_one = |tokens: &Value| {
        let address = format!("{SESSIONS}/{}", text(&tokens["session_id"]));
        with(&app, tokens).delete(&address).expect(204);
    };
    assert_eq!(ended_by("revoking one", &end_one), 200);
    let end_all = |tokens: &Value| {
        with(&app, tokens).delete(SESSIONS).expect(204);
    };
    assert_eq!(ended_by("revoking all", &end_all), 401);
    let by_admin = |_: &Value| {
        admin.delete(&format!("{account}/sessions")).expect(204);
    };
    assert_eq!(ended_by("an admin", &by_admin), 401);
    assert_eq!(
        ended_by("another role", &|_| patch(&json!({ "role": "author" }))),
        401
    );
    let change = |tokens: &Value| {
        let body = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
        let next = with(&app, tokens).post(CHANGE, &body).expect(200).data();
        with(&node, &next).get(ME).expect(200);
    };
    assert_eq!(ended_by("another password", &change), 401);
    let set = |_: &Value| {
        seeing(&admin, &fresh(&admin, &account))
            .put(&format!("{account}/password"), &json!({ "password": PASSWORD }))
            .expect(200);
    };
    assert_eq!(ended_by("a password that an admin set", &set), 401);
    let suspend = |_: &Value| {
        act("suspend");
        let body = json!({ "email": ADA, "password": PASSWORD });
        app.anonymous()
            .post(LOGIN, &body)
            .expect_problem(401, "invalid_credentials");
        act("reactivate");
    };
    assert_eq!(ended_by("suspension", &suspend), 401);
    let delete = |_: &Value| {
        seeing(&admin, &fresh(&admin, &account))
            .delete(&account)
            .expect(204);
    };
    assert_eq!(ended_by("deletion", &delete), 401);
    admin.get(&account).expect_problem(404, "not_found");
}

#[test]
fn nobody_sees_or_ends_the_sessions_of_somebody_else() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let (ada, bob) = (
        login(&app, ADA, "Firefox"),
        app.user(Role::Editor, "bob@example.org"),
    );
    let path = format!("{SESSIONS}/{}", text(&ada["session_id"]));
    bob.delete(&path).expect_problem(404, "not_found");
    assert_eq!(bob.get(SESSIONS).expect(200).data().as_array().unwrap().len(), 1);
    // Not even an admin, at this address.
    app.admin().delete(&path).expect_problem(404, "not_found");
    with(&app, &ada).get(ME).expect(200);
    let key = app.key(&[masthead_domain::rights::Permission::ContentRead]);
    key.get(SESSIONS).expect_problem(403, "forbidden");
    key.act(LOGOUT).expect_problem(403, "forbidden");
}

#[test]
fn an_account_has_fifty_open_sessions_at_most() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let first = login(&app, ADA, "First");
    let more: Vec<_> = (0..50).map(|_| login(&app, ADA, "More")).collect();
    let last = &more[49];
    with(&app, &first).get(ME).expect_problem(401, "invalid_token");
    let answer = with(&app, last).get(&format!("{SESSIONS}?count=exact&limit=100"));
    assert_eq!(answer.expect(200).body()["meta"]["total"], 50);
}

#[test]
fn a_password_is_changed_by_whoever_knows_it_to_one_that_is_not_guessed() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let ada = with(&app, &login(&app, ADA, "Firefox"));
    let change = |current: &str, new: &str| {
        ada.post(
            CHANGE,
            &json!({ "current_password": current, "new_password": new }),
        )
    };
    change("wrong horse battery staple", "nanoseconds of wire, 30 cm")
        .expect_problem(401, "invalid_credentials");
    for (new, code) in [
        ("short", "too_short"),
        ("password1234", "common_password"),
        ("qwertyuiop[]", "common_password"),
        ("ada@example.org-2026", "invalid_password"),
    ] {
        let answer = change(PASSWORD, new).expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("/new_password", code)]);
    }
    ada.get(ME).expect(200);
    change(PASSWORD, "nanoseconds of wire, 30 cm").expect(200);
    app.anonymous()
        .post(LOGIN, &json!({ "email": ADA, "password": PASSWORD }))
        .expect_problem(401, "invalid_credentials");
    app.anonymous()
        .post(
            LOGIN,
            &json!({ "email": ADA, "password": "nanoseconds of wire, 30 cm" }),
        )
        .expect(200);
}

#[test]
fn a_hash_of_another_cost_is_made_anew_at_the_next_login() {
    let app = App::builder()
        .with(|settings| settings.password_cost = Cost::default())
        .start();
    app.ensure_user(Role::Editor, ADA);
    let hash = || {
        let email = masthead_domain::email::Email::parse(ADA).unwrap();
        app.storage()
            .read_blocking(move |repository| repository.user_by_email(&email))
            .unwrap()
            .unwrap()
            .1
            .0
    };
    let weak = hash();
    assert!(weak.contains("m=8,"), "{weak}");
    let tokens = login(&app, ADA, "Firefox");
    let strong = hash();
    assert!(strong.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{strong}");
    with(&app, &tokens).get(ME).expect(200);
    login(&app, ADA, "Firefox");
    assert_eq!(hash(), strong);
}

#[test]
fn another_secret_key_logs_nobody_out_and_both_are_in_the_key_set() {
    let app = App::start();
    let editor = app.editor();
    let renewed = app
        .second_node()
        .with(|settings| {
            settings.previous_secret_key = settings.secret_key.replace(SecretKey::new(vec![9; 32]).unwrap());
        })
        .start();
    let there = Caller::new(renewed.address(), editor.token().map(str::to_owned));
    there.get(ME).expect(200);
    let keys = |app: &App| app.anonymous().get("/management/v1/auth/jwks").expect(200).body()["keys"].clone();
    let (old, new) = (keys(&app), keys(&renewed));
    assert_eq!(
        (old.as_array().unwrap().len(), new.as_array().unwrap().len()),
        (1, 2)
    );
    assert_eq!(new[1], old[0]);
    for key in new.as_array().unwrap() {
        let mut names: Vec<_> = key.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    // A token of the new key is nothing to a node that does not have it yet.
    let token = renewed.editor().token().map(str::to_owned);
    Caller::new(app.address(), token)
        .get(ME)
        .expect_problem(401, "invalid_token");
}

#[test]
fn no_token_and_no_password_stands_in_the_database_as_it_is() {
    let app = App::start();
    app.ensure_user(Role::Editor, ADA);
    let tokens = login(&app, ADA, "Firefox");
    let shown = text(&tokens["refresh_token"]);
    let digest = masthead_api::credentials::refresh_digest(&shown).unwrap();
    let kept = app
        .storage()
        .write_blocking(move |repository| repository.refresh_token_for_update(&digest))
        .unwrap();
    assert!(kept.is_some(), "it is kept by its digest");
    if let Some(path) = app.database().url().strip_prefix("sqlite://") {
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
        for secret in [shown.as_str(), PASSWORD] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in the database");
        }
    }
}
