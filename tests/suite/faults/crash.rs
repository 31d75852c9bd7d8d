//! Ends without a word: what was acknowledged is there, and nothing is there by half.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use masthead_domain::error::Error;
use masthead_domain::error::Resource;
use masthead_domain::history::Entry;
use masthead_domain::id::ArticleId;
use masthead_storage::{Storage, StorageOptions};
use masthead_tests::{Caller, Database};

use super::process::{Process, article, key, rows};
use super::wire::connect;

/// Every acknowledged article is there, and every article that is there is whole: sections, FAQs, links, history.
pub(super) fn assert_whole(editor: &Caller, url: &str, acknowledged: &[String]) {
    let storage = Storage::open(&StorageOptions::new(url)).unwrap();
    let articles = rows(editor, "articles");
    let ids: Vec<_> = articles
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let lost: Vec<_> = acknowledged.iter().filter(|id| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for id in &ids {
        let whole = editor
            .get(&format!("/management/v1/articles/{id}"))
            .expect(200)
            .data();
        assert_eq!(whole["sections"].as_array().unwrap().len(), 5, "{id}");
        assert_eq!(whole["faqs"].as_array().unwrap().len(), 2, "{id}");
        assert_eq!(whole["revision"], 1, "{id}");
        for (number, section) in whole["sections"].as_array().unwrap().iter().enumerate() {
            assert_eq!(section["heading"], format!("Heading {number}"));
        }
        assert!(has_history(&storage, id), "{id} has no revision");
    }
    // None was left behind by an article that is not there.
    assert_eq!(rows(editor, "faqs").len(), 2 * ids.len());
}

/// Whether the first revision is in the history: writing it again is refused then, and undone in any case.
fn has_history(storage: &Storage, id: &str) -> bool {
    let id = ArticleId::parse(id).unwrap();
    let tried = storage.write_blocking(move |repository| -> masthead_domain::Result<()> {
        let article = repository.article(id)?.expect("the article");
        repository.append_article_revision(&article, &Entry::first("again"))?;
        Err(Error::not_found(Resource::Article, id))
    });
    !matches!(tried, Err(Error::NotFound { .. }))
}

#[test]
fn what_was_acknowledged_outlasts_a_kill_and_nothing_is_there_by_half() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut process = Process::serve(database.url(), &[]);
        process.wait_until_ready();
        let done = AtomicUsize::new(0);
        let new: Vec<String> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let (address, key, done) = (process.address(), key.clone(), &done);
                    scope.spawn(move || {
                        stream_of_writes(address, &key, &format!("Round {round} writer {writer}"), done)
                    })
                })
                .collect();
            while done.load(Ordering::SeqCst) < 20 {
                std::thread::sleep(Duration::from_millis(2));
            }
            // In the middle of whatever they do.
            process.signal("KILL");
            writers
                .into_iter()
                .flat_map(|writer| writer.join().unwrap())
                .collect()
        });
        assert!(new.len() >= 20);
        acknowledged.extend(new);
        assert!(!process.ended_within(Duration::from_secs(5)).success());
    }
    let process = Process::serve(database.url(), &[]);
    process.wait_until_ready();
    assert_whole(&process.with_key(&key), database.url(), &acknowledged);
}

/// Creates articles until the connection breaks; answers the ids of those that were acknowledged.
fn stream_of_writes(address: std::net::SocketAddr, key: &str, name: &str, done: &AtomicUsize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0..1_000 {
        let body = article(&format!("{name} number {number}")).to_string();
        let Ok(mut stream) = std::net::TcpStream::connect(address) else {
            break;
        };
        if stream.write_all(&request(key, body.as_bytes(), true)).is_err() {
            break;
        }
        let Some(answer) = super::wire::first(&super::wire::rest(&mut stream), false) else {
            break;
        };
        // A busy database may turn one away; that is no promise.
        if answer.status == 201 {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            acknowledged.push(body["data"]["id"].as_str().unwrap().to_owned());
            done.fetch_add(1, Ordering::SeqCst);
        }
    }
    acknowledged
}

fn request(key: &str, body: &[u8], closes: bool) -> Vec<u8> {
    let connection = if closes { "Connection: close\r\n" } else { "" };
    let head = format!(
        "POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{connection}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn a_client_that_hangs_up_leaves_all_of_its_article_or_nothing() {
    let database = Database::migrated();
    let key = key(database.url());
    let mut process = Process::serve(database.url(), &["--acquire-timeout-seconds", "20"]);
    process.wait_until_ready();
    for number in 0..30 {
        let body = article(&format!("Hangs up {number}")).to_string();
        let whole = request(&key, body.as_bytes(), false);
        let mut stream = connect(process.address());
        stream.write_all(&whole).unwrap();
        // At another moment of the work each time.
        std::thread::sleep(Duration::from_millis(number % 10));
        drop(stream);
        let mut stream = connect(process.address());
        let body = article(&format!("Half {number}")).to_string();
        let whole = request(&key, body.as_bytes(), false);
        stream
            .write_all(&whole[..whole.len() - 1 - usize::try_from(number).unwrap() * 10])
            .unwrap();
        drop(stream);
    }
    let editor = process.with_key(&key);
    // After this one nothing of the others is on its way any more.
    let last = editor
        .post("/management/v1/articles", &article("Last"))
        .expect(201)
        .data();
    std::thread::sleep(Duration::from_millis(500));
    assert_whole(
        &editor,
        database.url(),
        &[last["id"].as_str().unwrap().to_owned()],
    );
    let titles: Vec<_> = rows(&editor, "articles")
        .iter()
        .map(|row| row["title"].to_string())
        .collect();
    assert!(titles.iter().all(|title| !title.contains("Half")), "{titles:?}");
    assert!(process.is_running());
}
