//! Single sign-on, against a provider in this process that keeps to the standard and is then told not to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use masthead_domain::clock::Clock as _;
use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, PASSWORD, Provider, Response, SigningKey};
use serde_json::{Value, json};

use super::cases::USERS;
use super::support::{ARTICLES, fresh, seeing, text};

/// Where a login at the provider is begun.
pub const BEGIN: &str = "/management/v1/auth/oidc/begin";
/// Where it is finished.
pub const FINISH: &str = "/management/v1/auth/oidc/finish";

const ME: &str = "/management/v1/auth/me";
const ADA: &str = "ada@example.org";

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::new(algorithm, "one")
}

fn with_provider() -> (App, Provider) {
    let provider = Provider::start(key(Algorithm::ES256));
    let app = App::builder().with(|settings| provider.set(settings)).start();
    (app, provider)
}

/// Claims of somebody, at this moment.
fn claims(app: &App, subject: &str, roles: &[&str]) -> Value {
    let now = app.clock().now().timestamp();
    json!({
        "sub": subject, "email": format!("{subject}@example.org"), "email_verified": true, "name": "Ada Lovelace",
        "iat": now, "exp": now + 300, "realm": { "roles": roles },
    })
}

fn begin(app: &App) -> Value {
    app.anonymous().act(BEGIN).expect(200).data()
}

fn finish(app: &App, code: &str, state: &str, begun: &Value) -> Response {
    let body = json!({ "code": code, "state": state, "binding": begun["binding"] });
    app.anonymous().post(FINISH, &body)
}

/// The whole way, for whoever the provider was told of.
fn sign_on(app: &App, provider: &Provider) -> Response {
    let begun = begin(app);
    let (code, state) = provider.visit(&text(&begun["authorization_url"]));
    assert_eq!(state, text(&begun["state"]));
    finish(app, &code, &state, &begun)
}

fn with(app: &App, tokens: &Value) -> Caller {
    Caller::new(app.address(), Some(text(&tokens["access_token"])))
}

#[test]
fn whoever_the_provider_knows_has_an_account_with_the_role_that_it_says() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let provider = Provider::start(key(algorithm));
        let app = App::builder().with(|settings| provider.set(settings)).start();
        provider.who(claims(&app, "ada", &["writers", "desk", "choir"]));
        let tokens = sign_on(&app, &provider).expect(200).data();
        let me = with(&app, &tokens).get(ME).expect(200).data();
        assert_eq!(
            (&me["email"], &me["name"], &me["role"]),
            (&json!(ADA), &json!("Ada Lovelace"), &json!("editor"))
        );
        // The same account, by its name there and not by its address, which may be another by now.
        let mut later = claims(&app, "ada", &["writers"]);
        later["email"] = json!("countess@example.org");
        provider.who(later);
        let again = sign_on(&app, &provider).expect(200).data();
        let now = with(&app, &again).get(ME).expect(200).data();
        assert_eq!(
            (&now["id"], &now["email"], &now["role"]),
            (&me["id"], &json!(ADA), &json!("author"))
        );
        // Another role ended what went on with the one before.
        with(&app, &tokens).get(ME).expect_problem(401, "invalid_token");
        // Nobody knows a password of it.
        let body = json!({ "email": ADA, "password": PASSWORD });
        app.anonymous()
            .post("/management/v1/auth/login", &body)
            .expect_problem(401, "invalid_credentials");
        let refresh = json!({ "refresh_token": again["refresh_token"] });
        app.anonymous()
            .post("/management/v1/auth/refresh", &refresh)
            .expect(200);
    }
}

