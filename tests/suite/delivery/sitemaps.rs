//! What crawlers and programs are told: sitemaps, `robots.txt`, `llms.txt`, and the site itself.

use std::collections::BTreeSet;

use masthead_tests::{App, node_modules, python, workspace};
use serde_json::{Value, json};

use super::site::{act, patch, published};

const SITEMAPS: &str = "{http://www.sitemaps.org/schemas/sitemap/0.9}";
const IMAGES: &str = "{http://www.google.com/schemas/sitemap-image/1.1}";
const NEWS: &str = "{http://www.google.com/schemas/sitemap-news/0.9}";
const MAP: &str = "/delivery/v1/sitemaps/1.xml";
const NEWS_MAP: &str = "/delivery/v1/sitemaps/news.xml";

fn site() -> App {
    let app = App::builder()
        .with(|settings| {
            settings.site_url = Some("https://tides.example".to_owned());
            settings.api_url = Some("https://api.tides.example".to_owned());
            "The Tides".clone_into(&mut settings.site_title);
            settings.site_description = Some("Slow *news*.".to_owned());
            settings.site_links = vec![masthead_openapi::forms::SiteLink {
                label: "Contact".to_owned(),
                url: "/contact".to_owned(),
                rel: Some("contact".to_owned()),
            }];
        })
        .start();
    let editor = app.editor();
    published(&editor, "Old", json!({ "slug": "old" }));
    app.clock().advance(72 * 3600);
    let editor = app.editor();
    let cover = json!({ "url": "/a.jpg?x=1&y=2", "alt": "A beach" });
    published(
        &editor,
        "]]> & <b> \u{fffe}🌊",
        json!({ "slug": "été", "locale": "fr", "cover": cover }),
    );
    published(
        &editor,
        "There",
        json!({ "seo": { "canonical_url": "https://tides.example/a?b=1&c='2'" } }),
    );
    // The sitemaps of another site have them.
    for (slug, url) in [
        ("elsewhere", "https://other.example/a"),
        ("like", "https://tides.example.org/"),
    ] {
        published(
            &editor,
            "Elsewhere",
            json!({ "slug": slug, "seo": { "canonical_url": url } }),
        );
    }
    published(&editor, "About", json!({ "kind": "page", "slug": "about" }));
    published(
        &editor,
        "Hidden",
        json!({ "slug": "hidden", "seo": { "no_index": true } }),
    );
    // Not hidden, whatever its words say.
    published(
        &editor,
        "Words",
        json!({ "slug": "words", "seo": { "title": "\"no_index\":true", "no_index": false } }),
    );
    editor
        .post(
            "/management/v1/articles",
            &json!({ "locale": "en", "title": "Draft" }),
        )
        .expect(201);
    app.clock().advance(60);
    app
}

/// An element as Python's parser reads it: name, text, children.
fn parsed(app: &App, path: &str) -> Value {
    let answer = app.anonymous().get(path).expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    assert!(
        answer
            .text()
            .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    );
    let own = |name: &str| workspace().join(format!("tests/python/schemas/sitemap-{name}.xsd"));
    let schemas = if path.ends_with("/sitemap.xml") {
        vec![own("index")]
    } else {
        let protocol = node_modules().join("sitemap/schema/sitemap.xsd");
        vec![protocol, own("image"), own("news")]
    };
    let read = python("read_xml.py", &schemas, answer.bytes());
    assert_eq!(read["errors"], json!([]), "{path}");
    read["root"].clone()
}

fn children(element: &Value) -> &Vec<Value> {
    element[2].as_array().unwrap()
}

fn order(element: &Value) -> Vec<&str> {
    children(element)
        .iter()
        .map(|child| child[0].as_str().unwrap())
        .collect()
}

fn text<'a>(element: &'a Value, name: &str) -> Option<&'a str> {
    children(element).iter().find(|child| child[0] == name)?[1].as_str()
}

/// An absolute address of ASCII alone, with nothing in it that would have to be escaped once more.
fn is_address(url: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"`{}|\\^".contains(c);
    url.starts_with("https://") && url.chars().all(plain) && url.len() < 2048
}

/// `2026-03-01T12:00:00Z`, perhaps with a fraction.
fn is_moment(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape.starts_with("0000-00-00T00:00:00") && shape.ends_with('Z')
}

