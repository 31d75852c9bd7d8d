//! What a credential opens: kept by no cache, and given to nobody else.

use masthead_domain::clock::Clock as _;
use masthead_domain::rights::Permission;
use masthead_tests::{App, Caller, Nginx, PASSWORD, create_article};
use serde_json::json;

use super::{TIDES, cached, get, json_of, keeps_nothing_of, unchanged};
use crate::delivery::site::{act, patch, published};

const CANARY: &str = "Unseen-by-others";

/// A cache whose owner did not think of credentials.
fn careless(example: String) -> String {
    let lines = example
        .lines()
        .filter(|line| !line.contains("$http_authorization;"));
    let left: Vec<_> = lines.collect();
    assert_eq!(left.len() + 2, example.lines().count());
    left.join("\n")
}

#[test]
fn what_a_key_opens_is_kept_by_no_cache_and_given_to_nobody_else() {
    let app = App::builder()
        .with(|settings| settings.delivery_requires_key = true)
        .start();
    published(&app.editor(), CANARY, json!({ "slug": "tides" }));
    let (key, other) = (
        app.key(&[Permission::ContentRead]),
        app.key(&[Permission::KeysManage]),
    );
    let bearer = |caller: &Caller| format!("Bearer {}", caller.token().unwrap());
    let (key, other) = (bearer(&key), bearer(&other));
    let paths = [
        TIDES,
        "/delivery/v1/articles",
        "/delivery/v1/feeds/rss.xml",
        "/delivery/v1/sitemaps/1.xml",
    ];
    for owner in [unchanged, careless] {
        let nginx = Nginx::in_front_of(app.address(), owner);
        for path in paths {
            for _ in 0..2 {
                let opened = get(&nginx, path, &[("Authorization", &key)]);
                assert_eq!(opened.status, 200, "{path}");
                assert_ne!(cached(&opened), "HIT", "{path}");
                assert_eq!(opened.header("cache-control"), Some("private, no-store"));
                // With a tag that the answer has, too.
                let held = opened.header("etag").unwrap().to_owned();
                for headers in [
                    vec![],
                    vec![("If-None-Match", held.as_str())],
                    vec![("Authorization", "Bearer x")],
                ] {
                    let shut = get(&nginx, path, &headers);
                    assert_eq!(shut.status, 401, "{path} {headers:?}");
                    assert_ne!(cached(&shut), "HIT", "{path}");
                    assert!(!String::from_utf8_lossy(&shut.body).contains(CANARY));
                }
            }
        }
        assert_eq!(get(&nginx, TIDES, &[("Authorization", &other)]).status, 200);
        keeps_nothing_of(&nginx, &[CANARY, "401", "Bearer"]);
        assert_eq!(nginx.kept().len(), 0, "{}", nginx.said());
    }
}

#[test]
fn the_past_and_the_editors_side_are_kept_by_no_cache() {
    let app = App::start();
    let editor = app.editor();
    let sections = json!([{ "kind": "text", "body": "Said." }]);
    let article = published(&editor, CANARY, json!({ "slug": "tides", "sections": sections }));
    let was = app.clock().now().to_rfc3339().replace("+00:00", "Z");
    app.clock().advance(60);
    let editor = app.editor();
    let fresh = patch(&editor, &article, "articles", &json!({ "title": "Public" }));
    let article = act(&editor, &fresh, "articles", "publish");
    patch(&editor, &article, "articles", &json!({ "title": "Unseen-draft" }));
    let id = article["id"].as_str().unwrap();
    let token = format!("Bearer {}", editor.token().unwrap());
    let past = format!("/delivery/v1/articles/{id}?as_of={was}");
    let now = format!("/delivery/v1/articles/{id}");
    let desk = format!("/management/v1/articles/{id}");
    for owner in [unchanged, careless] {
        let nginx = Nginx::in_front_of(app.address(), owner);
        for (path, word) in [(&past, CANARY), (&desk, "Unseen-draft")] {
            for _ in 0..2 {
                let opened = get(&nginx, path, &[("Authorization", &token)]);
                let shown = String::from_utf8_lossy(&opened.body).into_owned();
                assert!(opened.status == 200 && shown.contains(word), "{path}: {shown}");
                assert_ne!(cached(&opened), "HIT", "{path}");
                assert_eq!(get(&nginx, path, &[]).status, 401, "{path}");
            }
        }
        // What anybody may read, asked for by somebody who shows a credential, and then by somebody who shows none.
        let first = get(&nginx, &now, &[("Authorization", &token)]);
        assert_eq!(first.header("cache-control"), Some("private, no-store"));
        assert_eq!(cached(&get(&nginx, &now, &[])), "MISS");
        let kept = get(&nginx, &now, &[]);
        assert_eq!(cached(&kept), "HIT");
        assert!(kept.header("cache-control").unwrap().starts_with("public"));
        assert_eq!(json_of(&kept)["data"]["title"], "Public");
        let login = json!({ "email": "editor@example.org", "password": PASSWORD });
        let through = Caller::new(nginx.address(), None);
        let login = through.post("/management/v1/auth/login", &login).expect(200);
        assert_eq!(login.header("set-cookie"), None);
        let secret = login.data()["access_token"].as_str().unwrap().to_owned();
        keeps_nothing_of(&nginx, &[CANARY, "Unseen-draft", &secret, "Bearer "]);
        assert_eq!(nginx.kept().len(), 1, "the public article alone");
    }
}

#[test]
fn an_address_that_two_servers_read_differently_opens_and_keeps_nothing() {
    let app = App::start();
    let editor = app.editor();
    published(&editor, "Public", json!({ "slug": "tides" }));
    let draft = json!({ "locale": "en", "title": CANARY });
    let draft = create_article(&editor, &draft);
    let id = draft["id"].as_str().unwrap();
    let token = format!("Bearer {}", editor.token().unwrap());
    for owner in [unchanged, careless] {
        let nginx = Nginx::in_front_of(app.address(), owner);
        for path in [
            format!("/delivery/../management/v1/articles/{id}"),
            format!("/delivery/..%2fmanagement/v1/articles/{id}"),
            format!("/delivery/v1/%2e%2e/%2e%2e/management/v1/articles/{id}"),
            format!("/delivery/..;/management/v1/articles/{id}"),
            format!("//delivery/../management/v1/articles/{id}"),
            format!("/management/v1/articles/{id}/..%2f..%2f..%2f..%2fdelivery/x.css"),
            format!("/management/v1/articles/{id}/../../../../delivery/x"),
            format!("/management/v1/articles/{id}%3f/../../../../delivery/x"),
            format!("/management/v1/articles/{id}?/../../../../delivery/x"),
            format!("/delivery/v1/articles/{id}%23/../x"),
        ] {
            // Somebody with a credential is lured there; then others ask for the same.
            for _ in 0..2 {
                assert_ne!(
                    cached(&get(&nginx, &path, &[("Authorization", &token)])),
                    "HIT",
                    "{path}"
                );
            }
            let shut = get(&nginx, &path, &[]);
            assert!(shut.status >= 400, "{path}: {}", shut.text());
            assert!(!shut.text().contains(CANARY), "{path}: {}", shut.text());
        }
        keeps_nothing_of(&nginx, &[CANARY, "Bearer"]);
        assert_eq!(nginx.kept().len(), 0);
    }
}
