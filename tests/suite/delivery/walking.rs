//! Hundreds of articles, walked page by page while others come and go.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, column, published};

/// One in so many comes and goes while the others stay.
const MOVING: usize = 8;

struct Crowd {
    app: App,
    staying: HashSet<String>,
    moving: Vec<Value>,
}

/// One moment for all, and four titles: ties everywhere.
fn crowd(size: usize) -> Crowd {
    let app = App::start();
    let editor = app.editor();
    let (mut staying, mut moving) = (HashSet::new(), Vec::new());
    for number in 0..size {
        let title = format!("Tide {}", number % 4);
        let article = published(
            &editor,
            &title,
            json!({ "slug": format!("tide-{number}"), "sections": [] }),
        );
        // Spread over the whole list, ends included.
        if number % MOVING == 0 {
            moving.push(article);
        } else {
            staying.insert(article["id"].as_str().unwrap().to_owned());
        }
    }
    Crowd { app, staying, moving }
}

/// Takes articles away and brings them back until told to stop; answers how often.
fn stir(editor: &Caller, moving: &[Value], stop: &AtomicBool) -> usize {
    let mut moves = 0;
    let mut articles = moving.to_vec();
    while !stop.load(Ordering::SeqCst) {
        for article in &mut articles {
            let what = if article["status"] == "published" {
                "unpublish"
            } else {
                "publish"
            };
            *article = act(editor, article, "articles", what);
            moves += 1;
        }
    }
    moves
}

/// Every id on the way from a page along the links of this name.
fn walk(reader: &Caller, mut path: Option<String>, name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(at) = path {
        let body = reader.get(&at).expect(200).body();
        ids.extend(column(&body["data"], "id"));
        path = body["links"][name].as_str().map(str::to_owned);
    }
    ids
}

/// Every id from the last page back to the first; rows that move may have pushed others behind that page.
fn walk_back(reader: &Caller, start: &str) -> Vec<String> {
    let mut last = start.to_owned();
    let body = loop {
        let body = reader.get(&last).expect(200).body();
        match body["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut last),
            None => break body,
        }
    };
    let link = |name: &str| body["links"][name].as_str().map(str::to_owned);
    let mut ids = column(&body["data"], "id");
    ids.extend(walk(reader, link("next"), "next"));
    ids.extend(walk(reader, link("prev"), "prev"));
    ids
}

fn check(ids: &[String], staying: &HashSet<String>, what: &str) {
    let seen: HashSet<_> = ids.iter().cloned().collect();
    assert_eq!(seen.len(), ids.len(), "{what}: a row was repeated");
    let missed: Vec<_> = staying.difference(&seen).collect();
    assert!(missed.is_empty(), "{what}: rows were skipped: {missed:?}");
}

#[test]
fn no_row_that_stays_is_skipped_or_repeated_while_others_come_and_go() {
    let Crowd { app, staying, moving } = crowd(240);
    let (editor, reader) = (app.editor(), app.anonymous());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stirring = scope.spawn(|| stir(&editor, &moving, &stop));
        let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for query in [
                "limit=7",
                "limit=7&sort=title",
                "limit=9&sort=-title,published_at",
                "limit=100&sort=updated_at",
            ] {
                let start = format!("/delivery/v1/articles?fields=title&{query}");
                check(&walk(&reader, Some(start.clone()), "next"), &staying, query);
                check(&walk_back(&reader, &start), &staying, query);
            }
        }));
        stop.store(true, Ordering::SeqCst);
        let moves = stirring.join().expect("articles come and go");
        if let Err(failure) = walked {
            std::panic::resume_unwind(failure);
        }
        assert!(moves > moving.len(), "{moves}");
    });
}

#[test]
fn a_count_is_exact_while_articles_come_and_go() {
    let Crowd { app, staying, moving } = crowd(64);
    let (editor, reader) = (app.editor(), app.anonymous());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stirring = scope.spawn(|| stir(&editor, &moving, &stop));
        for _ in 0..20 {
            let body = reader
                .get("/delivery/v1/articles?count=exact&limit=10&fields=id")
                .expect(200)
                .body();
            let total = usize::try_from(body["meta"]["total"].as_u64().unwrap()).unwrap();
            assert!(
                (staying.len()..=staying.len() + moving.len()).contains(&total),
                "{total}"
            );
            assert_eq!(body["data"].as_array().unwrap().len(), 10);
        }
        stop.store(true, Ordering::SeqCst);
        stirring.join().expect("articles come and go");
    });
    let body = reader
        .get("/delivery/v1/articles?count=exact&limit=1")
        .expect(200)
        .body();
    let ids = walk(
        &reader,
        Some("/delivery/v1/articles?limit=50&fields=id".to_owned()),
        "next",
    );
    assert_eq!(body["meta"]["total"].as_u64().unwrap(), ids.len() as u64);
}
