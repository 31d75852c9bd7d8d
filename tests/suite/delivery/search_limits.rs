//! Searching: filters, facets, pages, and what is refused.

use std::collections::{BTreeMap, BTreeSet};

use masthead_tests::App;
use serde_json::{Value, json};

use super::search::{encoded, search};
use super::site::{author, patch, published, tag};

/// Thirty articles that hold one word, some of them other ones too.
fn site() -> App {
    let app = App::start();
    let editor = app.editor();
    for slug in ["sea", "moon", "wind"] {
        tag(&editor, slug, &format!("The {slug}"));
    }
    for slug in ["ada", "ben"] {
        author(&editor, slug, slug);
    }
    for number in 0..30 {
        let tags: Vec<_> = [("sea", 2), ("moon", 3), ("wind", 7)]
            .iter()
            .filter(|(_, every)| number % every == 0)
            .map(|(slug, _)| *slug)
            .collect();
        let authors: Vec<_> = [("ada", number % 5 == 0), ("ben", number % 5 != 1)]
            .iter()
            .filter(|(_, writes)| *writes)
            .map(|(slug, _)| json!({ "slug": slug }))
            .collect();
        let title = if number % 4 == 0 {
            format!("Harbour {number}")
        } else {
            format!("Text {number}")
        };
        let rest = json!({
            "tags": tags, "authors": authors, "locale": if number % 6 == 0 { "de" } else { "en" },
            "kind": if number % 10 == 0 { "page" } else { "article" },
            "sections": [{ "kind": "text", "body": "harbour ".repeat(1 + number % 3) }],
        });
        published(&editor, &title, rest);
        if number % 2 == 0 {
            app.clock().advance(20);
        }
    }
    app
}

fn ids(body: &Value) -> Vec<String> {
    let hits = body["data"]["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["article"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn pages_join_to_the_whole_without_a_gap_or_repetition() {
    let app = site();
    let reader = app.anonymous();
    let whole = ids(&search(&reader, "harbour", "&limit=100"));
    assert_eq!(whole.len(), 30);
    for limit in [1, 7, 29, 30] {
        let mut path = Some(format!("/delivery/v1/search?q=harbour&limit={limit}&count=exact"));
        let mut walked = Vec::new();
        while let Some(at) = path {
            let answer = reader.get(&at).expect(200);
            let body = answer.body();
            assert_eq!(body["meta"], json!({ "limit": limit, "total": 30 }));
            assert_eq!(body["links"]["prev"], Value::Null);
            assert_eq!(answer.header("link").is_some(), body["links"]["next"].is_string());
            walked.extend(ids(&body));
            path = body["links"]["next"].as_str().map(str::to_owned);
        }
        assert_eq!(walked, whole, "limit={limit}");
    }
    // A cursor belongs to its question.
    let first = search(&reader, "harbour", "&limit=1");
    let cursor = first["links"]["next"]
        .as_str()
        .unwrap()
        .split("after=")
        .nth(1)
        .unwrap();
    for other in ["q=text", "q=harbour&tag=sea"] {
        reader
            .get(&format!("/delivery/v1/search?{other}&after={cursor}"))
            .expect_problem(400, "invalid_cursor");
    }
    let of_a_list = reader.get("/delivery/v1/articles?limit=1").expect(200).body();
    let cursor = of_a_list["links"]["next"]
        .as_str()
        .unwrap()
        .split("after=")
        .nth(1)
        .unwrap();
    reader
        .get(&format!("/delivery/v1/search?q=harbour&after={cursor}"))
        .expect_problem(400, "invalid_cursor");
}

#[test]
fn filters_narrow_as_in_the_list_of_articles() {
    let app = site();
    let reader = app.anonymous();
    for filter in [
        "tag=sea",
        "author=ada",
        "locale=de",
        "kind=page",
        "tag=moon&author=ben&locale=en&kind=article",
        "tag=nothing",
        "tag=No%20Slug",
        "locale=not_a_locale",
    ] {
        let listed = reader
            .get(&format!("/delivery/v1/articles?limit=100&{filter}"))
            .expect(200)
            .data();
        let listed: BTreeSet<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        let body = search(&reader, "harbour", &format!("&limit=100&count=exact&{filter}"));
        let found = ids(&body);
        assert_eq!(body["meta"]["total"], found.len(), "{filter}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), listed, "{filter}");
    }
}

/// All hits counted by hand.
fn counted(hits: &Value, values: impl Fn(&Value) -> Vec<(String, Value)>) -> Value {
    let mut counts: BTreeMap<String, (Value, u64)> = BTreeMap::new();
    for hit in hits.as_array().unwrap() {
        let distinct: BTreeMap<_, _> = values(&hit["article"]).into_iter().collect();
        for (value, name) in distinct {
            counts.entry(value).or_insert((name, 0)).1 += 1;
        }
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(value, (_, count))| (std::cmp::Reverse(*count), value.clone()));
    rows.iter()
        .map(|(value, (name, count))| json!({ "value": value, "name": name, "count": count }))
        .collect()
}

#[test]
fn facets_count_all_hits_and_not_the_page() {
    let app = site();
    let reader = app.anonymous();
    let named = |part: &'static str| {
        move |article: &Value| {
            let rows = article[part].as_array().unwrap().iter();
            rows.map(|row| (row["slug"].as_str().unwrap().to_owned(), row["name"].clone()))
                .collect()
        }
    };
    let plain = |text: &str| vec![(text.to_owned(), Value::Null)];
    for (q, filter) in [
        ("harbour", ""),
        ("harbour", "&tag=sea"),
        ("text -11", ""),
        ("harbour text", "&author=ada"),
    ] {
        let whole = search(&reader, q, &format!("&limit=100{filter}"))["data"]["hits"].clone();
        let body = search(
            &reader,
            q,
            &format!("&limit=2&facets=tag,author,year,kind{filter}"),
        );
        assert_eq!(
            body["data"]["facets"],
            json!({
                "tag": counted(&whole, named("tags")),
                "author": counted(&whole, named("authors")),
                "year": counted(&whole, |article| plain(&article["published_at"].as_str().unwrap()[..4])),
                "kind": counted(&whole, |article| plain(article["kind"].as_str().unwrap())),
            }),
            "{q}{filter}"
        );
    }
    let one = search(&reader, "harbour", "&facets=kind");
    assert_eq!(super::site::names(&one["data"]["facets"]), ["kind"]);
}

#[test]
fn a_facet_lists_the_twenty_most_frequent() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let slugs: Vec<_> = (0..25).map(|number| format!("t{number:02}")).collect();
    for slug in &slugs {
        tag(&editor, slug, slug);
    }
    published(&editor, "One", json!({ "tags": slugs }));
    published(&editor, "Two", json!({ "tags": ["t24"] }));
    let body = search(&reader, "begins", "&facets=tag");
    let values = super::site::column(&body["data"]["facets"]["tag"], "value");
    assert_eq!(values.len(), 20);
    assert_eq!(
        (values[0].as_str(), values[1].as_str(), values[19].as_str()),
        ("t24", "t00", "t18")
    );
}

