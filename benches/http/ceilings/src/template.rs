//! What a request of Masthead wrote, ready to be written again under ids of one's own.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde_json::Value as Json;

use crate::arguments::{Doing as _, Outcome};
use crate::link::Value;

/// What one article's requests wrote.
pub struct Sample {
    /// How many ids, addresses and places in the log it has.
    ids: usize,
    slugs: Vec<String>,
    seqs: usize,
    numbers: usize,
    /// Questions for the highest numbers that are given already.
    pub counters: Vec<String>,
    /// In the order of the names that [`Sample::steps`] is asked for.
    operations: Vec<(String, Operation)>,
}

/// What one request wrote.
pub struct Operation {
    /// How many places in the log it takes; they are the ones from `first_seq` on.
    pub log: usize,
    first_seq: usize,
    /// Statements in order.
    pub steps: Vec<Step>,
}

/// One statement.
pub struct Step {
    /// The SQL, with placeholders.
    pub sql: String,
    /// Whether it names a place in the log.
    pub in_log: bool,
    cells: Vec<Cell>,
}

enum Cell {
    Fixed(Value),
    Id(usize),
    Slug(usize),
    Seq(usize),
    Number(usize),
}

/// An article's ids, addresses, places in the log, and the numbers of its rows where rows are numbered.
pub struct Identity {
    ids: Vec<Vec<u8>>,
    slugs: Vec<String>,
    seqs: Vec<i64>,
    numbers: Vec<i64>,
}

/// The last number that was given to a row.
static NUMBERED: AtomicI64 = AtomicI64::new(0);

/// Gives only numbers above this one from now on.
pub fn number_above(highest: i64) {
    NUMBERED.fetch_max(highest, Ordering::Relaxed);
}

/// Reads the samples that the driver made of the rows.
pub fn read(file: &str) -> Outcome<Vec<Sample>> {
    let text = std::fs::read_to_string(file).doing(file)?;
    let all: Json = serde_json::from_str(&text).doing(file)?;
    let samples: Option<Vec<_>> = all["samples"]
        .as_array()
        .and_then(|all| all.iter().map(sample).collect());
    samples
        .filter(|samples| !samples.is_empty())
        .ok_or_else(|| format!("{file} is not as it should be"))
}

fn sample(json: &Json) -> Option<Sample> {
    let texts = json["slugs"].as_array()?.iter();
    let operations = json["operations"].as_object()?.iter();
    Some(Sample {
        ids: number(&json["ids"])?,
        slugs: texts
            .map(|slug| slug.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        seqs: number(&json["seqs"])?,
        numbers: number(&json["numbers"])?,
        counters: json["counters"]
            .as_array()?
            .iter()
            .map(|sql| sql.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        operations: operations
            .map(|(name, json)| Some((name.clone(), operation(json)?)))
            .collect::<Option<_>>()?,
    })
}

fn operation(json: &Json) -> Option<Operation> {
    Some(Operation {
        log: number(&json["log"])?,
        first_seq: number(&json["first_seq"])?,
        steps: json["steps"]
            .as_array()?
            .iter()
            .map(step)
            .collect::<Option<_>>()?,
    })
}

fn step(json: &Json) -> Option<Step> {
    let cells: Vec<_> = json["cells"]
        .as_array()?
        .iter()
        .map(cell)
        .collect::<Option<_>>()?;
    Some(Step {
        sql: json["sql"].as_str()?.to_owned(),
        in_log: cells.iter().any(|cell| matches!(cell, Cell::Seq(_))),
        cells,
    })
}

fn cell(json: &Json) -> Option<Cell> {
    let list = json.as_array()?;
    let value = list.get(1)?;
    Some(match list.first()?.as_str()? {
        "id" => Cell::Id(number(value)?),
        "slug" => Cell::Slug(number(value)?),
        "seq" => Cell::Seq(number(value)?),
        "number" => Cell::Number(number(value)?),
        "null" => Cell::Fixed(Value::Null),
        "integer" => Cell::Fixed(Value::Integer(value.as_i64()?)),
        "real" => Cell::Fixed(Value::Real(value.as_f64()?)),
        "text" => Cell::Fixed(Value::Text(value.as_str()?.to_owned())),
        "blob" => Cell::Fixed(Value::Blob(bytes(value.as_str()?)?)),
        _ => return None,
    })
}

fn number(json: &Json) -> Option<usize> {
    usize::try_from(json.as_u64()?).ok()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

impl Sample {
    /// What a request wrote.
    pub fn operation(&self, name: &str) -> Outcome<&Operation> {
        let found = self.operations.iter().find(|(known, _)| known == name);
        found
            .map(|(_, operation)| operation)
            .ok_or_else(|| format!("the sample has no {name}"))
    }

    /// A new article's; ids sort by time, as Masthead's do.
    pub fn identity(&self, milliseconds: u64) -> Identity {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let next = || COUNT.fetch_add(1, Ordering::Relaxed);
        let id = |count: u64| {
            let mut id = Vec::with_capacity(16);
            id.extend_from_slice(&milliseconds.to_be_bytes()[2..]);
            id.extend_from_slice(&[0x70, 0x01]);
            id.extend_from_slice(&(count | 1 << 63).to_be_bytes());
            id
        };
        let ids = (0..self.ids).map(|_| id(next())).collect();
        let slugs = self.slugs.iter();
        let slugs = slugs
            .map(|slug| {
                // About as long as the one it stands for.
                let stem: String = slug.chars().take(slug.len().saturating_sub(22)).collect();
                format!("{stem}-{milliseconds:x}-{:x}", next())
            })
            .collect();
        Identity {
            ids,
            slugs,
            seqs: vec![0; self.seqs],
            numbers: (0..self.numbers)
                .map(|_| NUMBERED.fetch_add(1, Ordering::Relaxed) + 1)
                .collect(),
        }
    }
}

impl Operation {
    /// Takes places in the log, of which `last` is the last.
    pub fn take_places(&self, identity: &mut Identity, last: i64) {
        for at in 0..self.log {
            let back = i64::try_from(self.log - 1 - at).unwrap_or_default();
            identity.seqs[self.first_seq + at] = last - back;
        }
    }
}

impl Step {
    /// The values of an article for this statement.
    pub fn values(&self, identity: &Identity) -> Vec<Value> {
        let cells = self.cells.iter();
        cells
            .map(|cell| match cell {
                Cell::Fixed(value) => value.clone(),
                Cell::Id(at) => Value::Blob(identity.ids[*at].clone()),
                Cell::Slug(at) => Value::Text(identity.slugs[*at].clone()),
                Cell::Seq(at) => Value::Integer(identity.seqs[*at]),
                Cell::Number(at) => Value::Integer(identity.numbers[*at]),
            })
            .collect()
    }
}
