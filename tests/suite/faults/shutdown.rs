//! Stopping: what runs is finished, what was promised is kept.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use masthead_tests::Database;
use serde_json::json;

use super::process::{Process, article, key};
use super::wire::{connect, first, rest};

/// Sends a request's headers and half of its body; answers the connection and the other half.
fn half_a_request(process: &Process, key: &str, title: &str) -> (TcpStream, Vec<u8>) {
    let body = article(title).to_string().into_bytes();
    let head = format!(
        "POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = connect(process.address());
    stream.write_all(head.as_bytes()).unwrap();
    let (now, later) = body.split_at(body.len() / 2);
    stream.write_all(now).unwrap();
    stream.flush().unwrap();
    // Long enough for the service to have read what there is.
    std::thread::sleep(Duration::from_millis(300));
    (stream, later.to_vec())
}

#[test]
fn a_request_that_runs_when_the_service_is_stopped_is_finished() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let (mut stream, later) = half_a_request(&process, &key, "Slow");
    process.signal("TERM");
    std::thread::sleep(Duration::from_millis(500));
    assert!(process.is_running(), "it went with a request in its hands");
    assert!(
        TcpStream::connect(process.address()).is_err(),
        "it still takes new connections"
    );
    stream.write_all(&later).unwrap();
    let answer = first(&rest(&mut stream), false).expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = process.ended_within(Duration::from_secs(10));
    assert_eq!(status.code(), Some(0));
    let process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let rows = super::process::rows(&process.with_key(&key), "articles");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["title"], "Slow");
}

#[test]
fn an_idle_service_stops_at_once_with_connections_open() {
    let database = Database::migrated();
    for signal in ["TERM", "INT"] {
        let mut process = Process::serve(database.url(), &[]);
        process.wait_until_ready();
        // One that has never said anything, and one that is kept after an answer.
        let _silent = connect(process.address());
        let mut kept = connect(process.address());
        kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let mut some = [0; 64];
        assert!(kept.read(&mut some).unwrap() > 0);
        let watch = masthead_api::system::stopwatch();
        process.signal(signal);
        let status = process.ended_within(Duration::from_secs(12));
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(
            watch.elapsed() < Duration::from_secs(6),
            "{signal}: it took {:?}",
            watch.elapsed()
        );
        process_said_goodbye(&mut process);
    }
}

fn process_said_goodbye(process: &mut Process) {
    process.logged("it stopped", |line| line["message"] == json!("stopped"));
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_service_for_ever() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &["--shutdown-timeout-seconds", "1"]);
    process.wait_until_ready();
    let (_stream, _later) = half_a_request(&process, &key, "Never");
    process.signal("TERM");
    let status = process.ended_within(Duration::from_secs(10));
    assert_eq!(status.code(), Some(0));
}
