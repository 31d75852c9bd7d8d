//! Feeds: what their readers make of them is what the API says.

use std::collections::BTreeSet;

use feed_rs::model::Feed;
use masthead_openapi::forms;
use masthead_tests::{App, Response, python};
use serde_json::{Value, json};

use super::site::{act, author, patch, published, tag};

const RSS: &str = "/delivery/v1/feeds/rss.xml";
const ATOM: &str = "/delivery/v1/feeds/atom.xml";
const JSON_FEED: &str = "/delivery/v1/feeds/feed.json";
const FEEDS: [(&str, &str); 3] = [
    (RSS, "application/rss+xml; charset=utf-8"),
    (ATOM, "application/atom+xml; charset=utf-8"),
    (JSON_FEED, "application/feed+json"),
];

/// What no feed may be broken by: the end of a CDATA section, marks, what is outside XML, other directions.
const HOSTILE: &str = "]]> </script> & <b>\"bold\"</b> &lt;i&gt; &#1; \u{fffe}\u{ffff} 🌊 שלום \u{202e}abc";

fn start() -> App {
    App::builder()
        .with(|settings| {
            settings.site_url = Some("https://tides.example".to_owned());
            "The Tides & Co".clone_into(&mut settings.site_title);
            settings.site_description = Some("Slow <news>.".to_owned());
        })
        .start()
}

/// Three articles, a page, and a draft.
fn site() -> App {
    let app = start();
    let editor = app.editor();
    tag(&editor, "oceans", "Oceans & Seas");
    author(&editor, "ada", "Ada \"Marsh\"");
    author(&editor, "ben", "Ben <Ebb>");
    let mut first = Value::Null;
    for (title, locale, links) in [
        ("Low", "en", json!({ "tags": ["oceans"] })),
        (
            "High",
            "de",
            json!({ "authors": [{ "slug": "ada", "role": "writer" }, { "slug": "ben", "role": "editor" }] }),
        ),
        (
            HOSTILE,
            "en",
            json!({ "slug": "hostile", "tags": ["oceans"], "authors": [{ "slug": "ben", "role": "writer" }] }),
        ),
    ] {
        let mut body = links;
        body["locale"] = json!(locale);
        body["dek"] = json!(format!("{title}, in a line."));
        body["faqs"] = json!([{ "question": format!("Why {title}?"), "answer": "See [there](/there). &#8;\u{2028}\u{2029}" }]);
        body["sections"] = json!([
            { "kind": "text", "heading": title, "body": format!("[A link](/here \"]]> & <b>\") and ![a picture](/p.jpg) of {title}\u{2028}\u{2029}") },
            { "kind": "quote", "body": "Wait.", "attribution": title },
        ]);
        let article = published(&editor, title, body);
        if first.is_null() {
            first = article;
        }
        app.clock().advance(60);
    }
    published(&editor, "About", json!({ "kind": "page" }));
    editor
        .post(
            "/management/v1/articles",
            &json!({ "locale": "en", "title": "Draft" }),
        )
        .expect(201);
    // A further edition does not bring it to the top again.
    let changed = patch(&editor, &first, "articles", &json!({ "dek": "Lower." }));
    act(&editor, &changed, "articles", "publish");
    app.clock().advance(60);
    app
}

/// What the API says of the articles in a feed, in its order.
fn articles(app: &App, query: &str) -> Vec<Value> {
    let path = format!("/delivery/v1/articles?kind=article&sort=-first_published_at&{query}");
    app.anonymous()
        .get(&path)
        .expect(200)
        .data()
        .as_array()
        .unwrap()
        .clone()
}

fn names(article: &Value, key: &str) -> Vec<String> {
    let all = article[key].as_array().unwrap().iter();
    all.map(|one| clean(one["name"].as_str().unwrap())).collect()
}

/// What XML can hold of a text.
fn clean(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "")
}

