//! `churn`: editors who publish at a steady rate, and readers who watch for what is no longer true.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arguments::{Arguments, Doing as _, Outcome};
use crate::http::{Answer, Client};
use crate::load::account;
use crate::session::{Account, Editor, expect};

/// What `churn` takes.
pub const CHURN: &[&str] = &[
    "address", "login", "input", "rate", "seconds", "readers", "answers",
];

/// A dek begins with this, and its number follows.
const MARK: &str = "Edition ";

/// An article that is changed all the time.
struct Watched {
    id: String,
    slug: String,
    /// The address of a list that shows it.
    list: String,
    /// The last edition whose publication was acknowledged.
    acknowledged: AtomicU64,
}

struct Watch {
    address: String,
    articles: Vec<Watched>,
    stop: AtomicBool,
    answers: AtomicU64,
    published: AtomicU64,
    /// Everybody waits here for the editors to have logged in.
    ready: Barrier,
}

/// Publishes `rate` times a second for `seconds`, or until readers have read `answers` answers.
///
/// A line of the input is an article's id, its slug, and the address of a list that shows it, between tabs.
pub fn churn(arguments: &Arguments) -> Outcome<()> {
    let account = account(arguments)?;
    let file = arguments.need("input")?;
    // More than one, so that a slow answer does not lower the rate.
    let editors: usize = arguments.number("editors", 4)?;
    let readers: usize = arguments.number("readers", 0)?;
    let watch = Watch {
        address: arguments.need("address")?.to_owned(),
        articles: read(&std::fs::read_to_string(file).doing(file)?)?,
        stop: AtomicBool::new(false),
        answers: AtomicU64::new(0),
        published: AtomicU64::new(0),
        ready: Barrier::new(editors + 1),
    };
    let rate: f64 = arguments.number("rate", 20.0)?;
    let wanted: u64 = arguments.number("answers", 0)?;
    let span = Duration::from_secs(arguments.number("seconds", 5)?);
    let outcome = thread::scope(|scope| {
        let mut threads = Vec::new();
        for editor in 0..editors {
            let (watch, account) = (&watch, &account);
            threads.push(scope.spawn(move || write(watch, account, (editor, editors), rate)));
        }
        for reader in 0..readers {
            let watch = &watch;
            threads.push(scope.spawn(move || follow(watch, reader)));
        }
        watch.ready.wait();
        // Whoever measures beside this waits for the word.
        eprintln!("ready");
        let begun = Instant::now();
        while !watch.stop.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
            let enough = if wanted > 0 {
                watch.answers.load(Ordering::Relaxed) >= wanted
            } else {
                begun.elapsed() >= span
            };
            if enough {
                watch.stop.store(true, Ordering::SeqCst);
            }
        }
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a thread panicked".to_owned()))
            })
            .collect::<Outcome<Vec<()>>>()
            .map(|_| begun.elapsed())
    });
    let span = outcome?;
    let told = json!({
        "answers": watch.answers.load(Ordering::SeqCst),
        "published": watch.published.load(Ordering::SeqCst),
        "seconds": span.as_secs_f64(),
    });
    println!("{told}");
    Ok(())
}

fn read(text: &str) -> Outcome<Vec<Watched>> {
    let articles: Option<Vec<_>> = text
        .lines()
        .map(|line| {
            let mut parts = line.split('\t').map(str::to_owned);
            Some(Watched {
                id: parts.next()?,
                slug: parts.next()?,
                list: parts.next()?,
                acknowledged: AtomicU64::new(0),
            })
        })
        .collect();
    articles
        .filter(|articles| !articles.is_empty())
        .ok_or_else(|| "the input holds no article, or a line without three parts".to_owned())
}

/// Whoever stops first stops all: a mistake is told at once.
fn stopping<T>(watch: &Watch, outcome: Outcome<T>) -> Outcome<T> {
    if outcome.is_err() {
        watch.stop.store(true, Ordering::SeqCst);
    }
    outcome
}

