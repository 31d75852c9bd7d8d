//! How often somebody may ask, and how often somebody may try a password.

use masthead_api::limits::Quota;
use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, AppBuilder, Caller, PASSWORD, Response};
use serde_json::json;

use super::support::{ARTICLES, TAGS, total};

const LOGIN: &str = "/management/v1/auth/login";

fn log_in(caller: &Caller, email: &str, password: &str) -> Response {
    caller.post(LOGIN, &json!({ "email": email, "password": password }))
}

/// A service behind a proxy that every address here is.
fn behind_a_proxy() -> AppBuilder {
    App::builder().with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
}

fn from(app: &App, address: &str) -> Caller {
    app.anonymous().with("X-Forwarded-For", address)
}

/// Says how long to wait, in every way there is.
#[track_caller]
fn wait_of(refused: &Response, name: &str) -> i64 {
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    let policy = refused.header("ratelimit-policy").unwrap();
    assert!(policy.contains(&format!("\"{name}\";q=")), "{policy}");
    let state = refused.header("ratelimit").unwrap();
    assert!(state.contains(&format!("\"{name}\";r=0;t=")), "{state}");
    assert!(wait > 0, "{wait}");
    wait
}

#[test]
fn a_password_is_tried_so_often_and_then_ever_so_often() {
    let app = App::start();
    app.ensure_user(Role::Editor, "ada@example.org");
    let reader = app.anonymous();
    for email in ["ada@example.org", "nobody@example.org"] {
        for _ in 0..10 {
            log_in(&reader, email, "a wrong password").expect_problem(401, "invalid_credentials");
        }
        // The right password is not looked at either, and whether there is an account is not told.
        for password in [PASSWORD, "a wrong password"] {
            let refused = log_in(&reader, email, password).expect_problem(429, "too_many_requests");
            assert_eq!(wait_of(&refused, "login"), 90, "{email}");
        }
        // However the address is spelled.
        let refused = log_in(&reader, &email.to_uppercase(), PASSWORD);
        assert_eq!(refused.status(), 429, "{}", refused.text());
    }
    // Nobody is locked out for good: the next attempt is there after a while, and the right one ends it.
    app.clock().advance(90);
    log_in(&reader, "ada@example.org", "a wrong password").expect(401);
    log_in(&reader, "ada@example.org", PASSWORD).expect(429);
    app.clock().advance(90);
    log_in(&reader, "ada@example.org", PASSWORD).expect(200);
    for _ in 0..10 {
        log_in(&reader, "ada@example.org", "a wrong password").expect(401);
    }
}

#[test]
fn attempts_at_once_are_no_more_than_attempts_after_each_other() {
    let app = App::start();
    app.ensure_user(Role::Editor, "ada@example.org");
    let statuses = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..24)
            .map(|_| scope.spawn(|| log_in(&app.anonymous(), "ada@example.org", "a wrong password").status()))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect::<Vec<_>>()
    });
    let tried = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(tried, 10, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [401, 429].contains(status)),
        "{statuses:?}"
    );
}

#[test]
fn whoever_tries_passwords_from_elsewhere_keeps_nobody_out_of_their_own_account() {
    let app = behind_a_proxy().start();
    app.ensure_user(Role::Editor, "ada@example.org");
    let home = from(&app, "192.0.2.1");
    log_in(&home, "ada@example.org", PASSWORD).expect(200);
    // Ten from each of many addresses, until the account as a whole has had enough.
    let mut tried = 0;
    let refused = (0..20).find_map(|number| {
        let there = from(&app, &format!("198.51.100.{number}"));
        (0..10).find_map(|_| {
            let answer = log_in(&there, "ada@example.org", "a wrong password");
            tried += usize::from(answer.status() == 401);
            (answer.status() == 429).then_some(answer)
        })
    });
    assert_eq!(tried, 50);
    wait_of(&refused.expect("it ends"), "login-account");
    // From where the account is known to be used, it is.
    log_in(&home, "ada@example.org", PASSWORD).expect(200);
    // From anywhere else it waits.
    log_in(&from(&app, "203.0.113.9"), "ada@example.org", PASSWORD).expect(429);
    app.clock().advance(72);
    log_in(&from(&app, "203.0.113.9"), "ada@example.org", PASSWORD).expect(200);
}

#[test]
fn one_address_tries_so_many_accounts() {
    let app = behind_a_proxy().start();
    app.ensure_user(Role::Editor, "ada@example.org");
    let there = from(&app, "2001:db8:1:2::1");
    for number in 0..100 {
        log_in(&there, &format!("user-{number}@example.org"), PASSWORD).expect(401);
    }
    // Its neighbours in the same network are the same customer.
    let neighbour = from(&app, "2001:db8:1:2:ffff::9");
    let refused = log_in(&neighbour, "ada@example.org", PASSWORD).expect(429);
    wait_of(&refused, "login-address");
    log_in(&from(&app, "2001:db8:1:3::1"), "ada@example.org", PASSWORD).expect(200);
    // What a client says of itself is nothing to a service that trusts no proxy.
    let open = App::start();
    for number in 0..100 {
        let claims = from(&open, &format!("198.51.100.{number}"));
        log_in(&claims, &format!("user-{number}@example.org"), PASSWORD).expect(401);
    }
    log_in(&from(&open, "203.0.113.1"), "ada@example.org", PASSWORD).expect(429);
}

