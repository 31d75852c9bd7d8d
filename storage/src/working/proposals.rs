//! Proposals: what lists show of them in columns, their operations as JSON.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::id::{ArticleId, ProposalId};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::proposal::{Counts, Outline, Proposal, ProposalSort, ProposalStatus};
use masthead_domain::repository::{ProposalFilter, ProposalRepository};
use masthead_domain::rights::Credential;

use super::expect_one;
use crate::among::Among as _;
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, json, position as number, total};
use crate::schema::{articles, proposals};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl ProposalRepository for Transaction<'_> {
    fn proposal(&mut self, id: ProposalId) -> Result<Option<Proposal>> {
        find(self.connection, id.into()).map_err(during("reading a proposal"))
    }

    fn proposal_for_update(&mut self, id: ProposalId) -> Result<Option<Proposal>> {
        lock(self.connection, id.into()).map_err(during("reading a proposal to change it"))
    }

    fn proposals(
        &mut self,
        filter: &ProposalFilter,
        page: &PageRequest<ProposalSort>,
    ) -> Result<Page<(Outline, String)>> {
        list(self.connection, filter, page).map_err(during("listing proposals"))
    }

    fn count_open_proposals(&mut self, article: ArticleId) -> Result<u64> {
        count_open(self.connection, article.into()).map_err(during("counting open proposals"))
    }

    fn proposals_made_since(&mut self, by: Credential, since: Instant, limit: usize) -> Result<Vec<Instant>> {
        made_since(self.connection, by, since.into(), number(limit)).map_err(during("counting proposals"))
    }

    fn insert_proposal(&mut self, proposal: &Proposal) -> Result<()> {
        let id = proposal.outline.id.uuid();
        insert(self.connection, proposal).map_err(during_write("adding a proposal", id, ""))?;
        self.touch(AuditResource::Proposal, id, None, Some(proposal.outline.revision));
        Ok(())
    }

    fn update_proposal(&mut self, proposal: &Proposal) -> Result<()> {
        let id = proposal.outline.id.uuid();
        update(self.connection, proposal).map_err(during_write("saving a proposal", id, ""))?;
        let revision = proposal.outline.revision;
        self.touch(
            AuditResource::Proposal,
            id,
            Some(revision.saturating_sub(1)),
            Some(revision),
        );
        Ok(())
    }
}

/// A proposal without its operations.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = proposals, treat_none_as_null = true)]
struct OutlineRow {
    id: RowId,
    article_id: RowId,
    base_revision: i64,
    message: Option<String>,
    status: String,
    undecided: i64,
    accepted: i64,
    rejected: i64,
    withdrawn: i64,
    revision: i64,
    created_at: Micros,
    created_by: String,
    updated_at: Micros,
}

impl From<&Outline> for OutlineRow {
    fn from(outline: &Outline) -> Self {
        Self {
            id: outline.id.into(),
            article_id: outline.article.into(),
            base_revision: outline.base_revision.into(),
            message: outline.message.clone(),
            status: outline.status.as_str().to_owned(),
            undecided: outline.counts.undecided.into(),
            accepted: outline.counts.accepted.into(),
            rejected: outline.counts.rejected.into(),
            withdrawn: outline.counts.withdrawn.into(),
            revision: outline.revision.into(),
            created_at: outline.created_at.into(),
            created_by: outline.created_by.to_string(),
            updated_at: outline.updated_at.into(),
        }
    }
}

impl OutlineRow {
    const fn named(&self) -> Named {
        Named {
            table: "proposals",
            id: self.id,
        }
    }

