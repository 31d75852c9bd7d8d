//! The trash: a row for each deleted thing, which keeps its own rows until it is purged.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::article::Article;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::faq::Faq;
use masthead_domain::id::{ArticleId, FaqId, TrashId};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::TrashRepository;
use masthead_domain::rights::Credential;
use masthead_domain::trash::{TrashKind, TrashSort, Trashed};
use uuid::Uuid;

use super::{articles, expect_one, faqs};
use crate::connection::{Connection, lock_row, on_engine};
use crate::delivery::schema::published_history;
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::Named;
use crate::schema::{
    article_revisions, articles as article_rows, faq_revisions, faqs as faq_rows, history_bodies, purged,
    trash,
};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl TrashRepository for Transaction<'_> {
    fn trashed(&mut self, id: TrashId) -> Result<Option<Trashed>> {
        find(self.connection, id.into()).map_err(during("looking into the trash"))
    }

    fn trashed_for_update(&mut self, id: TrashId) -> Result<Option<Trashed>> {
        lock(self.connection, id.into()).map_err(during("holding a thing in the trash"))
    }

    fn trash(&mut self, kind: Option<TrashKind>, page: &PageRequest<TrashSort>) -> Result<Page<Trashed>> {
        list(self.connection, kind, page).map_err(during("listing the trash"))
    }

    fn expired_trash(&mut self, deleted: Instant, limit: u32) -> Result<Vec<Trashed>> {
        expired(self.connection, deleted.into(), limit.into())
            .map_err(during("looking for what has been in the trash long enough"))
    }

    fn trashed_article(&mut self, id: ArticleId) -> Result<Option<Article>> {
        articles::deleted(self.connection, id.into()).map_err(during("reading a deleted article"))
    }

    fn trashed_faq(&mut self, id: FaqId) -> Result<Option<Faq>> {
        faqs::deleted(self.connection, id.into()).map_err(during("reading a deleted FAQ"))
    }

    fn restore_article(&mut self, article: &Article) -> Result<()> {
        let restored = articles::restore(self.connection, article)
            .and_then(|()| remove(self.connection, article.id.into()));
        restored.map_err(during_write(
            "restoring an article",
            article.id.uuid(),
            article.slug.as_str(),
        ))?;
        self.touch(AuditResource::Article, article.id, None, Some(article.revision));
        Ok(())
    }

    fn restore_faq(&mut self, faq: &Faq) -> Result<()> {
        let restored =
            faqs::restore(self.connection, faq).and_then(|()| remove(self.connection, faq.id.into()));
        restored.map_err(during_write("restoring a FAQ", faq.id.uuid(), faq.slug.as_str()))?;
        self.touch(AuditResource::Faq, faq.id, None, Some(faq.revision));
        Ok(())
    }

    fn purge(&mut self, thing: &Trashed, at: Instant) -> Result<()> {
        purge(self.connection, thing, at.into()).map_err(during("purging a thing in the trash"))?;
        let resource = match thing.kind {
            TrashKind::Article => AuditResource::Article,
            TrashKind::Faq => AuditResource::Faq,
        };
        self.touch(resource, thing.id, None, None);
        Ok(())
    }

    fn is_id_spent(&mut self, id: Uuid) -> Result<bool> {
        is_spent(self.connection, RowId(id)).map_err(during("looking for a spent id"))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = trash)]
struct TrashRow {
    id: RowId,
    kind: String,
    locale: String,
    slug: String,
    title: String,
    revision: i64,
    created_by: String,
    deleted_at: Micros,
    deleted_by: String,
}

impl TrashRow {
    fn model(self) -> Result<Trashed, StorageError> {
        let named = Named {
            table: "trash",
            id: self.id,
        };
        Ok(Trashed {
            id: self.id.into(),
            kind: named.word("kind", &self.kind, TrashKind::parse)?,
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            title: self.title,
            revision: named.count("revision", self.revision)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            deleted_at: named.instant("deleted_at", self.deleted_at)?,
            deleted_by: named.word("deleted_by", &self.deleted_by, Credential::parse)?,
        })
    }
}

/// What the trash shows of a thing: its locale, slug, title, revision, and who made it.
type Shown = (String, String, String, i64, String);

