//! One walk through a list is in one order, though the rows it has still to come to are moved meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, column, patch, published, published_faq};

fn next(body: &Value) -> Option<String> {
    body["links"]["next"].as_str().map(str::to_owned)
}

fn page(reader: &Caller, path: &str) -> (Vec<String>, Value) {
    let body = reader.get(path).expect(200).body();
    (column(&body["data"], "id"), body)
}

/// Every id from this page to the end.
fn rest(reader: &Caller, path: Option<String>) -> Vec<String> {
    let (mut ids, mut open) = (Vec::new(), path);
    while let Some(path) = open {
        let (more, body) = page(reader, &path);
        ids.extend(more);
        open = next(&body);
    }
    ids
}

fn renamed(editor: &Caller, article: &Value, title: &str, slug: &str) -> Value {
    let changed = patch(
        editor,
        article,
        "articles",
        &json!({ "title": title, "slug": slug }),
    );
    act(editor, &changed, "articles", "publish")
}

#[test]
fn a_row_that_moves_is_met_where_it_stood_when_the_walk_began() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let articles: Vec<Value> = ["a", "b", "c", "d", "e", "f"]
        .into_iter()
        .map(|title| {
            app.clock().advance(60);
            published(&editor, title, json!({ "slug": title }))
        })
        .collect();
    let ids: Vec<String> = articles
        .iter()
        .map(|a| a["id"].as_str().unwrap().to_owned())
        .collect();
    let list = |sort: &str| format!("/delivery/v1/articles?limit=2&sort={sort}");
    let (first, body) = page(&reader, &list("title"));
    assert_eq!(first, ids[..2]);
    app.clock().advance(60);
    // One that was met goes to the end, and one that was not goes to the front.
    renamed(&editor, &articles[0], "z", "z");
    renamed(&editor, &articles[4], "0", "zero");
    // One comes, one goes, and one goes and comes back.
    let late = published(&editor, "cc", json!({}));
    act(&editor, &articles[3], "articles", "unpublish");
    let back = act(&editor, &articles[5], "articles", "unpublish");
    act(&editor, &back, "articles", "publish");
    let others: Vec<String> = [2, 4, 5].map(|at: usize| ids[at].clone()).to_vec();
    assert_eq!(rest(&reader, next(&body)), others, "once each, in the old order");
    // And back again to where it began.
    let (second, body) = page(&reader, &next(&body).unwrap());
    assert_eq!(second, [ids[2].clone(), ids[4].clone()]);
    assert_eq!(
        body["data"][1]["title"], "0",
        "the present edition in the old place"
    );
    let (again, body) = page(&reader, body["links"]["prev"].as_str().unwrap());
    assert_eq!(again, ids[..2]);
    assert_eq!(body["links"]["prev"], Value::Null);
    // A new walk has the new order.
    let (now, _) = page(&reader, "/delivery/v1/articles?sort=title");
    let late = late["id"].as_str().unwrap().to_owned();
    let order = [&ids[4], &ids[1], &ids[2], &late, &ids[5], &ids[0]];
    assert_eq!(now, order.map(Clone::clone));
}

#[test]
fn what_is_published_again_stays_in_its_place_of_the_newest_articles_of_a_tag() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    super::site::tag(&editor, "sea", "Sea");
    let articles: Vec<Value> = (0..7)
        .map(|number| {
            app.clock().advance(60);
            published(&editor, &format!("Article {number}"), json!({ "tags": ["sea"] }))
        })
        .collect();
    let list = "/delivery/v1/articles?limit=3&tag=sea";
    let (all, _) = page(&reader, "/delivery/v1/articles?tag=sea");
    let (first, body) = page(&reader, list);
    assert_eq!(first, all[..3]);
    app.clock().advance(60);
    // The two oldest, and one that was met, become the newest.
    for article in [&articles[0], &articles[1], &articles[6]] {
        renamed(&editor, article, "Again", article["slug"].as_str().unwrap());
    }
    assert_eq!(rest(&reader, next(&body)), all[3..]);
    let (newest, _) = page(&reader, list);
    let again: HashSet<_> = [0, 1, 6]
        .map(|at: usize| articles[at]["id"].as_str().unwrap().to_owned())
        .into();
    assert_eq!(newest.into_iter().collect::<HashSet<_>>(), again);
}

