//! The writing side of what readers see.

mod faqs;

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use masthead_domain::Result;
use masthead_domain::author::Author;
use masthead_domain::id::{ArticleId, AuthorId, FaqId, TagId};
use masthead_domain::locale::Locale;
use masthead_domain::published::{Edition, EditionLinks, FaqLinks, PublishedFaq};
use masthead_domain::repository::{PublishedRepository, Seen};
use masthead_domain::slug::Slug;
use masthead_domain::tag::Tag;

use crate::among::Among as _;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::{PublishedArticleRow, PublishedAuthorRow, PublishedTagRow};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_authors, published_faq_tags, published_tags,
};
use crate::error::{Failure, during, during_write};
use crate::kept::{Keep as _, insert_rows};
use crate::row::{Named, folded, json, position};
use crate::schema::{authors, tags};
use crate::searching::{self, Name};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};
pub(crate) use faqs::{faq_text, put_faq_tags};

impl PublishedRepository for Transaction<'_> {
    fn edition_links(&mut self, id: ArticleId) -> Result<Option<EditionLinks>> {
        edition_links(self.connection, id.into()).map_err(during("reading what readers see of an article"))
    }

    fn put_edition(&mut self, edition: &Edition) -> Result<()> {
        let article = &edition.article;
        put_edition(self.connection, edition).map_err(during_write(
            "publishing an article",
            article.id.uuid(),
            article.slug.as_str(),
        ))
    }

    fn remove_edition(&mut self, id: ArticleId) -> Result<()> {
        remove_edition(self.connection, id.into()).map_err(during("taking an article away from readers"))
    }

    fn put_published_faqs(&mut self, faqs: &[PublishedFaq]) -> Result<()> {
        let Some(first) = faqs.first() else { return Ok(()) };
        faqs::put_faqs(self.connection, faqs).map_err(during_write(
            "publishing FAQs",
            first.id.uuid(),
            first.slug.as_str(),
        ))
    }

    fn faqs_seen_at(&mut self, addresses: &[(&Locale, &Slug)]) -> Result<Vec<(Locale, Slug, FaqId)>> {
        faqs::faqs_seen_at(self.connection, addresses)
            .map_err(during("looking for FAQs that readers see at an address"))
    }

    fn remove_published_faq(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        faqs::remove_faq(self.connection, id.into()).map_err(during("taking a FAQ away from readers"))
    }

    fn published_faq_links(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        faqs::faq_links(self.connection, id.into()).map_err(during("reading what readers see of a FAQ"))
    }

    fn articles_showing_faqs(&mut self, ids: &[FaqId]) -> Result<Vec<(FaqId, ArticleId)>> {
        faqs::articles_showing_faqs(self.connection, ids)
            .map_err(during("looking for articles that link FAQs"))
    }

    fn is_tag_published(&mut self, id: TagId) -> Result<bool> {
        is_tag_published(self.connection, id.into()).map_err(during("looking for a published tag"))
    }

    fn tags_seen(&mut self, ids: &BTreeSet<TagId>) -> Result<Vec<Seen<TagId>>> {
        let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
        tags_seen(self.connection, &ids).map_err(during("looking for what carries tags"))
    }

    fn put_published_tag(&mut self, tag: &Tag) -> Result<()> {
        put_tag(self.connection, tag).map_err(during_write(
            "publishing a tag",
            tag.id.uuid(),
            tag.slug.as_str(),
        ))
    }

    fn remove_published_tag(&mut self, id: TagId) -> Result<()> {
        remove_tag(self.connection, id.into()).map_err(during("taking a tag away from readers"))
    }

    fn is_author_published(&mut self, id: AuthorId) -> Result<bool> {
        is_author_published(self.connection, id.into()).map_err(during("looking for a published author"))
    }

    fn authors_seen(&mut self, ids: &BTreeSet<AuthorId>) -> Result<Vec<Seen<AuthorId>>> {
        let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
        authors_seen(self.connection, &ids).map_err(during("looking for what carries authors' names"))
    }

    fn put_published_author(&mut self, author: &Author) -> Result<()> {
        put_author(self.connection, author).map_err(during_write(
            "publishing an author",
            author.id.uuid(),
            author.slug.as_str(),
        ))
    }

    fn remove_published_author(&mut self, id: AuthorId) -> Result<()> {
        remove_author(self.connection, id.into()).map_err(during("taking an author away from readers"))
    }
}

