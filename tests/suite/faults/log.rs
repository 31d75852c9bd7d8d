//! What the log tells of a request, and what it keeps to itself.

use masthead_tests::Database;

use super::process::{Process, article, key};

#[test]
fn a_request_is_found_in_the_log_by_its_id_and_its_trace() {
    let database = Database::migrated();
    let mut process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    let reader = process.reader();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let caller = reader
        .clone()
        .with("traceparent", &parent)
        .with("X-Request-Id", "request-with-trace");
    caller.get("/delivery/v1/articles?tag=secret-word").expect(200);
    let line = process.logged("the request", |line| line["request_id"] == "request-with-trace");
    assert_eq!(
        (line["trace"].as_str(), line["path"].as_str()),
        (Some(trace), Some("/delivery/v1/articles"))
    );
    assert_eq!(
        (line["status"].as_u64(), line["method"].as_str()),
        (Some(200), Some("GET"))
    );
    // People put secrets into queries.
    assert!(!line.to_string().contains("secret-word"), "{line}");
    let caller = reader
        .with("traceparent", "00-nonsense-01")
        .with("X-Request-Id", "request-without-trace");
    caller.get("/delivery/v1/nothing").expect(404);
    let line = process.logged("the request", |line| {
        line["request_id"] == "request-without-trace"
    });
    assert_eq!(
        (line["trace"].as_str(), line["status"].as_u64()),
        (Some(""), Some(404))
    );
}

#[test]
fn no_credential_is_ever_logged() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &["--log-level", "trace"]);
    process.wait_until_ready();
    let editor = process.with_key(&key).with("X-Request-Id", "request-with-key");
    editor
        .post("/management/v1/articles", &article("Logged"))
        .expect(201);
    process.logged("the request", |line| line["request_id"] == "request-with-key");
    let secret = &key[key.len() - 20..];
    assert!(!process.whole_log().contains(secret));
}
