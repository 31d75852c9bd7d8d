//! Tags.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::error::Resource;
use masthead_domain::id::TagId;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::TagQuery;
use masthead_domain::repository::{TagRepository, Uses, WorkingSort};
use masthead_domain::slug::Slug;
use masthead_domain::tag::Tag;

use super::{expect_one, in_order, last_revision, uses};
use crate::among::Among;
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::bindable;
use crate::rows::tag_row;
use crate::schema::tags;
use crate::transaction::Transaction;
use crate::types::RowId;

tag_row!(TagRow, tags, "tags");

impl TagRepository for Transaction<'_> {
    fn tag(&mut self, id: TagId) -> Result<Option<Tag>> {
        find(self.connection, id.into()).map_err(during("reading a tag"))
    }

    fn tag_for_update(&mut self, id: TagId) -> Result<Option<Tag>> {
        lock(self.connection, id.into()).map_err(during("reading a tag to change it"))
    }

    fn tags_by_id(&mut self, ids: &[TagId]) -> Result<Vec<Tag>> {
        by_id(self.connection, ids).map_err(during("reading tags"))
    }

    fn tags_by_slug(&mut self, slugs: &[Slug]) -> Result<Vec<Tag>> {
        by_slug(self.connection, slugs).map_err(during("reading tags by slug"))
    }

    fn tags(&mut self, query: &TagQuery, page: &PageRequest<WorkingSort>) -> Result<Page<Tag>> {
        list(self.connection, query, page).map_err(during("listing tags"))
    }

    fn tag_uses(&mut self, id: TagId) -> Result<Uses> {
        uses::of_tag(self.connection, id.into()).map_err(during("looking for the uses of a tag"))
    }

    fn insert_tag(&mut self, tag: &Tag) -> Result<()> {
        insert(self.connection, tag).map_err(during_write(
            "adding a tag",
            tag.id.uuid(),
            tag.slug.as_str(),
        ))?;
        self.touch(AuditResource::Tag, tag.id, None, Some(tag.revision));
        Ok(())
    }

    fn update_tag(&mut self, tag: &Tag) -> Result<()> {
        update(self.connection, tag).map_err(during_write(
            "saving a tag",
            tag.id.uuid(),
            tag.slug.as_str(),
        ))?;
        let before = Some(tag.revision.saturating_sub(1));
        self.touch(AuditResource::Tag, tag.id, before, Some(tag.revision));
        Ok(())
    }

    fn delete_tag(&mut self, id: TagId) -> Result<()> {
        let revision = delete(self.connection, id).map_err(during("deleting a tag"))?;
        self.touch(AuditResource::Tag, id, revision, None);
        Ok(())
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Tag>, Failure> {
    let row = on_engine!(connection, |c| tags::table
        .find(id)
        .select(TagRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(TagRow::model).transpose()?)
}

fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Tag>, Failure> {
    lock_row!(connection, tags, id);
    find(connection, id)
}

fn by_id(connection: &mut Connection, ids: &[TagId]) -> Result<Vec<Tag>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    let rows = on_engine!(connection, |c| tags::table
        .filter(tags::id.among(&ids))
        .select(TagRow::as_select())
        .load(c))?;
    models(in_order(&ids, rows, |row| row.id))
}

fn by_slug(connection: &mut Connection, slugs: &[Slug]) -> Result<Vec<Tag>, Failure> {
    let slugs: Vec<&str> = slugs.iter().map(Slug::as_str).collect();
    let rows = on_engine!(connection, |c| tags::table
        .filter(tags::slug.eq_any(&slugs))
        .order(tags::slug)
        .select(TagRow::as_select())
        .load(c))?;
    models(rows)
}

fn list(
    connection: &mut Connection,
    query: &TagQuery,
    request: &PageRequest<WorkingSort>,
) -> Result<Page<Tag>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(tags::id))?;
    let kind = query.kind.as_deref().map(bindable);
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        tags,
        request,
        keyset,
        TagRow,
        || {
            let mut query = tags::table.into_boxed();
            if let Some(kind) = &kind {
                query = query.filter(tags::kind.eq(kind));
            }
            query
        }
    ))?;
    let page = keyset.page(models(rows)?, total, |tag| position(tag, request));
    Ok(page)
}

fn sort_column(field: WorkingSort) -> &'static str {
    match field {
        WorkingSort::UpdatedAt => sorted_by!(tags::updated_at),
        WorkingSort::CreatedAt => sorted_by!(tags::created_at),
        WorkingSort::Title => sorted_by!(tags::name),
    }
}

fn position(tag: &Tag, request: &PageRequest<WorkingSort>) -> Position {
    let value = |field| match field {
        WorkingSort::UpdatedAt => SortValue::Instant(tag.updated_at),
        WorkingSort::CreatedAt => SortValue::Instant(tag.created_at),
        WorkingSort::Title => SortValue::Text(tag.name.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: tag.id.uuid(),
        as_of: None,
    }
}

fn models(rows: Vec<TagRow>) -> Result<Vec<Tag>, Failure> {
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

fn insert(connection: &mut Connection, tag: &Tag) -> Result<(), Failure> {
    let row = TagRow::from(tag);
    on_engine!(connection, |c| diesel::insert_into(tags::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn update(connection: &mut Connection, tag: &Tag) -> Result<(), Failure> {
    let row = TagRow::from(tag);
    let affected = on_engine!(connection, |c| diesel::update(tags::table.find(row.id))
        .set(&row)
        .execute(c))?;
    expect_one(affected, Resource::Tag, tag.id)
}

/// Answers the revision that it had.
fn delete(connection: &mut Connection, id: TagId) -> Result<Option<u32>, Failure> {
    let row = RowId::from(id);
    let gone: Vec<i64> = on_engine!(connection, |c| diesel::delete(tags::table.find(row))
        .returning(tags::revision)
        .get_results(c))?;
    expect_one(gone.len(), Resource::Tag, id)?;
    Ok(last_revision(&gone))
}
