//! What caches are told: validators, how long, and under which tags.

use masthead_tests::{App, Caller, Response};
use serde_json::{Value, json};

use super::site::{act, author, patch, published, published_faq, tag};

const PUBLIC: &str = "public, max-age=0, s-maxage=";

struct Site {
    app: App,
    editor: Caller,
    reader: Caller,
    article: Value,
    faq: Value,
    tag: Value,
    author: Value,
}

/// One article with a tag, an author and a FAQ that carries another tag; a minute has passed since.
fn site() -> Site {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let tag = tag(&editor, "sea", "Sea");
    super::site::tag(&editor, "faqs-own", "Of the FAQ");
    let author = author(&editor, "ada", "Ada");
    let faq = json!({ "locale": "en", "question": "How often?", "answer": "Often.", "tags": ["faqs-own"] });
    let faq = published_faq(&editor, &faq);
    let rest = json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }], "faqs": [{ "id": faq["id"] }] });
    let article = published(&editor, "Tides", rest);
    app.clock().advance(60);
    Site {
        app,
        editor,
        reader,
        article,
        faq,
        tag,
        author,
    }
}

impl Site {
    fn id(&self) -> &str {
        self.article["id"].as_str().unwrap()
    }

    /// Every address that answers something.
    fn addresses(&self) -> Vec<String> {
        let (id, faq) = (self.id(), self.faq["id"].as_str().unwrap());
        [
            "articles".to_owned(),
            "articles?include=sections,faqs&limit=1&count=exact".to_owned(),
            "articles?tag=nothing".to_owned(),
            format!("articles/{id}"),
            "articles/by-slug/tides?locale=en".to_owned(),
            format!("articles/{id}/sections"),
            format!("articles/{id}/faqs"),
            "faqs".to_owned(),
            format!("faqs/{faq}"),
            "tags".to_owned(),
            "tags/sea".to_owned(),
            "authors".to_owned(),
            "authors/ada".to_owned(),
        ]
        .map(|path| format!("/delivery/v1/{path}"))
        .to_vec()
    }
}

fn cache_tags(answer: &Response) -> Vec<String> {
    let header = answer.header("cache-tag").expect("cache tags");
    let mut tags: Vec<_> = header.split(',').map(str::to_owned).collect();
    tags.sort();
    tags
}

#[test]
fn every_public_answer_has_its_validators_and_may_be_kept_by_shared_caches() {
    let site = site();
    for path in site.addresses() {
        let answer = site.reader.get(&path).expect(200);
        let etag = answer.etag();
        assert!(
            etag.starts_with('"') && etag.ends_with('"') && etag.len() > 12,
            "{path}: {etag}"
        );
        assert_eq!(
            answer.header("last-modified"),
            Some("Sun, 01 Mar 2026 12:00:00 GMT"),
            "{path}"
        );
        let control = answer.header("cache-control").unwrap();
        assert!(
            control.starts_with(PUBLIC) && control.contains("stale-while-revalidate="),
            "{path}: {control}"
        );
        let vary = answer.header("vary").unwrap().to_lowercase();
        assert_eq!(vary, "accept, accept-encoding", "{path}");
        assert!(answer.header("cache-tag").is_some(), "{path}");
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_client_that_holds_an_answer_is_told_so_without_a_body() {
    let site = site();
    for path in site.addresses() {
        let fresh = site.reader.get(&path).expect(200);
        let etag = fresh.etag();
        for held in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"other\", {etag}"),
            "*".to_owned(),
        ] {
            let answer = site
                .reader
                .clone()
                .with("If-None-Match", &held)
                .get(&path)
                .expect(304);
            assert!(answer.bytes().is_empty());
            assert_eq!(answer.etag(), etag, "{path} {held}");
            // What a 200 would have said, so that a cache can refresh what it keeps.
            for name in [
                "cache-control",
                "vary",
                "cache-tag",
                "last-modified",
                "content-language",
                "link",
            ] {
                assert_eq!(answer.header(name), fresh.header(name), "{path}: {name}");
            }
        }
        for other in [
            "\"other\"",
            "W/\"other\"",
            "",
            "nonsense",
            &etag[..etag.len() - 2],
        ] {
            site.reader
                .clone()
                .with("If-None-Match", other)
                .get(&path)
                .expect(200);
        }
    }
}

