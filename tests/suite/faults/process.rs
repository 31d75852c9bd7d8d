//! The real binary serving, with its log at hand.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use masthead_tests::{Caller, Masthead};
use serde_json::{Value, json};

/// A running `masthead serve`; it ends with this value.
pub(super) struct Process {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
}

impl Process {
    /// Serves this database on a port of its own; waits until it listens, ready or not.
    pub(super) fn serve(database_url: &str, more: &[&str]) -> Self {
        let mut arguments = vec![
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--workers",
            "2",
            "--log-format",
            "json",
        ];
        arguments.extend(["--database-url", database_url]);
        if !more.contains(&"--acquire-timeout-seconds") {
            arguments.extend(["--acquire-timeout-seconds", "2"]);
        }
        arguments.extend(more);
        let mut child = Masthead::command(&arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, kept) = (
            BufReader::new(child.stderr.take().expect("a log")).lines(),
            log.clone(),
        );
        // Read to the end, or the process would wait for room.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        let mut this = Self {
            child,
            log,
            address: ([127, 0, 0, 1], 0).into(),
        };
        let listening = this.logged("it listens", |line| line["message"] == "listening");
        this.address = listening["address"].as_str().unwrap().parse().unwrap();
        this
    }

    /// The first line of the log that fits, waited for.
    pub(super) fn logged(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let found = self
                .log
                .lock()
                .unwrap()
                .iter()
                .filter_map(|line| serde_json::from_str(line).ok())
                .find(&fits);
            if let Some(line) = found {
                return line;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "the process ended ({ended:?}) before {what}: {:#?}",
                self.log.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!(
            "the log does not say that {what}: {:#?}",
            self.log.lock().unwrap()
        );
    }

    /// Everything it has said so far.
    pub(super) fn whole_log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn reader(&self) -> Caller {
        Caller::new(self.address, None)
    }

    pub(super) fn with_key(&self, key: &str) -> Caller {
        Caller::new(self.address, Some(key.to_owned()))
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it is ready; fails after some seconds.
    pub(super) fn wait_until_ready(&self) {
        for _ in 0..800 {
            if self.reader().get("/health/ready").status() == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the service does not get ready: {:#?}", self.log.lock().unwrap());
    }

    /// Sends a signal: `TERM`, `KILL`.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end.
    pub(super) fn ended_within(&mut self, limit: Duration) -> ExitStatus {
        let steps = limit.as_millis() / 20;
        for _ in 0..steps {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!(
            "the process has not ended after {limit:?}: {:#?}",
            self.log.lock().unwrap()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key that may read, write and publish; the database is migrated on the way.
pub(super) fn key(database_url: &str) -> String {
    let scopes = "content:read,articles:write,articles:publish";
    let arguments = [
        "key",
        "create",
        "--name",
        "Test",
        "--scopes",
        scopes,
        "--database-url",
        database_url,
    ];
    let output = Masthead::run(&arguments, "");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An article of several parts, each of which can be missed.
pub(super) fn article(title: &str) -> Value {
    let sections: Vec<_> = (0..5)
        .map(|number| json!({ "kind": "text", "heading": format!("Heading {number}"), "body": format!("{title}, part {number}.") }))
        .collect();
    let faqs: Vec<_> = (0..2)
        .map(|number| json!({ "question": format!("{title}, question {number}?"), "answer": "Yes." }))
        .collect();
    json!({ "locale": "en", "title": title, "sections": sections, "faqs": faqs })
}

/// All rows of a list of management.
pub(super) fn rows(caller: &Caller, list: &str) -> Vec<Value> {
    let (mut rows, mut path) = (Vec::new(), Some(format!("/management/v1/{list}?limit=100")));
    while let Some(at) = path {
        let body = caller.get(&at).expect(200).body();
        rows.extend(body["data"].as_array().unwrap().iter().cloned());
        path = body["links"]["next"].as_str().map(str::to_owned);
    }
    rows
}

/// Insists on 503 with `Retry-After`, and that the answer comes in time.
#[track_caller]
pub(super) fn expect_unavailable(ask: impl FnOnce() -> masthead_tests::Response, limit: Duration) {
    let watch = masthead_api::system::stopwatch();
    let answer = ask().expect_problem(503, "unavailable");
    let took = watch.elapsed();
    assert!(took < limit, "answered after {took:?}");
    let seconds: u32 = answer
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(answer.body()["type"], "/docs/problems/unavailable");
    let detail = answer.body()["detail"].as_str().unwrap().to_owned();
    for secret in ["127.0.0.1", "postgres", "sqlite", "refused", "locked"] {
        assert!(!detail.to_lowercase().contains(secret), "{detail}");
    }
}