#[test]
fn an_account_that_was_there_is_found_by_an_address_that_is_theirs() {
    let (app, provider) = with_provider();
    let own = app.user(Role::Editor, ADA).get(ME).expect(200).data()["id"].clone();
    for unverified in [json!(false), json!("true"), json!(1), Value::Null] {
        let mut claims = claims(&app, "eve", &["desk"]);
        claims["email"] = json!(ADA);
        claims["email_verified"] = unverified;
        provider.who(claims);
        sign_on(&app, &provider).expect_problem(403, "forbidden");
    }
    let mut claims_ = claims(&app, "ada-2", &["desk"]);
    claims_["email"] = json!("ADA@example.org");
    provider.who(claims_);
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_eq!(with(&app, &tokens).get(ME).expect(200).data()["id"], own);
    // From now on without any address.
    let mut claims_ = claims(&app, "ada-2", &["desk"]);
    claims_.as_object_mut().unwrap().remove("email");
    provider.who(claims_);
    provider.tells_more(json!({ "sub": "ada-2" }));
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_eq!(with(&app, &tokens).get(ME).expect(200).data()["id"], own);
}

#[test]
fn who_has_no_role_or_is_shut_out_stays_out() {
    let (app, provider) = with_provider();
    let admin = app.admin();
    let count = || admin.get(&format!("{USERS}?count=exact")).expect(200).body()["meta"]["total"].clone();
    let before = count();
    for roles in [
        json!([]),
        json!(["choir"]),
        json!("choir"),
        json!({ "desk": true }),
        Value::Null,
    ] {
        let mut claims = claims(&app, "ada", &[]);
        claims["realm"]["roles"] = roles;
        provider.who(claims);
        provider.tells_more(json!({ "sub": "ada" }));
        let refused = sign_on(&app, &provider).expect_problem(403, "forbidden");
        assert!(refused.text().contains("no role"), "{}", refused.text());
    }
    assert_eq!(count(), before, "nobody was made");
    provider.who(claims(&app, "ada", &["desk"]));
    let tokens = sign_on(&app, &provider).expect(200).data();
    let id = text(&with(&app, &tokens).get(ME).expect(200).data()["id"]);
    let path = format!("{USERS}/{id}");
    seeing(&admin, &fresh(&admin, &path))
        .act(&format!("{path}/suspend"))
        .expect(200);
    let refused = sign_on(&app, &provider).expect_problem(403, "forbidden");
    assert!(refused.text().contains("suspended"), "{}", refused.text());
    // A deleted account does not come back: whoever had it gets another one.
    seeing(&admin, &fresh(&admin, &path)).delete(&path).expect(204);
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_ne!(text(&with(&app, &tokens).get(ME).expect(200).data()["id"]), id);
}

#[test]
fn the_last_admin_stays_one_whatever_the_provider_says() {
    let (app, provider) = with_provider();
    let admin = app.user(Role::Admin, ADA);
    provider.who(claims(&app, "ada", &["writers"]));
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_eq!(with(&app, &tokens).get(ME).expect(200).data()["role"], "admin");
    admin.get(ARTICLES).expect(200);
    app.user(Role::Admin, "other@example.org");
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_eq!(with(&app, &tokens).get(ME).expect(200).data()["role"], "author");
}

#[test]
fn a_role_that_requires_a_second_factor_leaves_that_to_the_provider() {
    let (app, provider) = with_provider();
    let admin = app.admin();
    let seen = admin.get(super::cases::SECURITY).expect(200).data();
    seeing(&admin, &seen)
        .put(
            super::cases::SECURITY,
            &json!({ "second_factor": { "required_for": ["editor"] } }),
        )
        .expect(200);
    provider.who(claims(&app, "ada", &["desk"]));
    let tokens = sign_on(&app, &provider).expect(200).data();
    assert_eq!(tokens["needs_second_factor"], false);
    with(&app, &tokens).get(ARTICLES).expect(200);
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let renewed = app.anonymous().post("/management/v1/auth/refresh", &refresh);
    assert_eq!(renewed.expect(200).data()["needs_second_factor"], false);
}

