//! Pages: their links, and what their cursors are good for.

use masthead_tests::App;
use serde_json::{Value, json};

use super::site::{act, author, column, published, tag};

fn site(articles: usize) -> App {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "sea", "Sea");
    for number in 0..articles {
        published(
            &editor,
            &format!("Title {:02}", number / 3),
            json!({ "tags": ["sea"] }),
        );
    }
    app
}

fn next(body: &Value) -> Option<String> {
    body["links"]["next"].as_str().map(str::to_owned)
}

#[test]
fn links_lead_through_the_whole_list_and_back() {
    let app = site(13);
    let reader = app.anonymous();
    for query in [
        "",
        "&sort=title",
        "&sort=-title,published_at",
        "&tag=sea&sort=-updated_at,title",
        "&fields=title",
    ] {
        let all = reader
            .get(&format!("/delivery/v1/articles?limit=100{query}"))
            .expect(200)
            .data();
        let all = column(&all, "id");
        assert_eq!(all.len(), 13);
        let mut forward = Vec::new();
        let mut pages = Vec::new();
        let mut path = Some(format!("/delivery/v1/articles?limit=4{query}"));
        while let Some(at) = path {
            let body = reader.get(&at).expect(200).body();
            forward.extend(column(&body["data"], "id"));
            path = next(&body);
            pages.push(body);
        }
        assert_eq!(forward, all, "{query}");
        assert_eq!(pages.len(), 4);
        assert_eq!(pages[0]["links"]["prev"], Value::Null);
        assert_eq!(pages[3]["links"]["next"], Value::Null);
        let mut page = pages.pop().unwrap();
        for expected in pages.iter().rev() {
            let back = page["links"]["prev"].as_str().expect("a page before");
            page = reader.get(back).expect(200).body();
            assert_eq!(page["data"], expected["data"], "{query}");
        }
        assert_eq!(page["links"]["prev"], Value::Null, "{query}");
        assert!(next(&page).is_some());
    }
}

#[test]
fn the_link_header_says_what_the_links_say() {
    let app = site(5);
    let reader = app.anonymous();
    let first = reader.get("/delivery/v1/articles?limit=2&tag=sea").expect(200);
    let second_at = next(&first.body()).unwrap();
    assert_eq!(
        first.header("link").unwrap(),
        format!("<{second_at}>; rel=\"next\"")
    );
    assert!(
        second_at.starts_with("/delivery/v1/articles?limit=2&tag=sea&after="),
        "{second_at}"
    );
    let second = reader.get(&second_at).expect(200);
    let (next_at, prev_at) = (
        next(&second.body()).unwrap(),
        second.body()["links"]["prev"].as_str().unwrap().to_owned(),
    );
    assert_eq!(
        second.header("link").unwrap(),
        format!("<{next_at}>; rel=\"next\", <{prev_at}>; rel=\"prev\"")
    );
    let alone = reader.get("/delivery/v1/articles?limit=5").expect(200);
    assert_eq!(alone.header("link"), None);
    assert_eq!(
        alone.body()["links"],
        json!({ "self": "/delivery/v1/articles?limit=5", "next": null, "prev": null })
    );
}

#[test]
fn a_cursor_serves_only_the_list_and_filters_it_came_with() {
    let app = site(5);
    let reader = app.anonymous();
    let body = reader
        .get("/delivery/v1/articles?limit=2&tag=sea&sort=title")
        .expect(200)
        .body();
    let at = next(&body).unwrap();
    let cursor = at.rsplit_once("after=").unwrap().1;
    let after = |list: &str, query: &str| reader.get(&format!("/delivery/v1/{list}?{query}after={cursor}"));
    // The page and its fields are free to change.
    for query in [
        "tag=sea&sort=title&",
        "sort=title&tag=sea&limit=1&",
        "limit=3&tag=sea&sort=title&fields=dek&count=exact&",
    ] {
        after("articles", query).expect(200);
    }
    for (list, query) in [
        ("articles", ""),
        ("articles", "sort=title&"),
        ("articles", "tag=sea&"),
        ("articles", "tag=moon&sort=title&"),
        ("articles", "tag=sea&sort=-title&"),
        ("articles", "tag=sea&sort=title&locale=en&"),
        ("articles", "tag=sea&sort=title,published_at&"),
        ("faqs", "tag=sea&"),
        ("tags", ""),
        ("authors", ""),
    ] {
        let refused = after(list, query).expect_problem(400, "invalid_cursor");
        assert_eq!(
            refused.errors(),
            [("after".to_owned(), "invalid_cursor".to_owned())],
            "{list}?{query}"
        );
    }
    let reversed = format!("/delivery/v1/articles?tag=sea&sort=title&before={cursor}");
    assert_eq!(column(&reader.get(&reversed).expect(200).data(), "id").len(), 1);
    reader
        .get(&format!("{reversed}&after={cursor}"))
        .expect_problem(400, "invalid_parameter");
}

