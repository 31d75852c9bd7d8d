//! A database that is away when the service starts.

use std::time::Duration;

use masthead_tests::{Database, Engine, free_port};
use serde_json::json;

use super::cluster::Cluster;
use super::locked::WriteLock;
use super::process::{Process, article, expect_unavailable, key};

/// Longer than waiting for a connection is let to take, with room for a busy machine.
const BOUND: Duration = Duration::from_secs(8);

fn assert_lives_without_its_database(process: &mut Process) {
    let reader = process.reader();
    assert_eq!(
        reader.get("/health/live").expect(200).body(),
        json!({ "status": "live" })
    );
    for path in [
        "/health/ready",
        "/delivery/v1/articles",
        "/delivery/v1/articles?after=AAAA",
        "/delivery/v1/articles/by-slug/tides",
        "/delivery/v1/tags/sea",
    ] {
        expect_unavailable(|| reader.get(path), BOUND);
    }
    let credentials = json!({ "email": "a@example.org", "password": "correct horse battery staple" });
    expect_unavailable(|| reader.post("/management/v1/auth/login", &credentials), BOUND);
    // What needs no database is answered as ever.
    reader.get("/openapi/delivery.json").expect(200);
    reader
        .get("/delivery/v1/articles?limit=0")
        .expect_problem(400, "invalid_parameter");
    reader
        .get("/management/v1/articles")
        .expect_problem(401, "authentication_required");
    reader
        .get("/delivery/v1/nothing")
        .expect_problem(404, "not_found");
    assert!(process.is_running());
}

#[test]
fn the_service_starts_without_its_database_and_says_that_it_is_not_ready() {
    let url = format!(
        "postgres://masthead:secret-word@127.0.0.1:{}/masthead",
        free_port()
    );
    let mut process = Process::serve(&url, &[]);
    assert_lives_without_its_database(&mut process);
    let warned = process.logged("the database is away", |line| {
        line["level"] == "WARN"
            && line["message"]
                .as_str()
                .is_some_and(|text| text.contains("not ready"))
    });
    assert!(!warned.to_string().contains("secret-word"), "{warned}");
    process.signal("TERM");
    assert_eq!(process.ended_within(Duration::from_secs(10)).code(), Some(0));
}

#[test]
fn the_service_recovers_by_itself_when_its_database_comes_up() {
    let (url, come_up): (String, Box<dyn FnOnce() -> Box<dyn std::any::Any>>) = match Engine::of_environment()
    {
        Engine::Postgres => {
            let cluster = Cluster::stopped();
            (
                cluster.url(),
                Box::new(move || {
                    cluster.start();
                    Box::new(cluster)
                }),
            )
        }
        // A file is never away; held by another process it cannot be brought up to date.
        Engine::Sqlite => {
            let database = Database::empty();
            let url = database.url().to_owned();
            let lock = WriteLock::hold(&url);
            (
                url,
                Box::new(move || {
                    lock.release();
                    Box::new(database)
                }),
            )
        }
    };
    let mut process = Process::serve(&url, &[]);
    assert_lives_without_its_database(&mut process);
    let _database = come_up();
    process.wait_until_ready();
    process.reader().get("/delivery/v1/articles").expect(200);
    let editor = process.with_key(&key(&url));
    editor
        .post("/management/v1/articles", &article("After the wait"))
        .expect(201);
    assert!(process.is_running());
}