#[test]
fn questions_that_are_reworded_are_met_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faqs: Vec<Value> = ["A?", "B?", "C?", "D?"]
        .into_iter()
        .map(|question| {
            published_faq(
                &editor,
                &json!({ "locale": "en", "question": question, "answer": "Yes." }),
            )
        })
        .collect();
    let ids: Vec<_> = faqs
        .iter()
        .map(|faq| faq["id"].as_str().unwrap().to_owned())
        .collect();
    for sort in ["question", "-question", "published_at", "-updated_at,question"] {
        let list = format!("/delivery/v1/faqs?limit=1&sort={sort}");
        let (first, body) = page(&reader, &list);
        app.clock().advance(60);
        for id in [&ids[0], &ids[3]] {
            let faq = editor
                .get(&format!("/management/v1/faqs/{id}"))
                .expect(200)
                .data();
            let turned = if faq["question"] == "A?" || faq["question"] == "Z?" {
                "0?"
            } else {
                "Z?"
            };
            let changed = patch(
                &editor,
                &faq,
                "faqs",
                &json!({ "question": format!("{turned} {id}") }),
            );
            act(&editor, &changed, "faqs", "publish");
        }
        let mut met = first;
        met.extend(rest(&reader, next(&body)));
        met.sort();
        assert_eq!(met, ids, "{sort}");
    }
}

const STAYING: usize = 40;

/// Renames, republishes, adds and takes away until told to stop.
fn stir(editor: &Caller, staying: &[Value], hand: usize, stop: &AtomicBool, moves: &AtomicUsize) {
    let mut articles = staying.to_vec();
    let mut round = 0;
    while !stop.load(Ordering::SeqCst) {
        for (index, article) in articles
            .iter_mut()
            .enumerate()
            .filter(|(index, _)| index % 2 == hand)
        {
            round += 1;
            let title = format!("Tide {}", (index * 7 + round * 5) % 11);
            *article = renamed(editor, article, &title, &format!("tide-{index}-{round}"));
            moves.fetch_add(1, Ordering::SeqCst);
        }
        let passing = published(editor, &format!("Tide {}", round % 11), json!({}));
        act(editor, &passing, "articles", "unpublish");
    }
}

fn check(ids: &[String], staying: &HashSet<String>, what: &str) {
    let seen: HashSet<_> = ids.iter().cloned().collect();
    assert_eq!(seen.len(), ids.len(), "{what}: a row was repeated");
    let missed: Vec<_> = staying.difference(&seen).collect();
    assert!(missed.is_empty(), "{what}: rows were skipped: {missed:?}");
}

/// Every id from the last page back to the first.
fn backwards(reader: &Caller, start: &str) -> Vec<String> {
    let (mut ids, mut body) = page(reader, start);
    while let Some(at) = next(&body) {
        (ids, body) = page(reader, &at);
    }
    while let Some(at) = body["links"]["prev"].as_str().map(str::to_owned) {
        let (more, before) = page(reader, &at);
        ids.extend(more);
        body = before;
    }
    ids
}

#[test]
fn several_walkers_meet_every_row_once_while_writers_rename_and_republish_them_all() {
    let app = App::start();
    let editor = app.editor();
    super::site::tag(&editor, "sea", "Sea");
    let articles: Vec<Value> = (0..STAYING)
        .map(|number| {
            app.clock().advance(1);
            let rest = json!({ "slug": format!("tide-{number}"), "tags": ["sea"], "sections": [] });
            published(&editor, &format!("Tide {}", number % 11), rest)
        })
        .collect();
    let staying: HashSet<String> = articles
        .iter()
        .map(|a| a["id"].as_str().unwrap().to_owned())
        .collect();
    let (stop, moves) = (AtomicBool::new(false), AtomicUsize::new(0));
    let sorts = [
        "sort=title",
        "sort=-published_at&tag=sea",
        "sort=updated_at,-title",
        "sort=-title",
        "sort=first_published_at",
        "sort=published_at",
    ];
    std::thread::scope(|scope| {
        for hand in 0..2 {
            let (editor, articles, stop, moves) = (&editor, &articles, &stop, &moves);
            scope.spawn(move || stir(editor, articles, hand, stop, moves));
        }
        let ticking = scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                // Slowly enough for the editor's token to stay good, however slow the machine is.
                app.clock().advance(1);
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        });
        let walkers: Vec<_> = sorts
            .chunks(3)
            .map(|sorts| {
                let (reader, staying) = (app.anonymous(), &staying);
                let moves = &moves;
                scope.spawn(move || {
                    // Until every row has moved several times under their feet; if nobody moves any, once is enough.
                    for _ in 0..50 {
                        for query in sorts {
                            let start = format!("/delivery/v1/articles?fields=title&limit=5&{query}");
                            check(&rest(&reader, Some(start.clone())), staying, query);
                            check(&backwards(&reader, &start), staying, query);
                        }
                        if moves.load(Ordering::SeqCst) > 3 * STAYING {
                            break;
                        }
                    }
                })
            })
            .collect();
        let walked: Vec<_> = walkers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        stop.store(true, Ordering::SeqCst);
        ticking.join().expect("time goes on");
        for walk in walked {
            if let Err(failure) = walk {
                std::panic::resume_unwind(failure);
            }
        }
    });
    let moves = moves.load(Ordering::SeqCst);
    assert!(moves > STAYING, "only {moves} articles were moved meanwhile");
}
