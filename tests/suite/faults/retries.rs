//! What a client that lost its answer gets when it asks again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use masthead_tests::{Caller, Database, Response};
use serde_json::Value;

use super::crash::assert_whole;
use super::process::{Process, article, key, rows};
use super::wire::{connect, first, rest};

fn request(key: &str, name: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nIdempotency-Key: {name}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends the same again, until nobody is about it any more.
fn retry(caller: &Caller, name: &str, body: &Value) -> Response {
    for _ in 0..400 {
        let answer = caller
            .clone()
            .with("Idempotency-Key", name)
            .post("/management/v1/articles", body);
        if answer.status() != 409 {
            return answer.expect(201);
        }
        assert_eq!(answer.body()["code"], "request_in_progress");
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{name} is never through");
}

/// How many articles have each title.
fn titles(caller: &Caller) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    for row in rows(caller, "articles") {
        *titles
            .entry(row["title"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    titles
}

#[test]
fn a_connection_that_is_cut_after_the_commit_loses_no_answer() {
    let database = Database::migrated();
    let key = key(database.url());
    let process = Process::serve(database.url(), &["--acquire-timeout-seconds", "20"]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    for number in 0..20_u64 {
        let (name, body) = (format!("cut-{number}"), article(&format!("Cut {number}")));
        let mut stream = connect(process.address());
        stream.write_all(&request(&key, &name, &body)).unwrap();
        // Nothing is read: what was answered meets a closed door, or one that closes while it is written.
        if number % 2 == 0 {
            stream.shutdown(Shutdown::Write).unwrap();
            std::thread::sleep(Duration::from_millis(number));
        }
        // Committed before the client is gone, in every third case; in the others at another moment each time.
        if number % 3 == 0 {
            while !titles(&editor).contains_key(&format!("Cut {number}")) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        drop(stream);
        let is_committed = number % 3 == 0;
        let answer = retry(&editor, &name, &body);
        if is_committed {
            assert_eq!(answer.header("idempotent-replayed"), Some("true"));
        }
        let id = answer.data()["id"].as_str().unwrap().to_owned();
        let again = retry(&editor, &name, &body);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.data()["id"], id.as_str());
    }
    // What was on its way when its client went is through by now.
    std::thread::sleep(Duration::from_millis(300));
    let titles = titles(&editor);
    assert_eq!(titles.len(), 20);
    assert!(titles.values().all(|count| *count == 1), "{titles:?}");
}

#[test]
fn after_a_kill_every_retry_finds_its_article_once() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut sent: Vec<(String, Value)> = Vec::new();
    let mut acknowledged: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for round in 0..2 {
        let mut process = Process::serve(database.url(), &[]);
        process.wait_until_ready();
        let done = AtomicUsize::new(0);
        let streams: Vec<_> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let (address, key, done) = (process.address(), key.clone(), &done);
                    scope.spawn(move || stream_of_posts(address, &key, &format!("R{round} W{writer}"), done))
                })
                .collect();
            while done.load(Ordering::SeqCst) < 20 {
                std::thread::sleep(Duration::from_millis(2));
            }
            process.signal("KILL");
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        assert!(!process.ended_within(Duration::from_secs(5)).success());
        for (name, body, answer) in streams.into_iter().flatten() {
            if let Some(answer) = answer {
                acknowledged.insert(name.clone(), answer);
            }
            sent.push((name, body));
        }
    }
    assert!(sent.len() > acknowledged.len() && acknowledged.len() >= 40);
    let process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    let mut ids = Vec::new();
    for (name, body) in &sent {
        let answer = retry(&editor, name, body);
        if let Some(first) = acknowledged.get(name) {
            assert_eq!(answer.header("idempotent-replayed"), Some("true"), "{name}");
            assert_eq!(answer.bytes(), first, "{name}");
        }
        ids.push(answer.data()["id"].as_str().unwrap().to_owned());
    }
    let titles = titles(&editor);
    assert_eq!(titles.len(), sent.len());
    assert!(titles.values().all(|count| *count == 1), "{titles:?}");
    assert_whole(&editor, database.url(), &ids);
}

/// Creates articles under keys until the connection breaks; answers each that was sent, with what came back.
fn stream_of_posts(
    address: SocketAddr,
    key: &str,
    name: &str,
    done: &AtomicUsize,
) -> Vec<(String, Value, Option<Vec<u8>>)> {
    let mut sent = Vec::new();
    for number in 0..1_000 {
        let title = format!("{name} number {number}");
        let body = article(&title);
        let Ok(mut stream) = TcpStream::connect(address) else {
            break;
        };
        if stream.write_all(&request(key, &title, &body)).is_err() {
            break;
        }
        let answer = first(&rest(&mut stream), false);
        let is_over = answer.is_none();
        let good = answer
            .filter(|answer| answer.status == 201)
            .map(|answer| answer.body);
        done.fetch_add(usize::from(good.is_some()), Ordering::SeqCst);
        sent.push((title, body, good));
        if is_over {
            break;
        }
    }
    sent
}
