//! One article in many forms: what `Accept` and endings choose, and that each form is whole and safe.

use masthead_tests::{App, Caller, Response};
use serde_json::{Value, json};

use super::site::{author, published, tag};

const JSON: &str = "application/json";
const JSON_LD: &str = "application/ld+json";
const MARKDOWN: &str = "text/markdown; charset=utf-8; variant=GFM";
const TIDES: &str = "/delivery/v1/articles/by-slug/tides";

/// What no form may be broken by.
const HOSTILE: &str =
    "</script><script>alert(1)</script> <!-- ]]> \"quotes\" 'single' \\ & &amp; *stars* 🌊 שלום";

fn site() -> (App, Value) {
    let app = App::builder()
        .with(|settings| {
            settings.site_url = Some("https://tides.example".to_owned());
            "The Tides".clone_into(&mut settings.site_title);
            settings.publisher_logo_url = Some("/logo.png".to_owned());
        })
        .start();
    let editor = app.editor();
    tag(&editor, "oceans", "Oceans");
    author(&editor, "ada", "Ada Marsh");
    let article = published(
        &editor,
        "Tides",
        json!({
            "slug": "tides",
            "dek": "Twice a day.",
            "cover": { "url": "/tide.jpg", "alt": "A beach", "credit": "Ada" },
            "tags": ["oceans"],
            "authors": [{ "slug": "ada", "role": "editor" }],
            "sections": [
                { "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." },
                { "kind": "text", "heading": "Deeper", "level": 3, "body": "```\nopen" },
                { "kind": "quote", "body": "Time and tide\n\nwait.", "attribution": "A proverb",
                  "source_url": "https://example.org/p" },
                { "kind": "image", "image": "https://example.org/ebb.jpg", "alt": "Mud", "caption": "Low water" },
                { "kind": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "title": "A day" },
                { "kind": "callout", "tone": "warning", "heading": "Mind", "body": "Look first." }
            ],
            "faqs": [{ "question": "How often?", "answer": "Every *six* hours." }]
        }),
    );
    app.clock().advance(60);
    (app, article)
}

fn accepting(app: &App, accept: &str) -> Caller {
    app.anonymous().with("Accept", accept)
}

fn kind(answer: &Response) -> &str {
    answer.header("content-type").unwrap_or_default()
}

#[test]
fn accept_chooses_the_form() {
    let (app, article) = site();
    let by_id = format!("/delivery/v1/articles/{}", article["id"].as_str().unwrap());
    for path in [TIDES, &by_id] {
        assert_eq!(kind(&app.anonymous().get(path).expect(200)), JSON);
        for (accept, expected) in [
            ("*/*", JSON),
            ("application/json", JSON),
            ("application/*", JSON),
            ("application/json; charset=utf-8", JSON),
            ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
            ("text/markdown", MARKDOWN),
            ("TEXT/Markdown;variant=gfm", MARKDOWN),
            ("text/*", MARKDOWN),
            ("text/markdown, text/html, */*", MARKDOWN),
            ("application/json;q=0.4, text/markdown;q=0.5", MARKDOWN),
            ("text/markdown;q=0.4, application/json;q=0.5", JSON),
            ("application/ld+json", JSON_LD),
            ("application/json;q=0, application/*", JSON_LD),
            ("broken, text/markdown;q=9, application/ld+json;q=0.001", JSON_LD),
        ] {
            assert_eq!(
                kind(&accepting(&app, accept).get(path).expect(200)),
                expected,
                "{accept}"
            );
        }
        for accept in [
            "text/html",
            "image/png, text/plain",
            "application/json;q=0, text/markdown;q=0.0, application/ld+json;q=0",
            "*/*;q=0",
            "nonsense",
            "text/markdown;variant=CommonMark",
        ] {
            let refused = accepting(&app, accept)
                .get(path)
                .expect_problem(406, "not_acceptable");
            let detail = refused.body()["detail"].as_str().unwrap().to_owned();
            for form in [JSON, JSON_LD, "text/markdown"] {
                assert!(detail.contains(&format!("`{form}`")), "{accept}: {detail}");
            }
        }
    }
    let twice = app
        .anonymous()
        .with("Accept", "text/html")
        .with("Accept", "text/markdown")
        .get(TIDES)
        .expect(200);
    assert_eq!(kind(&twice), MARKDOWN);
}