#[test]
fn a_login_is_finished_once_by_whoever_began_it_and_soon() {
    let (app, provider) = with_provider();
    provider.who(claims(&app, "ada", &["desk"]));
    let refused = |answer: Response| {
        answer.expect_problem(401, "invalid_credentials");
    };
    let visit = |begun: &Value| provider.visit(&text(&begun["authorization_url"]));
    // Somebody else's code in one's own login, and one's own code in somebody else's browser.
    let (mine, theirs) = (begin(&app), begin(&app));
    let (code, state) = visit(&theirs);
    refused(finish(&app, &code, &text(&mine["state"]), &mine));
    refused(finish(&app, &code, &state, &mine));
    // With that it is used up, whoever it belonged to.
    refused(finish(&app, &code, &state, &theirs));
    // Of many at once, one.
    let begun = begin(&app);
    let (code, state) = visit(&begun);
    let mut statuses: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..5)
            .map(|_| scope.spawn(|| finish(&app, &code, &state, &begun).status()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401]);
    // Too late.
    let begun = begin(&app);
    let (code, state) = visit(&begun);
    app.clock().advance(600);
    provider.who(claims(&app, "ada", &["desk"]));
    refused(finish(&app, &code, &state, &begun));
    // What nobody gave.
    let begun = begin(&app);
    let (code, state) = visit(&begun);
    refused(finish(&app, "code-of-nobody", &state, &begun));
    refused(finish(&app, &code, "x", &begun));
    for value in [json!({}), json!([]), json!(null), json!(7)] {
        let body = json!({ "code": value, "state": value, "binding": value });
        app.anonymous()
            .post(FINISH, &body)
            .expect_problem(422, "validation_failed");
    }
}