fn edition_links(connection: &mut Connection, id: RowId) -> Result<Option<EditionLinks>, Failure> {
    let found: Option<(String, String, RowId)> = on_engine!(connection, |c| published_articles::table
        .find(id)
        .select((
            published_articles::slug,
            published_articles::locale,
            published_articles::story_id,
        ))
        .first(c)
        .optional())?;
    let Some((slug, locale, story)) = found else {
        return Ok(None);
    };
    let tags: Vec<RowId> = on_engine!(connection, |c| published_article_tags::table
        .filter(published_article_tags::article_id.eq(id))
        .order(published_article_tags::position)
        .select(published_article_tags::tag_id)
        .load(c))?;
    let authors: Vec<RowId> = on_engine!(connection, |c| published_article_authors::table
        .filter(published_article_authors::article_id.eq(id))
        .order(published_article_authors::position)
        .select(published_article_authors::author_id)
        .load(c))?;
    let named = Named {
        table: "published_articles",
        id,
    };
    Ok(Some(EditionLinks {
        slug: named.slug(&slug)?,
        locale: named.locale(&locale)?,
        story: story.into(),
        tags: tags.into_iter().map(Into::into).collect(),
        authors: authors.into_iter().map(Into::into).collect(),
    }))
}

fn put_edition(connection: &mut Connection, edition: &Edition) -> Result<(), Failure> {
    let row = PublishedArticleRow::of(&edition.article)?;
    let sections = json(&edition.sections)?;
    let values = (&row, published_articles::sections.eq(&sections));
    let is_there = match connection {
        Connection::Sqlite(c) => {
            diesel::insert_into(published_articles::table)
                .values(values)
                .on_conflict(published_articles::id)
                .do_update()
                .set(values)
                .kept()
                .execute(c)?;
            true
        }
        // A row that was there before is marked as replaced by this transaction; each question saved is a way saved.
        Connection::Postgres(c) => diesel::insert_into(published_articles::table)
            .values(values)
            .on_conflict(published_articles::id)
            .do_update()
            .set(values)
            .returning(diesel::dsl::sql::<Bool>("published_articles.xmax <> 0"))
            .kept()
            .get_result(c)?,
    };
    let published_at = Micros::from(edition.article.published_at);
    put_tags(connection, row.id, published_at, &edition.tags, is_there)?;
    put_bylines(connection, row.id, edition, is_there)?;
    put_faq_links(connection, row.id, &edition.faqs, is_there)?;
    searching::put_article(connection, &edition.article, &edition.sections)
}

/// Takes away the links of one kind that an article has.
macro_rules! remove_links {
    ($connection:expr, $links:ident, $id:expr) => {
        on_engine!($connection, |c| diesel::delete($links::table)
            .filter($links::article_id.eq($id))
            .execute(c))?
    };
}

