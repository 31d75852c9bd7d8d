//! The writing side of the change log.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::change::NewChange;
use masthead_domain::repository::ChangeLog;

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::changes;
use crate::error::{Failure, during};
use crate::row::{json, position};
use crate::schema::log_head;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// Entries in one statement; each has nine parameters, and SQLite takes 32,766.
const BATCH: usize = 1_000;

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow {
    seq: i64,
    op: &'static str,
    resource: &'static str,
    resource_id: RowId,
    slug: String,
    locale: Option<String>,
    reason: &'static str,
    cache_tags: String,
    created_at: Micros,
}

impl ChangeLog for Transaction<'_> {
    fn append_changes(&mut self, changes: &[NewChange]) -> Result<()> {
        append(self.connection, changes).map_err(during("writing to the change log"))
    }
}

fn append(connection: &mut Connection, entries: &[NewChange]) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = position(entries.len());
    // The row stays locked until the commit: numbers are given in the order of commits, and a rollback gives
    // its own back.
    let last: i64 = on_engine!(connection, |c| diesel::update(log_head::table)
        .set(log_head::seq.eq(log_head::seq + count))
        .returning(log_head::seq)
        .get_result(c))?;
    let rows = (last - count + 1..)
        .zip(entries)
        .map(|(seq, entry)| ChangeRow::of(seq, entry))
        .collect::<Result<Vec<_>, _>>()?;
    for batch in rows.chunks(BATCH) {
        on_engine!(connection, |c| diesel::insert_into(changes::table)
            .values(batch)
            .execute(c))?;
    }
    Ok(())
}

impl ChangeRow {
    fn of(seq: i64, entry: &NewChange) -> Result<Self, Failure> {
        Ok(Self {
            seq,
            op: entry.op.as_str(),
            resource: entry.resource.as_str(),
            resource_id: RowId(entry.id),
            slug: entry.slug.clone(),
            locale: entry.locale.clone(),
            reason: entry.reason.as_str(),
            cache_tags: json(&entry.cache_tags)?,
            created_at: entry.at.into(),
        })
    }
}
