//! The second factor: codes that are good once, recovery codes, and roles that require one.

use masthead_api::config::SecretKey;
use masthead_domain::clock::Clock as _;
use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, PASSWORD, Response};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use super::cases::{SECURITY, USERS, new_user};
use super::support::{ARTICLES, expect_errors, seeing, text};

/// Where one's own second factor is.
pub const SECOND_FACTOR: &str = "/management/v1/auth/second-factor";

const LOGIN: &str = "/management/v1/auth/login";
const REFRESH: &str = "/management/v1/auth/refresh";
const ME: &str = "/management/v1/auth/me";
const ADA: &str = "ada@example.org";

/// What makes codes for one account.
#[derive(Clone)]
pub struct Authenticator {
    totp: Totp,
    caller: Caller,
}

impl Authenticator {
    /// Begins one.
    #[track_caller]
    pub fn of(app: &App, caller: &Caller, password: &str) -> Self {
        let begun = caller.post(SECOND_FACTOR, &json!({ "password": password }));
        let begun = begun.expect(200).data();
        let secret = Secret::try_from_base32(text(&begun["secret"])).expect("a secret");
        let totp = Builder::new()
            .with_secret(secret)
            .build()
            .expect("an authenticator");
        let scanned = Totp::from_url(text(&begun["uri"])).expect("an address");
        let now = u64::try_from(app.clock().now().timestamp()).unwrap();
        assert_eq!(scanned.generate(now), totp.generate(now));
        Self {
            totp,
            caller: caller.clone(),
        }
    }

    /// The code of so many steps from now.
    pub fn code(&self, app: &App, steps: i64) -> String {
        let time = app.clock().now().timestamp() + 30 * steps;
        self.totp.generate(u64::try_from(time).unwrap()).to_string()
    }

    /// Shows a first code; answers the recovery codes.
    #[track_caller]
    pub fn confirm(&self, app: &App) -> Vec<String> {
        let body = json!({ "code": self.code(app, 0) });
        let answer = self.caller.post(&format!("{SECOND_FACTOR}/confirm"), &body);
        let codes = answer.expect(200).data()["recovery_codes"].clone();
        codes.as_array().unwrap().iter().map(text).collect()
    }
}

fn attempt(app: &App, email: &str, code: Value) -> Response {
    let mut body = json!({ "email": email, "password": PASSWORD });
    if !code.is_null() {
        body["code"] = code;
    }
    app.anonymous().post(LOGIN, &body)
}

/// Logs in with a password alone.
#[track_caller]
pub fn log_in(app: &App, email: &str, password: &str) -> Caller {
    let body = json!({ "email": email, "password": password });
    with(app, &app.anonymous().post(LOGIN, &body).expect(200).data())
}

fn with(app: &App, tokens: &Value) -> Caller {
    Caller::new(app.address(), Some(text(&tokens["access_token"])))
}

/// Somebody with a second factor, and the recovery codes.
fn enrolled(app: &App, role: Role) -> (Caller, Authenticator, Vec<String>) {
    let caller = app.user(role, ADA);
    let authenticator = Authenticator::of(app, &caller, PASSWORD);
    let codes = authenticator.confirm(app);
    (caller, authenticator, codes)
}

#[test]
fn a_login_asks_for_a_code_and_takes_each_once() {
    let app = App::start();
    let (ada, authenticator, _) = enrolled(&app, Role::Editor);
    let standing = ada.get(SECOND_FACTOR).expect(200).data();
    assert_eq!(standing["enabled"], true);
    assert_eq!(standing["required"], false);
    assert_eq!(standing["recovery_codes_left"], 10);
    attempt(&app, ADA, Value::Null).expect_problem(401, "second_factor_required");
    // The code that it was set up with is used, and so is any before it.
    for steps in [0, -1] {
        attempt(&app, ADA, json!(authenticator.code(&app, steps))).expect_problem(401, "invalid_credentials");
    }
    app.clock().advance(30);
    let code = authenticator.code(&app, 0);
    let tokens = attempt(&app, ADA, json!(code)).expect(200).data();
    assert_eq!(tokens["needs_second_factor"], false);
    with(&app, &tokens).get(ARTICLES).expect(200);
    attempt(&app, ADA, json!(code)).expect_problem(401, "invalid_credentials");
    // A clock that is a step ahead or behind does no harm; two do.
    app.clock().advance(300);
    for steps in [-2, 2] {
        attempt(&app, ADA, json!(authenticator.code(&app, steps))).expect(401);
    }
    attempt(&app, ADA, json!(authenticator.code(&app, -1))).expect(200);
    attempt(&app, ADA, json!(format!(" {} ", authenticator.code(&app, 1)))).expect(200);
    // Of a wrong password nobody learns whether there is a second factor.
    for code in [json!(authenticator.code(&app, 0)), Value::Null] {
        let mut body = json!({ "email": ADA, "password": "a wrong password" });
        if !code.is_null() {
            body["code"] = code;
        }
        app.anonymous()
            .post(LOGIN, &body)
            .expect_problem(401, "invalid_credentials");
    }
}

