//! Who may come in: logins, access tokens and API keys.

use masthead_api::config::SecretKey;
use masthead_api::credentials::NewKey;
use masthead_domain::account::ApiKey;
use masthead_domain::clock::Clock as _;
use masthead_domain::id::KeyId;
use masthead_domain::rights::{Credential, Permission, Role};
use masthead_tests::{App, Caller, PASSWORD};
use serde_json::{Value, json};

use super::support::{ARTICLES, expect_errors, plain_article, text};

const LOGIN: &str = "/management/v1/auth/login";
const ME: &str = "/management/v1/auth/me";
const ASK: &str = r#"Bearer realm="masthead""#;
const BAD: &str = r#"Bearer realm="masthead", error="invalid_token""#;

/// Six bits a letter, as JWTs are written.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = 0_u32;
        for index in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(index).copied().unwrap_or_default());
        }
        for index in 0..=chunk.len() {
            out.push(char::from(LETTERS[(bits >> (18 - 6 * index) & 63) as usize]));
        }
    }
    out
}

fn decode(text: &str) -> Value {
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = LETTERS
            .iter()
            .position(|l| *l == letter)
            .expect("a letter of base64url");
        bits = bits << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    serde_json::from_slice(&out).expect("JSON")
}

fn anonymous_with(app: &App, value: &str) -> Caller {
    app.anonymous().with("Authorization", value)
}

#[test]
fn a_login_answers_a_token_that_names_its_bearer_and_no_more() {
    let app = App::start();
    app.ensure_user(Role::Editor, "ada@example.org");
    for email in ["ada@example.org", "ADA@Example.org"] {
        let answer = app
            .anonymous()
            .post(LOGIN, &json!({ "email": email, "password": PASSWORD }))
            .expect(200);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        let data = answer.data();
        assert_eq!(data["token_type"], "Bearer");
        assert_eq!(data["expires_in"], 900);
        let token = text(&data["access_token"]);
        let parts: Vec<_> = token.split('.').collect();
        let (header, claims) = (decode(parts[0]), decode(parts[1]));
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!("EdDSA"), &json!("at+jwt"))
        );
        assert!(header["kid"].is_string(), "{header}");
        let now = app.clock().now().timestamp();
        assert_eq!(claims["iss"], "masthead");
        assert_eq!(claims["aud"], "masthead/management");
        assert_eq!(claims["iat"], now);
        assert_eq!(claims["exp"], now + 900);
        assert!(claims["jti"].is_string(), "{claims}");
        let me = Caller::new(app.address(), Some(token)).get(ME).expect(200).data();
        assert_eq!(claims["sub"], me["id"]);
        let keys: Vec<_> = claims.as_object().unwrap().keys().collect();
        assert!(
            !keys
                .iter()
                .any(|key| key.contains("role") || key.contains("mail")),
            "{keys:?}"
        );
    }
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_told_alike() {
    let app = App::start();
    app.ensure_user(Role::Editor, "ada@example.org");
    let said = |email: &str, password: &str| {
        let answer = app
            .anonymous()
            .post(LOGIN, &json!({ "email": email, "password": password }))
            .expect_problem(401, "invalid_credentials");
        assert_eq!(answer.header("www-authenticate"), Some(ASK));
        let mut body = answer.body();
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    let wrong = said("ada@example.org", "wrong horse battery staple");
    for (email, password) in [
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("ada@example.org", ""),
        ("ada@example.org", "correct horse battery staple "),
    ] {
        assert_eq!(said(email, password), wrong, "{email:?} {password:?}");
    }
}

#[test]
fn a_login_names_everything_that_is_wrong_with_its_body() {
    let app = App::start();
    let anonymous = app.anonymous();
    let wrong = anonymous
        .post(LOGIN, &json!({ "email": 7, "password": ["x"] }))
        .expect_problem(422, "validation_failed");
    expect_errors(&wrong, &[("/email", "wrong_type"), ("/password", "wrong_type")]);
    let missing = anonymous
        .post(LOGIN, &json!({}))
        .expect_problem(422, "validation_failed");
    expect_errors(&missing, &[("/email", "required"), ("/password", "required")]);
    let unknown = anonymous
        .post(LOGIN, &json!({ "email": "a@b.org", "password": "x", "otp": "1" }))
        .expect_problem(422, "unknown_field");
    expect_errors(&unknown, &[("/otp", "unknown_field")]);
    let message = text(&unknown.body()["errors"][0]["message"]);
    assert!(
        message.contains("email") && message.contains("password"),
        "{message}"
    );
    let long = json!({ "email": "a".repeat(255), "password": "p".repeat(1025) });
    let long = anonymous
        .post(LOGIN, &long)
        .expect_problem(422, "validation_failed");
    expect_errors(&long, &[("/email", "too_long"), ("/password", "too_long")]);
    for body in ["null", "[]", "7", "\"x\""] {
        let answer = anonymous
            .send("POST", LOGIN, Some(("application/json", body.as_bytes())))
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, &[("", "wrong_type")]);
    }
}

