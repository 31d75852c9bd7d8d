//! A database that goes away while the service runs, and comes back.

use std::time::Duration;

use masthead_tests::{Caller, Database, Engine, Response};
use serde_json::json;

use super::cluster::Cluster;
use super::locked::WriteLock;
use super::process::{Process, article, expect_unavailable, key};

const BOUND: Duration = Duration::from_secs(8);

/// The first answer that is no 503, within some seconds.
fn eventually(ask: impl Fn() -> Response) -> Response {
    for _ in 0..100 {
        let answer = ask();
        if answer.status() != 503 {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("still 503 after ten seconds");
}

fn publish(editor: &Caller, title: &str) -> Response {
    let made = editor
        .post("/management/v1/articles", &article(title))
        .expect(201);
    let path = format!(
        "/management/v1/articles/{}/publish",
        made.data()["id"].as_str().unwrap()
    );
    editor.clone().seen(&made.etag()).act(&path).expect(200)
}

#[test]
fn a_database_that_goes_away_is_answered_with_503_until_it_is_back() {
    match Engine::of_environment() {
        Engine::Postgres => {
            let cluster = Cluster::started();
            for mode in ["fast", "immediate"] {
                goes_and_comes(&cluster, mode);
            }
        }
        Engine::Sqlite => a_file_that_is_taken(),
    }
}

fn goes_and_comes(cluster: &Cluster, mode: &str) {
    let url = cluster.url();
    let key = key(&url);
    let mut process = Process::serve(&url, &[]);
    process.wait_until_ready();
    let (reader, editor) = (process.reader(), process.with_key(&key));
    publish(&editor, &format!("Before {mode}"));
    let path = format!("/delivery/v1/articles/by-slug/before-{mode}");
    let before = reader.get(&path).expect(200);
    cluster.stop(mode);
    // For so long at most a node trusts what it keeps without having read the log.
    std::thread::sleep(Duration::from_millis(200));
    for _ in 0..3 {
        expect_unavailable(|| reader.get(&path), BOUND);
        expect_unavailable(
            || editor.post("/management/v1/articles", &article("Meanwhile")),
            BOUND,
        );
        expect_unavailable(|| reader.get("/health/ready"), BOUND);
        reader.get("/health/live").expect(200);
    }
    cluster.start();
    let after = eventually(|| reader.get(&path)).expect(200);
    assert_eq!(after.bytes(), before.bytes());
    process.wait_until_ready();
    // Every connection of the pool was cut; none of them is met again.
    for number in 0..12 {
        publish(&editor, &format!("After {mode} {number}"));
    }
    let titles = reader
        .get("/delivery/v1/articles?count=exact&limit=100")
        .expect(200);
    assert!(
        !titles.text().contains("Meanwhile"),
        "what was refused was written"
    );
    assert!(process.is_running());
}

/// Writers wait in vain for a file that another process holds, and go on when it lets go.
fn a_file_that_is_taken() {
    let database = Database::empty();
    let key = key(database.url());
    let process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    publish(&editor, "Before");
    for _ in 0..2 {
        let lock = WriteLock::hold(database.url());
        expect_unavailable(
            || editor.post("/management/v1/articles", &article("Meanwhile")),
            BOUND,
        );
        lock.release();
        let made = eventually(|| editor.post("/management/v1/articles", &article("After"))).expect(201);
        assert_eq!(made.data()["sections"].as_array().unwrap().len(), 5);
    }
    assert_eq!(
        editor
            .get("/management/v1/articles?count=exact")
            .expect(200)
            .body()["meta"],
        json!({ "limit": 20, "total": 3 })
    );
}

#[test]
fn requests_that_run_while_the_database_stops_are_done_whole_or_not_at_all() {
    let (url, cluster, database) = match Engine::of_environment() {
        Engine::Postgres => {
            let cluster = Cluster::started();
            (cluster.url(), Some(cluster), None)
        }
        Engine::Sqlite => {
            let database = Database::empty();
            (database.url().to_owned(), None, Some(database))
        }
    };
    let key = key(&url);
    let process = Process::serve(&url, &[]);
    process.wait_until_ready();
    let editor = process.with_key(&key);
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut acknowledged = Vec::new();
            for number in 0..60 {
                let answer = editor.post("/management/v1/articles", &article(&format!("Article {number}")));
                match answer.status() {
                    201 => acknowledged.push(answer.data()["id"].as_str().unwrap().to_owned()),
                    status => assert_eq!(status, 503, "{}", answer.text()),
                }
            }
            acknowledged
        });
        std::thread::sleep(Duration::from_millis(200));
        match (&cluster, &database) {
            (Some(cluster), _) => {
                cluster.stop("immediate");
                cluster.start();
            }
            (None, Some(database)) => WriteLock::hold(database.url()).release(),
            (None, None) => unreachable!(),
        }
        writing.join().unwrap()
    });
    eventually(|| editor.get("/management/v1/articles")).expect(200);
    super::crash::assert_whole(&editor, &url, &acknowledged);
}

/// A volume that is unmounted, and mounted again.
#[test]
fn a_file_that_goes_away_is_never_replaced_by_an_empty_one() {
    if Engine::of_environment() == Engine::Postgres {
        // A server has no file to lose; its address without a server behind it is no new database either.
        let url = format!(
            "postgres://masthead@127.0.0.1:{}/masthead",
            masthead_tests::free_port()
        );
        let storage = masthead_storage::Storage::open(&masthead_storage::StorageOptions::new(&url)).unwrap();
        assert!(is_unavailable(&storage.migrate()));
        assert!(is_unavailable(&storage.read_blocking(|_| Ok(()))));
        return;
    }
    let volume = tempfile::tempdir().unwrap();
    // Characters that mean something in an address of SQLite mean nothing in a path.
    let (mounted, unmounted) = (volume.path().join("100%25 data"), volume.path().join("elsewhere"));
    let file = mounted.join("masthead.db");
    let options = masthead_storage::StorageOptions::new(format!("sqlite://{}", file.display()));
    let options = masthead_storage::StorageOptions {
        acquire_timeout: Duration::from_secs(1),
        ..options
    };
    let storage = masthead_storage::Storage::open(&options).unwrap();
    storage.migrate().unwrap();
    assert!(file.exists());
    // While one connection is lent, the next request opens another.
    let second = storage.read_blocking(|_| {
        std::fs::rename(&mounted, &unmounted).unwrap();
        std::fs::create_dir(&mounted).unwrap();
        Ok(storage.read_blocking(|_| Ok(())))
    });
    assert!(is_unavailable(&second.unwrap()));
    assert!(
        !file.exists(),
        "a new database was made where the old one had been"
    );
    std::fs::remove_dir(&mounted).unwrap();
    std::fs::rename(&unmounted, &mounted).unwrap();
    let both = storage.read_blocking(|_| storage.read_blocking(|_| Ok("both")));
    assert_eq!(both.unwrap(), "both");
}

fn is_unavailable<T>(outcome: &masthead_domain::Result<T>) -> bool {
    use masthead_domain::error::{Error, StorageError};
    matches!(outcome, Err(Error::Storage(StorageError::Unavailable(_))))
}