#[test]
fn only_a_whole_article_has_other_forms_than_json() {
    let (app, article) = site();
    let id = article["id"].as_str().unwrap();
    for path in [
        "/delivery/v1/articles".to_owned(),
        format!("/delivery/v1/articles/{id}/sections"),
        format!("/delivery/v1/articles/{id}/faqs"),
        "/delivery/v1/tags/oceans".to_owned(),
    ] {
        for accept in ["text/markdown", "application/ld+json", "text/*"] {
            accepting(&app, accept)
                .get(&path)
                .expect_problem(406, "not_acceptable");
        }
        accepting(&app, "text/markdown, */*;q=0.1").get(&path).expect(200);
    }
}

#[test]
fn the_ending_md_is_markdown_whatever_accept_says() {
    let (app, article) = site();
    let id = article["id"].as_str().unwrap();
    let expected = accepting(&app, "text/markdown").get(TIDES).expect(200);
    for path in [
        "/delivery/v1/articles/by-slug/tides.md".to_owned(),
        "/delivery/v1/articles/by-slug/tides.md?locale=en".to_owned(),
        format!("/delivery/v1/articles/{id}.md"),
    ] {
        for accept in [
            "*/*",
            "application/json",
            "text/html",
            "nonsense",
            "text/markdown;q=0",
        ] {
            let answer = accepting(&app, accept).get(&path).expect(200);
            assert_eq!(kind(&answer), MARKDOWN, "{path} {accept}");
            assert_eq!(answer.bytes(), expected.bytes(), "{path} {accept}");
            assert_eq!(answer.etag(), expected.etag());
        }
    }
    let reader = app.anonymous();
    for path in [
        "by-slug/never-was.md",
        "by-slug/.md",
        "never-was.md",
        "by-slug/tides.txt",
    ] {
        reader
            .get(&format!("/delivery/v1/articles/{path}"))
            .expect_problem(404, "not_found");
    }
    reader
        .get("/delivery/v1/articles/by-slug/tides.md?locale=fr")
        .expect(404);
    reader
        .get("/delivery/v1/articles/by-slug/tides.md?format=html")
        .expect_problem(400, "unknown_parameter");
    reader
        .send("DELETE", "/delivery/v1/articles/by-slug/tides.md", None)
        .expect(405);
}

#[test]
fn the_markdown_is_the_whole_document() {
    let (app, _) = site();
    let text = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/tides.md")
        .expect(200)
        .text();
    let expected = "# Tides\n\nTwice a day.\n\nBy Ada Marsh (editor) · Published 2026-03-01 · Tags: Oceans\n\n\
        ![A beach](<https://tides.example/tide.jpg>)\n\nAda\n\n\
        ## Introduction\n\nThe sea is **never** still.\n\n### Deeper\n\n```\nopen\n```\n\n\
        > Time and tide\n>\n> wait.\n>\n> — [A proverb](<https://example.org/p>)\n\n\
        ![Mud](<https://example.org/ebb.jpg>)\n\nLow water\n\n\
        [A day](<https://www.youtube.com/watch?v=dQw4w9WgXcQ>)\n\n\
        ## Mind\n\n> [!WARNING]\n> Look first.\n\n\
        ## FAQs\n\n### How often?\n\nEvery *six* hours.\n\n---\n\nOriginal: <https://tides.example/tides>\n";
    assert_eq!(text, expected);
}

#[test]
fn the_markdown_of_an_article_can_be_imported_again() {
    let (app, _) = site();
    let editor = app.editor();
    let body = json!({
        "slug": "round",
        "sections": [
            { "kind": "text", "body": "Before any heading." },
            { "kind": "text", "heading": "One & *two*", "body": "- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |" },
            { "kind": "text", "heading": "Three", "level": 3, "body": "> quoted\n\nText." }
        ],
        "faqs": [{ "question": "Is it <b>so</b>?", "answer": "It *is*." }]
    });
    published(&editor, HOSTILE, body);
    let text = app
        .anonymous()
        .get("/delivery/v1/articles/by-slug/round.md")
        .expect(200)
        .text();
    let read = masthead_domain::rendering::split(&text);
    assert_eq!(read.title.as_deref(), Some(HOSTILE));
    let sections: Vec<_> = read.sections[1..]
        .iter()
        .map(|section| (section.heading.as_deref(), section.level, section.body.as_str()))
        .collect();
    assert_eq!(
        sections,
        [
            (
                Some("One & *two*"),
                2,
                "- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |"
            ),
            (Some("Three"), 3, "> quoted\n\nText."),
        ]
    );
    assert!(read.sections[0].body.contains("Before any heading."));
    assert_eq!(read.faqs[0].question, "Is it <b>so</b>?");
    assert!(read.faqs[0].answer.starts_with("It *is*."));
}

