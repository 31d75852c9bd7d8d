//! A database that somebody else holds on to.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use masthead_tests::{Database, Engine};

use super::process::{Process, article, expect_unavailable, key};

/// The write lock of a SQLite file, held by this process.
pub(super) struct WriteLock {
    let_go: mpsc::Sender<()>,
    holder: JoinHandle<()>,
}

impl WriteLock {
    pub(super) fn hold(url: &str) -> Self {
        let storage = masthead_storage::Storage::open(&masthead_storage::StorageOptions::new(url)).unwrap();
        let (let_go, told) = mpsc::channel();
        let (taken, is_taken) = mpsc::channel();
        let holder = std::thread::spawn(move || {
            let told = std::sync::Mutex::new(told);
            let held = storage.write_blocking(|_| {
                taken.send(()).unwrap();
                let _ = told.lock().unwrap().recv();
                Ok(())
            });
            held.expect("the lock is held and let go");
        });
        is_taken
            .recv_timeout(Duration::from_secs(20))
            .expect("the lock can be had");
        Self { let_go, holder }
    }

    pub(super) fn release(self) {
        self.let_go.send(()).unwrap();
        self.holder.join().unwrap();
    }
}

/// A session of PostgreSQL that holds the tables of articles.
struct TableLock {
    let_go: mpsc::Sender<()>,
    holder: JoinHandle<()>,
}

impl TableLock {
    fn hold(url: &str) -> Self {
        let url = url.to_owned();
        let (let_go, told) = mpsc::channel();
        let (taken, is_taken) = mpsc::channel();
        let holder = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
                    .await
                    .unwrap();
                let driving = tokio::spawn(connection);
                client
                    .batch_execute("begin; lock table articles in exclusive mode")
                    .await
                    .unwrap();
                taken.send(()).unwrap();
                let _ = told.recv();
                client.batch_execute("commit").await.unwrap();
                drop(client);
                let _ = driving.await;
            });
        });
        is_taken
            .recv_timeout(Duration::from_secs(20))
            .expect("the lock can be had");
        Self { let_go, holder }
    }

    fn release(self) {
        self.let_go.send(()).unwrap();
        self.holder.join().unwrap();
    }
}

enum Lock {
    File(WriteLock),
    Tables(TableLock),
}

impl Lock {
    fn hold(database: &Database) -> Self {
        match Engine::of_environment() {
            Engine::Sqlite => Self::File(WriteLock::hold(database.url())),
            Engine::Postgres => Self::Tables(TableLock::hold(database.url())),
        }
    }

    fn release(self) {
        match self {
            Self::File(lock) => lock.release(),
            Self::Tables(lock) => lock.release(),
        }
    }
}

/// The database, and the address to serve it by: on PostgreSQL with the operator's own limit on waiting for locks.
fn database() -> (Database, String) {
    let database = Database::migrated();
    let url = match Engine::of_environment() {
        Engine::Sqlite => database.url().to_owned(),
        Engine::Postgres => format!("{}?options=-c%20lock_timeout%3D1500", database.url()),
    };
    (database, url)
}

#[test]
fn a_writer_that_another_process_keeps_waiting_is_told_to_come_back_and_readers_go_on() {
    let (database, url) = database();
    let key = key(database.url());
    let process = Process::serve(&url, &[]);
    process.wait_until_ready();
    let (reader, editor) = (process.reader(), process.with_key(&key));
    let made = editor
        .post("/management/v1/articles", &article("Before"))
        .expect(201);
    let path = format!(
        "/management/v1/articles/{}/publish",
        made.data()["id"].as_str().unwrap()
    );
    editor.clone().seen(&made.etag()).act(&path).expect(200);
    let lock = Lock::hold(&database);
    let bound = Duration::from_secs(5);
    for _ in 0..2 {
        expect_unavailable(
            || editor.post("/management/v1/articles", &article("Meanwhile")),
            bound,
        );
        let watch = masthead_api::system::stopwatch();
        assert_eq!(
            reader
                .get("/delivery/v1/articles/by-slug/before")
                .expect(200)
                .data()["title"],
            "Before"
        );
        assert_eq!(
            reader.get("/delivery/v1/articles?count=exact").expect(200).body()["meta"]["total"],
            1
        );
        reader.get("/health/ready").expect(200);
        assert!(
            watch.elapsed() < Duration::from_secs(3),
            "readers waited {:?}",
            watch.elapsed()
        );
    }
    lock.release();
    let after = editor
        .post("/management/v1/articles", &article("After"))
        .expect(201)
        .data();
    assert_eq!(after["slug"], "after");
    assert_eq!(super::process::rows(&editor, "articles").len(), 2);
}

#[test]
fn a_crowd_of_writers_that_wait_is_answered_in_bounded_time_too() {
    let (database, url) = database();
    let key = key(database.url());
    let mut process = Process::serve(&url, &[]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    let lock = Lock::hold(&database);
    std::thread::scope(|scope| {
        for number in 0..12 {
            let editor = editor.clone();
            scope.spawn(move || {
                let body = article(&format!("Waiting {number}"));
                expect_unavailable(
                    || editor.post("/management/v1/articles", &body),
                    Duration::from_secs(10),
                );
            });
        }
    });
    lock.release();
    assert_eq!(
        super::process::rows(&editor, "articles"),
        Vec::<serde_json::Value>::new()
    );
    editor
        .post("/management/v1/articles", &article("After"))
        .expect(201);
    assert!(process.is_running());
}

#[test]
fn a_writer_that_waits_for_a_moment_is_served() {
    let (database, url) = database();
    let key = key(database.url());
    let process = Process::serve(&url, &["--acquire-timeout-seconds", "10"]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    let lock = Lock::hold(&database);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| editor.post("/management/v1/articles", &article("Patient")));
        std::thread::sleep(Duration::from_millis(500));
        lock.release();
        assert_eq!(waiting.join().unwrap().expect(201).data()["slug"], "patient");
    });
}
