//! The reading side of the change log.

use diesel::prelude::*;
use masthead_domain::change::{Change, ChangeOp, ChangeReason, ChangeType, Head, NewChange};
use masthead_domain::clock::Instant;
use masthead_domain::error::StorageError;

use super::schema::{changes, published_log};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::{Micros, RowId};

pub(super) fn head(connection: &mut Connection) -> Result<Head, Failure> {
    let newest: Option<(i64, Micros)> = on_engine!(connection, |c| changes::table
        .order(changes::seq.desc())
        .select((changes::seq, changes::created_at))
        .first(c)
        .optional())?;
    Ok(newest.map(entry).transpose()?)
}

/// An entry's number and when it was written.
pub(super) fn entry((seq, at): (i64, Micros)) -> Result<(i64, Instant), StorageError> {
    let at = Instant::from_timestamp_micros(at.0).ok_or_else(|| StorageError::Corrupt {
        table: "changes",
        column: "created_at",
        id: seq.to_string(),
        reason: format!("{} µs is no moment", at.0),
    })?;
    Ok((seq, at))
}

pub(super) fn since(connection: &mut Connection, seq: i64, limit: u32) -> Result<Vec<Change>, Failure> {
    let rows: Vec<ChangeRow> = on_engine!(connection, |c| changes::table
        .filter(changes::seq.gt(seq))
        .order(changes::seq)
        .limit(i64::from(limit))
        .select(ChangeRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

pub(super) fn pruned_through(connection: &mut Connection) -> Result<i64, Failure> {
    Ok(on_engine!(connection, |c| published_log::table
        .select(published_log::pruned_through)
        .first(c))?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = changes)]
struct ChangeRow {
    seq: i64,
    op: String,
    resource: String,
    resource_id: RowId,
    slug: String,
    locale: Option<String>,
    reason: String,
    cache_tags: String,
    created_at: Micros,
    redirect_to: Option<String>,
}

impl ChangeRow {
    fn model(self) -> Result<Change, StorageError> {
        let named = Named {
            table: "changes",
            id: self.resource_id,
        };
        let entry = NewChange {
            op: named.word("op", &self.op, ChangeOp::parse)?,
            resource: named.word("resource", &self.resource, ChangeType::parse)?,
            id: self.resource_id.0,
            slug: self.slug,
            locale: self.locale,
            reason: named.word("reason", &self.reason, ChangeReason::parse)?,
            redirect_to: self.redirect_to,
            cache_tags: named.json("cache_tags", &self.cache_tags)?,
            at: named.instant("created_at", self.created_at)?,
        };
        Ok(Change { seq: self.seq, entry })
    }
}
