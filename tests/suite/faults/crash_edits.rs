//! Killed in the middle of a stream of edits and publications, many times.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use masthead_tests::{Caller, Database, Masthead, create_article};
use serde_json::{Value, json};

use super::process::{Process, key};
use super::wire::{Wired, first, rest};

/// How often the process is killed.
const KILLS: usize = 6;
/// Writers, each with an article of its own.
const WRITERS: usize = 3;
/// Acknowledged writes before a kill.
const WRITES: usize = 30;

/// One who writes the same number into every part of an article, in a single request, again and again.
struct Writer {
    address: SocketAddr,
    key: String,
    path: String,
    /// The last number that was acknowledged, and the last that readers were promised.
    written: u64,
    published: u64,
}

impl Writer {
    /// Sends a request; nothing where the connection broke before the whole answer was there.
    fn send(&self, method: &str, path: &str, seen: Option<&str>, body: Option<&Value>) -> Option<Wired> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n",
            self.key
        );
        if let Some(seen) = seen {
            write!(head, "If-Match: {seen}\r\n").ok()?;
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            head += "Content-Type: application/json\r\n";
        }
        write!(head, "Content-Length: {}\r\n\r\n{body}", body.len()).ok()?;
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(15))).ok()?;
        stream.write_all(head.as_bytes()).ok()?;
        let answer = first(&rest(&mut stream), false)?;
        // What is cut within the body was not told.
        serde_json::from_slice::<Value>(&answer.body).ok()?;
        Some(answer)
    }

    /// Writes and publishes until the process is gone.
    fn write_on(&mut self, done: &AtomicUsize) -> Option<()> {
        loop {
            let seen = self.send("GET", &self.path, None, None)?;
            let article: Value = serde_json::from_slice(&seen.body).unwrap();
            let number = numbers(&article["data"])[0] + 1;
            let body = numbered(&article["data"], number);
            let answer = self.send("PUT", &self.path, seen.header("etag"), Some(&body))?;
            // A busy database may turn one away; that is no promise.
            if answer.status == 200 {
                self.written = number;
                done.fetch_add(1, Ordering::SeqCst);
            }
            if number.is_multiple_of(2) && answer.status == 200 {
                let publish = format!("{}/publish", self.path);
                let answer = self.send("POST", &publish, answer.header("etag"), None)?;
                if answer.status == 200 {
                    self.published = number;
                    done.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }
}

/// The article with this number in every part.
fn numbered(article: &Value, number: u64) -> Value {
    let sections: Vec<_> = article["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| json!({ "id": section["id"], "kind": "text", "heading": number.to_string(), "body": number.to_string() }))
        .collect();
    json!({
        "locale": "en",
        "slug": article["slug"],
        "title": number.to_string(),
        "dek": number.to_string(),
        "sections": sections,
    })
}

/// The number in each part.
fn numbers(article: &Value) -> Vec<u64> {
    let mut parts = vec![&article["title"], &article["dek"]];
    for section in article["sections"].as_array().unwrap() {
        parts.push(&section["heading"]);
        parts.push(section["body"].get("markdown").unwrap_or(&section["body"]));
    }
    let parts = parts.iter().map(|part| part.as_str().unwrap_or_default().trim());
    parts
        .map(|part| part.parse().unwrap_or_else(|_| panic!("{part:?} in {article}")))
        .collect()
}

/// The one number of all parts.
fn number(article: &Value) -> u64 {
    let numbers = numbers(article);
    assert!(numbers.iter().all(|one| *one == numbers[0]), "half: {article}");
    numbers[0]
}

/// What each writer was promised is there, whole, in the working copy, in its history and for readers.
fn look(editor: &Caller, reader: &Caller, writers: &[Writer]) {
    for writer in writers {
        let article = editor.get(&writer.path).expect(200).data();
        let now = number(&article);
        assert!(
            now == writer.written || now == writer.written + 1,
            "{now}, but {} was acknowledged",
            writer.written
        );
        let revision = article["revision"].as_u64().unwrap();
        assert_eq!(revision, now + 1);
        let kept = editor
            .get(&format!("{}/revisions/{revision}", writer.path))
            .expect(200)
            .data();
        assert_eq!(kept["title"], article["title"]);
        assert_eq!(kept["sections"].as_array().unwrap().len(), 4);
        let id = article["id"].as_str().unwrap();
        let live = reader.get(&format!("/delivery/v1/articles/{id}?format=markdown"));
        if live.status() == 200 {
            let live = number(&live.data());
            assert!(
                live.is_multiple_of(2) && live >= writer.published && live <= now,
                "{live} of {now}"
            );
            assert!(live <= writer.published + 2);
            assert_eq!(article["published_revision"], live + 1);
        } else {
            assert_eq!((writer.published, &article["status"]), (0, &json!("draft")));
        }
    }
}

#[test]
fn edits_and_publications_outlast_every_kill_whole() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let mut writers: Vec<_> = (0..WRITERS)
        .map(|at| {
            let sections: Vec<_> = (0..4)
                .map(|_| json!({ "kind": "text", "heading": "0", "body": "0" }))
                .collect();
            let body = json!({ "locale": "en", "slug": format!("w{at}"), "title": "0", "dek": "0", "sections": sections });
            let article = create_article(&process.with_key(&key), &body);
            Writer {
                address: process.address(),
                key: key.clone(),
                path: format!("/management/v1/articles/{}", article["id"].as_str().unwrap()),
                written: 0,
                published: 0,
            }
        })
        .collect();
    for _ in 0..KILLS {
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for writer in &mut writers {
                writer.address = process.address();
                let done = &done;
                scope.spawn(move || writer.write_on(done));
            }
            while done.load(Ordering::SeqCst) < WRITES {
                std::thread::sleep(Duration::from_millis(1));
            }
            // In the middle of whatever they do.
            process.signal("KILL");
        });
        assert!(!process.ended_within(Duration::from_secs(5)).success());
        process = Process::serve(database.url(), &[]);
        process.wait_until_ready();
        look(&process.with_key(&key), &process.reader(), &writers);
        // What was on its way and not acknowledged counts as written from here.
        for writer in &mut writers {
            let article = process.with_key(&key).get(&writer.path).expect(200).data();
            writer.written = number(&article);
            let shown = article["published_revision"].as_u64().unwrap_or(1);
            writer.published = shown - 1;
        }
    }
    assert!(writers.iter().all(|writer| writer.published > 0));
    // Whoever was killed told the audit log of what they had done, and of nothing else.
    let verified = Masthead::run(&["audit", "verify", "--database-url", database.url()], "");
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success(), "{said}");
    let exported = Masthead::run(&["audit", "export", "--database-url", database.url()], "");
    let exported = String::from_utf8(exported.stdout).expect("text");
    for writer in &writers {
        let id = writer.path.rsplit('/').next().unwrap();
        let mut last = 0;
        for line in exported.lines().filter(|line| line.contains(id)) {
            let entry: Value = serde_json::from_str(line).unwrap();
            let (before, after) = (
                &entry["revision_before"],
                entry["revision_after"].as_u64().unwrap(),
            );
            assert_eq!(before.as_u64().unwrap_or(0), last, "{line}");
            last = after;
        }
        assert_eq!(last, writer.written + 1, "every revision is told, and no other");
    }
}
