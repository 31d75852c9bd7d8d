//! Working copies of FAQs.

mod list;
mod row;

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::{Error, Resource};
use masthead_domain::faq::Faq;
use masthead_domain::id::FaqId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest};
use masthead_domain::repository::{FaqFilter, FaqRepository, Uses, WorkingSort};
use masthead_domain::rights::Credential;
use masthead_domain::slug::Slug;
use masthead_domain::trash::TrashKind;

use super::{expect_one, in_order, last_revision, links, trash, uses};
use crate::among::Among;
use crate::connection::{Connection, lock_row, on_engine};
use crate::delivery::schema::published_faqs;
use crate::error::{Failure, during, during_write};
use crate::kept::Keep as _;
use crate::row::folded;
use crate::schema::{article_faqs, faqs};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};
use row::FaqRow;

impl FaqRepository for Transaction<'_> {
    fn faq(&mut self, id: FaqId) -> Result<Option<Faq>> {
        find(self.connection, id.into()).map_err(during("reading a FAQ"))
    }

    fn faq_for_update(&mut self, id: FaqId) -> Result<Option<Faq>> {
        lock(self.connection, id.into()).map_err(during("reading a FAQ to change it"))
    }

    fn faqs_for_update(&mut self, ids: &BTreeSet<FaqId>) -> Result<Vec<Faq>> {
        lock_all(self.connection, ids).map_err(during("reading FAQs to change them"))
    }

    fn faqs_by_id(&mut self, ids: &[FaqId]) -> Result<Vec<Faq>> {
        by_id(self.connection, ids).map_err(during("reading FAQs"))
    }

    fn faqs(&mut self, filter: &FaqFilter, page: &PageRequest<WorkingSort>) -> Result<Page<Faq>> {
        list::list(self.connection, filter, page).map_err(during("listing FAQs"))
    }

    fn faq_slug_holders(&mut self, locale: &Locale, slug: &Slug) -> Result<Vec<FaqId>> {
        slug_holders(self.connection, locale, slug).map_err(during("looking for the holders of a slug"))
    }

    fn faq_uses(&mut self, id: FaqId) -> Result<Uses> {
        uses::of_faq(self.connection, id.into()).map_err(during("looking for the uses of a FAQ"))
    }

    fn insert_faq(&mut self, faq: &Faq) -> Result<()> {
        insert(self.connection, faq).map_err(during_write(
            "adding a FAQ",
            faq.id.uuid(),
            faq.slug.as_str(),
        ))?;
        self.touch(AuditResource::Faq, faq.id, None, Some(faq.revision));
        Ok(())
    }

    fn update_faq(&mut self, before: &Faq, after: &Faq) -> Result<()> {
        update(self.connection, before, after).map_err(during_write(
            "saving a FAQ",
            after.id.uuid(),
            after.slug.as_str(),
        ))?;
        let (was, is) = (before.revision, after.revision);
        self.touch(AuditResource::Faq, after.id, Some(was), Some(is));
        Ok(())
    }

    fn delete_faq(&mut self, id: FaqId, at: Instant, by: Credential) -> Result<()> {
        let revision = delete(self.connection, id, at, by).map_err(during("deleting a FAQ"))?;
        self.touch(AuditResource::Faq, id, revision, None);
        Ok(())
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Faq>, Failure> {
    Ok(load(connection, &[id])?.pop())
}

fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Faq>, Failure> {
    lock_row!(connection, faqs, id);
    find(connection, id)
}

/// In the order of their ids, so that two who want the same ones do not wait for each other in turns.
fn lock_all(connection: &mut Connection, ids: &BTreeSet<FaqId>) -> Result<Vec<Faq>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if let Connection::Postgres(c) = connection {
        faqs::table
            .filter(faqs::id.among(&ids))
            .order(faqs::id)
            .select(faqs::id)
            .for_update()
            .load::<RowId>(c)?;
    }
    Ok(in_order(&ids, load(connection, &ids)?, |faq| faq.id.into()))
}

fn by_id(connection: &mut Connection, ids: &[FaqId]) -> Result<Vec<Faq>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    Ok(in_order(&ids, load(connection, &ids)?, |faq| faq.id.into()))
}

fn load(connection: &mut Connection, ids: &[RowId]) -> Result<Vec<Faq>, Failure> {
    let rows: Vec<FaqRow> = on_engine!(connection, |c| faqs::table
        .filter(faqs::id.among(ids))
        .filter(faqs::deleted_at.is_null())
        .select(FaqRow::as_select())
        .load(c))?;
    with_tags(connection, rows)
}

