//! `load` and `change`: editors who write as fast as they are answered, several at once.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::{Arguments, Doing as _, Outcome};
use crate::measure::Durations;
use crate::session::{Account, Editor};

/// What `load` takes.
pub const LOAD: &[&str] = &[
    "address",
    "login",
    "input",
    "connections",
    "skip",
    "count",
    "seconds",
    "made",
];
/// What `change` takes.
pub const CHANGE: &[&str] = &["address", "login", "input", "connections", "seconds"];

/// The account that a command works as.
pub fn account(arguments: &Arguments) -> Outcome<Account> {
    let login = arguments.need("login")?;
    let login = std::fs::read_to_string(login).doing(login)?;
    Ok(Account::new(arguments.need("address")?, &login))
}

/// Creates the articles of a file, and publishes those that say so.
///
/// A line is `draft` or `publish`, the moment to publish at (or nothing), the slug and the body, between tabs.
pub fn load(arguments: &Arguments) -> Outcome<()> {
    let account = account(arguments)?;
    let file = arguments.need("input")?;
    let text = std::fs::read_to_string(file).doing(file)?;
    let skip = arguments.number("skip", 0)?;
    let count = arguments.number("count", usize::MAX)?;
    let lines: Vec<_> = text.lines().skip(skip).take(count).collect();
    let seconds = arguments.number("seconds", 0)?;
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::new());
    let begun = Instant::now();
    let (durations, span) = at_once(arguments.number("connections", 4)?, |_| {
        let mut editor = Editor::new(&account);
        let mut durations = Durations::default();
        while seconds == 0 || begun.elapsed() < Duration::from_secs(seconds) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(line) = lines.get(at) else { break };
            if seconds == 0 && at > 0 && at.is_multiple_of(200) {
                eprintln!(
                    "    {at} of {} articles, {} s",
                    lines.len(),
                    begun.elapsed().as_secs()
                );
            }
            let mut parts = line.splitn(4, '\t');
            let (Some(what), Some(at), Some(slug), Some(body)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(format!("{file}: a line without four parts"));
            };
            let start = Instant::now();
            let mut state = editor.create(body.as_bytes())?;
            durations.push(start.elapsed());
            if what == "publish" {
                let start = Instant::now();
                editor.publish(&mut state, (!at.is_empty()).then_some(at))?;
                durations.push(start.elapsed());
            }
            made.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(format!("{}\t{slug}", state.id));
        }
        Ok(durations)
    })?;
    if let Some(file) = arguments.get("made") {
        let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut out = std::fs::File::create(file).doing(file)?;
        for line in made {
            writeln!(out, "{line}").doing(file)?;
        }
    }
    println!("{}", durations.told(span));
    Ok(())
}

/// Changes the dek of articles and publishes them again, each connection its own articles in turn.
///
/// The first part of a line is the article's id.
pub fn change(arguments: &Arguments) -> Outcome<()> {
    let account = account(arguments)?;
    let file = arguments.need("input")?;
    let text = std::fs::read_to_string(file).doing(file)?;
    let ids: Vec<_> = text.lines().filter_map(|line| line.split('\t').next()).collect();
    let connections = arguments.number("connections", 8)?;
    let span = Duration::from_secs(arguments.number("seconds", 5)?);
    let ready = std::sync::Barrier::new(connections);
    let (durations, took) = at_once(connections, |connection| {
        let mut editor = Editor::new(&account);
        // Finding out what there is to change is no part of the work.
        let states: Outcome<Vec<_>> = ids
            .iter()
            .skip(connection)
            .step_by(connections)
            .take(100)
            .map(|id| editor.state(id))
            .collect();
        // Waiting comes before giving up: the others wait too.
        ready.wait();
        let mut states = states?;
        let mut durations = Durations::default();
        let begun = Instant::now();
        for round in 0.. {
            for state in &mut states {
                if begun.elapsed() >= span {
                    return Ok(durations);
                }
                let dek = format!(
                    "Edition {round} says in other words what the one before it said, no more and no less."
                );
                let start = Instant::now();
                editor.change_dek(state, &dek)?;
                durations.push(start.elapsed());
                let start = Instant::now();
                editor.publish(state, None)?;
                durations.push(start.elapsed());
            }
            if states.is_empty() {
                return Err(format!("{file}: fewer articles than connections"));
            }
        }
        Ok(durations)
    })?;
    // Each connection stops by itself; what finding out took is not counted.
    println!("{}", durations.told(took.min(span)));
    Ok(())
}

/// Runs the same on several threads, and adds up what they measured.
pub fn at_once(
    threads: usize,
    work: impl Fn(usize) -> Outcome<Durations> + Sync,
) -> Outcome<(Durations, Duration)> {
    let work = &work;
    let begun = Instant::now();
    let all: Outcome<Vec<_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|n| scope.spawn(move || work(n))).collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a connection panicked".to_owned()))
            })
            .collect()
    });
    let span = begun.elapsed();
    let mut sum = Durations::default();
    for one in all? {
        sum.append(one);
    }
    Ok((sum, span))
}
