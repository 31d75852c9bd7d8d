//! Releases: what lists show of them in columns, their things as JSON.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::id::ReleaseId;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::release::{Outline, Release, ReleaseSort, ReleaseStatus};
use masthead_domain::repository::ReleaseRepository;
use masthead_domain::rights::Credential;

use super::{expect_one, last_revision};
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, json, total};
use crate::schema::releases;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl ReleaseRepository for Transaction<'_> {
    fn release(&mut self, id: ReleaseId) -> Result<Option<Release>> {
        find(self.connection, id.into()).map_err(during("reading a release"))
    }

    fn release_for_update(&mut self, id: ReleaseId) -> Result<Option<Release>> {
        lock(self.connection, id.into()).map_err(during("reading a release to change it"))
    }

    fn releases(
        &mut self,
        status: Option<ReleaseStatus>,
        page: &PageRequest<ReleaseSort>,
    ) -> Result<Page<Outline>> {
        list(self.connection, status, page).map_err(during("listing releases"))
    }

    fn count_open_releases(&mut self) -> Result<u64> {
        count_open(self.connection).map_err(during("counting open releases"))
    }

    fn insert_release(&mut self, release: &Release) -> Result<()> {
        let id = release.outline.id.uuid();
        insert(self.connection, release).map_err(during_write("adding a release", id, ""))?;
        self.touch(AuditResource::Release, id, None, Some(release.outline.revision));
        Ok(())
    }

    fn update_release(&mut self, release: &Release) -> Result<()> {
        let id = release.outline.id.uuid();
        update(self.connection, release).map_err(during_write("saving a release", id, ""))?;
        let revision = release.outline.revision;
        let before = Some(revision.saturating_sub(1));
        self.touch(AuditResource::Release, id, before, Some(revision));
        Ok(())
    }

    fn delete_release(&mut self, id: ReleaseId) -> Result<()> {
        let revision = delete(self.connection, id).map_err(during("deleting a release"))?;
        self.touch(AuditResource::Release, id, revision, None);
        Ok(())
    }
}

/// A release without its things.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = releases, treat_none_as_null = true)]
struct OutlineRow {
    id: RowId,
    name: String,
    description: Option<String>,
    status: String,
    item_count: i64,
    revision: i64,
    created_at: Micros,
    created_by: String,
    updated_at: Micros,
    published_at: Option<Micros>,
    published_by: Option<String>,
}

impl From<&Outline> for OutlineRow {
    fn from(outline: &Outline) -> Self {
        Self {
            id: outline.id.into(),
            name: outline.name.clone(),
            description: outline.description.clone(),
            status: outline.status.as_str().to_owned(),
            item_count: outline.count.into(),
            revision: outline.revision.into(),
            created_at: outline.created_at.into(),
            created_by: outline.created_by.to_string(),
            updated_at: outline.updated_at.into(),
            published_at: outline.published.map(|(at, _)| at.into()),
            published_by: outline.published.map(|(_, by)| by.to_string()),
        }
    }
}

impl OutlineRow {
    const fn named(&self) -> Named {
        Named {
            table: "releases",
            id: self.id,
        }
    }

    fn model(self) -> Result<Outline, StorageError> {
        let named = self.named();
        let at = named.some_instant("published_at", self.published_at)?;
        let by = self.published_by.as_deref();
        let by = by
            .map(|by| named.word("published_by", by, Credential::parse))
            .transpose()?;
        Ok(Outline {
            id: self.id.into(),
            name: self.name,
            description: self.description,
            status: named.word("status", &self.status, ReleaseStatus::parse)?,
            count: named.count("item_count", self.item_count)?,
            revision: named.count("revision", self.revision)?,
            created_at: named.instant("created_at", self.created_at)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
            published: at.zip(by),
        })
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Release>, Failure> {
    let found: Option<(OutlineRow, String)> = on_engine!(connection, |c| releases::table
        .find(id)
        .select((OutlineRow::as_select(), releases::items))
        .first(c)
        .optional())?;
    let Some((row, items)) = found else {
        return Ok(None);
    };
    let items = row.named().json("items", &items)?;
    Ok(Some(Release {
        outline: row.model()?,
        items,
    }))
}

/// Locked first and read then: what is read after the wait is what the other one left.
fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Release>, Failure> {
    lock_row!(connection, releases, id);
    find(connection, id)
}

fn list(
    connection: &mut Connection,
    status: Option<ReleaseStatus>,
    request: &PageRequest<ReleaseSort>,
) -> Result<Page<Outline>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(releases::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        releases,
        request,
        keyset,
        OutlineRow,
        || {
            let mut query = releases::table.into_boxed();
            if let Some(status) = status {
                query = query.filter(releases::status.eq(status.as_str()));
            }
            query
        }
    ))?;
    let found = rows
        .into_iter()
        .map(|row: OutlineRow| Ok(row.model()?))
        .collect::<Result<Vec<Outline>, Failure>>()?;
    Ok(keyset.page(found, total, |outline| position(outline, request)))
}

const fn sort_column(field: ReleaseSort) -> &'static str {
    match field {
        ReleaseSort::CreatedAt => sorted_by!(releases::created_at),
        ReleaseSort::UpdatedAt => sorted_by!(releases::updated_at),
        ReleaseSort::Name => sorted_by!(releases::name),
    }
}

fn position(outline: &Outline, request: &PageRequest<ReleaseSort>) -> Position {
    let value = |field| match field {
        ReleaseSort::CreatedAt => SortValue::Instant(outline.created_at),
        ReleaseSort::UpdatedAt => SortValue::Instant(outline.updated_at),
        ReleaseSort::Name => SortValue::Text(outline.name.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: outline.id.uuid(),
        as_of: None,
    }
}

fn count_open(connection: &mut Connection) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| releases::table
        .filter(releases::status.eq(ReleaseStatus::Open.as_str()))
        .count()
        .get_result(c))?;
    Ok(total(count))
}

fn insert(connection: &mut Connection, release: &Release) -> Result<(), Failure> {
    let (row, items) = (OutlineRow::from(&release.outline), json(&release.items)?);
    on_engine!(connection, |c| diesel::insert_into(releases::table)
        .values((&row, releases::items.eq(&items)))
        .execute(c))?;
    Ok(())
}

fn update(connection: &mut Connection, release: &Release) -> Result<(), Failure> {
    let (row, items) = (OutlineRow::from(&release.outline), json(&release.items)?);
    let affected = on_engine!(connection, |c| diesel::update(releases::table.find(row.id))
        .set((&row, releases::items.eq(&items)))
        .execute(c))?;
    expect_one(affected, Resource::Release, release.outline.id)
}

/// Answers the revision that it had.
fn delete(connection: &mut Connection, id: ReleaseId) -> Result<Option<u32>, Failure> {
    let gone: Vec<i64> = on_engine!(connection, |c| diesel::delete(
        releases::table.find(RowId::from(id))
    )
    .returning(releases::revision)
    .get_results(c))?;
    expect_one(gone.len(), Resource::Release, id)?;
    Ok(last_revision(&gone))
}
