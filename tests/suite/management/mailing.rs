//! Mails: forgotten passwords, addresses that are shown to be somebody's, and invitations; taken by a real server.

use masthead_domain::mail::MailKind;
use masthead_domain::rights::Role;
use masthead_tests::{App, AppBuilder, Caller, Engine, PASSWORD, Response, Smtp};
use serde_json::{Value, json};

use super::cases::{USERS, new_user};
use super::second_factor::log_in;
use super::support::{expect_errors, fresh, seeing, text};

/// Where a new password is asked for.
pub const RESET: &str = "/management/v1/auth/password-reset";
/// Where it is asked whether an address is one's own.
pub const VERIFICATION: &str = "/management/v1/auth/email-verification";
/// Where somebody is invited.
pub const INVITATIONS: &str = "/management/v1/invitations";
/// Where an invitation is accepted.
pub const ACCEPT: &str = "/management/v1/auth/invitation/accept";

const LOGIN: &str = "/management/v1/auth/login";
const ME: &str = "/management/v1/auth/me";
const ADA: &str = "ada@example.org";
const NEW: &str = "nanoseconds of wire, 30 cm";

fn with_mail() -> (App, Smtp) {
    let smtp = Smtp::start();
    let app = App::builder()
        .with_mail(&smtp)
        .with(|settings| {
            settings.site_title = "The Söuth: News".into();
            settings.api_url = Some("https://cms.example.org".to_owned());
        })
        .start();
    (app, smtp)
}

fn ask(app: &App, email: &str) -> Response {
    app.anonymous().post(RESET, &json!({ "email": email }))
}

fn choose(app: &App, token: &str, password: &str) -> Response {
    let body = json!({ "token": token, "password": password });
    app.anonymous().post(&format!("{RESET}/confirm"), &body)
}

fn can_log_in(app: &App, email: &str, password: &str) -> bool {
    let body = json!({ "email": email, "password": password });
    app.anonymous().post(LOGIN, &body).status() == 200
}

#[test]
fn a_forgotten_password_is_chosen_anew_with_the_link_of_a_mail() {
    let (app, smtp) = with_mail();
    let ada = app.user(Role::Editor, ADA);
    let mail = smtp.next(|| {
        // Whatever a request says of where it was sent to.
        let asks = app
            .anonymous()
            .with("X-Forwarded-Host", "evil.example")
            .with("Forwarded", "host=evil.example")
            .with("Origin", "https://evil.example");
        let accepted = asks
            .post(RESET, &json!({ "email": ADA.to_uppercase() }))
            .expect(202);
        assert_eq!(accepted.text(), "");
    });
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("news@example.org", &[ADA.to_owned()][..])
    );
    for line in [
        "From: \"The News\" <news@example.org>",
        "To: ada@example.org",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mail.head.contains(line), "{line}: {}", mail.head);
    }
    assert!(
        mail.head.contains("Date: ") && mail.head.contains("Subject: "),
        "{}",
        mail.head
    );
    assert!(mail.login.is_some());
    let link = "https://cms.example.org/account/#password-reset=mhl_";
    assert!(mail.body.contains(link), "{}", mail.body);
    assert!(mail.body.contains("The Söuth: News"), "{}", mail.body);
    assert!(!format!("{mail:?}").contains("evil"));
    let token = mail.token("password-reset");
    ada.get(ME).expect(200);
    // A password that would not do costs the link nothing.
    for bad in ["short", "aaaaaaaaaaaa", "my ada@example.org password"] {
        let answer = choose(&app, &token, bad);
        answer.expect_problem(422, "validation_failed");
    }
    choose(&app, &token, NEW).expect(204);
    ada.get(ME).expect_problem(401, "invalid_token");
    assert!(can_log_in(&app, ADA, NEW) && !can_log_in(&app, ADA, PASSWORD));
    choose(&app, &token, "kilometres of wire, 300 m").expect_problem(401, "invalid_token");
    assert!(can_log_in(&app, ADA, NEW));
    // Whoever read the mail has the address.
    let me = text(&log_in(&app, ADA, NEW).get(ME).expect(200).data()["id"]);
    let user = fresh(&app.admin(), &format!("{USERS}/{me}"));
    assert_ne!(user["email_verified_at"], Value::Null);
}