    fn model(self) -> Result<Outline, StorageError> {
        let named = self.named();
        Ok(Outline {
            id: self.id.into(),
            article: self.article_id.into(),
            base_revision: named.count("base_revision", self.base_revision)?,
            message: self.message,
            status: named.word("status", &self.status, ProposalStatus::parse)?,
            counts: Counts {
                undecided: named.count("undecided", self.undecided)?,
                accepted: named.count("accepted", self.accepted)?,
                rejected: named.count("rejected", self.rejected)?,
                withdrawn: named.count("withdrawn", self.withdrawn)?,
            },
            revision: named.count("revision", self.revision)?,
            created_at: named.instant("created_at", self.created_at)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Proposal>, Failure> {
    let found: Option<(OutlineRow, String)> = on_engine!(connection, |c| proposals::table
        .find(id)
        .select((OutlineRow::as_select(), proposals::operations))
        .first(c)
        .optional())?;
    let Some((row, operations)) = found else {
        return Ok(None);
    };
    let operations = row.named().json("operations", &operations)?;
    Ok(Some(Proposal {
        outline: row.model()?,
        operations,
    }))
}

/// Locked first and read then: what is read after the wait is what the other one left.
fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Proposal>, Failure> {
    lock_row!(connection, proposals, id);
    find(connection, id)
}

fn list(
    connection: &mut Connection,
    filter: &ProposalFilter,
    request: &PageRequest<ProposalSort>,
) -> Result<Page<(Outline, String)>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(proposals::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        proposals,
        request,
        keyset,
        OutlineRow,
        || {
            let article = articles::table
                .filter(articles::id.eq(proposals::article_id))
                .filter(articles::deleted_at.is_null());
            let mut query = proposals::table.filter(diesel::dsl::exists(article)).into_boxed();
            if let Some(article) = filter.article {
                query = query.filter(proposals::article_id.eq(RowId::from(article)));
            }
            if let Some(status) = filter.status {
                query = query.filter(proposals::status.eq(status.as_str()));
            }
            if let Some(by) = filter.made_by {
                query = query.filter(proposals::created_by.eq(by.to_string()));
            }
            query
        }
    ))?;
    let ids: Vec<RowId> = rows.iter().map(|row: &OutlineRow| row.article_id).collect();
    let titles = titles(connection, &ids)?;
    let found = rows
        .into_iter()
        .map(|row| {
            let title = titles.get(&row.article_id).cloned().unwrap_or_default();
            Ok((row.model()?, title))
        })
        .collect::<Result<Vec<(Outline, String)>, Failure>>()?;
    Ok(keyset.page(found, total, |(outline, _)| position(outline, request)))
}

fn titles(connection: &mut Connection, ids: &[RowId]) -> Result<BTreeMap<RowId, String>, Failure> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<(RowId, String)> = on_engine!(connection, |c| articles::table
        .filter(articles::id.among(ids))
        .select((articles::id, articles::title))
        .load(c))?;
    Ok(found.into_iter().collect())
}

fn sort_column(field: ProposalSort) -> &'static str {
    match field {
        ProposalSort::CreatedAt => sorted_by!(proposals::created_at),
        ProposalSort::UpdatedAt => sorted_by!(proposals::updated_at),
    }
}

fn position(outline: &Outline, request: &PageRequest<ProposalSort>) -> Position {
    let value = |field| match field {
        ProposalSort::CreatedAt => SortValue::Instant(outline.created_at),
        ProposalSort::UpdatedAt => SortValue::Instant(outline.updated_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: outline.id.uuid(),
        as_of: None,
    }
}

fn count_open(connection: &mut Connection, article: RowId) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| proposals::table
        .filter(proposals::article_id.eq(article))
        .filter(proposals::status.eq(ProposalStatus::Open.as_str()))
        .count()
        .get_result(c))?;
    Ok(total(count))
}

fn made_since(
    connection: &mut Connection,
    by: Credential,
    since: Micros,
    limit: i64,
) -> Result<Vec<Instant>, Failure> {
    let rows: Vec<(RowId, Micros)> = on_engine!(connection, |c| proposals::table
        .filter(proposals::created_by.eq(by.to_string()))
        .filter(proposals::created_at.gt(since))
        .order(proposals::created_at.desc())
        .limit(limit)
        .select((proposals::id, proposals::created_at))
        .load(c))?;
    rows.into_iter()
        .map(|(id, at)| {
            let named = Named {
                table: "proposals",
                id,
            };
            Ok(named.instant("created_at", at)?)
        })
        .collect()
}

fn insert(connection: &mut Connection, proposal: &Proposal) -> Result<(), Failure> {
    let row = OutlineRow::from(&proposal.outline);
    let operations = json(&proposal.operations)?;
    on_engine!(connection, |c| diesel::insert_into(proposals::table)
        .values((&row, proposals::operations.eq(&operations)))
        .execute(c))?;
    Ok(())
}

fn update(connection: &mut Connection, proposal: &Proposal) -> Result<(), Failure> {
    let row = OutlineRow::from(&proposal.outline);
    let operations = json(&proposal.operations)?;
    let affected = on_engine!(connection, |c| diesel::update(proposals::table.find(row.id))
        .set((&row, proposals::operations.eq(&operations)))
        .execute(c))?;
    expect_one(affected, Resource::Proposal, proposal.outline.id)
}