#[test]
fn everybody_learns_who_they_are_and_what_they_may_do() {
    let app = App::start();
    let me = app.editor().get(ME).expect(200).data();
    assert_eq!(me["kind"], "user");
    assert_eq!(me["email"], "editor@example.org");
    assert_eq!(me["role"], "editor");
    assert_eq!(
        me["permissions"],
        json!([
            "content:read",
            "content:preview",
            "articles:propose",
            "articles:write",
            "articles:publish"
        ])
    );
    let me = app
        .user(Role::Reader, "reader@example.org")
        .get(ME)
        .expect(200)
        .data();
    assert_eq!(me["role"], "reader");
    assert_eq!(me["permissions"], json!([]));
    let me = app.key(&[Permission::ContentRead]).get(ME).expect(200).data();
    assert_eq!(me["kind"], "key");
    assert_eq!(me["name"], "Test");
    assert_eq!((&me["email"], &me["role"]), (&Value::Null, &Value::Null));
    assert_eq!(me["permissions"], json!(["content:read"]));
}

#[test]
fn a_token_is_good_for_fifteen_minutes_and_not_a_second_longer() {
    let app = App::start();
    let editor = app.editor();
    app.clock().advance(899);
    editor.get(ME).expect(200);
    app.clock().advance(1);
    let late = editor.get(ME).expect_problem(401, "invalid_token");
    assert_eq!(late.header("www-authenticate"), Some(BAD));
    editor
        .post(ARTICLES, &json!({ "locale": "en", "title": "Late" }))
        .expect_problem(401, "invalid_token");
    app.editor().get(ME).expect(200);
}

