//! Authors.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::author::Author;
use masthead_domain::error::Resource;
use masthead_domain::id::AuthorId;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::{AuthorRepository, Uses, WorkingSort};
use masthead_domain::slug::Slug;

use super::{expect_one, in_order, last_revision, uses};
use crate::among::Among;
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::rows::author_row;
use crate::schema::authors;
use crate::transaction::Transaction;
use crate::types::RowId;

author_row!(AuthorRow, authors, "authors");

impl AuthorRepository for Transaction<'_> {
    fn author(&mut self, id: AuthorId) -> Result<Option<Author>> {
        find(self.connection, id.into()).map_err(during("reading an author"))
    }

    fn author_for_update(&mut self, id: AuthorId) -> Result<Option<Author>> {
        lock(self.connection, id.into()).map_err(during("reading an author to change it"))
    }

    fn authors_by_id(&mut self, ids: &[AuthorId]) -> Result<Vec<Author>> {
        by_id(self.connection, ids).map_err(during("reading authors"))
    }

    fn authors_by_slug(&mut self, slugs: &[Slug]) -> Result<Vec<Author>> {
        by_slug(self.connection, slugs).map_err(during("reading authors by slug"))
    }

    fn authors(&mut self, page: &PageRequest<WorkingSort>) -> Result<Page<Author>> {
        list(self.connection, page).map_err(during("listing authors"))
    }

    fn author_uses(&mut self, id: AuthorId) -> Result<Uses> {
        uses::of_author(self.connection, id.into()).map_err(during("looking for the uses of an author"))
    }

    fn insert_author(&mut self, author: &Author) -> Result<()> {
        insert(self.connection, author).map_err(during_write(
            "adding an author",
            author.id.uuid(),
            author.slug.as_str(),
        ))?;
        self.touch(AuditResource::Author, author.id, None, Some(author.revision));
        Ok(())
    }

    fn update_author(&mut self, author: &Author) -> Result<()> {
        update(self.connection, author).map_err(during_write(
            "saving an author",
            author.id.uuid(),
            author.slug.as_str(),
        ))?;
        let before = Some(author.revision.saturating_sub(1));
        self.touch(AuditResource::Author, author.id, before, Some(author.revision));
        Ok(())
    }

    fn delete_author(&mut self, id: AuthorId) -> Result<()> {
        let revision = delete(self.connection, id).map_err(during("deleting an author"))?;
        self.touch(AuditResource::Author, id, revision, None);
        Ok(())
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Author>, Failure> {
    let row = on_engine!(connection, |c| authors::table
        .find(id)
        .select(AuthorRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(AuthorRow::model).transpose()?)
}

fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Author>, Failure> {
    lock_row!(connection, authors, id);
    find(connection, id)
}

fn by_id(connection: &mut Connection, ids: &[AuthorId]) -> Result<Vec<Author>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    let rows = on_engine!(connection, |c| authors::table
        .filter(authors::id.among(&ids))
        .select(AuthorRow::as_select())
        .load(c))?;
    models(in_order(&ids, rows, |row| row.id))
}

fn by_slug(connection: &mut Connection, slugs: &[Slug]) -> Result<Vec<Author>, Failure> {
    let slugs: Vec<&str> = slugs.iter().map(Slug::as_str).collect();
    let rows = on_engine!(connection, |c| authors::table
        .filter(authors::slug.eq_any(&slugs))
        .order(authors::slug)
        .select(AuthorRow::as_select())
        .load(c))?;
    models(rows)
}

fn list(connection: &mut Connection, request: &PageRequest<WorkingSort>) -> Result<Page<Author>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(authors::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        authors,
        request,
        keyset,
        AuthorRow,
        || authors::table.into_boxed()
    ))?;
    let page = keyset.page(models(rows)?, total, |author| position(author, request));
    Ok(page)
}

fn sort_column(field: WorkingSort) -> &'static str {
    match field {
        WorkingSort::UpdatedAt => sorted_by!(authors::updated_at),
        WorkingSort::CreatedAt => sorted_by!(authors::created_at),
        WorkingSort::Title => sorted_by!(authors::name),
    }
}

fn position(author: &Author, request: &PageRequest<WorkingSort>) -> Position {
    let value = |field| match field {
        WorkingSort::UpdatedAt => SortValue::Instant(author.updated_at),
        WorkingSort::CreatedAt => SortValue::Instant(author.created_at),
        WorkingSort::Title => SortValue::Text(author.name.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: author.id.uuid(),
        as_of: None,
    }
}

fn models(rows: Vec<AuthorRow>) -> Result<Vec<Author>, Failure> {
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

fn insert(connection: &mut Connection, author: &Author) -> Result<(), Failure> {
    let row = AuthorRow::of(author)?;
    on_engine!(connection, |c| diesel::insert_into(authors::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn update(connection: &mut Connection, author: &Author) -> Result<(), Failure> {
    let row = AuthorRow::of(author)?;
    let affected = on_engine!(connection, |c| diesel::update(authors::table.find(row.id))
        .set(&row)
        .execute(c))?;
    expect_one(affected, Resource::Author, author.id)
}

/// Answers the revision that it had.
fn delete(connection: &mut Connection, id: AuthorId) -> Result<Option<u32>, Failure> {
    let row = RowId::from(id);
    let gone: Vec<i64> = on_engine!(connection, |c| diesel::delete(authors::table.find(row))
        .returning(authors::revision)
        .get_results(c))?;
    expect_one(gone.len(), Resource::Author, id)?;
    Ok(last_revision(&gone))
}
