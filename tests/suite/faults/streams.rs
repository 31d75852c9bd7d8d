//! Streams of events across the end of the process that sends them.

use std::time::Duration;

use masthead_tests::{Database, Heard, Listener, create_article, publish};
use serde_json::json;

use super::process::{Process, key};

const EVENTS: &str = "/delivery/v1/events";

#[test]
fn a_stream_goes_on_after_the_service_was_killed() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let mut last = 0;
    let mut seen = Vec::new();
    for round in 0..3 {
        let id = last.to_string();
        let mut listener = Listener::connect(process.address(), EVENTS, &[("Last-Event-ID", &id)]);
        let writer = process.with_key(&key);
        for number in 0..4 {
            let body = json!({ "locale": "en", "title": format!("Round {round} number {number}") });
            publish(&writer, &create_article(&writer, &body));
            // The last two of a round are not heard before the end.
            if number < 2 {
                let (seq, entry) = listener.change();
                last = seq;
                seen.push((seq, entry["slug"].as_str().unwrap().to_owned()));
            }
        }
        process.signal("KILL");
        process.ended_within(Duration::from_secs(10));
        process = Process::serve(database.url(), &[]);
        process.wait_until_ready();
        let id = last.to_string();
        let mut missed = Listener::connect(process.address(), EVENTS, &[("Last-Event-ID", &id)]);
        for _ in 2..4 {
            let (seq, entry) = missed.change();
            last = seq;
            seen.push((seq, entry["slug"].as_str().unwrap().to_owned()));
        }
    }
    let expected: Vec<_> = (0..12)
        .map(|at| (at + 1, format!("round-{}-number-{}", at / 4, at % 4)))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_service_that_is_told_to_stop_ends_its_streams_at_once() {
    let database = Database::migrated();
    for signal in ["TERM", "INT"] {
        let mut process = Process::serve(database.url(), &["--shutdown-timeout-seconds", "60"]);
        process.wait_until_ready();
        let mut listener = Listener::connect(process.address(), EVENTS, &[]);
        process.signal(signal);
        let status = process.ended_within(Duration::from_secs(12));
        assert_eq!(status.code(), Some(0), "{signal}");
        assert_eq!(listener.hear(), Heard::End);
    }
}