#[test]
fn a_sitemap_has_the_structure_of_the_protocol() {
    let app = site();
    let map = parsed(&app, MAP);
    assert_eq!(map[0], format!("{SITEMAPS}urlset"));
    let (loc, lastmod, image) = (
        format!("{SITEMAPS}loc"),
        format!("{SITEMAPS}lastmod"),
        format!("{IMAGES}image"),
    );
    let mut found = Vec::new();
    for url in children(&map) {
        assert_eq!(url[0], format!("{SITEMAPS}url"));
        let names = order(url);
        let whole = [loc.as_str(), &lastmod, &image];
        assert!(whole.starts_with(&names) && !names.is_empty(), "{names:?}");
        let address = text(url, &loc).unwrap();
        assert!(is_address(address), "{address}");
        // The front page says nothing of when it changed.
        assert_eq!(text(url, &lastmod).is_some(), !found.is_empty(), "{url}");
        assert!(text(url, &lastmod).is_none_or(is_moment), "{url}");
        found.push(address.to_owned());
    }
    let unique: BTreeSet<_> = found.iter().collect();
    assert_eq!(unique.len(), found.len());
    assert_eq!(
        found,
        [
            "https://tides.example/",
            "https://tides.example/old",
            "https://tides.example/fr/%C3%A9t%C3%A9",
            "https://tides.example/a?b=1&c='2'",
            "https://tides.example/about",
            "https://tides.example/words",
        ]
    );
    let picture = &children(&children(&map)[2])[2];
    assert_eq!(
        text(picture, &format!("{IMAGES}loc")),
        Some("https://tides.example/a.jpg?x=1&y=2")
    );

    let index = parsed(&app, "/delivery/v1/sitemap.xml");
    assert_eq!(index[0], format!("{SITEMAPS}sitemapindex"));
    assert_eq!(children(&index).len(), 1);
    assert_eq!(
        text(&children(&index)[0], &loc),
        Some("https://api.tides.example/delivery/v1/sitemaps/1.xml")
    );
    for number in ["0", "2", "01", "-1", "x", "99999999999999999999"] {
        let path = format!("/delivery/v1/sitemaps/{number}.xml");
        app.anonymous().get(&path).expect_problem(404, "not_found");
    }
    app.anonymous()
        .get("/delivery/v1/sitemaps/18446744073709551615.xml")
        .expect(404);
}

#[test]
fn news_are_the_articles_of_two_days() {
    let app = site();
    let map = parsed(&app, NEWS_MAP);
    assert_eq!(map[0], format!("{SITEMAPS}urlset"));
    let mut titles = Vec::new();
    for url in children(&map) {
        assert_eq!(order(url), [format!("{SITEMAPS}loc"), format!("{NEWS}news")]);
        assert!(is_address(text(url, &format!("{SITEMAPS}loc")).unwrap()));
        let news = &children(url)[1];
        let names = ["publication", "publication_date", "title"].map(|name| format!("{NEWS}{name}"));
        assert_eq!(order(news), names);
        let publication = &children(news)[0];
        assert_eq!(
            order(publication),
            [format!("{NEWS}name"), format!("{NEWS}language")]
        );
        assert_eq!(text(publication, &format!("{NEWS}name")), Some("The Tides"));
        assert!(is_moment(text(news, &names[1]).unwrap()));
        titles.push((
            text(news, &names[2]).unwrap().to_owned(),
            text(publication, &format!("{NEWS}language")).unwrap().to_owned(),
        ));
    }
    let expected = [("Words", "en"), ("There", "en"), ("]]> & <b> 🌊", "fr")];
    assert_eq!(
        titles,
        expected.map(|(title, locale)| (title.to_owned(), locale.to_owned()))
    );
    let before = app.anonymous().get(NEWS_MAP).expect(200);
    let known = || {
        let since = before.header("last-modified").unwrap();
        app.anonymous().with("If-Modified-Since", since)
    };
    known().get(NEWS_MAP).expect(304);
    app.clock().advance(48 * 3600);
    // Nobody changed anything; the time did.
    known().get(NEWS_MAP).expect(200);
    let none = parsed(&app, NEWS_MAP);
    let [url] = children(&none).as_slice() else {
        panic!("{none}")
    };
    assert_eq!(order(url), [format!("{SITEMAPS}loc")], "a front page is no news");
    assert_eq!(
        text(url, &format!("{SITEMAPS}loc")),
        Some("https://tides.example/")
    );
}

