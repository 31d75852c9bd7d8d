//! Following the change log: what a cache must forget, read on a connection of its own.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::error::StorageError;

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::changes;
use crate::error::{Failure, during};
use crate::pool::Source;
use crate::transaction;

/// Entries that are read at once.
const BATCH: i64 = 500;

/// What an entry of the change log makes untrue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The entry's number.
    pub seq: i64,
    /// The kind of thing it speaks of.
    pub resource: String,
    /// The slug readers know the thing by from then on.
    pub slug: String,
    /// The tags of every answer that is touched.
    pub cache_tags: Vec<String>,
}

/// Follows the change log on a connection that nothing else uses, so that a crowd of readers cannot hold it up.
pub struct LogWatcher {
    source: Source,
}

impl LogWatcher {
    pub(crate) const fn new(source: Source) -> Self {
        Self { source }
    }

    /// The number of the newest entry, 0 while there is none. Blocks the thread.
    pub fn head(&self) -> Result<i64> {
        transaction::glance(&self.source, |connection| {
            head(connection).map_err(during("reading the head of the change log"))
        })
    }

    /// The entries from `seq` on, at most some hundred of them, in order. Blocks the thread.
    pub fn touched_from(&self, seq: i64) -> Result<Vec<Touched>> {
        transaction::glance(&self.source, |connection| {
            touched_from(connection, seq).map_err(during("following the change log"))
        })
    }
}

fn head(connection: &mut Connection) -> Result<i64, Failure> {
    let newest: Option<i64> = on_engine!(connection, |c| changes::table
        .order(changes::seq.desc())
        .select(changes::seq)
        .first(c)
        .optional())?;
    Ok(newest.unwrap_or_default())
}

fn touched_from(connection: &mut Connection, seq: i64) -> Result<Vec<Touched>, Failure> {
    let rows: Vec<(i64, String, String, String)> = on_engine!(connection, |c| changes::table
        .filter(changes::seq.ge(seq))
        .order(changes::seq)
        .limit(BATCH)
        .select((
            changes::seq,
            changes::resource,
            changes::slug,
            changes::cache_tags
        ))
        .load(c))?;
    let read = |(seq, resource, slug, tags): (i64, String, String, String)| {
        let cache_tags = serde_json::from_str(&tags).map_err(|error| StorageError::Corrupt {
            table: "changes",
            column: "cache_tags",
            id: seq.to_string(),
            reason: error.to_string(),
        })?;
        Ok(Touched {
            seq,
            resource,
            slug,
            cache_tags,
        })
    };
    rows.into_iter().map(read).collect()
}