fn write(watch: &Watch, account: &Account, part: (usize, usize), rate: f64) -> Outcome<()> {
    stopping(watch, publish_steadily(watch, account, part, rate))
}

/// One of several editors, each with articles of its own.
fn publish_steadily(
    watch: &Watch,
    account: &Account,
    (own, editors): (usize, usize),
    rate: f64,
) -> Outcome<()> {
    let mut editor = Editor::new(account);
    let articles: Vec<_> = watch.articles.iter().skip(own).step_by(editors).collect();
    let states: Outcome<Vec<_>> = articles.iter().map(|article| editor.state(&article.id)).collect();
    // Waiting comes before giving up: the others wait too.
    watch.ready.wait();
    let mut states = states?;
    if states.is_empty() {
        return Err("there are fewer articles than editors".to_owned());
    }
    let begun = Instant::now();
    // Milliseconds since 1970: whatever an earlier run wrote is older.
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .doing("the clock")?;
    let first = u64::try_from(since.as_millis()).doing("the clock")?;
    for n in 0u32.. {
        // The editors take turns.
        let turn = n as usize * editors + own;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let due = Duration::from_secs_f64(turn as f64 / rate);
        while begun.elapsed() < due {
            if watch.stop.load(Ordering::SeqCst) {
                return Ok(());
            }
            thread::sleep(due.saturating_sub(begun.elapsed()).min(Duration::from_millis(5)));
        }
        if watch.stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        let at = n as usize % states.len();
        let edition = first + u64::from(n);
        editor.change_dek(
            &mut states[at],
            &format!("{MARK}{edition} of what changes all the time."),
        )?;
        editor.publish(&mut states[at], None)?;
        articles[at].acknowledged.store(edition, Ordering::SeqCst);
        watch.published.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

fn follow(watch: &Watch, reader: usize) -> Outcome<()> {
    stopping(watch, read_on(watch, reader))
}

/// Reads articles, and now and then a list, and compares each with what was acknowledged before it was asked for.
fn read_on(watch: &Watch, reader: usize) -> Outcome<()> {
    let mut client = Client::new(&watch.address);
    let mut n = reader;
    while !watch.stop.load(Ordering::SeqCst) {
        n += 1;
        let article = &watch.articles[n % watch.articles.len()];
        // Before the request: what was acknowledged by now has to be seen.
        let least = article.acknowledged.load(Ordering::SeqCst);
        let as_list = n.is_multiple_of(16);
        let path = if as_list {
            article.list.clone()
        } else {
            format!("/delivery/v1/articles/by-slug/{}", article.slug)
        };
        let answer = client.send("GET", &path, "", b"")?;
        let answer = expect(answer, 200, &format!("GET {path}"))?;
        let seen = edition(&answer, as_list.then_some(article.slug.as_str()))?;
        if seen < least {
            return Err(format!(
                "STALE: {path} showed edition {seen} to a request that was begun after {least} was acknowledged"
            ));
        }
        watch.answers.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// The number in the dek; 0 where the article was not changed yet.
fn edition(answer: &Answer, in_list: Option<&str>) -> Outcome<u64> {
    let dek = if let Some(slug) = in_list {
        let body: Value = serde_json::from_slice(&answer.body).doing("a list")?;
        let rows = body["data"].as_array().ok_or("a list without data")?;
        let row = rows
            .iter()
            .find(|row| row["slug"] == slug)
            .ok_or_else(|| format!("the list does not show {slug}"))?;
        row["dek"].as_str().ok_or("a row without a dek")?.to_owned()
    } else {
        // Taking the whole article apart would make the readers slow.
        let text = std::str::from_utf8(&answer.body).doing("an article")?;
        let (_, dek) = text.split_once("\"dek\":\"").ok_or("an article without a dek")?;
        dek.split('"').next().unwrap_or_default().to_owned()
    };
    let number = dek.strip_prefix(MARK).and_then(|rest| rest.split(' ').next());
    Ok(number.and_then(|number| number.parse().ok()).unwrap_or(0))
}
