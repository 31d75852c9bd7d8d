//! The reference page in a real browser: it shows the operations, and asks no other machine.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Output, Stdio};

use masthead_openapi::problem::ProblemCode;
use masthead_tests::{App, chromium};
use serde_json::Value;
use tempfile::TempDir;

/// A page as the browser shows it, with every address it asked for.
struct Seen {
    dom: String,
    asked: BTreeSet<String>,
    complaints: String,
}

/// Opens a page in a browser that can reach this machine and no other.
fn open(url: &str) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("net.json");
    let output = browse(&folder, url);
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the browser fails: {complaints}");
    Seen {
        dom: String::from_utf8_lossy(&output.stdout).into_owned(),
        asked: asked(&fs::read_to_string(&log).expect("the browser logs what it asks for")),
        complaints,
    }
}

fn browse(folder: &TempDir, url: &str) -> Output {
    let place = |name: &str| folder.path().join(name).display().to_string();
    chromium()
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--virtual-time-budget=15000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", place("profile")))
        .arg(format!("--log-net-log={}", place("net.json")))
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| {
            panic!("Chromium does not run: {error}; set MASTHEAD_TEST_CHROMIUM, or run ./scripts/test")
        })
}

/// Every address that pages of this machine asked for, by a log of the browser's network. What the browser asks of its
/// maker on its own account is started by no page.
fn asked(log: &str) -> BTreeSet<String> {
    // A browser that is stopped leaves the last list open.
    let log: Value = serde_json::from_str(log)
        .or_else(|_| serde_json::from_str(&format!("{}]}}", log.trim_end().trim_end_matches(','))))
        .expect("a log of the network is JSON");
    let events = log["events"].as_array().expect("a log has events").iter();
    let requests = events.map(|event| &event["params"]).filter(|request| {
        let page = request["initiator"].as_str();
        page.is_some_and(|page| page.starts_with("http://127.0.0.1:"))
    });
    requests
        .filter_map(|request| request["url"].as_str().map(str::to_owned))
        .collect()
}

#[track_caller]
fn asks_nobody_else(seen: &Seen, app: &App) {
    let home = app.url("/");
    let others: Vec<_> = seen.asked.iter().filter(|url| !url.starts_with(&home)).collect();
    assert!(others.is_empty(), "the page asks {others:?}");
    for word in ["Content Security Policy", "violates", "net::ERR"] {
        assert!(!seen.complaints.contains(word), "{}", seen.complaints);
    }
}

#[test]
fn the_reference_shows_every_operation_and_asks_no_other_machine() {
    let app = App::start();
    for (document, shown, hidden) in [
        ("Delivery", "get_article_by_slug", "publish_article"),
        ("Management", "publish_article", "get_article_by_slug"),
    ] {
        let seen = open(&app.url(&format!("/docs/?urls.primaryName={document}")));
        asks_nobody_else(&seen, &app);
        assert!(
            seen.asked
                .contains(&app.url(&format!("/openapi/{}.json", document.to_lowercase()))),
            "{:?}",
            seen.asked
        );
        assert!(
            seen.dom.contains(shown),
            "{shown} is not on the page:\n{}",
            seen.dom
        );
        assert!(!seen.dom.contains(hidden), "{hidden} is on the page");
        assert!(
            seen.dom
                .contains(&format!("Masthead {} API", document.to_lowercase()))
        );
    }
}

#[test]
fn every_problem_has_a_page_that_asks_no_other_machine() {
    let app = App::start();
    let reader = app.anonymous();
    for code in ProblemCode::ALL {
        let page = reader
            .get(&format!("/docs/problems/{}", code.as_str()))
            .expect(200)
            .text();
        assert!(page.contains(code.title()), "{page}");
    }
    let problem = reader.get("/delivery/v1/articles?limit=0").expect(400).body();
    let seen = open(&app.url(problem["type"].as_str().unwrap()));
    asks_nobody_else(&seen, &app);
    assert!(seen.dom.contains("invalid_parameter"), "{}", seen.dom);
    let seen = open(&app.url("/docs/problems"));
    asks_nobody_else(&seen, &app);
    assert_eq!(seen.dom.matches("<li>").count(), ProblemCode::ALL.len());
    reader
        .get("/docs/problems/no_such_code")
        .expect_problem(404, "not_found");
}