#[test]
fn what_search_engines_are_to_forget_leaves_the_maps_and_can_come_back() {
    let app = site();
    let locations = |path: &str| {
        let text = app.anonymous().get(path).expect(200).text();
        let found = text
            .split("<loc>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned());
        found.collect::<Vec<_>>()
    };
    let maps = || [MAP, NEWS_MAP].map(locations);
    let before = maps();
    let words = "/delivery/v1/articles/by-slug/words";
    let words = app.anonymous().get(words).expect(200).data();
    let path = format!("/management/v1/articles/{}", words["id"].as_str().unwrap());
    let hide = |hidden: bool| {
        let editor = app.editor();
        let now = editor.get(&path).expect(200).data();
        let seo = json!({ "seo": { "no_index": hidden } });
        let now = patch(&editor, &now, "articles", &seo);
        act(&editor, &now, "articles", "publish");
    };
    hide(true);
    let address = "https://tides.example/words".to_owned();
    assert!(maps().iter().all(|map| !map.contains(&address)));
    assert_eq!(
        maps().map(|map| map.len() + 1),
        before.clone().map(|map| map.len())
    );
    hide(false);
    assert_eq!(maps(), before);
}

#[test]
fn what_is_taken_away_leaves_the_maps() {
    let app = site();
    let id = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/old")
        .expect(200)
        .data()["id"]
        .clone();
    let path = format!("/management/v1/articles/{}", id.as_str().unwrap());
    let old = app.editor().get(&path).expect(200).data();
    let before = app.anonymous().get(MAP).expect(200);
    assert!(before.text().contains("/old<"));
    act(&app.editor(), &old, "articles", "unpublish");
    let after = app
        .anonymous()
        .with("If-None-Match", &before.etag())
        .get(MAP)
        .expect(200);
    assert!(!after.text().contains("/old<"), "{}", after.text());
}

#[test]
fn the_guide_for_programs_leads_to_markdown() {
    let app = site();
    let answer = app.anonymous().get("/delivery/v1/llms.txt").expect(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = answer.text();
    assert!(
        text.starts_with("# The Tides\n\n> Slow \\*news\\*.\n\n## Articles\n\n- [Words]("),
        "{text}"
    );
    assert!(text.contains(
        "\n## Pages\n\n- [About](https://api.tides.example/delivery/v1/articles/by-slug/about.md): "
    ));
    assert!(
        text.contains("\n- [Contact](https://tides.example/contact)\n"),
        "{text}"
    );
    for never in ["Hidden", "Draft", "hidden.md"] {
        assert!(!text.contains(never), "{text}");
    }
    let links: Vec<_> = text.split("](https://api.tides.example").skip(1).collect();
    assert_eq!(links.len(), 7);
    for link in links {
        let path = link.split(')').next().unwrap();
        let document = app.anonymous().get(path).expect(200);
        assert!(
            document
                .header("content-type")
                .unwrap()
                .starts_with("text/markdown")
        );
    }
    let robots = app.anonymous().get("/delivery/v1/robots.txt").expect(200);
    assert_eq!(robots.header("content-type"), Some("text/plain; charset=utf-8"));
    let rules: Vec<_> = robots.text().lines().map(str::to_owned).collect();
    assert_eq!(rules[..2], ["User-agent: *", "Allow: /"]);
    assert!(rules.contains(&"Sitemap: https://api.tides.example/delivery/v1/sitemap.xml".to_owned()));
    assert!(rules.contains(&"Sitemap: https://api.tides.example/delivery/v1/sitemaps/news.xml".to_owned()));
}

#[test]
fn the_site_says_what_a_header_and_a_footer_need() {
    let app = site();
    let data = app.anonymous().get("/delivery/v1/site").expect(200).data();
    let expected = json!({
        "title": "The Tides",
        "description": "Slow *news*.",
        "url": "https://tides.example",
        "default_locale": "en",
        "locales": ["en", "fr"],
        "publisher": { "name": "The Tides", "logo_url": null },
        "links": [{ "label": "Contact", "url": "/contact", "rel": "contact" }],
        "feeds": {
            "rss": "https://api.tides.example/delivery/v1/feeds/rss.xml",
            "atom": "https://api.tides.example/delivery/v1/feeds/atom.xml",
            "json": "https://api.tides.example/delivery/v1/feeds/feed.json"
        },
        "sitemap": "https://api.tides.example/delivery/v1/sitemap.xml",
        "llms": "https://api.tides.example/delivery/v1/llms.txt"
    });
    assert_eq!(data, expected);
}

#[test]
fn all_of_it_is_kept_and_asked_for_again() {
    let app = site();
    for name in [
        "site",
        "sitemap.xml",
        "sitemaps/1.xml",
        "sitemaps/news.xml",
        "robots.txt",
        "llms.txt",
    ] {
        let path = format!("/delivery/v1/{name}");
        let answer = app.anonymous().get(&path).expect(200);
        for header in ["etag", "last-modified", "cache-tag"] {
            assert!(answer.header(header).is_some(), "{name} {header}");
        }
        app.anonymous()
            .with("If-None-Match", &answer.etag())
            .get(&path)
            .expect(304);
        let head = app.anonymous().send("HEAD", &path, None).expect(200);
        assert_eq!(head.etag(), answer.etag());
        app.anonymous()
            .get(&format!("{path}?x=1"))
            .expect_problem(400, "unknown_parameter");
        let whatever = app.anonymous().with("Accept", "image/png");
        whatever.get(&path).expect(if name == "site" { 406 } else { 200 });
    }
}

#[test]
fn a_site_without_content_has_a_map_of_its_front_page() {
    let app = App::start();
    let map = app.anonymous().get(MAP).expect(200).text();
    assert!(map.contains(&format!("<loc>{}</loc>", app.url("/"))), "{map}");
    let guide = app.anonymous().get("/delivery/v1/llms.txt").expect(200).text();
    assert_eq!(guide, "# Masthead\n");
}
