//! Changes as a stream of events: as they come, resumed without gap or repeat, bounded, and ended in time.

use std::time::Duration;

use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::clock::Clock as _;
use masthead_tests::{App, Heard, Listener, create_article, publish};
use serde_json::{Value, json};
use uuid::Uuid;

use super::site::published;

const EVENTS: &str = "/delivery/v1/events";

/// All entries of the log, as the list gives them.
fn log(app: &App) -> Vec<Value> {
    let body = app.anonymous().get("/delivery/v1/changes?limit=500").expect(200);
    body.data().as_array().unwrap().clone()
}

/// Appends entries with cache tags of this length.
fn append(app: &App, count: u128, length: usize) {
    let at = app.clock().now();
    let entries: Vec<_> = (0..count)
        .map(|number| NewChange {
            op: ChangeOp::Upsert,
            resource: ChangeType::Article,
            id: Uuid::from_u128(number),
            slug: format!("n-{number}"),
            locale: Some("en".to_owned()),
            reason: ChangeReason::Published,
            redirect_to: None,
            cache_tags: vec!["x".repeat(length)],
            at,
        })
        .collect();
    app.storage()
        .write_blocking(move |repository| repository.append_changes(&entries))
        .unwrap();
}

#[test]
fn a_change_is_heard_as_the_list_tells_it() {
    let app = App::start();
    let editor = app.editor();
    published(&editor, "Before", json!({}));
    let mut listener = Listener::connect(app.address(), EVENTS, &[]);
    assert_eq!(listener.status(), 200);
    assert_eq!(listener.header("content-type"), Some("text/event-stream"));
    assert_eq!(listener.header("cache-control"), Some("no-store"));
    assert!(listener.header("x-request-id").is_some());
    published(
        &editor,
        "After",
        json!({ "faqs": [{ "question": "Why?", "answer": "So." }] }),
    );
    let log = log(&app);
    assert_eq!(log.len(), 3);
    for entry in &log[1..] {
        assert_eq!(listener.change(), (entry["seq"].as_i64().unwrap(), entry.clone()));
    }
}

#[test]
fn a_stream_goes_on_where_it_was_told() {
    let app = App::start();
    let editor = app.editor();
    for number in 0..6 {
        published(&editor, &format!("Number {number}"), json!({}));
    }
    for (path, headers, first) in [
        (format!("{EVENTS}?since=0"), vec![], 1),
        (format!("{EVENTS}?since=4"), vec![], 5),
        (EVENTS.to_owned(), vec![("Last-Event-ID", "3")], 4),
        (format!("{EVENTS}?since=1"), vec![("Last-Event-ID", "5")], 6),
        (format!("{EVENTS}?since=2"), vec![("Last-Event-ID", "")], 3),
    ] {
        let mut listener = Listener::connect(app.address(), &path, &headers);
        for seq in first..=6 {
            assert_eq!(listener.change().0, seq, "{path} {headers:?}");
        }
    }
    let mut listener = Listener::connect(app.address(), &format!("{EVENTS}?since=6"), &[]);
    published(&editor, "Seventh", json!({}));
    assert_eq!(listener.change().0, 7);
}

#[test]
fn a_start_that_cannot_be_is_refused() {
    let app = App::start();
    let reader = app.anonymous();
    reader
        .get(&format!("{EVENTS}?since=1"))
        .expect_problem(400, "invalid_parameter");
    reader
        .get(&format!("{EVENTS}?limit=1"))
        .expect_problem(400, "unknown_parameter");
    for wrong in ["x", "-1", "1.0", "99999999999999999999", "7"] {
        let refused = reader.clone().with("Last-Event-ID", wrong).get(EVENTS);
        let refused = refused.expect_problem(400, "invalid_header");
        assert_eq!(refused.errors()[0].0, "Last-Event-ID");
    }
    reader
        .clone()
        .with("Accept", "application/json")
        .get(EVENTS)
        .expect_problem(406, "not_acceptable");
    for accepted in [
        "text/event-stream",
        "*/*",
        "text/*",
        "application/json, text/event-stream;q=0.5",
    ] {
        let listener = Listener::connect(app.address(), EVENTS, &[("Accept", accepted)]);
        assert_eq!(listener.status(), 200, "{accepted}");
    }
}

#[test]
fn head_asks_for_no_stream() {
    let app = App::start();
    let answer = app.anonymous().send("HEAD", EVENTS, None).expect(200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.bytes().is_empty());
}

#[test]
fn nothing_holds_events_back_to_compress_them() {
    let app = App::start();
    let accepts = [("Accept-Encoding", "br, gzip, zstd")];
    let mut listener = Listener::connect(app.address(), EVENTS, &accepts);
    published(&app.editor(), "One", json!({}));
    assert_eq!(listener.change().0, 1);
}

#[test]
fn a_quiet_stream_shows_that_it_lives() {
    let app = App::builder()
        .with(|settings| settings.event_heartbeat = Duration::from_secs(1))
        .start();
    let mut listener = Listener::connect(app.address(), EVENTS, &[]);
    assert_eq!(listener.hear(), Heard::Comment);
    assert_eq!(listener.hear(), Heard::Comment);
}