#[test]
fn nothing_asks_for_a_code_before_the_first_was_shown() {
    let app = App::start();
    let ada = app.user(Role::Author, ADA);
    let confirm = format!("{SECOND_FACTOR}/confirm");
    ada.post(&confirm, &json!({ "code": "000000" }))
        .expect_problem(404, "not_found");
    ada.post(SECOND_FACTOR, &json!({ "password": "a wrong password" }))
        .expect_problem(401, "invalid_credentials");
    let abandoned = Authenticator::of(&app, &ada, PASSWORD);
    attempt(&app, ADA, Value::Null).expect(200);
    assert_eq!(ada.get(SECOND_FACTOR).expect(200).data()["enabled"], false);
    let authenticator = Authenticator::of(&app, &ada, PASSWORD);
    let wrong = json!({ "code": abandoned.code(&app, 0) });
    ada.post(&confirm, &wrong)
        .expect_problem(401, "invalid_credentials");
    attempt(&app, ADA, Value::Null).expect(200);
    // None of a code's other forms is a code, and none of them is asked about the database.
    for value in [json!({}), json!([]), json!(null), json!(0), json!(true)] {
        let answer = ada.post(&confirm, &json!({ "code": value }));
        answer.expect_problem(422, "validation_failed");
        attempt(&app, ADA, json!({ "is": value })).expect_problem(422, "validation_failed");
    }
    authenticator.confirm(&app);
    ada.post(&confirm, &json!({ "code": authenticator.code(&app, 1) }))
        .expect_problem(409, "not_open");
    ada.post(SECOND_FACTOR, &json!({ "password": PASSWORD }))
        .expect_problem(409, "not_open");
    attempt(&app, ADA, Value::Null).expect_problem(401, "second_factor_required");
}

#[test]
fn a_recovery_code_logs_in_once() {
    let app = App::start();
    let (ada, authenticator, codes) = enrolled(&app, Role::Author);
    assert_eq!(codes.len(), 10);
    attempt(&app, ADA, json!(codes[0])).expect(200);
    attempt(&app, ADA, json!(codes[0])).expect_problem(401, "invalid_credentials");
    attempt(&app, ADA, json!(codes[1].to_uppercase().replace('-', " "))).expect(200);
    assert_eq!(
        ada.get(SECOND_FACTOR).expect(200).data()["recovery_codes_left"],
        8
    );
    // Of somebody else they are none.
    app.ensure_user(Role::Author, "bea@example.org");
    let bea = app.user(Role::Author, "bea@example.org");
    Authenticator::of(&app, &bea, PASSWORD).confirm(&app);
    attempt(&app, "bea@example.org", json!(codes[2])).expect_problem(401, "invalid_credentials");
    // Others take their place.
    let renew = format!("{SECOND_FACTOR}/recovery-codes");
    ada.post(&renew, &json!({ "code": "000000" }))
        .expect_problem(401, "invalid_credentials");
    let renewed = ada.post(&renew, &json!({ "code": authenticator.code(&app, 1) }));
    let renewed = text(&renewed.expect(200).data()["recovery_codes"][0]);
    attempt(&app, ADA, json!(codes[3])).expect(401);
    attempt(&app, ADA, json!(renewed)).expect(200);
}

#[test]
fn a_code_that_many_show_at_once_is_good_for_one() {
    let app = App::start();
    let (_, authenticator, codes) = enrolled(&app, Role::Author);
    app.clock().advance(30);
    for code in [authenticator.code(&app, 0), codes[0].clone()] {
        let mut statuses: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| attempt(&app, ADA, json!(code)).status()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401, 401, 401, 401], "{code}");
    }
}