#[test]
fn a_date_decides_only_where_no_tag_is_given() {
    let site = site();
    for path in site.addresses() {
        let since = |date: &str| site.reader.clone().with("If-Modified-Since", date);
        for (date, status) in [
            ("Sun, 01 Mar 2026 12:00:00 GMT", 304),
            ("Sun, 01 Mar 2026 13:00:00 GMT", 304),
            ("Sun, 01 Mar 2026 11:59:59 GMT", 200),
            ("2026-03-01T12:00:00Z", 200),
            ("never", 200),
        ] {
            since(date).get(&path).expect(status);
        }
        since("Sun, 01 Mar 2026 13:00:00 GMT")
            .with("If-None-Match", "\"other\"")
            .get(&path)
            .expect(200);
        let etag = site.reader.get(&path).expect(200).etag();
        since("Sun, 01 Mar 2026 11:00:00 GMT")
            .with("If-None-Match", &etag)
            .get(&path)
            .expect(304);
    }
}

#[test]
fn a_change_in_the_second_of_the_last_one_is_never_hidden_by_a_date() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = published(&editor, "Tides", json!({}));
    let path = "/delivery/v1/articles/by-slug/tides";
    assert_eq!(reader.get(path).expect(200).header("last-modified"), None);
    let edited = patch(&editor, &article, "articles", &json!({ "dek": "New." }));
    act(&editor, &edited, "articles", "publish");
    let now = reader
        .clone()
        .with("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT");
    assert_eq!(now.get(path).expect(200).data()["dek"], "New.");
    app.clock().advance(1);
    now.get(path).expect(304);
}

#[test]
fn a_publication_ends_what_a_client_held() {
    let site = site();
    let path = "/delivery/v1/articles/by-slug/tides";
    let held = site.reader.get(path).expect(200).etag();
    let list = site.reader.get("/delivery/v1/articles").expect(200).etag();
    let edited = patch(
        &site.editor,
        &site.article,
        "articles",
        &json!({ "title": "High tides" }),
    );
    // An edit that nobody sees changes nothing.
    site.reader
        .clone()
        .with("If-None-Match", &held)
        .get(path)
        .expect(304);
    act(&site.editor, &edited, "articles", "publish");
    site.app.clock().advance(60);
    let fresh = site
        .reader
        .clone()
        .with("If-None-Match", &held)
        .get(path)
        .expect(200);
    assert_eq!(fresh.data()["title"], "High tides");
    assert_ne!(fresh.etag(), held);
    assert_eq!(
        fresh.header("last-modified"),
        Some("Sun, 01 Mar 2026 12:01:00 GMT")
    );
    site.reader
        .clone()
        .with("If-None-Match", &list)
        .get("/delivery/v1/articles")
        .expect(200);
    let since = site
        .reader
        .clone()
        .with("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT");
    since.get(path).expect(200);
}

#[test]
fn what_is_taken_away_is_gone_for_those_who_hold_it() {
    let site = site();
    let path = "/delivery/v1/articles/by-slug/tides";
    let held = site.reader.get(path).expect(200).etag();
    act(&site.editor, &site.article, "articles", "unpublish");
    for (name, value) in [
        ("If-None-Match", held.as_str()),
        ("If-None-Match", "*"),
        ("If-Modified-Since", "Sun, 01 Mar 2030 12:00:00 GMT"),
    ] {
        let gone = site
            .reader
            .clone()
            .with(name, value)
            .get(path)
            .expect_problem(410, "gone");
        let tags = gone.header("cache-tag").unwrap();
        assert!(tags.split(',').any(|tag| tag == "articles"), "{tags}");
    }
}