/// Puts a thing in the trash whose own row was just marked.
pub(super) fn put(
    connection: &mut Connection,
    id: RowId,
    kind: TrashKind,
    (locale, slug, title, revision, created_by): Shown,
    (at, by): (Instant, Credential),
) -> Result<(), Failure> {
    let row = TrashRow {
        id,
        kind: kind.as_str().to_owned(),
        locale,
        slug,
        title,
        revision,
        created_by,
        deleted_at: at.into(),
        deleted_by: by.to_string(),
    };
    on_engine!(connection, |c| diesel::insert_into(trash::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Trashed>, Failure> {
    let row: Option<TrashRow> = on_engine!(connection, |c| trash::table
        .find(id)
        .select(TrashRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(TrashRow::model).transpose()?)
}

fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Trashed>, Failure> {
    lock_row!(connection, trash, id);
    find(connection, id)
}

fn list(
    connection: &mut Connection,
    kind: Option<TrashKind>,
    request: &PageRequest<TrashSort>,
) -> Result<Page<Trashed>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(trash::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        trash,
        request,
        keyset,
        TrashRow,
        || {
            let mut query = trash::table.into_boxed();
            if let Some(kind) = kind {
                query = query.filter(trash::kind.eq(kind.as_str()));
            }
            query
        }
    ))?;
    let things = models(rows)?;
    Ok(keyset.page(things, total, |thing| position(thing, request)))
}

fn models(rows: Vec<TrashRow>) -> Result<Vec<Trashed>, Failure> {
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

const fn sort_column(field: TrashSort) -> &'static str {
    match field {
        TrashSort::DeletedAt => sorted_by!(trash::deleted_at),
    }
}

fn position(thing: &Trashed, request: &PageRequest<TrashSort>) -> Position {
    let value = |field| match field {
        TrashSort::DeletedAt => SortValue::Instant(thing.deleted_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: thing.id.uuid(),
        as_of: None,
    }
}

/// Two nodes that look at once find different things: what one holds the other passes over.
fn expired(connection: &mut Connection, deleted: Micros, limit: i64) -> Result<Vec<Trashed>, Failure> {
    let query = trash::table
        .filter(trash::deleted_at.le(deleted))
        .order((trash::deleted_at, trash::id))
        .limit(limit);
    let rows: Vec<TrashRow> = match connection {
        Connection::Sqlite(c) => query.load(c)?,
        Connection::Postgres(c) => query.for_update().skip_locked().load(c)?,
    };
    models(rows)
}

fn remove(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    let affected = on_engine!(connection, |c| diesel::delete(trash::table.find(id)).execute(c))?;
    expect_one(affected, Resource::Trashed, TrashId::from(id))
}

/// Sections and links go with the row of their article.
fn purge(connection: &mut Connection, thing: &Trashed, at: Micros) -> Result<(), Failure> {
    let (id, kind) = (RowId::from(thing.id), thing.kind.as_str());
    remove(connection, id)?;
    match thing.kind {
        TrashKind::Article => on_engine!(connection, |c| {
            diesel::delete(article_revisions::table)
                .filter(article_revisions::article_id.eq(id))
                .execute(c)?;
            diesel::delete(article_rows::table.find(id)).execute(c)?;
        }),
        TrashKind::Faq => on_engine!(connection, |c| {
            diesel::delete(faq_revisions::table)
                .filter(faq_revisions::faq_id.eq(id))
                .execute(c)?;
            diesel::delete(faq_rows::table.find(id)).execute(c)?;
        }),
    }
    // What readers saw is called by the same words.
    on_engine!(connection, |c| {
        diesel::delete(history_bodies::table)
            .filter(history_bodies::resource.eq(kind))
            .filter(history_bodies::resource_id.eq(id))
            .execute(c)?;
        diesel::delete(published_history::table)
            .filter(published_history::resource.eq(kind))
            .filter(published_history::resource_id.eq(id))
            .execute(c)?;
        diesel::insert_into(purged::table)
            .values((purged::id.eq(id), purged::kind.eq(kind), purged::purged_at.eq(at)))
            .execute(c)?;
    });
    Ok(())
}

fn is_spent(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    let count: i64 = on_engine!(connection, |c| {
        let gone: i64 = purged::table.find(id).count().get_result(c)?;
        let faqs: i64 = faq_rows::table.find(id).count().get_result(c)?;
        gone + faqs
    });
    Ok(count > 0)
}
