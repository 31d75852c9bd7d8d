//! The writing side of the change log.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::change::{ChangeOp, NewChange};
use masthead_domain::clock::Instant;
use masthead_domain::repository::ChangeLog;

use super::past;
use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{changes, published_log};
use crate::error::{Failure, during};
use crate::kept::{Keep as _, insert_rows};
use crate::row::{json, position, total};
use crate::schema::log_head;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};
use crate::{mapping, preparing};

/// Entries in one statement; each has ten parameters, and SQLite takes 32,766.
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
    redirect_to: Option<String>,
}

impl ChangeLog for Transaction<'_> {
    fn append_changes(&mut self, changes: &[NewChange]) -> Result<()> {
        let last = append(self.connection, changes).map_err(during("writing to the change log"))?;
        self.appended = last.or(self.appended);
        Ok(())
    }

    fn prune_changes(&mut self, before: Instant, limit: u32) -> Result<u64> {
        prune(self.connection, before.into(), limit.into())
            .map_err(during("dropping old entries of the change log"))
    }
}

/// Answers the number of the last entry.
fn append(connection: &mut Connection, entries: &[NewChange]) -> Result<Option<i64>, Failure> {
    if entries.is_empty() {
        return Ok(None);
    }
    let count = position(entries.len());
    // The row stays locked until the commit: numbers are given in the order of commits, and a rollback gives
    // its own back.
    let last: i64 = on_engine!(connection, |c| diesel::update(log_head::table)
        .set(log_head::seq.eq(log_head::seq + count))
        .returning(log_head::seq)
        .kept()
        .get_result(c))?;
    let rows = (last - count + 1..)
        .zip(entries)
        .map(|(seq, entry)| ChangeRow::of(seq, entry))
        .collect::<Result<Vec<_>, _>>()?;
    preparing::forget(connection, entries)?;
    for batch in rows.chunks(BATCH) {
        insert_rows!(connection, changes::table, batch)?;
    }
    past::turn(connection, last - count + 1, entries)?;
    mapping::place(connection, entries)?;
    Ok(Some(last))
}

diesel::alias!(changes as later: Later);

/// The newest entry stays whatever it tells: it is the head.
fn prune(connection: &mut Connection, before: Micros, limit: i64) -> Result<u64, Failure> {
    let head: i64 = on_engine!(connection, |c| log_head::table.select(log_head::seq).first(c))?;
    let superseded = diesel::dsl::exists(
        later
            .filter(later.field(changes::resource).eq(changes::resource))
            .filter(later.field(changes::resource_id).eq(changes::resource_id))
            .filter(later.field(changes::seq).gt(changes::seq)),
    );
    let dropped: Vec<(i64, String)> = on_engine!(connection, |c| changes::table
        .filter(changes::created_at.lt(before))
        .filter(changes::seq.lt(head))
        .filter(changes::op.eq(ChangeOp::Delete.as_str()).or(superseded))
        .order(changes::seq)
        .limit(limit)
        .select((changes::seq, changes::op))
        .load(c))?;
    let numbers: Vec<i64> = dropped.iter().map(|(seq, _)| *seq).collect();
    let told = dropped
        .iter()
        .filter(|(_, op)| op == ChangeOp::Delete.as_str())
        .map(|(seq, _)| *seq)
        .max();
    on_engine!(connection, |c| {
        diesel::delete(changes::table)
            .filter(changes::seq.eq_any(&numbers))
            .execute(c)?;
        if let Some(told) = told {
            diesel::update(published_log::table)
                .filter(published_log::pruned_through.lt(told))
                .set(published_log::pruned_through.eq(told))
                .execute(c)?;
        }
    });
    Ok(total(position(numbers.len())))
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
            redirect_to: entry.redirect_to.clone(),
        })
    }
}
