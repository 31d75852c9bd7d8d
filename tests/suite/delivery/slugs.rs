//! Articles by their slugs, which are unique in a locale.

use masthead_tests::App;
use serde_json::json;

use super::site::{act, patch, published};

#[test]
fn a_slug_is_looked_up_in_the_locale_that_is_named() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for (locale, title) in [("en", "Tides"), ("de", "Gezeiten"), ("pt-BR", "Marés")] {
        published(&editor, title, json!({ "locale": locale, "slug": "tides" }));
    }
    let get = |query: &str| reader.get(&format!("/delivery/v1/articles/by-slug/tides{query}"));
    for (locale, title) in [
        ("en", "Tides"),
        ("de", "Gezeiten"),
        ("pt-BR", "Marés"),
        ("PT-br", "Marés"),
    ] {
        let answer = get(&format!("?locale={locale}")).expect(200);
        assert_eq!(answer.data()["title"], title, "{locale}");
    }
    assert_eq!(get("?locale=pt-BR").header("content-language"), Some("pt-BR"));
    for none in ["fr", "pt", "de-CH", "en_US", "x", "%2e%2e"] {
        get(&format!("?locale={none}")).expect_problem(404, "not_found");
    }
}

#[test]
fn without_a_locale_the_default_one_is_meant_or_else_the_first_that_has_the_slug() {
    let app = App::builder()
        .with(|settings| settings.default_locale = masthead_domain::locale::Locale::parse("de").unwrap())
        .start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for locale in ["fr", "de", "en"] {
        published(&editor, locale, json!({ "locale": locale, "slug": "everywhere" }));
    }
    for locale in ["fr", "en"] {
        published(
            &editor,
            locale,
            json!({ "locale": locale, "slug": "not-in-german" }),
        );
    }
    let locale_of = |slug: &str| {
        let answer = reader
            .get(&format!("/delivery/v1/articles/by-slug/{slug}"))
            .expect(200);
        answer.data()["locale"].clone()
    };
    assert_eq!(locale_of("everywhere"), "de");
    assert_eq!(locale_of("not-in-german"), "en");
}

#[test]
fn a_slug_of_any_script_is_found_percent_encoded() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for slug in [
        "été-à-la-mer",
        "潮の満ち引き",
        "приливы",
        "ज्वार",
        "مد-وجزر",
        "größe",
    ] {
        let article = published(&editor, slug, json!({ "slug": slug }));
        assert_eq!(article["slug"], slug);
        let encoded: Vec<_> = slug.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        let lower = encoded.to_lowercase();
        for path in [encoded, lower] {
            let answer = reader
                .get(&format!("/delivery/v1/articles/by-slug/{path}"))
                .expect(200);
            assert_eq!(answer.data()["slug"], slug);
        }
    }
}

#[test]
fn a_slug_that_is_spelled_otherwise_is_no_slug() {
    let app = App::start();
    published(&app.editor(), "Tides", json!({ "slug": "tides" }));
    let reader = app.anonymous();
    for path in [
        "Tides",
        "TIDES",
        "tides%20",
        "%20tides",
        "tides%00",
        "tides%2f",
        "tides.",
        "tide%73%2F..",
        "tides-",
    ] {
        reader
            .get(&format!("/delivery/v1/articles/by-slug/{path}"))
            .expect_problem(404, "not_found");
    }
    // An escape that need not be one is the same address.
    assert_eq!(
        reader
            .get("/delivery/v1/articles/by-slug/%74ides")
            .expect(200)
            .data()["slug"],
        "tides"
    );
}

#[test]
fn a_new_slug_answers_from_its_publication_on_and_the_old_one_leads_there() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = published(&editor, "Tides", json!({ "slug": "old-slug" }));
    let get = |slug: &str| {
        reader
            .get(&format!("/delivery/v1/articles/by-slug/{slug}"))
            .status()
    };
    let changed = patch(&editor, &article, "articles", &json!({ "slug": "new-slug" }));
    assert_eq!((get("old-slug"), get("new-slug")), (200, 404));
    act(&editor, &changed, "articles", "publish");
    assert_eq!((get("old-slug"), get("new-slug")), (308, 200));
}

#[test]
fn an_article_that_is_taken_away_is_gone_from_every_address() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = published(&editor, "Tides", json!({}));
    let id = article["id"].as_str().unwrap().to_owned();
    let paths = [
        format!("/delivery/v1/articles/{id}"),
        "/delivery/v1/articles/by-slug/tides".to_owned(),
        format!("/delivery/v1/articles/{id}/sections"),
        format!("/delivery/v1/articles/{id}/faqs"),
    ];
    for path in &paths {
        reader.get(path).expect(200);
    }
    let draft = act(&editor, &article, "articles", "unpublish");
    for path in &paths {
        reader.get(path).expect_problem(410, "gone");
    }
    assert_eq!(reader.get("/delivery/v1/articles").expect(200).data(), json!([]));
    act(&editor, &draft, "articles", "publish");
    for path in &paths {
        reader.get(path).expect(200);
    }
}