#[test]
fn what_one_node_publishes_is_heard_on_the_other_and_a_stream_can_move() {
    let app = App::start();
    let other = app.second_node().start();
    let editor = app.editor();
    let mut here = Listener::connect(app.address(), EVENTS, &[]);
    let mut there = Listener::connect(other.address(), EVENTS, &[]);
    for number in 0..3 {
        published(&editor, &format!("Number {number}"), json!({}));
    }
    let heard = [here.change(), here.change(), here.change()];
    assert_eq!(heard, [there.change(), there.change(), there.change()]);
    drop(there);
    published(&editor, "Missed", json!({}));
    let last = heard[2].0.to_string();
    let mut moved = Listener::connect(app.address(), EVENTS, &[("Last-Event-ID", &last)]);
    published(&editor, "Live", json!({}));
    assert_eq!([moved.change().0, moved.change().0], [4, 5]);
}

#[test]
fn nobody_misses_or_hears_twice_what_many_write_while_streams_come_and_go() {
    let app = App::builder()
        .with(|settings| settings.max_connections = 8)
        .start();
    let other = app.second_node().start();
    let editor = app.editor();
    let articles: Vec<_> = (0..24)
        .map(|number| create_article(&editor, &json!({ "locale": "en", "title": format!("T{number}") })))
        .collect();
    std::thread::scope(|scope| {
        for part in articles.chunks(8) {
            let editor = editor.clone();
            scope.spawn(move || {
                for article in part {
                    publish(&editor, article);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        }
        for reader in 0..4 {
            let addresses = [app.address(), other.address()];
            scope.spawn(move || {
                let (mut seen, mut turn) = (0, reader);
                while seen < 24 {
                    let last = seen.to_string();
                    let address = addresses[turn % 2];
                    turn += 1;
                    let headers = [("Last-Event-ID", last.as_str())];
                    let mut listener = Listener::connect(address, EVENTS, &headers);
                    for _ in 0..=(turn % 4) {
                        if seen < 24 {
                            let (seq, _) = listener.change();
                            assert_eq!(seq, seen + 1, "reader {reader}");
                            seen = seq;
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn only_so_many_may_listen_and_a_place_is_free_again() {
    let app = App::builder()
        .with(|settings| {
            settings.max_event_listeners = 2;
            settings.event_heartbeat = Duration::from_secs(1);
        })
        .start();
    let first = Listener::connect(app.address(), EVENTS, &[]);
    let _second = Listener::connect(app.address(), EVENTS, &[]);
    let refused = app.anonymous().get(EVENTS).expect_problem(503, "unavailable");
    assert!(refused.header("retry-after").is_some());
    drop(first);
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        if Listener::connect(app.address(), EVENTS, &[]).status() == 200 {
            return;
        }
    }
    panic!("the place of somebody who left is never free again");
}

#[test]
fn who_takes_nothing_is_dropped_and_can_go_on() {
    const COUNT: u128 = 400;
    let app = App::builder()
        .with(|settings| {
            settings.max_event_listeners = 1;
            settings.event_heartbeat = Duration::from_secs(1);
        })
        .start();
    let mut slow = Listener::connect(app.address(), EVENTS, &[]);
    // More than all buffers between here and there hold.
    append(&app, COUNT, 60_000);
    let mut free = None;
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(100));
        let next = Listener::connect(app.address(), EVENTS, &[]);
        if next.status() == 200 {
            free = Some(next);
            break;
        }
    }
    drop(free.expect("a stream that nobody reads keeps its place for ever"));
    let mut last = 0;
    let advice = loop {
        match slow.hear() {
            Heard::Event(Some(id), _, _) => {
                assert_eq!(id, last + 1);
                last = id;
            }
            Heard::Event(None, name, data) => {
                assert_eq!(name, "dropped");
                break data;
            }
            Heard::Comment => {}
            Heard::End => panic!("the end came after {last} without a word"),
        }
    };
    assert_eq!(advice["code"], "too_slow");
    assert!(advice["message"].as_str().unwrap().contains("Last-Event-ID"));
    assert_eq!(slow.hear(), Heard::End);
    for seq in last + 1..=i64::try_from(COUNT).unwrap() {
        let id = (seq - 1).to_string();
        if seq == last + 1 {
            slow = Listener::connect(app.address(), EVENTS, &[("Last-Event-ID", &id)]);
        }
        assert_eq!(slow.change().0, seq);
    }
}

#[test]
fn a_key_is_asked_of_listeners_too() {
    let app = App::builder()
        .with(|settings| settings.delivery_requires_key = true)
        .start();
    app.anonymous()
        .get(EVENTS)
        .expect_problem(401, "authentication_required");
    let key = app.key(&[masthead_domain::rights::Permission::ContentRead]);
    let bearer = format!("Bearer {}", key.token().unwrap());
    let listener = Listener::connect(app.address(), EVENTS, &[("Authorization", &bearer)]);
    assert_eq!(listener.status(), 200);
}

#[test]
fn a_stopping_service_does_not_wait_for_its_streams() {
    let app = App::builder()
        .with(|settings| settings.shutdown_timeout = Duration::from_secs(30))
        .start();
    let mut listener = Listener::connect(app.address(), EVENTS, &[]);
    let watch = masthead_api::system::stopwatch();
    drop(app);
    assert!(watch.elapsed() < Duration::from_secs(10), "{:?}", watch.elapsed());
    assert_eq!(listener.hear(), Heard::End);
}