/// Shows an article with these tags; `is_there` where it may have others.
pub(crate) fn put_tags(
    connection: &mut Connection,
    id: RowId,
    published_at: Micros,
    tags: &[TagId],
    is_there: bool,
) -> Result<(), Failure> {
    // Their links hold the date of the edition, so they are always others.
    if is_there {
        remove_links!(connection, published_article_tags, id);
    }
    let rows: Vec<_> = tags
        .iter()
        .enumerate()
        .map(|(index, tag)| {
            (
                published_article_tags::article_id.eq(id),
                published_article_tags::tag_id.eq(RowId::from(*tag)),
                published_article_tags::position.eq(position(index)),
                published_article_tags::published_at.eq(published_at),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_article_tags::table, &rows)?;
    }
    Ok(())
}

fn put_bylines(
    connection: &mut Connection,
    id: RowId,
    edition: &Edition,
    is_there: bool,
) -> Result<(), Failure> {
    if is_there {
        let before: Vec<(RowId, String, i64)> = on_engine!(connection, |c| published_article_authors::table
            .filter(published_article_authors::article_id.eq(id))
            .order(published_article_authors::position)
            .select((
                published_article_authors::author_id,
                published_article_authors::role,
                published_article_authors::position,
            ))
            .load(c))?;
        let after = edition.authors.iter().enumerate();
        let after = after.map(|(index, by)| (by.author_id.into(), by.role.as_str(), position(index)));
        let before_it = before
            .iter()
            .map(|(author, role, at)| (*author, role.as_str(), *at));
        if before_it.eq(after) {
            return Ok(());
        }
        remove_links!(connection, published_article_authors, id);
    }
    let rows: Vec<_> = edition
        .authors
        .iter()
        .enumerate()
        .map(|(index, byline)| {
            (
                published_article_authors::article_id.eq(id),
                published_article_authors::author_id.eq(RowId::from(byline.author_id)),
                published_article_authors::role.eq(byline.role.as_str()),
                published_article_authors::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_article_authors::table, &rows)?;
    }
    Ok(())
}

fn put_faq_links(
    connection: &mut Connection,
    id: RowId,
    faqs: &[FaqId],
    is_there: bool,
) -> Result<(), Failure> {
    if is_there {
        let before: Vec<(RowId, i64)> = on_engine!(connection, |c| published_article_faqs::table
            .filter(published_article_faqs::article_id.eq(id))
            .order(published_article_faqs::position)
            .select((published_article_faqs::faq_id, published_article_faqs::position))
            .load(c))?;
        let after = faqs.iter().enumerate();
        let after = after.map(|(index, faq)| (RowId::from(*faq), position(index)));
        if before.iter().copied().eq(after) {
            return Ok(());
        }
        remove_links!(connection, published_article_faqs, id);
    }
    let rows: Vec<_> = faqs
        .iter()
        .enumerate()
        .map(|(index, faq)| {
            (
                published_article_faqs::article_id.eq(id),
                published_article_faqs::faq_id.eq(RowId::from(*faq)),
                published_article_faqs::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_article_faqs::table, &rows)?;
    }
    Ok(())
}

/// The links go with it.
fn remove_edition(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    searching::remove_article(connection, id)?;
    on_engine!(connection, |c| diesel::delete(published_articles::table.find(id))
        .execute(c))?;
    Ok(())
}

/// What `q` looks through in a tag.
pub(crate) fn tag_text(tag: &Tag) -> String {
    let description = tag.description.as_deref().unwrap_or_default();
    folded(&format!("{}\n{}\n{description}", tag.name, tag.slug))
}

/// What `q` looks through in an author.
pub(crate) fn author_text(author: &Author) -> String {
    let bio = author.bio.as_deref().unwrap_or_default();
    folded(&format!("{}\n{}\n{bio}", author.name, author.slug))
}

/// Whether a table has a row.
macro_rules! is_there {
    ($connection:expr, $query:expr) => {
        on_engine!($connection, |c| diesel::select(exists($query))
            .get_result::<bool>(c))
    };
}

/// Keeps rows from being changed by others until the transaction ends, in the order of their ids. SQLite has one
/// writer anyway.
macro_rules! hold {
    ($connection:expr, $table:ident, $ids:expr) => {
        if let Connection::Postgres(c) = $connection {
            $table::table
                .filter($table::id.among($ids))
                .order($table::id)
                .select($table::id)
                .for_update()
                .load::<RowId>(c)?;
        }
    };
}

/// For some rows, whether they are carried and whether they are shown.
macro_rules! seen {
    ($connection:expr, $table:ident, $ids:expr, $carried:expr, $shown:expr) => {
        on_engine!($connection, |c| $table::table
            .filter($table::id.among($ids))
            .select(($table::id, $carried, exists($shown)))
            .load::<(RowId, bool, bool)>(c))?
    };
}

fn is_tag_published(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    Ok(is_there!(connection, published_tags::table.find(id))?)
}

/// The tags are held from now on: of two who ask at once, the second is told after the first has finished, so
/// that one does not take away from readers what the other one has just given a use. A new name waits too.
fn tags_seen(connection: &mut Connection, ids: &[RowId]) -> Result<Vec<Seen<TagId>>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    hold!(connection, tags, ids);
    let in_articles = published_article_tags::table.filter(published_article_tags::tag_id.eq(tags::id));
    let in_faqs = published_faq_tags::table.filter(published_faq_tags::tag_id.eq(tags::id));
    let shown = published_tags::table.filter(published_tags::id.eq(tags::id));
    let carried = exists(in_articles).or(exists(in_faqs));
    Ok(seen(ids, seen!(connection, tags, ids, carried, shown)))
}

fn put_tag(connection: &mut Connection, tag: &Tag) -> Result<(), Failure> {
    let row = PublishedTagRow::from(tag);
    let text = tag_text(tag);
    on_engine!(connection, |c| diesel::insert_into(published_tags::table)
        .values((&row, published_tags::search_text.eq(&text)))
        .on_conflict(published_tags::id)
        .do_update()
        .set((&row, published_tags::search_text.eq(&text)))
        .kept()
        .execute(c))?;
    let name = Name {
        kind: "tag",
        item: row.id,
        slug: tag.slug.as_str(),
        locale: None,
        text: &tag.name,
    };
    searching::put_name(connection, &name)
}

fn remove_tag(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(published_tags::table.find(id))
        .execute(c))?;
    searching::remove_name(connection, "tag", id)
}

fn is_author_published(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    Ok(is_there!(connection, published_authors::table.find(id))?)
}

/// The authors are held from now on, as tags are.
fn authors_seen(connection: &mut Connection, ids: &[RowId]) -> Result<Vec<Seen<AuthorId>>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    hold!(connection, authors, ids);
    let in_bylines =
        published_article_authors::table.filter(published_article_authors::author_id.eq(authors::id));
    let shown = published_authors::table.filter(published_authors::id.eq(authors::id));
    Ok(seen(
        ids,
        seen!(connection, authors, ids, exists(in_bylines), shown),
    ))
}

