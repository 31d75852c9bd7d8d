//! Lists of working copies: filters, order and pages.

use std::fmt::Write as _;

use masthead_tests::{App, Caller, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, article_path, author, each, expect_errors, faq, plain_article, seeing, tag, text, total,
};

fn titles(caller: &Caller, query: &str) -> Vec<String> {
    let body = caller.get(&format!("{ARTICLES}?{query}")).expect(200).body();
    each(&body["data"], "title")
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let _ = write!(out, "%{byte:02X}");
    }
    out
}

#[test]
fn a_list_is_filtered_by_status_author_tag_and_locale() {
    let app = App::start();
    let editor = app.editor();
    for name in ["Sea", "Moon"] {
        tag(&editor, name);
    }
    author(&editor, "Ada Marsh");
    let article = |title: &str, locale: &str, tags: Value, authors: Value| {
        app.clock().advance(1);
        create_article(
            &editor,
            &json!({ "locale": locale, "title": title, "tags": tags, "authors": authors }),
        )
    };
    let ada = json!([{ "slug": "ada-marsh" }]);
    article("A", "en", json!(["sea"]), ada.clone());
    article("B", "en", json!(["moon", "sea"]), json!([]));
    article("C", "pt-BR", json!(["moon"]), ada);
    let shown = article("D", "en", json!([]), json!([]));
    publish(&editor, &shown);
    let later = article("E", "en", json!([]), json!([]));
    seeing(&editor, &later)
        .post(
            &format!("{}/schedule", article_path(&later)),
            &json!({ "publish_at": "2030-01-01T00:00:00Z" }),
        )
        .expect(200);
    assert_eq!(titles(&editor, ""), ["E", "D", "C", "B", "A"]);
    assert_eq!(titles(&editor, "status=draft"), ["C", "B", "A"]);
    assert_eq!(titles(&editor, "status=published"), ["D"]);
    assert_eq!(titles(&editor, "status=scheduled"), ["E"]);
    assert!(titles(&editor, "status=archived").is_empty());
    assert_eq!(titles(&editor, "tag=sea"), ["B", "A"]);
    assert_eq!(titles(&editor, "author=ada-marsh"), ["C", "A"]);
    assert_eq!(titles(&editor, "locale=pt-br"), ["C"]);
    assert!(titles(&editor, "locale=pt").is_empty());
    assert_eq!(titles(&editor, "tag=sea&author=ada-marsh&status=draft"), ["A"]);
    for nothing in ["tag=no-such", "tag=A%2FB", "author=%20", "locale=english"] {
        let body = editor
            .get(&format!("{ARTICLES}?{nothing}&count=exact"))
            .expect(200)
            .body();
        assert_eq!(
            (&body["data"], &body["meta"]["total"]),
            (&json!([]), &json!(0)),
            "{nothing}"
        );
    }
    for wrong in [
        "status=gone",
        "status=",
        "sort=size",
        "sort=title,title",
        "count=all",
        "text=",
    ] {
        let answer = editor.get(&format!("{ARTICLES}?{wrong}"));
        answer.expect_problem(400, "invalid_parameter");
    }
}

#[test]
fn a_row_carries_no_bodies() {
    let app = App::start();
    let editor = app.editor();
    create_article(&editor, &masthead_tests::article("Row"));
    let row = editor.get(ARTICLES).expect(200).data()[0].clone();
    for absent in ["sections", "faqs", "toc"] {
        assert!(row.get(absent).is_none(), "{absent}");
    }
    assert_eq!(row["word_count"], 10);
    assert_eq!(row["reading_time_minutes"], 1);
    assert!(!row.to_string().contains("never"), "{row}");
}

#[test]
fn a_text_is_found_in_any_case_and_taken_literally() {
    let app = App::start();
    let editor = app.editor();
    for (title, body) in [
        ("Über ÄRGER", "Größe"),
        ("100 % sure", "a_b"),
        ("1000 sure", "axb"),
        ("Back\\slash", "ПРИЛИВ"),
    ] {
        app.clock().advance(1);
        let sections = json!([{ "kind": "text", "heading": format!("Heading of {title}"), "body": body }]);
        create_article(
            &editor,
            &json!({ "locale": "de", "title": title, "dek": format!("Dek {title}"), "sections": sections }),
        );
    }
    let found = |wanted: &str| titles(&editor, &format!("text={}", percent(wanted)));
    assert_eq!(found("über"), ["Über ÄRGER"]);
    assert_eq!(found("ärger"), ["Über ÄRGER"]);
    assert_eq!(
        found("GRÖSSE"),
        Vec::<String>::new(),
        "ß has no other case of one letter"
    );
    assert_eq!(found("GRÖß"), ["Über ÄRGER"]);
    assert_eq!(found("прилив"), ["Back\\slash"]);
    assert_eq!(found("100 %"), ["100 % sure"]);
    assert_eq!(found("%"), ["100 % sure"]);
    assert_eq!(found("a_b"), ["100 % sure"]);
    assert_eq!(found("\\"), ["Back\\slash"]);
    assert_eq!(found("dek back"), ["Back\\slash"]);
    assert_eq!(found("heading of 1000"), ["1000 sure"]);
    assert_eq!(found("sure").len(), 2);
    assert!(found("'; drop table articles; --").is_empty());
    assert_eq!(total(&editor, ARTICLES), 4);
    faq(&editor, "Wie GROß?");
    assert_eq!(total(&editor, &format!("{FAQS}?text={}", percent("groß"))), 1);
}