/// A deleted FAQ; its tags were taken away.
pub(super) fn deleted(connection: &mut Connection, id: RowId) -> Result<Option<Faq>, Failure> {
    let row: Option<FaqRow> = on_engine!(connection, |c| faqs::table
        .find(id)
        .filter(faqs::deleted_at.is_not_null())
        .select(FaqRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(|row| row.model(Vec::new())).transpose()?)
}

fn with_tags(connection: &mut Connection, rows: Vec<FaqRow>) -> Result<Vec<Faq>, Failure> {
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let mut tags = links::tags_of_faqs(connection, &ids)?;
    rows.into_iter()
        .map(|row| {
            let id = row.id;
            Ok(row.model(tags.remove(&id).unwrap_or_default())?)
        })
        .collect()
}

fn slug_holders(connection: &mut Connection, locale: &Locale, slug: &Slug) -> Result<Vec<FaqId>, Failure> {
    let working = faqs::table
        .filter(faqs::locale.eq(locale.as_str()))
        .filter(faqs::slug.eq(slug.as_str()))
        .filter(faqs::deleted_at.is_null())
        .select(faqs::id);
    let published = published_faqs::table
        .filter(published_faqs::locale.eq(locale.as_str()))
        .filter(published_faqs::slug.eq(slug.as_str()))
        .select(published_faqs::id);
    let holders: Vec<RowId> = on_engine!(connection, |c| working.union(published).load(c))?;
    Ok(holders.into_iter().map(Into::into).collect())
}

fn insert(connection: &mut Connection, faq: &Faq) -> Result<(), Failure> {
    let row = FaqRow::from(faq);
    on_engine!(connection, |c| diesel::insert_into(faqs::table)
        .values((&row, faqs::search_text.eq(search_text(faq))))
        .execute(c))?;
    links::insert_faq_tags(connection, row.id, &faq.tags)
}

fn update(connection: &mut Connection, before: &Faq, after: &Faq) -> Result<(), Failure> {
    let row = FaqRow::from(after);
    if row != FaqRow::from(before) {
        let affected = on_engine!(connection, |c| diesel::update(faqs::table)
            .filter(faqs::id.eq(row.id))
            .filter(faqs::revision.eq(i64::from(before.revision)))
            .filter(faqs::deleted_at.is_null())
            .set((&row, faqs::search_text.eq(search_text(after))))
            .kept()
            .execute(c))?;
        if affected == 0 {
            return Err(missing(connection, after.id)?.into());
        }
    }
    if before.tags != after.tags {
        links::delete_faq_tags(connection, row.id)?;
        links::insert_faq_tags(connection, row.id, &after.tags)?;
    }
    Ok(())
}

/// Why no row was met: it is gone, or somebody changed it whom the caller did not lock out.
fn missing(connection: &mut Connection, id: FaqId) -> Result<Error, Failure> {
    let current = find(connection, id.into())?.map(|faq| faq.revision);
    Ok(current.map_or_else(
        || Error::not_found(Resource::Faq, id),
        |current| Error::Stale {
            resource: Resource::Faq,
            id: id.to_string(),
            current,
            since: None,
        },
    ))
}

/// Answers the revision that it had.
fn delete(
    connection: &mut Connection,
    id: FaqId,
    at: Instant,
    by: Credential,
) -> Result<Option<u32>, Failure> {
    let row = RowId::from(id);
    let affected = on_engine!(connection, |c| diesel::update(faqs::table)
        .filter(faqs::id.eq(row))
        .filter(faqs::deleted_at.is_null())
        .set((
            faqs::deleted_at.eq(Some(Micros::from(at))),
            faqs::deleted_by.eq(Some(by.to_string()))
        ))
        .execute(c))?;
    expect_one(affected, Resource::Faq, id)?;
    let shown: (_, _, _, i64, _) = on_engine!(connection, |c| faqs::table
        .find(row)
        .select((
            faqs::locale,
            faqs::slug,
            faqs::question,
            faqs::revision,
            faqs::created_by,
        ))
        .first(c))?;
    let revision = shown.3;
    trash::put(connection, row, TrashKind::Faq, shown, (at, by))?;
    links::delete_faq_tags(connection, row)?;
    // Whoever deletes a FAQ has seen to its uses; what may be left must not show something that is gone.
    on_engine!(connection, |c| diesel::delete(article_faqs::table)
        .filter(article_faqs::faq_id.eq(row))
        .execute(c))?;
    Ok(last_revision(&[revision]))
}

/// Unmarks a deleted FAQ, in this state and with these tags.
pub(super) fn restore(connection: &mut Connection, faq: &Faq) -> Result<(), Failure> {
    let row = FaqRow::from(faq);
    let affected = on_engine!(connection, |c| diesel::update(faqs::table)
        .filter(faqs::id.eq(row.id))
        .filter(faqs::deleted_at.is_not_null())
        .set((
            &row,
            faqs::deleted_at.eq(None::<Micros>),
            faqs::deleted_by.eq(None::<String>)
        ))
        .execute(c))?;
    expect_one(affected, Resource::Trashed, faq.id)?;
    links::insert_faq_tags(connection, row.id, &faq.tags)
}

/// What the filter by text looks through.
fn search_text(faq: &Faq) -> String {
    format!("{}\n{}", folded(&faq.question), folded(&faq.answer))
}