/// In the order of `ids`; one that is no more is neither carried nor shown.
fn seen<I: From<RowId>>(ids: &[RowId], found: Vec<(RowId, bool, bool)>) -> Vec<Seen<I>> {
    let found: BTreeMap<_, _> = found
        .into_iter()
        .map(|(id, carried, published)| (id, (carried, published)))
        .collect();
    ids.iter()
        .map(|id| {
            let (carried, published) = found.get(id).copied().unwrap_or_default();
            Seen {
                id: (*id).into(),
                carried,
                published,
            }
        })
        .collect()
}

fn put_author(connection: &mut Connection, author: &Author) -> Result<(), Failure> {
    let row = PublishedAuthorRow::of(author)?;
    let text = author_text(author);
    on_engine!(connection, |c| diesel::insert_into(published_authors::table)
        .values((&row, published_authors::search_text.eq(&text)))
        .on_conflict(published_authors::id)
        .do_update()
        .set((&row, published_authors::search_text.eq(&text)))
        .kept()
        .execute(c))?;
    let name = Name {
        kind: "author",
        item: row.id,
        slug: author.slug.as_str(),
        locale: None,
        text: &author.name,
    };
    searching::put_name(connection, &name)
}

fn remove_author(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(published_authors::table.find(id))
        .execute(c))?;
    searching::remove_name(connection, "author", id)
}