#[test]
fn a_cursor_that_was_forged_or_altered_is_refused() {
    let app = site(4);
    let reader = app.anonymous();
    let at = next(&reader.get("/delivery/v1/articles?limit=2").expect(200).body()).unwrap();
    let cursor = at.rsplit_once("after=").unwrap().1.to_owned();
    let mut forged = vec![
        "x".to_owned(),
        "AAAA".to_owned(),
        "%00".to_owned(),
        String::new(),
        "null".to_owned(),
        "%F0%9F%8C%8A".to_owned(),
    ];
    for index in [0, cursor.len() / 2, cursor.len() - 1] {
        let mut bytes = cursor.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
        forged.push(cursor[..index].to_owned());
    }
    for cursor in forged {
        let answer = reader.get(&format!("/delivery/v1/articles?limit=2&after={cursor}"));
        assert_eq!(answer.status(), 400, "{cursor}: {}", answer.text());
        let code = answer.body()["code"].as_str().unwrap().to_owned();
        assert!(
            ["invalid_cursor", "malformed_request"].contains(&code.as_str()),
            "{cursor}: {code}"
        );
    }
    let long = "A".repeat(2001);
    reader
        .get(&format!("/delivery/v1/articles?after={long}"))
        .expect_problem(400, "invalid_parameter");
}

#[test]
fn a_cursor_of_one_node_serves_on_another() {
    let app = site(6);
    let other = app.second_node().start();
    let at = next(
        &app.anonymous()
            .get("/delivery/v1/articles?limit=4")
            .expect(200)
            .body(),
    )
    .unwrap();
    let here = app.anonymous().get(&at).expect(200);
    let there = other.anonymous().get(&at).expect(200);
    assert_eq!(here.bytes(), there.bytes());
    assert_eq!(here.etag(), there.etag());
    assert_eq!(column(&here.data(), "id").len(), 2);
}

#[test]
fn a_cursor_holds_when_its_row_is_gone() {
    let app = site(6);
    let (editor, reader) = (app.editor(), app.anonymous());
    let all = column(&reader.get("/delivery/v1/articles").expect(200).data(), "id");
    let at = next(&reader.get("/delivery/v1/articles?limit=3").expect(200).body()).unwrap();
    let working = editor
        .get(&format!("/management/v1/articles/{}", all[2]))
        .expect(200)
        .data();
    act(&editor, &working, "articles", "unpublish");
    let rest = reader.get(&at).expect(200);
    assert_eq!(column(&rest.data(), "id"), all[3..]);
    let back = rest.body()["links"]["prev"].as_str().unwrap().to_owned();
    assert_eq!(column(&reader.get(&back).expect(200).data(), "id"), all[..2]);
}

#[test]
fn every_list_has_pages() {
    let app = App::start();
    let editor = app.editor();
    for number in 0..5 {
        tag(&editor, &format!("tag-{number}"), "Same name");
        author(&editor, &format!("author-{number}"), "Same name");
        published(
            &editor,
            &format!("Article {number}"),
            json!({
                "tags": [format!("tag-{number}")],
                "authors": [{ "slug": format!("author-{number}") }],
                "faqs": [{ "question": "Same question?", "answer": "Same." }]
            }),
        );
    }
    let reader = app.anonymous();
    for list in [
        "tags",
        "authors",
        "faqs",
        "tags?sort=-slug",
        "authors?sort=name,-slug",
        "faqs?sort=-published_at,question",
    ] {
        let (join, rows) = (if list.contains('?') { '&' } else { '?' }, |body: &Value| {
            column(&body["data"], "id")
        });
        let all = rows(&reader.get(&format!("/delivery/v1/{list}")).expect(200).body());
        assert_eq!(all.len(), 5, "{list}");
        let (mut found, mut path) = (
            Vec::new(),
            Some(format!("/delivery/v1/{list}{join}limit=2&count=exact")),
        );
        let mut last = Value::Null;
        while let Some(at) = path {
            last = reader.get(&at).expect(200).body();
            assert_eq!(last["meta"], json!({ "limit": 2, "total": 5 }));
            found.extend(rows(&last));
            path = next(&last);
        }
        assert_eq!(found, all, "{list}");
        let back = reader
            .get(last["links"]["prev"].as_str().unwrap())
            .expect(200)
            .body();
        assert_eq!(rows(&back), all[2..4], "{list}");
    }
}