#[test]
fn those_who_are_right_are_not_counted_against_their_neighbours() {
    let app = App::start();
    app.ensure_user(Role::Editor, "ada@example.org");
    for _ in 0..120 {
        log_in(&app.anonymous(), "ada@example.org", PASSWORD).expect(200);
    }
}

#[test]
fn a_stolen_token_does_not_help_to_guess_the_password() {
    let app = App::start();
    let caller = app.user(Role::Editor, "ada@example.org");
    let path = "/management/v1/auth/password";
    let body =
        json!({ "current_password": "a wrong password", "new_password": "nanoseconds of wire, 30 cm" });
    for _ in 0..10 {
        caller
            .post(path, &body)
            .expect_problem(401, "invalid_credentials");
    }
    let refused = caller.post(path, &body).expect_problem(429, "too_many_requests");
    wait_of(&refused, "password");
    app.clock().advance(90);
    let body = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    caller.post(path, &body).expect(200);
}

#[test]
fn requests_are_counted_for_each_key_account_and_address_on_all_nodes() {
    let limited = |builder: AppBuilder| {
        builder.with(|settings| {
            settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
            let quota = |requests| {
                Some(Quota {
                    requests,
                    seconds: 60,
                })
            };
            settings.quotas.address = quota(40);
            settings.quotas.account = quota(10);
            settings.quotas.key = quota(5);
        })
    };
    let app = limited(App::builder()).start();
    let key = app
        .key(&[Permission::ContentRead])
        .with("X-Forwarded-For", "192.0.2.1");
    for left in (0..5).rev() {
        let answer = key.get(ARTICLES).expect(200);
        assert_eq!(
            answer.header("ratelimit-policy"),
            Some("\"address\";q=40;w=60, \"key\";q=5;w=60")
        );
        let state = answer.header("ratelimit").unwrap();
        assert!(state.contains(&format!("\"key\";r={left};t=")), "{state}");
    }
    let refused = key.get(ARTICLES).expect_problem(429, "too_many_requests");
    assert_eq!(wait_of(&refused, "key"), 12);
    // Another key has its own.
    let other = app
        .key(&[Permission::ContentRead])
        .with("X-Forwarded-For", "192.0.2.1");
    other.get(ARTICLES).expect(200);
    app.clock().advance(12);
    key.get(ARTICLES).expect(200);
    key.get(ARTICLES).expect(429);
    // The address counts what nobody signed, too.
    let there = from(&app, "192.0.2.7");
    for _ in 0..40 {
        there.get(ARTICLES).expect(401);
    }
    let refused = there.get(ARTICLES).expect_problem(429, "too_many_requests");
    wait_of(&refused, "address");
    from(&app, "192.0.2.8").get(ARTICLES).expect(401);
    // Where several nodes share a database, they count together.
    if masthead_tests::Engine::of_environment() == masthead_tests::Engine::Postgres {
        let node = limited(app.second_node()).start();
        from(&node, "192.0.2.7").get(ARTICLES).expect(429);
    }
}

#[test]
fn the_operations_of_a_batch_count_each() {
    let app = App::builder()
        .with(|settings| {
            settings.quotas.key = Some(Quota {
                requests: 4,
                seconds: 60,
            });
        })
        .start();
    let admin = app.admin();
    let key = app.key(&[Permission::ArticlesWrite]);
    let tag = |name: &str| json!({ "method": "POST", "path": TAGS, "body": { "name": name } });
    let many: Vec<_> = (0..6).map(|number| tag(&number.to_string())).collect();
    let body = json!({ "atomic": true, "operations": many });
    let refused = key
        .post("/management/v1/batch", &body)
        .expect_problem(429, "too_many_requests");
    wait_of(&refused, "key");
    assert_eq!(total(&admin, TAGS), 0);
    // Nothing was spent for what was not begun but the request itself.
    let body = json!({ "atomic": false, "operations": many[..3] });
    let answer = key.post("/management/v1/batch", &body).expect(200);
    assert!(
        answer.header("ratelimit").unwrap().contains("\"key\";r=0;"),
        "{:?}",
        answer.headers()
    );
    assert_eq!(total(&admin, TAGS), 3);
}

#[test]
fn where_nothing_is_set_nothing_is_counted() {
    let app = App::start();
    let viewer = app.viewer();
    for _ in 0..50 {
        let answer = viewer.get(ARTICLES).expect(200);
        assert_eq!(answer.header("ratelimit"), None);
    }
}
