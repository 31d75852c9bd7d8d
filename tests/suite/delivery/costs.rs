//! Lists with many filters, and what a query may cost.

use masthead_tests::App;
use serde_json::json;

use super::site::{column, published, tag};

#[test]
fn a_full_page_with_all_bodies_is_allowed_in_one_form_and_refused_in_three() {
    let app = App::start();
    let reader = app.anonymous();
    published(&app.editor(), "Tides", json!({}));
    let list = "/delivery/v1/articles?limit=100&include=sections,faqs";
    for format in ["", "&format=html", "&format=text"] {
        let answer = reader.get(&format!("{list}{format}")).expect(200);
        assert_eq!(answer.data()[0]["title"], "Tides");
    }
    let refused = reader
        .get(&format!("{list}&format=html,markdown,text"))
        .expect_problem(400, "query_too_costly");
    let detail = refused.body()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("costs 1900") && detail.contains("1000"),
        "{detail}"
    );
    let named: Vec<_> = refused.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(named, ["format", "include", "limit"]);
    let help = refused.body()["errors"][0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(help.contains("`limit` can be 52"), "{help}");
    let fewer = list.replace("100", "52");
    reader
        .get(&format!("{fewer}&format=html,markdown,text"))
        .expect(200);
    let one_more = list.replace("100", "53");
    reader
        .get(&format!("{one_more}&format=html,markdown,text"))
        .expect_problem(400, "query_too_costly");
}

#[test]
fn words_cost_and_every_list_has_the_limit() {
    let app = App::start();
    let reader = app.anonymous();
    let word = |number: u8| format!("%{:02X}", b'!' + number);
    let words = |count: u8| (0..count).map(word).collect::<Vec<_>>().join("%20");
    for list in ["faqs", "tags", "authors"] {
        reader
            .get(&format!(
                "/delivery/v1/{list}?limit=100&count=exact&q={}",
                words(12)
            ))
            .expect(200);
        let refused = reader
            .get(&format!("/delivery/v1/{list}?limit=100&q={}", words(94)))
            .expect_problem(400, "query_too_costly");
        let named: Vec<_> = refused.errors().into_iter().map(|(place, _)| place).collect();
        assert!(named.contains(&"q".to_owned()), "{named:?}");
    }
}

#[test]
fn a_filter_takes_twenty_values_and_not_one_more() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    published(&editor, "Tides", json!({ "tags": ["sea"] }));
    let list = |count: usize| {
        let mut values = vec!["sea".to_owned()];
        values.extend((1..count).map(|number| format!("none-{number}")));
        values.join(",")
    };
    let found = reader
        .get(&format!("/delivery/v1/articles?tag={}", list(20)))
        .expect(200);
    assert_eq!(column(&found.data(), "title"), ["Tides"]);
    for name in ["tag", "tag_all", "not_tag", "author", "slug"] {
        let refused = reader
            .get(&format!("/delivery/v1/articles?{name}={}", list(21)))
            .expect_problem(400, "invalid_parameter");
        assert_eq!(refused.errors(), [(name.to_owned(), "too_many".to_owned())]);
    }
    let ids = vec!["0193aaaa-0000-7000-8000-000000000001"; 21].join(",");
    reader
        .get(&format!("/delivery/v1/articles?id={ids}"))
        .expect_problem(400, "invalid_parameter");
    for (query, name) in [
        ("id=7", "id"),
        ("published_from=yesterday", "published_from"),
        ("updated_from=2026-01-01", "updated_from"),
    ] {
        let refused = reader
            .get(&format!("/delivery/v1/articles?{query}"))
            .expect_problem(400, "invalid_parameter");
        assert_eq!(refused.errors()[0].0, name);
    }
    for q in ["", "%20", &"x".repeat(201)] {
        reader
            .get(&format!("/delivery/v1/tags?q={q}"))
            .expect_problem(400, "invalid_parameter");
    }
}

#[test]
fn a_span_begins_with_its_first_moment_and_ends_before_its_last() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for title in ["First", "Second", "Third"] {
        published(&editor, title, json!({}));
        app.clock().advance(60);
    }
    let titles = |query: &str| {
        let answer = reader.get(&format!("/delivery/v1/articles?sort=published_at&{query}"));
        column(&answer.expect(200).data(), "title")
    };
    let (first, second) = ("2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z");
    assert_eq!(titles(&format!("published_from={second}")), ["Second", "Third"]);
    assert_eq!(titles(&format!("published_to={second}")), ["First"]);
    assert_eq!(
        titles(&format!("published_from={first}&published_to={second}")),
        ["First"]
    );
    assert_eq!(
        titles(&format!("published_from={second}&published_to={second}")),
        [""; 0]
    );
    assert_eq!(titles("published_from=2026-03-01T12:01:00.0000001Z"), ["Third"]);
    assert_eq!(
        titles("published_to=2026-03-01T12:01:00.0000001Z"),
        ["First", "Second"]
    );
    assert_eq!(
        titles("published_from=2026-03-01T13:01:00%2B01:00"),
        ["Second", "Third"]
    );
    assert_eq!(titles(&format!("updated_from={second}")), ["Second", "Third"]);
    assert_eq!(
        titles("published_from=0001-01-01T00:00:00Z&published_to=9999-12-31T23:59:59Z").len(),
        3
    );
}