fn read(answer: &Response) -> Feed {
    let text = answer.text();
    feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn feeds_hold_what_the_api_says_newest_first() {
    let app = site();
    let expected = articles(&app, "");
    assert_eq!(expected.len(), 3);
    assert_eq!(expected[0]["title"], HOSTILE);
    for (path, kind) in FEEDS {
        let answer = app.anonymous().get(path).expect(200);
        assert_eq!(answer.header("content-type"), Some(kind));
        let feed = read(&answer);
        assert_eq!(feed.title.unwrap().content, "The Tides & Co", "{path}");
        assert_eq!(feed.entries.len(), 3, "{path}");
        let mut ids = BTreeSet::new();
        for (entry, article) in feed.entries.iter().zip(&expected) {
            let is_json = path == JSON_FEED;
            let title = article["title"].as_str().unwrap();
            let title = if is_json { title.to_owned() } else { clean(title) };
            assert_eq!(entry.title.as_ref().unwrap().content, title, "{path}");
            assert_eq!(
                entry.id,
                format!("urn:uuid:{}", article["id"].as_str().unwrap()),
                "{path}"
            );
            ids.insert(entry.id.clone());
            let published = article["first_published_at"].as_str().unwrap();
            assert_eq!(
                entry.published.unwrap().to_rfc3339(),
                published.replace('Z', "+00:00"),
                "{path}"
            );
            assert_eq!(
                entry.links[0].href,
                article["seo"]["canonical_url"].as_str().unwrap(),
                "{path}"
            );
            let people: Vec<_> = entry
                .authors
                .iter()
                .filter_map(|person| person.name.clone())
                .collect();
            let own = names(article, "authors");
            // RSS has one author to feed-rs, however many creators are named.
            if path == RSS {
                assert!(
                    own.iter()
                        .all(|name| answer.text().contains(&format!("<dc:creator>{}", escaped(name))))
                );
            } else if is_json && own.is_empty() {
                // An item without authors has those of the feed.
                assert_eq!(people, ["The Tides & Co"], "{path}");
            } else {
                assert_eq!(people, own, "{path}");
            }
            let tags: Vec<_> = entry.categories.iter().map(|tag| tag.term.clone()).collect();
            assert_eq!(tags, names(article, "tags"), "{path}");
        }
        assert_eq!(ids.len(), 3);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[test]
fn feedparser_reads_the_same() {
    let app = site();
    let expected = articles(&app, "");
    for (path, version) in [(RSS, "rss20"), (ATOM, "atom10")] {
        let answer = app.anonymous().get(path).expect(200);
        let feed = python("read_feed.py", &[], answer.bytes());
        assert_eq!(feed["malformed"], false, "{path}: {}", feed["reason"]);
        assert_eq!(
            (&feed["version"], &feed["title"]),
            (&json!(version), &json!("The Tides & Co"))
        );
        let own = json!(["self", format!("https://tides.example{path}")]);
        assert!(
            feed["links"].as_array().unwrap().contains(&own),
            "{path}: {}",
            feed["links"]
        );
        let entries = feed["entries"].as_array().unwrap();
        assert_eq!(entries.len(), expected.len(), "{path}");
        for (entry, article) in entries.iter().zip(&expected) {
            assert_eq!(
                entry["id"],
                format!("urn:uuid:{}", article["id"].as_str().unwrap())
            );
            assert_eq!(
                entry["title"],
                clean(article["title"].as_str().unwrap()),
                "{path}"
            );
            assert_eq!(entry["published"], article["first_published_at"], "{path}");
            assert_eq!(entry["link"], article["seo"]["canonical_url"], "{path}");
            assert_eq!(entry["tags"], json!(names(article, "tags")), "{path}");
            let content = entry["content"].as_str().unwrap();
            assert!(
                content.contains("<a href=\"https://tides.example/here\""),
                "{path}: {content}"
            );
            assert!(
                content.contains("https://tides.example/p.jpg"),
                "{path}: {content}"
            );
            assert!(!content.contains('\u{8}') && !content.contains('\u{1}'), "{path}");
            assert!(content.contains("\u{2028}\u{2029}"), "{path}: {content}");
            if path == ATOM {
                let first = article["first_published_at"].as_str().unwrap();
                let updated = article["updated_at"].as_str().unwrap().max(first);
                assert_eq!(entry["updated"], updated);
                assert_eq!(entry["authors"], json!(names(article, "authors")));
            }
        }
    }
}

#[test]
fn a_feed_can_be_of_a_tag_an_author_or_a_locale() {
    let app = site();
    for (query, expected) in [
        ("tag=oceans", 2),
        ("author=ada", 1),
        ("author=ben", 2),
        ("locale=de", 1),
        ("locale=fr", 0),
        ("tag=oceans&author=ben&locale=en", 1),
        ("limit=2", 2),
    ] {
        for (path, _) in FEEDS {
            let answer = app.anonymous().get(&format!("{path}?{query}")).expect(200);
            assert_eq!(read(&answer).entries.len(), expected, "{path} {query}");
        }
    }
    let feed = app
        .anonymous()
        .get(&format!("{JSON_FEED}?tag=oceans&locale=en"))
        .expect(200);
    assert_eq!(feed.body()["title"], "The Tides & Co: Oceans & Seas");
    assert_eq!(feed.body()["language"], "en");
    assert_eq!(feed.header("content-language"), Some("en"));
    for (path, _) in FEEDS {
        for query in [
            "tag=never",
            "author=never",
            "tag=NOT%20A%20SLUG",
            "tag=oceans&author=never",
            "locale=!",
        ] {
            app.anonymous()
                .get(&format!("{path}?{query}"))
                .expect_problem(404, "not_found");
        }
        for query in ["limit=0", "limit=101", "limit=many"] {
            app.anonymous()
                .get(&format!("{path}?{query}"))
                .expect_problem(400, "invalid_parameter");
        }
        app.anonymous()
            .get(&format!("{path}?sort=title"))
            .expect_problem(400, "unknown_parameter");
        app.anonymous()
            .get(&format!("{path}?after=made-up"))
            .expect_problem(400, "invalid_cursor");
    }
}

#[test]
fn a_feed_is_walked_page_by_page_without_gap_or_repetition() {
    let app = site();
    let all: Vec<_> = articles(&app, "")
        .iter()
        .map(|article| article["title"].clone())
        .collect();
    let base = "https://tides.example";
    let (mut found, mut path) = (Vec::new(), Some(format!("{JSON_FEED}?limit=1")));
    while let Some(at) = path {
        let body = app.anonymous().get(&at).expect(200).body();
        assert_eq!(body["feed_url"], format!("{base}{at}"));
        found.extend(
            body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["title"].clone()),
        );
        path = body["next_url"]
            .as_str()
            .map(|next| next.strip_prefix(base).unwrap().to_owned());
    }
    assert_eq!(found, all);
    // RFC 5005, and the id of the feed is that of its first page.
    let first = read(&app.anonymous().get(&format!("{ATOM}?limit=1")).expect(200));
    let next = first
        .links
        .iter()
        .find(|link| link.rel.as_deref() == Some("next"))
        .unwrap();
    let second = read(
        &app.anonymous()
            .get(next.href.strip_prefix(base).unwrap())
            .expect(200),
    );
    assert_eq!(second.id, first.id);
    assert_eq!(first.id, format!("{base}{ATOM}"));
    assert_ne!(second.entries[0].id, first.entries[0].id);
}

#[test]
fn a_feed_is_kept_and_asked_for_again_and_accept_is_not_read() {
    let app = site();
    for (path, kind) in FEEDS {
        let answer = app.anonymous().with("Accept", "text/html").get(path).expect(200);
        assert_eq!(answer.header("content-type"), Some(kind));
        for name in ["etag", "last-modified", "cache-tag"] {
            assert!(answer.header(name).is_some(), "{path} {name}");
        }
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
        app.anonymous()
            .with("If-None-Match", &answer.etag())
            .get(path)
            .expect(304);
        let since = answer.header("last-modified").unwrap().to_owned();
        app.anonymous()
            .with("If-Modified-Since", &since)
            .get(path)
            .expect(304);
    }
    let before = app.anonymous().get(ATOM).expect(200).etag();
    published(&app.editor(), "Newer", json!({}));
    let after = app
        .anonymous()
        .with("If-None-Match", &before)
        .get(ATOM)
        .expect(200);
    assert_eq!(read(&after).entries[0].title.as_ref().unwrap().content, "Newer");
}

#[test]
fn an_address_comes_from_the_settings_and_never_from_the_request() {
    let app = App::start();
    published(&app.editor(), "Tides", json!({}));
    for (path, _) in FEEDS {
        let answer = app
            .anonymous()
            .with("Host", "evil.example")
            .with("X-Forwarded-Host", "evil.example")
            .with("Forwarded", "host=evil.example")
            .get(path)
            .expect(200);
        assert!(!answer.text().contains("evil"), "{path}");
        assert!(
            answer.text().contains(&app.url("/tides")),
            "{path}: {}",
            answer.text()
        );
        assert_eq!(read(&answer).entries.len(), 1);
    }
}

#[test]
fn a_feed_without_articles_is_a_feed() {
    let app = App::start();
    for (path, _) in FEEDS {
        assert!(
            read(&app.anonymous().get(path).expect(200)).entries.is_empty(),
            "{path}"
        );
    }
}

#[test]
fn a_feed_of_long_articles_ends_with_their_summaries() {
    let app = start();
    let editor = app.editor();
    let text = "word ".repeat(19_000);
    let section = json!({ "kind": "text", "body": text });
    let sections = Value::Array(vec![section; 10]);
    for title in ["One", "Two", "Three", "Four"] {
        published(
            &editor,
            title,
            json!({ "dek": "A < line.", "sections": sections }),
        );
    }
    for (path, _) in FEEDS {
        let answer = app.anonymous().get(path).expect(200);
        assert!(answer.bytes().len() < forms::TEXT_BYTES, "{path}");
        let lengths: Vec<_> = read(&answer)
            .entries
            .iter()
            .map(|entry| entry.content.as_ref().unwrap().body.as_ref().unwrap().len())
            .collect();
        assert!(
            lengths[..2].iter().all(|length| *length > 900_000),
            "{path}: {lengths:?}"
        );
        assert_eq!(lengths[2..], ["<p>A &lt; line.</p>".len(); 2], "{path}");
    }
}

#[test]
fn a_feed_follows_a_tag_or_author_to_its_new_slug() {
    let app = start();
    let editor = app.editor();
    let oceans = tag(&editor, "oceans", "Oceans");
    let ada = author(&editor, "ada", "Ada");
    let links = json!({ "tags": ["oceans"], "authors": [{ "slug": "ada", "role": "writer" }] });
    published(&editor, "Tides", links);
    let kept = format!("{ATOM}?tag=oceans&author=ada");
    assert_eq!(read(&app.anonymous().get(&kept).expect(200)).entries.len(), 1);
    patch(&editor, &oceans, "tags", &json!({ "slug": "mers-été" }));
    patch(&editor, &ada, "authors", &json!({ "slug": "ada-marsh" }));
    for (path, _) in FEEDS {
        let mut at = format!("{path}?author=ada&tag=oceans&locale=en&limit=5");
        for _ in 0..2 {
            let answer = app.anonymous().get(&at).expect(308);
            assert!(answer.header("cache-tag").is_some());
            answer.header("location").unwrap().clone_into(&mut at);
        }
        assert_eq!(
            at,
            format!("{path}?tag=mers-%C3%A9t%C3%A9&author=ada-marsh&locale=en&limit=5")
        );
        assert_eq!(read(&app.anonymous().get(&at).expect(200)).entries.len(), 1);
    }
    app.anonymous().get(&kept).expect(308);
}
