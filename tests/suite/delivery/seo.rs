//! What search engines and link previews are told: computed, unless the article says something else.

use masthead_tests::App;
use serde_json::{Value, json};

use super::site::{patch, published};

fn start() -> App {
    App::builder()
        .with(|settings| {
            settings.site_url = Some("https://tides.example".to_owned());
            "The Tides".clone_into(&mut settings.site_title);
        })
        .start()
}

fn seo(app: &App, slug: &str, query: &str) -> Value {
    let path = format!("/delivery/v1/articles/by-slug/{slug}{query}");
    app.anonymous().get(&path).expect(200).data()["seo"].clone()
}

#[test]
fn an_article_that_says_nothing_is_described_by_its_own_words() {
    let app = start();
    let cover = json!({ "url": "/tide.jpg", "alt": "A beach" });
    let body = json!({ "slug": "tides", "dek": "Twice a day.", "locale": "pt-BR", "cover": cover });
    let article = published(&app.editor(), "Tides", body);
    let id = article["id"].as_str().unwrap();
    let published_at = &app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{id}"))
        .expect(200)
        .data()["first_published_at"];
    let image = json!({ "url": "https://tides.example/tide.jpg", "alt": "A beach" });
    let expected = json!({
        "title": "Tides",
        "description": "Twice a day.",
        "canonical_url": "https://tides.example/pt-BR/tides",
        "image": { "url": "/tide.jpg", "alt": "A beach" },
        "no_index": false,
        "alternates": [],
        "open_graph": {
            "type": "article",
            "title": "Tides",
            "description": "Twice a day.",
            "url": "https://tides.example/pt-BR/tides",
            "image": image,
            "site_name": "The Tides",
            "locale": "pt_BR",
            "published_time": published_at,
            "modified_time": published_at
        },
        "twitter": {
            "card": "summary_large_image",
            "title": "Tides",
            "description": "Twice a day.",
            "image": image
        }
    });
    assert_eq!(seo(&app, "tides", "?locale=pt-BR"), expected);
    let list = app
        .anonymous()
        .get("/delivery/v1/articles?fields=seo")
        .expect(200)
        .data();
    assert_eq!(list[0]["seo"], expected);
}

#[test]
fn what_an_article_says_for_search_engines_stands_everywhere() {
    let app = start();
    let own = json!({
        "title": "Why?",
        "description": "</script>\"]]>",
        "canonical_url": "https://other.example/why",
        "image": { "url": "https://cdn.example/og.png", "alt": null },
        "no_index": true
    });
    let body = json!({ "slug": "tides", "dek": "Twice a day.", "cover": { "url": "/a.jpg", "alt": "A" }, "seo": own });
    published(&app.editor(), "Tides", body);
    let found = seo(&app, "tides", "");
    for name in ["title", "description", "canonical_url", "image", "no_index"] {
        assert_eq!(found[name], own[name], "{name}");
    }
    for card in ["open_graph", "twitter"] {
        for name in ["title", "description", "image"] {
            assert_eq!(found[card][name], own[name], "{card} {name}");
        }
    }
    assert_eq!(found["open_graph"]["url"], own["canonical_url"]);
}

#[test]
fn a_page_is_a_website_without_times_and_a_small_card_without_a_picture() {
    let app = start();
    published(&app.editor(), "About", json!({ "kind": "page", "slug": "about" }));
    let found = seo(&app, "about", "");
    assert_eq!(found["open_graph"]["type"], "website");
    for name in ["published_time", "modified_time", "image"] {
        assert_eq!(found["open_graph"][name], Value::Null, "{name}");
    }
    assert_eq!(found["twitter"]["card"], "summary");
}

#[test]
fn what_is_not_published_yet_is_told_to_nobody() {
    let app = start();
    let editor = app.editor();
    let article = published(&editor, "Tides", json!({ "slug": "tides" }));
    let paths = [
        "feeds/rss.xml",
        "feeds/atom.xml",
        "feeds/feed.json",
        "sitemap.xml",
        "sitemaps/1.xml",
        "sitemaps/news.xml",
        "robots.txt",
        "llms.txt",
        "site",
        "articles/by-slug/tides",
        "articles/by-slug/tides.md",
    ];
    let told = || -> Vec<_> {
        let all = paths
            .iter()
            .map(|path| app.anonymous().get(&format!("/delivery/v1/{path}")));
        all.map(|answer| answer.expect(200).text()).collect()
    };
    let before = told();
    let changes = json!({
        "title": "Embargoed",
        "slug": "embargoed",
        "locale": "fr",
        "cover": { "url": "/embargoed.jpg", "alt": "Embargoed" },
        "seo": { "title": "Embargoed", "description": "Embargoed", "no_index": true }
    });
    patch(&editor, &article, "articles", &changes);
    assert_eq!(told(), before);
}
