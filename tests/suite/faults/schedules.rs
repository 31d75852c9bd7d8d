//! Schedules on processes of their own: several at once, none for a while, and a store that goes away.

use std::time::Duration;

use masthead_api::system::SystemClock;
use masthead_domain::clock::{Clock as _, Instant};
use masthead_tests::{Caller, Database, Engine};
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::process::{Process, article, key};

/// A moment that lies so many milliseconds ahead.
fn ahead(milliseconds: i64) -> Instant {
    Instant::from_timestamp_millis(SystemClock.now().timestamp_millis() + milliseconds).unwrap()
}

fn written(at: Instant) -> Value {
    serde_json::to_value(at).unwrap()
}

/// Milliseconds since a moment.
fn since(at: Instant) -> i64 {
    SystemClock.now().timestamp_millis() - at.timestamp_millis()
}

/// A new article with moments.
fn scheduled(editor: &Caller, title: &str, publish_at: Instant, unpublish_at: Option<Instant>) -> Value {
    let made = editor
        .post("/management/v1/articles", &article(title))
        .expect(201);
    let path = format!("{}/schedule", address(&made.data()));
    let moments = json!({ "publish_at": written(publish_at), "unpublish_at": unpublish_at.map(written) });
    let caller = editor.clone().seen(&made.etag());
    caller.post(&path, &moments).expect(200).data()
}

fn address(thing: &Value) -> String {
    format!("/management/v1/articles/{}", thing["id"].as_str().unwrap())
}

fn state(editor: &Caller, thing: &Value) -> Value {
    editor.get(&address(thing)).expect(200).data()
}

/// Waits until an article has a status.
fn wait_for(editor: &Caller, thing: &Value, status: &str) -> Value {
    for _ in 0..800 {
        let now = editor.get(&address(thing));
        if now.status() == 200 && now.data()["status"] == status {
            return now.data();
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("it does not get {status}: {}", state(editor, thing));
}

/// What the log of changes says of an article.
fn changes(reader: &Caller, thing: &Value) -> Vec<String> {
    let all = reader
        .get("/delivery/v1/changes?since=0&limit=500")
        .expect(200)
        .data();
    let own = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["id"] == thing["id"]);
    own.map(|entry| entry["op"].as_str().unwrap().to_owned())
        .collect()
}

/// How often a line of the log says this of an article.
fn said(process: &Process, thing: &Value, message: &str) -> usize {
    let id = thing["id"].as_str().unwrap();
    let log = process.whole_log();
    log.lines()
        .filter(|line| line.contains(id) && line.contains(message))
        .count()
}

#[test]
fn of_two_processes_on_one_database_one_keeps_each_moment() {
    let database = Database::migrated();
    let key = key(database.url());
    let processes = [(); 2].map(|()| Process::serve(database.url(), &[]));
    for process in &processes {
        process.wait_until_ready();
    }
    let (editor, reader) = (processes[0].with_key(&key), processes[1].reader());
    let at = ahead(8_000);
    let all: Vec<_> = (0..8)
        .map(|number| scheduled(&editor, &format!("Both {number}"), at, None))
        .collect();
    for thing in &all {
        let now = wait_for(&editor, thing, "published");
        assert_eq!(now["published_at"], written(at));
        assert_eq!(now["revision"], thing["revision"]);
    }
    assert!(since(at) < 5_000, "{} ms late", since(at));
    // Whoever came second has looked again by then.
    std::thread::sleep(Duration::from_millis(1_500));
    for thing in &all {
        assert_eq!(changes(&reader, thing), ["upsert"]);
        let told: usize = processes
            .iter()
            .map(|process| said(process, thing, "published as scheduled"))
            .sum();
        assert_eq!(told, 1, "said by {told}");
    }
}

#[test]
fn what_fell_due_while_nothing_ran_is_done_at_the_start() {
    let database = Database::migrated();
    let key = key(database.url());
    let first = Process::serve(database.url(), &[]);
    first.wait_until_ready();
    let editor = first.with_key(&key);
    let (at, end) = (ahead(5_000), ahead(5_500));
    let stays = scheduled(&editor, "Stays", at, None);
    let goes = scheduled(&editor, "Goes", at, Some(end));
    // Killed, not asked to stop.
    first.signal("KILL");
    drop(first);
    while SystemClock.now() <= end {
        std::thread::sleep(Duration::from_millis(50));
    }
    let second = Process::serve(database.url(), &[]);
    second.wait_until_ready();
    let started = SystemClock.now();
    let (editor, reader) = (second.with_key(&key), second.reader());
    assert_eq!(
        wait_for(&editor, &stays, "published")["published_at"],
        written(at)
    );
    wait_for(&editor, &goes, "draft");
    assert!(since(started) < 5_000, "{} ms after the start", since(started));
    assert_eq!(changes(&reader, &stays), ["upsert"]);
    assert_eq!(changes(&reader, &goes), ["upsert", "delete"]);
}

#[test]
fn a_store_that_is_away_at_the_moment_fails_no_schedule() {
    if Engine::of_environment() == Engine::Sqlite {
        // A file that another process holds for longer than anybody waits.
        let database = Database::migrated();
        let key = key(database.url());
        let process = Process::serve(database.url(), &["--acquire-timeout-seconds", "1"]);
        process.wait_until_ready();
        let editor = process.with_key(&key);
        let thing = scheduled(&editor, "Held", ahead(3_000), None);
        let lock = super::locked::WriteLock::hold(database.url());
        std::thread::sleep(Duration::from_secs(6));
        lock.release();
        wait_for(&editor, &thing, "published");
        assert_eq!(changes(&process.reader(), &thing), ["upsert"]);
        return;
    }
    let cluster = Cluster::started();
    let key = key(&cluster.url());
    let process = Process::serve(&cluster.url(), &[]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    let thing = scheduled(&editor, "Away", ahead(3_000), None);
    cluster.stop("immediate");
    std::thread::sleep(Duration::from_secs(6));
    cluster.start();
    let now = wait_for(&editor, &thing, "published");
    assert_eq!(now["schedule_state"], Value::Null);
    assert_eq!(changes(&process.reader(), &thing), ["upsert"]);
    let log = process.whole_log();
    let told = log.matches("cannot look for what is scheduled").count();
    assert_eq!(told, 1, "said once and not every second: {log}");
}