#[test]
fn a_new_name_of_a_tag_is_shown_at_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "sea", "Sea");
    published(&editor, "One", json!({ "tags": ["sea"] }));
    patch(
        &editor,
        &sea,
        "tags",
        &json!({ "name": "Ocean", "slug": "ocean" }),
    );
    let body = search(&reader, "one", "&facets=tag&tag=ocean");
    assert_eq!(
        body["data"]["facets"]["tag"],
        json!([{ "value": "ocean", "name": "Ocean", "count": 1 }])
    );
    assert_eq!(body["data"]["hits"][0]["article"]["tags"][0]["name"], "Ocean");
    assert!(ids(&search(&reader, "one", "&tag=sea")).is_empty());
}

#[test]
fn what_cannot_be_asked_is_refused_and_says_why() {
    let app = App::start();
    let reader = app.anonymous();
    for (query, code) in [
        ("", "required"),
        ("limit=5", "required"),
        ("q=", "no_words"),
        ("q=+%21%3F", "no_words"),
        ("q=-storm", "only_exclusions"),
        ("q=-%22low+water%22+-ebb", "only_exclusions"),
        ("q=a*", "prefix_too_short"),
        ("q=1+2+3+4+5+6+7+8+9+10+11+12+13", "too_many"),
        (&format!("q={}", "x".repeat(201)), "too_long"),
        ("q=a&q=b", "duplicate"),
    ] {
        let refused = reader.get(&format!("/delivery/v1/search?{query}"));
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.errors(), [("q".to_owned(), code.to_owned())], "{query}");
    }
    for (query, name, code) in [
        ("q=a&limit=0", "limit", "out_of_range"),
        ("q=a&limit=101", "limit", "out_of_range"),
        ("q=a&facets=locale", "facets", "unknown_value"),
        ("q=a&count=about", "count", "unknown_value"),
    ] {
        let refused = reader.get(&format!("/delivery/v1/search?{query}"));
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.errors(), [(name.to_owned(), code.to_owned())], "{query}");
    }
    reader
        .get("/delivery/v1/search?q=a&before=x")
        .expect_problem(400, "unknown_parameter");
    reader
        .get("/delivery/v1/search?q=a&after=forged")
        .expect_problem(400, "invalid_cursor");
    reader
        .get("/delivery/v1/search?q=%00")
        .expect_problem(400, "malformed_request");
}

#[test]
fn signs_of_other_languages_are_just_text() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(
        &editor,
        "Plain",
        json!({ "sections": [{ "kind": "text", "body": "one two three" }] }),
    );
    for q in [
        "' or '1'='1",
        "one'; drop table published_articles; --",
        "o_e",
        "%one%",
        "\"one% two\"",
        "one\\",
        "\"two_three\"",
        "<script>alert(1)</script>",
        "NEAR(one two)",
        "one^2",
        "title:one",
        "\u{10ffff}one",
        "on\u{200d}e",
        "one OR none",
    ] {
        let body = reader
            .get(&format!("/delivery/v1/search?q={}&count=exact", encoded(q)))
            .expect(200)
            .body();
        let expected = match q {
            "%one%" | "\"one% two\"" | "one\\" | "\"two_three\"" | "\u{10ffff}one" | "on\u{200d}e" => 1,
            _ => 0,
        };
        assert_eq!(body["meta"]["total"], expected, "{q}");
    }
    assert_eq!(
        reader.get("/delivery/v1/articles?count=exact").expect(200).body()["meta"]["total"],
        1
    );
}

#[test]
fn an_answer_is_marked_with_everything_that_may_change_it() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "One", json!({}));
    for path in ["/delivery/v1/search?q=one", "/delivery/v1/suggest?q=on"] {
        let answer = reader.get(path).expect(200);
        assert_eq!(
            answer.header("cache-tag"),
            Some("articles,faqs,tags,authors"),
            "{path}"
        );
        reader
            .clone()
            .with("If-None-Match", &answer.etag())
            .get(path)
            .expect(304);
    }
}