#[test]
fn a_list_is_sorted_by_what_is_asked_for() {
    let app = App::start();
    let editor = app.editor();
    let b = plain_article(&editor, "b");
    app.clock().advance(1);
    plain_article(&editor, "a");
    app.clock().advance(1);
    plain_article(&editor, "C");
    app.clock().advance(1);
    seeing(&editor, &b)
        .patch(&article_path(&b), &json!({ "dek": "Touched." }))
        .expect(200);
    assert_eq!(titles(&editor, ""), ["b", "C", "a"]);
    assert_eq!(titles(&editor, "sort=updated_at"), ["a", "C", "b"]);
    assert_eq!(titles(&editor, "sort=created_at"), ["b", "a", "C"]);
    assert_eq!(titles(&editor, "sort=-created_at"), ["C", "a", "b"]);
    assert_eq!(
        titles(&editor, "sort=title"),
        ["C", "a", "b"],
        "by their bytes, on both engines"
    );
    assert_eq!(titles(&editor, "sort=-title,created_at"), ["b", "a", "C"]);
}

/// Follows a list to its end and back again; answers the pages' ids.
fn walk(caller: &Caller, first: &str) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let page = |address: &str| {
        let answer = caller.get(address).expect(200);
        let body = answer.body();
        let header = answer.header("link").unwrap_or_default().to_owned();
        for relation in ["next", "prev"] {
            match body["links"][relation].as_str() {
                Some(target) => assert!(
                    header.contains(&format!("<{target}>; rel=\"{relation}\"")),
                    "{header}"
                ),
                None => assert!(!header.contains(relation), "{header}"),
            }
        }
        body
    };
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut body = page(first);
    assert_eq!(body["links"]["prev"], Value::Null);
    loop {
        there.push(each(&body["data"], "id"));
        match body["links"]["next"].as_str() {
            Some(next) => body = page(next),
            None => break,
        }
    }
    loop {
        back.push(each(&body["data"], "id"));
        match body["links"]["prev"].as_str() {
            Some(previous) => body = page(previous),
            None => break,
        }
    }
    (there, back)
}

#[test]
fn pages_lead_through_the_whole_list_and_back_over_ties() {
    let app = App::start();
    let editor = app.editor();
    for number in 0..7 {
        // All of one moment; three titles only.
        plain_article(&editor, &format!("Title {}", number % 3));
    }
    for sort in [
        "",
        "&sort=title",
        "&sort=-title,updated_at",
        "&sort=created_at,title",
    ] {
        let all = editor
            .get(&format!("{ARTICLES}?limit=100{sort}"))
            .expect(200)
            .data();
        let all = each(&all, "id");
        assert_eq!(all.len(), 7);
        for limit in [1, 2, 3, 6, 7] {
            let (there, back) = walk(&editor, &format!("{ARTICLES}?limit={limit}{sort}"));
            assert_eq!(there.concat(), all, "limit {limit}{sort}");
            let back: Vec<_> = back.into_iter().rev().flatten().collect();
            assert_eq!(back, all, "limit {limit}{sort} backwards");
            assert!(there[..there.len() - 1].iter().all(|page| page.len() == limit));
        }
    }
}