#[test]
fn nothing_tells_whether_there_is_an_account() {
    let (app, smtp) = with_mail();
    app.ensure_user(Role::Editor, ADA);
    let suspended = app.user(Role::Author, "suspended@example.org");
    let id = text(&suspended.get(ME).expect(200).data()["id"]);
    let admin = app.admin();
    let path = format!("{USERS}/{id}");
    seeing(&admin, &fresh(&admin, &path))
        .act(&format!("{path}/suspend"))
        .expect(200);
    let answers = ["nobody@example.org", "suspended@example.org", ADA].map(|email| {
        let answer = ask(&app, email).expect(202);
        let names = ["ratelimit", "ratelimit-policy", "content-length", "retry-after"];
        let headers = names.map(|name| answer.header(name).map(str::to_owned));
        (answer.text(), headers)
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // The last one is the only one that is for somebody.
    let mails = smtp.wait_for(1);
    assert_eq!(mails[0].to, [ADA]);
    // Nor does it how often somebody is asked for.
    for email in ["nobody@example.org", ADA] {
        for _ in 0..4 {
            ask(&app, email).expect(202);
        }
        let refused = ask(&app, email).expect_problem(429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("720"));
    }
    for wrong in [
        "",
        "ada",
        "ada@",
        "a b@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
    ] {
        let answer = ask(&app, wrong);
        answer.expect_problem(422, "validation_failed");
    }
    let mails = smtp.wait_for(5);
    assert!(mails.iter().all(|mail| mail.to == [ADA]), "{mails:?}");
    assert!(mails.iter().all(|mail| !mail.head.contains("Bcc")));
}

#[test]
fn one_address_of_the_network_asks_for_so_many_mails() {
    let (app, _) = with_mail();
    for number in 0..30 {
        ask(&app, &format!("somebody-{number}@example.org")).expect(202);
    }
    ask(&app, "another@example.org").expect_problem(429, "too_many_requests");
    app.clock().advance(120);
    ask(&app, "another@example.org").expect(202);
}

#[test]
fn a_link_is_good_once_for_a_while_and_for_one_thing() {
    let (app, _) = with_mail();
    app.ensure_user(Role::Editor, ADA);
    let reset = || app.ticket(MailKind::PasswordReset, ADA);
    let verification = app.ticket(MailKind::EmailVerification, ADA);
    // Of many who use it at once, one does.
    let token = reset();
    let mut statuses: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|n| {
                let (app, token) = (&app, &token);
                scope.spawn(move || choose(app, token, &format!("nanoseconds of wire, {n} cm")).status())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401, 401, 401, 401, 401]);
    // An hour.
    let (early, late) = (reset(), reset());
    app.clock().advance(3_599);
    choose(&app, &early, NEW).expect(204);
    // Once a password was chosen, the other links are good for nothing.
    choose(&app, &late, PASSWORD).expect_problem(401, "invalid_token");
    let late = reset();
    app.clock().advance(3_600);
    choose(&app, &late, PASSWORD).expect_problem(401, "invalid_token");
    // What is good for one thing is good for no other, nor is another kind of token.
    let token = verification;
    choose(&app, &token, PASSWORD).expect_problem(401, "invalid_token");
    let invitation = json!({ "token": token, "password": PASSWORD });
    app.anonymous()
        .post(ACCEPT, &invitation)
        .expect_problem(401, "invalid_token");
    let refresh = json!({ "refresh_token": token });
    app.anonymous()
        .post("/management/v1/auth/refresh", &refresh)
        .expect_problem(401, "invalid_token");
    Caller::new(app.address(), Some(token.clone()))
        .get(ME)
        .expect_problem(401, "invalid_token");
    for wrong in ["x", "mhl_", &token[..token.len() - 1], &token.to_uppercase()] {
        choose(&app, wrong, NEW).expect_problem(401, "invalid_token");
    }
    for value in [json!({}), json!([]), json!(null), json!(1), json!(true)] {
        let body = json!({ "token": value, "password": NEW });
        app.anonymous()
            .post(&format!("{RESET}/confirm"), &body)
            .expect_problem(422, "validation_failed");
    }
    // In an address it is told to logs.
    app.anonymous()
        .get(&format!("{ME}?x={token}"))
        .expect_problem(400, "key_in_url");
}

#[test]
fn a_link_is_good_for_nothing_once_the_account_is_another() {
    let (app, _) = with_mail();
    let admin = app.admin();
    let account = |name: &str| {
        let body = new_user(name);
        let made = admin.post(USERS, &body).expect(201).data();
        (format!("{USERS}/{}", text(&made["id"])), text(&body["email"]))
    };
    let refused = |path: &str, email: &str, change: &dyn Fn()| {
        let token = app.ticket(MailKind::PasswordReset, email);
        change();
        choose(&app, &token, "kilometres of wire, 300 m").expect_problem(401, "invalid_token");
        let _ = path;
    };
    let (path, email) = account("moves");
    refused(&path, &email, &|| {
        let body = json!({ "email": "moved@example.org" });
        seeing(&admin, &fresh(&admin, &path))
            .patch(&path, &body)
            .expect(200);
    });
    let (path, email) = account("is-set");
    refused(&path, &email, &|| {
        let body = json!({ "password": NEW });
        seeing(&admin, &fresh(&admin, &path))
            .put(&format!("{path}/password"), &body)
            .expect(200);
    });
    let (path, email) = account("changes");
    refused(&path, &email, &|| {
        let body = json!({ "current_password": NEW, "new_password": "yards of wire, 300 yd" });
        log_in(&app, &email, NEW)
            .post("/management/v1/auth/password", &body)
            .expect(200);
    });
    let (path, email) = account("is-suspended");
    refused(&path, &email, &|| {
        seeing(&admin, &fresh(&admin, &path))
            .act(&format!("{path}/suspend"))
            .expect(200);
    });
    let (path, email) = account("is-deleted");
    refused(&path, &email, &|| {
        seeing(&admin, &fresh(&admin, &path)).delete(&path).expect(204);
    });
}

#[test]
fn an_address_is_shown_to_be_somebodys() {
    let (app, smtp) = with_mail();
    let (ada, admin) = (app.user(Role::Editor, ADA), app.admin());
    let path = format!("{USERS}/{}", text(&ada.get(ME).expect(200).data()["id"]));
    let is_verified = || fresh(&admin, &path)["email_verified_at"] != Value::Null;
    assert!(!is_verified());
    let mail = smtp.next(|| {
        ada.act(VERIFICATION).expect(202);
    });
    let body = json!({ "token": mail.token("email-verification") });
    let confirm = format!("{VERIFICATION}/confirm");
    app.anonymous().post(&confirm, &body).expect(204);
    assert!(is_verified());
    app.anonymous()
        .post(&confirm, &body)
        .expect_problem(401, "invalid_token");
    // It is known: nobody is bothered once more.
    ada.act(VERIFICATION).expect(202);
    // Another address is another question, and the links of the one before are no answer to it.
    let before = app.ticket(MailKind::PasswordReset, ADA);
    let change = json!({ "email": "ada@example.net" });
    seeing(&admin, &fresh(&admin, &path))
        .patch(&path, &change)
        .expect(200);
    assert!(!is_verified());
    choose(&app, &before, NEW).expect_problem(401, "invalid_token");
    let mail = smtp.next(|| {
        ada.act(VERIFICATION).expect(202);
    });
    assert_eq!(mail.to, ["ada@example.net"]);
    app.key(&[masthead_domain::rights::Permission::ArticlesWrite])
        .act(VERIFICATION)
        .expect_problem(403, "forbidden");
}

#[test]
fn whoever_is_invited_chooses_the_password() {
    let (app, smtp) = with_mail();
    let admin = app.admin();
    let body = json!({ "email": "Grace@example.org", "name": "Grace Hopper", "role": "author" });
    let mut made = Value::Null;
    let mail = smtp.next(|| made = admin.post(INVITATIONS, &body).expect(201).data());
    assert_eq!(mail.to, ["grace@example.org"]);
    assert_eq!(made["email_verified_at"], Value::Null);
    let token = mail.token("invitation");
    assert!(!format!("{made}").contains(&token));
    admin
        .post(INVITATIONS, &body)
        .expect_problem(409, "already_exists");
    let again = format!("{USERS}/{}/invitation", text(&made["id"]));
    let second = smtp.next(|| {
        admin.act(&again).expect(202);
    });
    let accept = |token: &str, password: &str| {
        app.anonymous()
            .post(ACCEPT, &json!({ "token": token, "password": password }))
    };
    accept(&token, "grace@example.org").expect_problem(422, "validation_failed");
    choose(&app, &token, NEW).expect_problem(401, "invalid_token");
    app.clock().advance(7 * 24 * 3_600 - 1);
    accept(&second.token("invitation"), NEW).expect(204);
    accept(&token, PASSWORD).expect_problem(401, "invalid_token");
    let me = log_in(&app, "grace@example.org", NEW).get(ME).expect(200).data();
    assert_eq!(
        (&me["role"], &me["name"]),
        (&json!("author"), &json!("Grace Hopper"))
    );
    let admin = app.admin();
    admin.act(&again).expect_problem(409, "not_open");
    // Nobody hands on what they do not have, nor sets what is not named.
    let mut more = body.clone();
    more["email"] = json!("more@example.org");
    for (name, value) in [
        ("password", json!(NEW)),
        ("revision", json!(7)),
        ("email_verified_at", json!(null)),
    ] {
        let mut body = more.clone();
        body[name] = value;
        let answer = admin.post(INVITATIONS, &body);
        expect_errors(&answer, &[(&format!("/{name}"), "unknown_field")]);
    }
    let key = app.key(&[masthead_domain::rights::Permission::UsersManage]);
    more["role"] = json!("admin");
    key.post(INVITATIONS, &more).expect_problem(403, "forbidden");
}

#[test]
fn a_server_that_does_not_take_a_mail_gets_it_later() {
    let (app, smtp) = with_mail();
    app.ensure_user(Role::Editor, ADA);
    smtp.refuse(2, 451);
    ask(&app, ADA).expect(202);
    let asked = |count: u32| {
        for _ in 0..400 {
            if smtp.asked() >= count {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("asked {} times", smtp.asked());
    };
    asked(1);
    // Somebody else's does not wait for it.
    app.clock().advance(31);
    ask(&app, "nobody@example.org").expect(202);
    asked(2);
    assert_eq!(smtp.received().len(), 0);
    app.clock().advance(61);
    ask(&app, "nobody@example.org").expect(202);
    let token = smtp.wait_for(1)[0].token("password-reset");
    choose(&app, &token, NEW).expect(204);
    // What is refused for good is not tried again, and keeps nobody waiting.
    smtp.refuse(1, 550);
    ask(&app, ADA).expect(202);
    asked(4);
    app.clock().advance(3_600);
    ask(&app, ADA).expect(202);
    smtp.wait_for(2);
}

#[test]
fn what_waits_is_sent_after_a_restart_and_by_one_node() {
    let smtp = Smtp::start();
    let app = App::builder()
        .with_mail(&smtp)
        .with(|settings| {
            // Nobody listens there.
            settings.smtp_url = masthead_api::config::SmtpUrl::new("smtp://127.0.0.1:1");
        })
        .start();
    for number in 0..4 {
        app.ensure_user(Role::Author, &format!("somebody-{number}@example.org"));
        ask(&app, &format!("somebody-{number}@example.org")).expect(202);
    }
    // A file has one node.
    let count = match Engine::of_environment() {
        Engine::Postgres => 3,
        Engine::Sqlite => 1,
    };
    let nodes: Vec<_> = (0..count).map(|_| app.second_node().with_mail(&smtp)).collect();
    drop(app);
    let nodes: Vec<_> = nodes.into_iter().map(AppBuilder::start).collect();
    nodes[0].clock().advance(60);
    let mails = smtp.wait_for(4);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(smtp.received().len(), mails.len());
    drop(nodes);
}

#[test]
fn without_a_server_for_mail_nothing_is_promised() {
    let app = App::builder().with(|settings| settings.smtp_url = None).start();
    let (admin, ada) = (app.admin(), app.user(Role::Editor, ADA));
    ask(&app, ADA).expect_problem(409, "mail_not_configured");
    ask(&app, "nobody@example.org").expect_problem(409, "mail_not_configured");
    ada.act(VERIFICATION).expect_problem(409, "mail_not_configured");
    let body = json!({ "email": "grace@example.org", "name": "Grace", "role": "author" });
    admin
        .post(INVITATIONS, &body)
        .expect_problem(409, "mail_not_configured");
    ada.post(INVITATIONS, &body).expect_problem(403, "forbidden");
    assert_eq!(
        admin.get(&format!("{USERS}?count=exact")).expect(200).body()["meta"]["total"],
        2
    );
}

#[test]
fn a_reset_does_not_get_by_the_second_factor() {
    let (app, _) = with_mail();
    let ada = app.user(Role::Editor, ADA);
    super::second_factor::Authenticator::of(&app, &ada, PASSWORD).confirm(&app);
    choose(&app, &app.ticket(MailKind::PasswordReset, ADA), NEW).expect(204);
    app.anonymous()
        .post(LOGIN, &json!({ "email": ADA, "password": NEW }))
        .expect_problem(401, "second_factor_required");
}
