//! The audit log: appended to at the end of a transaction, under a lock that gives numbers in the order of commits.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::{
    AuditEntry, AuditHash, AuditHead, AuditResource, AuditSort, Deed, NewAuditEntry, Touched,
};
use masthead_domain::error::{Refused, StorageError};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::{AuditFilter, AuditRepository};
use masthead_domain::rights::Credential;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::kept::{Keep as _, insert_rows};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, position as count_of};
use crate::schema::{audit_entries, audit_head};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// Entries in one statement; each has thirteen parameters, and SQLite takes 32,766.
const BATCH: usize = 1_000;

impl AuditRepository for Transaction<'_> {
    fn take_touched(&mut self) -> Vec<Touched> {
        std::mem::take(&mut self.touched)
    }

    fn append_audit(&mut self, entries: Vec<NewAuditEntry>) -> Result<()> {
        append(self.connection, entries).map_err(during("writing to the audit log"))
    }

    fn audit_head(&mut self) -> Result<AuditHead> {
        head(self.connection).map_err(during("reading the head of the audit log"))
    }

    fn audit_entries(
        &mut self,
        filter: &AuditFilter,
        page: &PageRequest<AuditSort>,
    ) -> Result<Page<AuditEntry>> {
        list(self.connection, filter, page).map_err(during("listing the audit log"))
    }

    fn audit_after(&mut self, filter: &AuditFilter, seq: i64, limit: u32) -> Result<Vec<AuditEntry>> {
        after(self.connection, filter, seq, limit.into()).map_err(during("reading the audit log"))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
struct EntryRow {
    seq: i64,
    id: RowId,
    created_at: Micros,
    action: String,
    actor: String,
    session_id: Option<RowId>,
    request_id: Option<String>,
    resource: String,
    resource_id: String,
    revision_before: Option<i64>,
    revision_after: Option<i64>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<AuditEntry> for EntryRow {
    fn from(it: AuditEntry) -> Self {
        let NewAuditEntry {
            id,
            at,
            deed,
            touched,
        } = it.entry;
        Self {
            seq: it.seq,
            id: RowId(id),
            created_at: at.into(),
            action: deed.action,
            actor: deed.actor.to_string(),
            session_id: deed.session.map(Into::into),
            request_id: deed.request_id,
            resource: touched.resource.as_str().to_owned(),
            resource_id: touched.id,
            revision_before: touched.before.map(Into::into),
            revision_after: touched.after.map(Into::into),
            previous_hash: it.previous_hash.0.to_vec(),
            hash: it.hash.0.to_vec(),
        }
    }
}

impl EntryRow {
    fn model(self) -> Result<AuditEntry, StorageError> {
        let named = Named {
            table: "audit_entries",
            id: self.id,
        };
        let hash = |column, bytes: &[u8]| digest(bytes).map_err(|refused| named.corrupt(column, refused));
        Ok(AuditEntry {
            seq: self.seq,
            previous_hash: hash("previous_hash", &self.previous_hash)?,
            hash: hash("hash", &self.hash)?,
            entry: NewAuditEntry {
                id: self.id.0,
                at: named.instant("created_at", self.created_at)?,
                deed: Deed {
                    actor: named.word("actor", &self.actor, Credential::parse)?,
                    action: self.action,
                    session: self.session_id.map(Into::into),
                    request_id: self.request_id,
                },
                touched: Touched {
                    resource: named.word("resource", &self.resource, AuditResource::parse)?,
                    id: self.resource_id,
                    before: named.some_count("revision_before", self.revision_before)?,
                    after: named.some_count("revision_after", self.revision_after)?,
                },
            },
        })
    }
}

fn digest(bytes: &[u8]) -> Result<AuditHash, Refused> {
    let bytes = bytes.try_into();
    bytes
        .map(AuditHash)
        .map_err(|_| Refused::new("invalid_hash", "A hash has 32 bytes."))
}

fn standing(seq: i64, hash: &[u8]) -> Result<AuditHead, Failure> {
    let named = Named {
        table: "audit_head",
        id: RowId(uuid::Uuid::nil()),
    };
    let hash = digest(hash).map_err(|refused| named.corrupt("hash", refused))?;
    Ok(AuditHead { seq, hash })
}

fn head(connection: &mut Connection) -> Result<AuditHead, Failure> {
    let (seq, hash): (i64, Vec<u8>) = on_engine!(connection, |c| audit_head::table
        .select((audit_head::seq, audit_head::hash))
        .first(c))?;
    standing(seq, &hash)
}

fn append(connection: &mut Connection, entries: Vec<NewAuditEntry>) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = count_of(entries.len());
    // The row stays locked until the commit, and the hash is still that of the last entry; a trigger sets it with each
    // entry that comes.
    let (last, hash): (i64, Vec<u8>) = on_engine!(connection, |c| diesel::update(audit_head::table)
        .set(audit_head::seq.eq(audit_head::seq + count))
        .returning((audit_head::seq, audit_head::hash))
        .kept()
        .get_result(c))?;
    let mut head = standing(last - count, &hash)?;
    let mut rows = Vec::with_capacity(entries.len());
    for new in entries {
        let entry = AuditEntry::after(head, new);
        head = entry.head();
        rows.push(EntryRow::from(entry));
    }
    for batch in rows.chunks(BATCH) {
        insert_rows!(connection, audit_entries::table, batch)?;
    }
    Ok(())
}

/// The entries that a filter lets through.
macro_rules! wanted {
    ($filter:expr) => {{
        let filter: &AuditFilter = $filter;
        let mut query = audit_entries::table.into_boxed();
        if !filter.actors.is_empty() {
            let actors: Vec<_> = filter.actors.iter().map(ToString::to_string).collect();
            query = query.filter(audit_entries::actor.eq_any(actors));
        }
        if let Some(action) = &filter.action {
            query = query.filter(audit_entries::action.eq(action));
        }
        if let Some(resource) = filter.resource {
            query = query.filter(audit_entries::resource.eq(resource.as_str()));
        }
        if let Some(id) = &filter.resource_id {
            query = query.filter(audit_entries::resource_id.eq(id));
        }
        if let Some(id) = &filter.request_id {
            query = query.filter(audit_entries::request_id.eq(id));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_entries::created_at.ge(Micros::from(from)));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit_entries::created_at.lt(Micros::from(to)));
        }
        query
    }};
}

fn list(
    connection: &mut Connection,
    filter: &AuditFilter,
    request: &PageRequest<AuditSort>,
) -> Result<Page<AuditEntry>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(audit_entries::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        audit_entries,
        request,
        keyset,
        EntryRow,
        || wanted!(filter)
    ))?;
    let entries = rows
        .into_iter()
        .map(|row: EntryRow| Ok(row.model()?))
        .collect::<Result<Vec<AuditEntry>, Failure>>()?;
    Ok(keyset.page(entries, total, |entry| position(entry, request)))
}

const fn sort_column(field: AuditSort) -> &'static str {
    match field {
        AuditSort::Seq => sorted_by!(audit_entries::seq),
    }
}

fn position(entry: &AuditEntry, request: &PageRequest<AuditSort>) -> Position {
    let value = |field| match field {
        AuditSort::Seq => SortValue::Number(entry.seq),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: entry.entry.id,
        as_of: None,
    }
}

fn after(
    connection: &mut Connection,
    filter: &AuditFilter,
    seq: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>, Failure> {
    let rows: Vec<EntryRow> = on_engine!(connection, |c| wanted!(filter)
        .filter(audit_entries::seq.gt(seq))
        .order(audit_entries::seq)
        .limit(limit)
        .select(EntryRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}