#[test]
fn codes_are_guessed_so_often_and_then_ever_so_often() {
    let app = App::builder()
        .with(|settings| settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()])
        .start();
    let (ada, authenticator, codes) = enrolled(&app, Role::Author);
    // From as many addresses as anybody likes, and within a session as well.
    let guess = |number: u32, code: &str| {
        let from = app
            .anonymous()
            .with("X-Forwarded-For", &format!("192.0.2.{number}"));
        from.post(
            LOGIN,
            &json!({ "email": ADA, "password": PASSWORD, "code": code }),
        )
    };
    let disable = format!("{SECOND_FACTOR}/disable");
    for number in 0..10 {
        guess(number, "000000").expect_problem(401, "invalid_credentials");
        ada.post(&disable, &json!({ "code": "000000" }))
            .expect_problem(401, "invalid_credentials");
    }
    app.clock().advance(30);
    let code = authenticator.code(&app, 0);
    for refused in [
        guess(100, &code),
        guess(101, &codes[0]),
        ada.post(&disable, &json!({ "code": code })),
    ] {
        let refused = refused.expect_problem(429, "too_many_requests");
        let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=1_080).contains(&wait), "{wait}");
    }
    // Nobody is locked out for good, and a right code ends it.
    app.clock().advance(1_080);
    guess(102, &authenticator.code(&app, 0)).expect(200);
    for number in 0..20 {
        guess(number + 110, "000000").expect(401);
    }
    guess(130, "000000").expect(429);
}

#[test]
fn whoever_disables_it_shows_a_code() {
    let app = App::start();
    let (ada, authenticator, codes) = enrolled(&app, Role::Admin);
    let disable = format!("{SECOND_FACTOR}/disable");
    ada.post(&disable, &json!({ "code": authenticator.code(&app, 0) }))
        .expect_problem(401, "invalid_credentials");
    // Not by the way around either.
    let me = text(&ada.get(ME).expect(200).data()["id"]);
    ada.delete(&format!("{USERS}/{me}/second-factor"))
        .expect_problem(409, "not_open");
    ada.post(&disable, &json!({ "code": codes[0] })).expect(204);
    attempt(&app, ADA, Value::Null).expect(200);
    ada.post(&disable, &json!({ "code": codes[1] }))
        .expect_problem(404, "not_found");
    // Set up once more, nothing of before is good.
    let again = Authenticator::of(&app, &ada, PASSWORD);
    again.confirm(&app);
    app.clock().advance(30);
    attempt(&app, ADA, json!(codes[1])).expect(401);
    attempt(&app, ADA, json!(authenticator.code(&app, 0))).expect(401);
    attempt(&app, ADA, json!(again.code(&app, 0))).expect(200);
}

#[test]
fn an_admin_takes_away_what_somebody_has_lost() {
    let app = App::start();
    let admin = app.admin();
    let (ada, _, codes) = enrolled(&app, Role::Editor);
    let id = text(&ada.get(ME).expect(200).data()["id"]);
    let path = format!("{USERS}/{id}/second-factor");
    app.editor().delete(&path).expect_problem(403, "forbidden");
    admin.delete(&path).expect(204);
    admin.delete(&path).expect_problem(404, "not_found");
    let tokens = attempt(&app, ADA, Value::Null).expect(200).data();
    assert_eq!(tokens["needs_second_factor"], false);
    Authenticator::of(&app, &ada, PASSWORD).confirm(&app);
    attempt(&app, ADA, json!(codes[0])).expect(401);
    // A deleted account leaves nothing that could be used.
    let user = admin.get(&format!("{USERS}/{id}")).expect(200).data();
    seeing(&admin, &user).delete(&format!("{USERS}/{id}")).expect(204);
    admin.delete(&path).expect_problem(404, "not_found");
}