#[test]
fn two_first_logins_at_once_are_one_account() {
    let (app, provider) = with_provider();
    provider.who(claims(&app, "ada", &["desk"]));
    let begun: Vec<_> = (0..4)
        .map(|_| {
            let begun = begin(&app);
            let (code, state) = provider.visit(&text(&begun["authorization_url"]));
            (code, state, begun)
        })
        .collect();
    let ids: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = begun
            .iter()
            .map(|(code, state, begun)| {
                let app = &app;
                scope.spawn(move || {
                    let tokens = finish(app, code, state, begun).expect(200).data();
                    text(&with(app, &tokens).get(ME).expect(200).data()["id"])
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[test]
fn no_token_is_believed_that_is_not_the_providers_for_this_client_and_this_login() {
    let (app, provider) = with_provider();
    let good = claims(&app, "ada", &["chiefs"]);
    provider.who(good.clone());
    let now = app.clock().now().timestamp();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = good.clone();
        change(&mut claims);
        claims
    };
    let refused = |what: &str| {
        let answer = sign_on(&app, &provider);
        assert_eq!(answer.status(), 401, "{what}: {}", answer.text());
        assert_eq!(answer.body()["code"], "invalid_credentials", "{what}");
    };
    for (what, claims) in [
        (
            "another issuer",
            with(&|c| c["iss"] = json!("https://evil.example")),
        ),
        ("another client", with(&|c| c["aud"] = json!("somebody"))),
        ("no audience", with(&|c| c["aud"] = json!([]))),
        (
            "several, not ours",
            with(&|c| c["aud"] = json!(["masthead", "other"])),
        ),
        ("another party", with(&|c| c["azp"] = json!("other"))),
        ("another login", with(&|c| c["nonce"] = json!("another"))),
        ("a nonce that is no text", with(&|c| c["nonce"] = json!(["x"]))),
        ("expired", with(&|c| c["exp"] = json!(now - 61))),
        ("never expires", with(&|c| c["exp"] = Value::Null)),
        (
            "a date that is a text",
            with(&|c| c["exp"] = json!((now + 300).to_string())),
        ),
        ("of the future", with(&|c| c["iat"] = json!(now + 120))),
        ("not yet", with(&|c| c["nbf"] = json!(now + 120))),
        ("nobody's", with(&|c| c["sub"] = json!(""))),
        ("whose name is no text", with(&|c| c["sub"] = json!(7))),
    ] {
        provider.who(claims);
        refused(what);
    }
    provider.who(good);
    let stranger = SigningKey::new(Algorithm::ES256, "one");
    provider.forge(move |claims| stranger.sign(&claims));
    refused("a key of the same name");
    let public = provider.public_key();
    provider.forge(move |claims| {
        // The public key as a shared secret.
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("one".into());
        let secret = EncodingKey::from_secret(public.to_string().as_bytes());
        jsonwebtoken::encode(&header, &claims, &secret).unwrap()
    });
    refused("a shared secret");
    provider.forge(|claims| {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.",
            part(json!({ "alg": "none", "kid": "one" })),
            part(claims)
        )
    });
    refused("no signature");
    provider.forge(|_| "no.token.at-all".to_owned());
    refused("no token");
    provider.is_honest();
    sign_on(&app, &provider).expect(200);
}

#[test]
fn a_provider_that_has_another_key_or_is_away_is_lived_with() {
    let (app, provider) = with_provider();
    provider.who(claims(&app, "ada", &["desk"]));
    provider.is_down(true);
    let answer = app.anonymous().act(BEGIN).expect_problem(503, "unavailable");
    assert!(answer.header("retry-after").is_some());
    provider.is_down(false);
    let begun = begin(&app);
    let (code, state) = provider.visit(&text(&begun["authorization_url"]));
    provider.is_down(true);
    finish(&app, &code, &state, &begun).expect_problem(503, "unavailable");
    provider.is_down(false);
    sign_on(&app, &provider).expect(200);
    // What it says of itself is asked once, not with each login.
    let asked = provider.asked();
    let told = asked.iter().filter(|path| path.ends_with("openid-configuration"));
    assert!(told.count() <= 3, "{asked:?}");
    // What only the page about the account tells is asked there.
    let mut less = claims(&app, "bea", &[]);
    for name in ["email", "email_verified", "realm"] {
        less.as_object_mut().unwrap().remove(name);
    }
    provider.who(less);
    provider.tells_more(json!({
        "sub": "bea", "email": "bea@example.org", "email_verified": true, "realm": { "roles": "writers" }
    }));
    let tokens = sign_on(&app, &provider).expect(200).data();
    let me = with(&app, &tokens).get(ME).expect(200).data();
    assert_eq!(
        (&me["email"], &me["role"]),
        (&json!("bea@example.org"), &json!("author"))
    );
    provider
        .tells_more(json!({ "sub": "somebody else", "email": "eve@example.org", "email_verified": true }));
    sign_on(&app, &provider).expect_problem(401, "invalid_credentials");
    // One that calls itself otherwise is another one.
    let other = Provider::start(key(Algorithm::ES256));
    other.calls_itself("https://login.example.org");
    let second = App::builder().with(|settings| other.set(settings)).start();
    second.anonymous().act(BEGIN).expect_problem(503, "unavailable");
}

#[test]
fn a_new_key_of_the_provider_is_looked_for() {
    let (app, provider) = with_provider();
    provider.who(claims(&app, "ada", &["desk"]));
    sign_on(&app, &provider).expect(200);
    provider.change_key(SigningKey::new(Algorithm::EdDSA, "two"));
    // At most every two seconds, so that nobody makes us ask without end; the very first look was just now.
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let status = sign_on(&app, &provider).status();
        statuses.push(status);
        if status == 200 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    panic!("{statuses:?}");
}

#[test]
fn without_a_provider_nothing_is_begun() {
    let app = App::builder()
        .with(|settings| settings.oidc_issuer = None)
        .start();
    app.anonymous()
        .act(BEGIN)
        .expect_problem(409, "sign_on_not_configured");
    let body = json!({ "code": "x", "state": "x", "binding": "x" });
    app.anonymous()
        .post(FINISH, &body)
        .expect_problem(409, "sign_on_not_configured");
}
