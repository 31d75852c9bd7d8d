//! Requests that succeed, for operations of accounts, keys and what lets people in.

use std::sync::atomic::{AtomicU32, Ordering};

use masthead_domain::mail::MailKind;
use masthead_tests::{App, Caller, PASSWORD};
use serde_json::{Value, json};

use super::cases::{Case, KEYS, USERS};
use super::mailing::{ACCEPT, RESET, VERIFICATION};
use super::second_factor::{Authenticator, SECOND_FACTOR};
use super::support::text;

/// The body of an account that nobody has yet.
pub fn new_user(name: &str) -> Value {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    json!({
        "email": format!("{name}-{number}@example.org"), "name": name, "role": "author",
        "password": "nanoseconds of wire, 30 cm",
    })
}

/// Of `maker`'s own account, which has had no second factor before.
pub(super) fn second_factor_case(app: &App, maker: &Caller, operation: &str) -> Case {
    if operation == "get_second_factor" {
        return Case::open("GET", SECOND_FACTOR);
    }
    let me = maker.get("/management/v1/auth/me").expect(200).data();
    app.forget_second_factor(&text(&me["email"]));
    if operation == "begin_second_factor" {
        return Case::open("POST", SECOND_FACTOR).with(json!({ "password": PASSWORD }));
    }
    let authenticator = Authenticator::of(app, maker, PASSWORD);
    if operation == "confirm_second_factor" {
        let code = authenticator.code(app, 0);
        return Case::open("POST", format!("{SECOND_FACTOR}/confirm")).with(json!({ "code": code }));
    }
    authenticator.confirm(app);
    let path = match operation {
        "renew_recovery_codes" => format!("{SECOND_FACTOR}/recovery-codes"),
        _ => format!("{SECOND_FACTOR}/disable"),
    };
    Case::open("POST", path).with(json!({ "code": authenticator.code(app, 1) }))
}

/// Of an account whose mail nobody waits for.
pub(super) fn ticket_case(app: &App, operation: &str) -> Case {
    let made = app.admin().post(USERS, &new_user("mailed")).expect(201).data();
    let (kind, path) = match operation {
        "confirm_password_reset" => (MailKind::PasswordReset, format!("{RESET}/confirm")),
        "confirm_email_verification" => (MailKind::EmailVerification, format!("{VERIFICATION}/confirm")),
        _ => (MailKind::Invitation, ACCEPT.to_owned()),
    };
    let mut body = json!({ "token": app.ticket(kind, &text(&made["email"])) });
    if kind != MailKind::EmailVerification {
        body["password"] = json!("kilometres of wire, 300 m");
    }
    Case::open("POST", path).with(body)
}

pub(super) fn user_case(app: &App, operation: &str) -> Case {
    let made = app
        .admin()
        .post(USERS, &new_user("acted-upon"))
        .expect(201)
        .data();
    let path = format!("{USERS}/{}", text(&made["id"]));
    let at = |part: &str| format!("{path}/{part}");
    match operation {
        "get_user" => Case::open("GET", path),
        "update_user" => Case::open("PATCH", &path)
            .with(json!({ "name": "Renamed" }))
            .on(&made, path),
        "delete_user" => Case::open("DELETE", &path).on(&made, path),
        "suspend_user" => Case::open("POST", at("suspend")).on(&made, path),
        "reactivate_user" => Case::open("POST", at("reactivate")).on(&made, path),
        "set_user_password" => Case::open("PUT", at("password"))
            .with(json!({ "password": "kilometres of wire, 300 m" }))
            .on(&made, path),
        "list_user_sessions" => Case::open("GET", at("sessions")),
        _ => Case::open("DELETE", at("sessions")),
    }
}

pub(super) fn key_case(app: &App, operation: &str) -> Case {
    let body = json!({ "name": "Acted upon", "scopes": ["content:read"] });
    let admin = app.admin();
    let made = admin.post(KEYS, &body).expect(201).data();
    let path = format!("{KEYS}/{}", text(&made["id"]));
    let made = admin.get(&path).expect(200).data();
    match operation {
        "get_api_key" => Case::open("GET", path),
        "update_api_key" => Case::open("PATCH", &path)
            .with(json!({ "name": "Renamed" }))
            .on(&made, path),
        "rotate_api_key" => Case::open("POST", format!("{path}/rotate"))
            .with(json!({ "overlap_seconds": 60 }))
            .on(&made, path),
        _ => Case::open("POST", format!("{path}/revoke")).on(&made, path),
    }
}