#[test]
fn cache_tags_name_everything_that_an_answer_shows() {
    let site = site();
    let name = |kind: &str, thing: &Value| format!("{kind}:{}", thing["id"].as_str().unwrap());
    let (article, faq) = (name("article", &site.article), name("faq", &site.faq));
    let story = name("story", &site.article);
    let (sea, ada) = (name("tag", &site.tag), name("author", &site.author));
    let own = site.reader.get("/delivery/v1/tags/faqs-own").expect(200).data();
    let own = name("tag", &own);
    let id = site.id();
    let faq_id = site.faq["id"].as_str().unwrap();
    for (path, expected) in [
        (format!("articles/{id}"), vec![&article, &ada, &sea, &faq, &story]),
        (
            "articles/by-slug/tides".to_owned(),
            vec![&article, &ada, &sea, &faq, &story],
        ),
        (format!("articles/{id}/sections"), vec![&article]),
        (format!("articles/{id}/faqs"), vec![&article, &faq]),
        (
            "articles".to_owned(),
            vec![&"articles".to_owned(), &article, &ada, &sea],
        ),
        (
            "articles?include=faqs".to_owned(),
            vec![&"articles".to_owned(), &article, &ada, &sea, &faq],
        ),
        ("articles?locale=fr".to_owned(), vec![&"articles".to_owned()]),
        ("faqs".to_owned(), vec![&"faqs".to_owned(), &faq, &own]),
        (format!("faqs/{faq_id}"), vec![&faq, &own]),
        ("tags".to_owned(), vec![&"tags".to_owned(), &sea, &own]),
        ("tags/sea".to_owned(), vec![&sea]),
        ("authors".to_owned(), vec![&"authors".to_owned(), &ada]),
        ("authors/ada".to_owned(), vec![&ada]),
    ] {
        let mut expected: Vec<_> = expected.into_iter().cloned().collect();
        expected.sort();
        let answer = site.reader.get(&format!("/delivery/v1/{path}")).expect(200);
        assert_eq!(cache_tags(&answer), expected, "{path}");
    }
}

#[test]
fn a_page_with_more_than_the_header_holds_names_the_lists_instead() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for number in 0..12 {
        let faqs: Vec<_> = (0..20)
            .map(|faq| json!({ "question": format!("Question {number} {faq}?"), "answer": "Yes." }))
            .collect();
        published(&editor, &format!("Article {number}"), json!({ "faqs": faqs }));
    }
    let answer = reader
        .get("/delivery/v1/articles?include=faqs&limit=100")
        .expect(200);
    let tags = cache_tags(&answer);
    assert!(answer.header("cache-tag").unwrap().len() <= 8 * 1024);
    // A corrected FAQ is announced under its own tag and that of all FAQs; one of them has to be there.
    for article in answer.data().as_array().unwrap() {
        for faq in article["faqs"].as_array().unwrap() {
            let own = format!("faq:{}", faq["id"].as_str().unwrap());
            assert!(
                tags.contains(&own) || tags.contains(&"faqs".to_owned()),
                "{own} is not in {tags:?}"
            );
        }
        let own = format!("article:{}", article["id"].as_str().unwrap());
        assert!(tags.contains(&own) || tags.contains(&"articles".to_owned()));
    }
}

#[test]
fn the_language_of_one_thing_is_said_and_never_chosen_by_a_header() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "Gezeiten", json!({ "locale": "de", "slug": "tides" }));
    published(&editor, "Tides", json!({ "slug": "tides" }));
    let german = reader.clone().with("Accept-Language", "de");
    let answer = german.get("/delivery/v1/articles/by-slug/tides").expect(200);
    assert_eq!(
        (answer.header("content-language"), &answer.data()["title"]),
        (Some("en"), &json!("Tides"))
    );
    let answer = german
        .get("/delivery/v1/articles/by-slug/tides?locale=de")
        .expect(200);
    assert_eq!(answer.header("content-language"), Some("de"));
    assert_eq!(
        german
            .get("/delivery/v1/articles")
            .expect(200)
            .header("content-language"),
        None
    );
}

#[test]
fn what_a_credential_opens_is_never_kept_by_a_shared_cache() {
    let site = site();
    let path = "/delivery/v1/articles/by-slug/tides";
    let open = site.reader.get(path).expect(200);
    for caller in [
        site.editor.clone(),
        site.reader.clone().with("Authorization", "Bearer nonsense"),
    ] {
        let answer = caller.get(path).expect(200);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.bytes(), open.bytes());
    }
}
