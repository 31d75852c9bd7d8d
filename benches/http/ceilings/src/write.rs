//! `write`: the rows of Masthead's requests again, each request one bare transaction and nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::prelude::QueryResult;

use crate::arguments::{Arguments, Doing as _, Outcome};
use crate::link::Link;
use crate::load::at_once;
use crate::measure::Durations;
use crate::template::{Identity, Operation, Sample, number_above, read};

/// What `write` takes.
pub const WRITE: &[&str] = &["database", "template", "work", "connections", "seconds"];

/// Connections, as many as there are writers; on SQLite one that all share, because one writes at a time anyway
/// and waiting in line is cheaper than being refused.
struct Links(Vec<Mutex<Link>>);

impl Links {
    fn open(url: &str, writers: usize) -> Outcome<Self> {
        let first = Link::open(url)?;
        let more = if first.is_sqlite() {
            0
        } else {
            writers.saturating_sub(1)
        };
        let mut links = vec![Mutex::new(first)];
        for _ in 0..more {
            links.push(Mutex::new(Link::open(url)?));
        }
        Ok(Self(links))
    }

    /// Numbers of rows go on where the database stands.
    fn count_on(&self, samples: &[Sample]) -> Outcome<()> {
        let mut link = self.0[0].lock().unwrap_or_else(PoisonError::into_inner);
        for sql in samples.iter().flat_map(|sample| &sample.counters) {
            number_above(link.number(sql).doing(sql)?);
        }
        Ok(())
    }

    fn settle(&self) -> Outcome<()> {
        let mut link = self.0[0].lock().unwrap_or_else(PoisonError::into_inner);
        link.settle().doing("a checkpoint")
    }

    /// One request: everything in a transaction of its own.
    fn write(&self, writer: usize, operation: &Operation, identity: &mut Identity) -> Outcome<()> {
        let link = &self.0[writer % self.0.len()];
        let mut link = link.lock().unwrap_or_else(PoisonError::into_inner);
        let written = link.transaction(|link| write_rows(link, operation, identity));
        written.doing("writing")
    }
}

fn write_rows(link: &mut Link, operation: &Operation, identity: &mut Identity) -> QueryResult<()> {
    // The log's one row is the lock that puts it in order, so it is taken as late as can be.
    let mut taken = operation.log == 0;
    let (plain, in_log): (Vec<_>, Vec<_>) = operation.steps.iter().partition(|step| !step.in_log);
    for step in plain.into_iter().chain(in_log) {
        if step.in_log && !taken {
            let sql = format!(
                "update log_head set seq = seq + {} where id = 1 returning seq as number",
                operation.log
            );
            let last = link.number(&sql)?;
            operation.take_places(identity, last);
            taken = true;
        }
        link.execute(&step.sql, step.values(identity))?;
    }
    Ok(())
}

/// `create` makes and publishes articles; `change` changes the dek of one and publishes it again, each once, after
/// as many were made as are needed.
pub fn write(arguments: &Arguments) -> Outcome<()> {
    let samples = read(arguments.need("template")?)?;
    let connections = arguments.number("connections", 1)?;
    let links = Links::open(arguments.need("database")?, connections)?;
    links.count_on(&samples)?;
    let span = Duration::from_secs(arguments.number("seconds", 5)?);
    let (durations, took) = match arguments.need("work")? {
        "create" => {
            let made = Mutex::default();
            create(&links, &samples, connections, span, &made)?
        }
        "change" => {
            let made = Mutex::default();
            // Changing is faster than making.
            create(&links, &samples, connections, span * 3, &made)?;
            links.settle()?;
            change(
                &links,
                connections,
                span,
                made.into_inner().unwrap_or_else(PoisonError::into_inner),
            )?
        }
        other => return Err(format!("--work is {other}; it can be create or change")),
    };
    println!("{}", durations.told(took));
    Ok(())
}

type Made<'a> = Vec<(&'a Sample, Identity)>;

fn create<'a>(
    links: &Links,
    samples: &'a [Sample],
    connections: usize,
    span: Duration,
    made: &Mutex<Made<'a>>,
) -> Outcome<(Durations, Duration)> {
    let begun = Instant::now();
    let count = AtomicUsize::new(0);
    at_once(connections, |writer| {
        let mut durations = Durations::default();
        while begun.elapsed() < span {
            let sample = &samples[count.fetch_add(1, Ordering::Relaxed) % samples.len()];
            let now = SystemTime::now().duration_since(UNIX_EPOCH).doing("the clock")?;
            let mut identity = sample.identity(u64::try_from(now.as_millis()).doing("the clock")?);
            for name in ["create", "publish"] {
                let operation = sample.operation(name)?;
                let start = Instant::now();
                links.write(writer, operation, &mut identity)?;
                durations.push(start.elapsed());
            }
            made.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((sample, identity));
        }
        Ok(durations)
    })
}

fn change(
    links: &Links,
    connections: usize,
    span: Duration,
    made: Made<'_>,
) -> Outcome<(Durations, Duration)> {
    let waiting = Mutex::new(made);
    let begun = Instant::now();
    at_once(connections, |writer| {
        let mut durations = Durations::default();
        while begun.elapsed() < span {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
            // All were changed: it ends early, and the rate is that of the time it took.
            let Some((sample, mut identity)) = next else { break };
            for name in ["change", "republish"] {
                let operation = sample.operation(name)?;
                let start = Instant::now();
                links.write(writer, operation, &mut identity)?;
                durations.push(start.elapsed());
            }
        }
        Ok(durations)
    })
}