#[test]
fn the_json_ld_says_what_the_article_says() {
    let (app, _) = site();
    let answer = accepting(&app, "application/ld+json").get(TIDES).expect(200);
    let body: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(body["@context"], "https://schema.org");
    let node = |kind: &str| {
        let all = body["@graph"].as_array().unwrap().iter();
        all.clone()
            .find(|node| node["@type"] == kind)
            .unwrap_or_else(|| panic!("{kind} is missing: {body:#}"))
    };
    let data = app.anonymous().get(TIDES).expect(200).data();
    let article = node("Article");
    for (name, expected) in [
        ("headline", data["title"].clone()),
        ("description", data["seo"]["description"].clone()),
        ("datePublished", data["first_published_at"].clone()),
        ("dateModified", data["first_published_at"].clone()),
        ("wordCount", data["word_count"].clone()),
        ("inLanguage", json!("en")),
        ("keywords", json!(["Oceans"])),
        ("articleSection", json!("Oceans")),
        ("mainEntityOfPage", json!("https://tides.example/tides")),
    ] {
        assert_eq!(article[name], expected, "{name}");
    }
    assert_eq!(article["image"][0]["url"], "https://tides.example/tide.jpg");
    assert_eq!(article["author"][0]["@type"], "Person");
    assert_eq!(article["author"][0]["name"], "Ada Marsh");
    assert_eq!(article["publisher"]["name"], "The Tides");
    assert_eq!(
        article["publisher"]["logo"]["url"],
        "https://tides.example/logo.png"
    );
    let question = &node("FAQPage")["mainEntity"][0];
    assert_eq!(question["name"], "How often?");
    assert_eq!(
        question["acceptedAnswer"]["text"],
        data["faqs"][0]["answer"]["html"]
    );
    let way = &node("BreadcrumbList")["itemListElement"];
    assert_eq!(way[0]["item"], "https://tides.example/");
    assert_eq!(
        (&way[1]["name"], &way[1]["position"]),
        (&json!("Tides"), &json!(2))
    );
}

#[test]
fn hostile_words_stay_words_in_a_script() {
    let (app, _) = site();
    let editor = app.editor();
    let body = json!({
        "slug": "hostile",
        "dek": HOSTILE,
        "faqs": [{ "question": HOSTILE, "answer": "</script>\u{2028}\u{2029}<b>x</b>" }],
    });
    published(&editor, HOSTILE, body);
    let path = "/delivery/v1/articles/by-slug/hostile";
    let answer = accepting(&app, "application/ld+json").get(path).expect(200);
    let text = answer.text();
    for never in ['<', '>', '&', '\u{2028}', '\u{2029}'] {
        assert!(!text.contains(never), "{never:?}: {text}");
    }
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["@graph"][0]["headline"], HOSTILE);
    assert_eq!(body["@graph"][1]["mainEntity"][0]["name"], HOSTILE);
}

#[test]
fn every_form_can_be_kept_and_asked_for_again() {
    let (app, article) = site();
    let json = app.anonymous().get(TIDES).expect(200);
    let mut tags = vec![json.etag()];
    for accept in ["text/markdown", "application/ld+json"] {
        let reader = accepting(&app, accept);
        let answer = reader.get(TIDES).expect(200);
        for name in [
            "cache-control",
            "cache-tag",
            "last-modified",
            "content-language",
            "vary",
        ] {
            assert!(answer.header(name).is_some(), "{accept}: {name}");
            assert_eq!(answer.header(name), json.header(name), "{accept}: {name}");
        }
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
        let again = reader
            .clone()
            .with("If-None-Match", &answer.etag())
            .get(TIDES)
            .expect(304);
        assert!(again.bytes().is_empty());
        assert_eq!(again.etag(), answer.etag());
        // Another form is other bytes.
        app.anonymous()
            .with("If-None-Match", &answer.etag())
            .get(TIDES)
            .expect(200);
        let modified = answer.header("last-modified").unwrap().to_owned();
        reader
            .clone()
            .with("If-Modified-Since", &modified)
            .get(TIDES)
            .expect(304);
        let head = reader.send("HEAD", TIDES, None).expect(200);
        assert_eq!((head.etag(), head.bytes().len()), (answer.etag(), 0));
        tags.push(answer.etag());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);

    let (id, etag) = (article["id"].as_str().unwrap(), article["etag"].as_str().unwrap());
    let editor = app.editor().seen(etag);
    let path = format!("/management/v1/articles/{id}");
    let changed = editor.patch(&path, &json!({ "title": "Ebb" })).expect(200).data();
    super::site::act(&app.editor(), &changed, "articles", "publish");
    let answer = accepting(&app, "text/markdown")
        .with("If-None-Match", &tags[1])
        .get(TIDES)
        .expect(200);
    assert!(answer.text().starts_with("# Ebb\n"), "{}", answer.text());
}