#[test]
fn a_role_that_requires_one_can_do_nothing_else_before() {
    let app = App::start();
    let admin = app.admin();
    let before = app.user(Role::Editor, ADA);
    let tokens = {
        let tokens = attempt(&app, ADA, Value::Null).expect(200).data();
        text(&tokens["refresh_token"])
    };
    let seen = admin.get(SECURITY).expect(200).data();
    assert_eq!(seen["second_factor"]["required_for"], json!([]));
    let body = json!({ "second_factor": { "required_for": ["editor", "editor"] } });
    let set = seeing(&admin, &seen).put(SECURITY, &body).expect(200).data();
    assert_eq!(set["second_factor"]["required_for"], json!(["editor"]));
    seeing(&admin, &seen)
        .put(SECURITY, &body)
        .expect_problem(412, "stale_revision");
    let unknown = json!({ "second_factor": { "required_for": ["boss"] } });
    let answer = seeing(&admin, &set).put(SECURITY, &unknown);
    expect_errors(&answer, &[("/second_factor/required_for/0", "unknown_value")]);
    // What is open goes on until its token is renewed, a quarter of an hour at most.
    before.get(ARTICLES).expect(200);
    let renewed = app.anonymous().post(REFRESH, &json!({ "refresh_token": tokens }));
    let renewed = renewed.expect(200).data();
    let new = attempt(&app, ADA, Value::Null).expect(200).data();
    for tokens in [&renewed, &new] {
        assert_eq!(tokens["needs_second_factor"], true);
        let ada = with(&app, tokens);
        for path in [ARTICLES, "/management/v1/auth/sessions", "/delivery/v1/articles"] {
            let answer = ada.get(path);
            if path.starts_with("/delivery") {
                answer.expect(200);
            } else {
                let refused = answer.expect_problem(403, "forbidden");
                assert!(
                    refused.text().contains("auth/second-factor"),
                    "{}",
                    refused.text()
                );
            }
        }
        let password = json!({ "current_password": PASSWORD, "new_password": "nanoseconds of wire, 30 cm" });
        ada.post("/management/v1/auth/password", &password)
            .expect_problem(403, "forbidden");
        ada.post(
            "/management/v1/batch",
            &json!({ "operations": [{ "method": "POST", "path": "/management/v1/tags", "body": { "name": "No" } }] }),
        )
        .expect_problem(403, "forbidden");
        ada.get(ME).expect(200);
        assert_eq!(ada.get(SECOND_FACTOR).expect(200).data()["required"], true);
    }
    let ada = with(&app, &new);
    let authenticator = Authenticator::of(&app, &ada, PASSWORD);
    authenticator.confirm(&app);
    ada.get(ARTICLES).expect(200);
    // The other session goes on as it was until it is renewed.
    with(&app, &renewed)
        .get(ARTICLES)
        .expect_problem(403, "forbidden");
    let body = json!({ "refresh_token": renewed["refresh_token"] });
    let again = app.anonymous().post(REFRESH, &body).expect(200).data();
    with(&app, &again).get(ARTICLES).expect(200);
    let disable = format!("{SECOND_FACTOR}/disable");
    ada.post(&disable, &json!({ "code": authenticator.code(&app, 1) }))
        .expect_problem(409, "not_open");
    // Keys are no accounts, and other roles are not asked.
    let key = app.key(&[masthead_domain::rights::Permission::ContentRead]);
    key.get(ARTICLES).expect(200);
    app.author().get(ARTICLES).expect(200);
    // Whoever gets the role gets what it requires.
    let body = new_user("risen");
    let made = admin.post(USERS, &body).expect(201).data();
    let path = format!("{USERS}/{}", text(&made["id"]));
    seeing(&admin, &made)
        .patch(&path, &json!({ "role": "editor" }))
        .expect(200);
    let risen = log_in(&app, &text(&body["email"]), &text(&body["password"]));
    risen.get(ARTICLES).expect_problem(403, "forbidden");
}

#[test]
fn a_new_secret_of_the_installation_ends_no_second_factor() {
    let secret = |byte: u8| SecretKey::new(vec![byte; 32]);
    let first = App::builder()
        .with(move |settings| settings.secret_key = secret(1))
        .start();
    let (_, authenticator, codes) = enrolled(&first, Role::Editor);
    let second = first
        .second_node()
        .with(move |settings| {
            settings.secret_key = secret(2);
            settings.previous_secret_key = secret(1);
        })
        .start();
    second.clock().advance(60);
    attempt(&second, ADA, json!(authenticator.code(&second, 0))).expect(200);
    // It was sealed anew, so that the one before can be forgotten.
    let third = second
        .second_node()
        .with(move |settings| {
            settings.secret_key = secret(3);
            settings.previous_secret_key = secret(2);
        })
        .start();
    third.clock().advance(60);
    attempt(&third, ADA, json!(authenticator.code(&third, 0))).expect(200);
    // Where nobody can open it any more, a recovery code does.
    let fourth = third
        .second_node()
        .with(move |settings| settings.secret_key = secret(4))
        .start();
    fourth.clock().advance(60);
    attempt(&fourth, ADA, json!(authenticator.code(&fourth, 0))).expect(401);
    attempt(&fourth, ADA, json!(codes[0])).expect(200);
}