#[test]
fn a_token_that_we_did_not_sign_lets_nobody_in() {
    let app = App::start();
    let token = app.editor().token().unwrap().to_owned();
    let parts: Vec<_> = token.split('.').collect();
    let (header, claims) = (decode(parts[0]), decode(parts[1]));
    let none = |alg: &str| {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        encode(header.to_string().as_bytes())
    };
    let mut promoted = claims.clone();
    promoted["exp"] = json!(claims["exp"].as_i64().unwrap() + 86_400);
    let promoted = encode(promoted.to_string().as_bytes());
    let elsewhere = app
        .second_node()
        .with(|settings| settings.secret_key = SecretKey::new(vec![8; 32]))
        .start();
    let foreign = elsewhere.editor().token().unwrap().to_owned();
    elsewhere.editor().get(ME).expect(200);
    let forged = [
        format!("{}.{}.", none("none"), parts[1]),
        format!("{}.{}.{}", none("none"), parts[1], parts[2]),
        format!("{}.{}.{}", none("HS512"), parts[1], parts[2]),
        format!("{}.{}.{}", none("RS256"), parts[1], parts[2]),
        format!("{}.{promoted}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][1..]),
        "not-a-token".to_owned(),
        "..".to_owned(),
        foreign,
    ];
    for token in forged {
        let answer = Caller::new(app.address(), Some(token.clone())).get(ME);
        assert_eq!(answer.status(), 401, "{token}");
        assert_eq!(answer.body()["code"], "invalid_token", "{token}");
        assert_eq!(answer.header("www-authenticate"), Some(BAD), "{token}");
    }
    Caller::new(app.address(), Some(token)).get(ME).expect(200);
}

#[test]
fn the_scheme_is_bearer_in_any_case_and_no_other() {
    let app = App::start();
    let token = app.editor().token().unwrap().to_owned();
    for value in [
        format!("bearer {token}"),
        format!("BEARER {token}"),
        format!("Bearer   {token}"),
    ] {
        anonymous_with(&app, &value).get(ME).expect(200);
    }
    for value in [
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer{token}"),
        token.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
    ] {
        let answer = anonymous_with(&app, &value)
            .get(ME)
            .expect_problem(401, "authentication_required");
        assert_eq!(answer.header("www-authenticate"), Some(ASK), "{value}");
    }
    let twice = anonymous_with(&app, &format!("Bearer {token}"))
        .with("Authorization", &format!("Bearer {token}"))
        .get(ME);
    twice.expect_problem(401, "authentication_required");
    app.anonymous()
        .get(ME)
        .expect_problem(401, "authentication_required");
}

#[test]
fn a_credential_in_the_url_is_refused_even_beside_a_good_one() {
    let app = App::start();
    let (editor, key) = (app.editor(), app.key(&[Permission::ContentRead]));
    let (token, key) = (editor.token().unwrap(), key.token().unwrap());
    let encoded = key.replacen('_', "%5F", 1);
    for query in [
        format!("access_token={token}"),
        format!("token={token}"),
        format!("api_key={key}"),
        format!("API_KEY={key}"),
        format!("api%5fkey={key}"),
        format!("text={key}"),
        format!("text={encoded}"),
        "key=abc".to_owned(),
        "authorization=abc".to_owned(),
    ] {
        for caller in [&editor, &app.anonymous()] {
            let answer = caller
                .get(&format!("{ARTICLES}?{query}"))
                .expect_problem(400, "key_in_url");
            assert_eq!(answer.errors()[0].1, "key_in_url");
            assert!(!answer.text().contains(token), "the answer repeats the token");
            assert!(!answer.text().contains(key), "the answer repeats the key");
        }
    }
}

#[test]
fn a_key_may_what_its_scopes_say_and_nothing_else() {
    let app = App::start();
    let body = json!({ "locale": "en", "title": "By a machine" });
    let reading = app.key(&[Permission::ContentRead]);
    reading.get(ARTICLES).expect(200);
    let refused = reading.post(ARTICLES, &body).expect_problem(403, "forbidden");
    assert!(
        text(&refused.body()["detail"]).contains("articles:write"),
        "{}",
        refused.text()
    );

    let writing = app.key(&[Permission::ArticlesWrite]);
    let made = writing.post(ARTICLES, &body).expect(201).data();
    assert!(text(&made["created_by"]).starts_with("key:"), "{made}");
    writing.get(ARTICLES).expect_problem(403, "forbidden");
    let publish = format!("{ARTICLES}/{}/publish", text(&made["id"]));
    let etag = text(&made["etag"]);
    writing
        .clone()
        .seen(&etag)
        .act(&publish)
        .expect_problem(403, "forbidden");
    let publishing = app.key(&[Permission::ArticlesPublish]);
    assert_eq!(
        publishing.seen(&etag).act(&publish).expect(200).data()["status"],
        "published"
    );
}

#[test]
fn an_unknown_altered_revoked_or_expired_key_lets_nobody_in() {
    let app = App::start();
    let good = app.key(&[Permission::ContentRead]);
    let text = good.token().unwrap().to_owned();
    let refused = |token: &str| {
        Caller::new(app.address(), Some(token.to_owned()))
            .get(ME)
            .expect_problem(401, "invalid_token");
    };
    refused(&NewKey::generate().unwrap().text);
    let last = if text.ends_with('0') { '1' } else { '0' };
    refused(&format!("{}{last}", &text[..text.len() - 1]));
    refused(&text[..text.len() - 1]);
    refused("mhk_");
    refused(&text.to_uppercase());

    let id = good.get(ME).expect(200).data()["id"].clone();
    let id = KeyId::parse(id.as_str().unwrap()).unwrap();
    let now = app.clock().now();
    app.storage()
        .write_blocking(|repository| {
            let mut key = repository.key(id)?.unwrap();
            key.revoked_at = Some(now);
            repository.update_key(&key, None)
        })
        .unwrap();
    refused(&text);

    let key = NewKey::generate().unwrap();
    let kept = ApiKey {
        id: KeyId::parse("0195aaaa-0000-7000-8000-000000000001").unwrap(),
        name: "For an hour".into(),
        prefix: key.prefix.clone(),
        scopes: vec![Permission::ContentRead],
        addresses: Vec::new(),
        revision: 1,
        created_by: Credential::CommandLine,
        created_at: now,
        updated_at: now,
        last_used_at: None,
        previous_until: None,
        expires_at: masthead_domain::clock::Instant::from_timestamp(now.timestamp() + 3600, 0),
        revoked_at: None,
    };
    app.storage()
        .write_blocking(|repository| repository.insert_key(&kept, &key.digest))
        .unwrap();
    let caller = Caller::new(app.address(), Some(key.text));
    app.clock().advance(3599);
    caller.get(ME).expect(200);
    app.clock().advance(1);
    caller.get(ME).expect_problem(401, "invalid_token");
}

#[test]
fn a_key_made_while_another_node_runs_works_there_too() {
    let app = App::start();
    let other = app.second_node().start();
    let key = app.key(&[Permission::ContentRead, Permission::ArticlesWrite]);
    let made = plain_article(&key, "Between nodes");
    let there = Caller::new(other.address(), key.token().map(str::to_owned));
    let path = format!("{ARTICLES}/{}", text(&made["id"]));
    assert_eq!(there.get(&path).expect(200).data()["title"], "Between nodes");
}