#[test]
fn no_row_is_skipped_or_repeated_while_others_write() {
    let app = App::start();
    let editor = app.editor();
    let articles: Vec<_> = (0..6)
        .map(|number| {
            app.clock().advance(1);
            plain_article(&editor, &format!("Title {number}"))
        })
        .collect();
    let first = editor
        .get(&format!("{ARTICLES}?sort=created_at&limit=2"))
        .expect(200)
        .body();
    assert_eq!(each(&first["data"], "title"), ["Title 0", "Title 1"]);
    for seen in &articles[..2] {
        seeing(&editor, seen).delete(&article_path(seen)).expect(204);
    }
    plain_article(&editor, "New");
    let next = text(&first["links"]["next"]);
    let second = editor.get(&next).expect(200).body();
    assert_eq!(each(&second["data"], "title"), ["Title 2", "Title 3"]);
    let third = editor.get(&text(&second["links"]["next"])).expect(200).body();
    assert_eq!(each(&third["data"], "title"), ["Title 4", "Title 5"]);
    let last = editor.get(&text(&third["links"]["next"])).expect(200).body();
    assert_eq!(each(&last["data"], "title"), ["New"]);
    assert_eq!(last["links"]["next"], Value::Null);
}

#[test]
fn rows_are_counted_only_when_asked_and_then_exactly() {
    let app = App::start();
    let editor = app.editor();
    for number in 0..25 {
        plain_article(&editor, &format!("Title {number}"));
    }
    let body = editor.get(ARTICLES).expect(200).body();
    assert_eq!(body["data"].as_array().unwrap().len(), 20);
    assert_eq!(body["meta"], json!({ "limit": 20 }));
    let body = editor
        .get(&format!("{ARTICLES}?count=exact&limit=10&text=title%201"))
        .expect(200)
        .body();
    assert_eq!(body["meta"], json!({ "limit": 10, "total": 11 }));
    let next = text(&body["links"]["next"]);
    assert!(
        next.contains("count=exact") && next.contains("text=title%201"),
        "{next}"
    );
    let body = editor.get(&next).expect(200).body();
    assert_eq!(body["meta"]["total"], 11);
    assert_eq!(body["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_cursor_is_good_for_its_own_list_filters_and_order_alone() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    for number in 0..3 {
        plain_article(&editor, &format!("Title {number}"));
    }
    faq(&editor, "One?");
    faq(&editor, "Two?");
    let body = editor.get(&format!("{ARTICLES}?limit=1")).expect(200).body();
    let next = text(&body["links"]["next"]);
    let cursor = next.rsplit_once("after=").unwrap().1.split('&').next().unwrap();
    editor
        .get(&format!("{ARTICLES}?limit=2&after={cursor}"))
        .expect(200);
    let middle = cursor.len() / 2;
    let other = if &cursor[middle..=middle] == "A" { "B" } else { "A" };
    let altered = format!("{}{other}{}", &cursor[..middle], &cursor[middle + 1..]);
    for query in [
        format!("after={altered}"),
        format!("after={}", &cursor[1..]),
        "after=".to_owned(),
        "after=abc".to_owned(),
        "after=%21%21".to_owned(),
        format!("tag=sea&after={cursor}"),
        format!("status=draft&after={cursor}"),
        format!("sort=title&after={cursor}"),
    ] {
        let answer = editor
            .get(&format!("{ARTICLES}?{query}"))
            .expect_problem(400, "invalid_cursor");
        expect_errors(&answer, &[("after", "invalid_cursor")]);
    }
    for list in [FAQS, "/management/v1/tags", "/management/v1/authors"] {
        editor
            .get(&format!("{list}?after={cursor}"))
            .expect_problem(400, "invalid_cursor");
    }
    let both = editor
        .get(&format!("{ARTICLES}?after={cursor}&before={cursor}"))
        .expect_problem(400, "invalid_parameter");
    expect_errors(&both, &[("before", "conflict")]);
}

#[test]
fn a_list_says_which_parameters_it_does_not_take() {
    let app = App::start();
    let editor = app.editor();
    for list in [ARTICLES, FAQS, "/management/v1/tags", "/management/v1/authors"] {
        for (query, code) in [
            ("limit=0", "out_of_range"),
            ("limit=101", "out_of_range"),
            ("limit=-1", "out_of_range"),
            ("limit=ten", "wrong_type"),
            ("limit=", "wrong_type"),
            ("limit=1.5", "wrong_type"),
            ("limit=1&limit=2", "duplicate"),
        ] {
            let answer = editor
                .get(&format!("{list}?{query}"))
                .expect_problem(400, "invalid_parameter");
            expect_errors(&answer, &[("limit", code)]);
        }
        let unknown = editor
            .get(&format!("{list}?page=2&offset=1"))
            .expect_problem(400, "unknown_parameter");
        expect_errors(
            &unknown,
            &[("offset", "unknown_parameter"), ("page", "unknown_parameter")],
        );
        let message = text(&unknown.body()["errors"][0]["message"]);
        for known in ["sort", "limit", "after", "before", "count"] {
            assert!(message.contains(known), "{message}");
        }
        editor.get(&format!("{list}?limit=1")).expect(200);
        editor.get(&format!("{list}?limit=100")).expect(200);
    }
}
