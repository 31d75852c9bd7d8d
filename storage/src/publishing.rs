//! The writing side of what readers see.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;
use masthead_domain::Result;
use masthead_domain::author::Author;
use masthead_domain::id::{ArticleId, AuthorId, FaqId, TagId};
use masthead_domain::locale::Locale;
use masthead_domain::published::{Edition, EditionLinks, FaqLinks, PublishedFaq};
use masthead_domain::repository::{PublishedRepository, Seen};
use masthead_domain::slug::Slug;
use masthead_domain::tag::Tag;

use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::{PublishedArticleRow, PublishedAuthorRow, PublishedFaqRow, PublishedTagRow};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_authors, published_faq_tags, published_faqs, published_tags,
};
use crate::error::{Failure, during, during_write};
use crate::kept::{Keep as _, insert_rows};
use crate::row::{Named, folded, json, position};
use crate::schema::{authors, tags};
use crate::searching::{self, Name};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// FAQs in one statement.
const FAQS: usize = 100;

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
        put_faqs(self.connection, faqs).map_err(during_write(
            "publishing FAQs",
            first.id.uuid(),
            first.slug.as_str(),
        ))
    }

    fn faqs_seen_at(&mut self, addresses: &[(&Locale, &Slug)]) -> Result<Vec<(Locale, Slug, FaqId)>> {
        faqs_seen_at(self.connection, addresses)
            .map_err(during("looking for FAQs that readers see at an address"))
    }

    fn remove_published_faq(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        remove_faq(self.connection, id.into()).map_err(during("taking a FAQ away from readers"))
    }

    fn published_faq_links(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        faq_links(self.connection, id.into()).map_err(during("reading what readers see of a FAQ"))
    }

    fn articles_showing_faqs(&mut self, ids: &[FaqId]) -> Result<Vec<(FaqId, ArticleId)>> {
        articles_showing_faqs(self.connection, ids).map_err(during("looking for articles that link FAQs"))
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

fn put_faqs(connection: &mut Connection, faqs: &[PublishedFaq]) -> Result<(), Failure> {
    let ids: Vec<RowId> = faqs.iter().map(|faq| faq.id.into()).collect();
    put_faq_rows(connection, faqs)?;
    let tagged: Vec<_> = faqs
        .iter()
        .map(|faq| (faq.id.into(), faq.tags.as_slice()))
        .collect();
    put_faq_tags(connection, &tagged)?;
    searching::renew_carriers(connection, &ids)
}

/// Shows FAQs with these tags instead of those before.
pub(crate) fn put_faq_tags(connection: &mut Connection, tagged: &[(RowId, &[TagId])]) -> Result<(), Failure> {
    let ids: Vec<RowId> = tagged.iter().map(|(id, _)| *id).collect();
    on_engine!(connection, |c| diesel::delete(published_faq_tags::table)
        .filter(published_faq_tags::faq_id.among(&ids))
        .execute(c))?;
    let rows: Vec<_> = tagged
        .iter()
        .flat_map(|(id, tags)| std::iter::repeat(*id).zip(tags.iter().enumerate()))
        .map(|(id, (index, tag))| {
            (
                published_faq_tags::faq_id.eq(id),
                published_faq_tags::tag_id.eq(RowId::from(*tag)),
                published_faq_tags::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_faq_tags::table, &rows)?;
    }
    Ok(())
}

/// All in one statement on PostgreSQL, where each has a way to go.
fn put_faq_rows(connection: &mut Connection, faqs: &[PublishedFaq]) -> Result<(), Failure> {
    let rows = faqs.iter().map(|faq| {
        let text = faq_text(&faq.question, &faq.answer.text);
        (PublishedFaqRow::from(faq), text)
    });
    match connection {
        Connection::Sqlite(c) => {
            for (row, text) in rows {
                let values = (&row, published_faqs::search_text.eq(&text));
                diesel::insert_into(published_faqs::table)
                    .values(values)
                    .on_conflict(published_faqs::id)
                    .do_update()
                    .set(values)
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            let rows = rows.map(|(row, text)| (row, published_faqs::search_text.eq(text)));
            let rows: Vec<_> = rows.collect();
            for rows in rows.chunks(FAQS) {
                diesel::insert_into(published_faqs::table)
                    .values(rows)
                    .on_conflict(published_faqs::id)
                    .do_update()
                    .set((
                        published_faqs::locale.eq(excluded(published_faqs::locale)),
                        published_faqs::slug.eq(excluded(published_faqs::slug)),
                        published_faqs::question.eq(excluded(published_faqs::question)),
                        published_faqs::answer_html.eq(excluded(published_faqs::answer_html)),
                        published_faqs::answer_markdown.eq(excluded(published_faqs::answer_markdown)),
                        published_faqs::answer_text.eq(excluded(published_faqs::answer_text)),
                        published_faqs::revision.eq(excluded(published_faqs::revision)),
                        published_faqs::published_at.eq(excluded(published_faqs::published_at)),
                        published_faqs::first_published_at.eq(excluded(published_faqs::first_published_at)),
                        published_faqs::updated_at.eq(excluded(published_faqs::updated_at)),
                        published_faqs::search_text.eq(excluded(published_faqs::search_text)),
                    ))
                    .kept_with(rows.len())
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

fn remove_faq(connection: &mut Connection, id: RowId) -> Result<Option<FaqLinks>, Failure> {
    let seen = faq_links(connection, id)?;
    on_engine!(connection, |c| diesel::delete(published_faqs::table.find(id))
        .execute(c))?;
    searching::renew_carriers(connection, &[id])?;
    Ok(seen)
}

fn faq_links(connection: &mut Connection, id: RowId) -> Result<Option<FaqLinks>, Failure> {
    let found: Option<(String, String)> = on_engine!(connection, |c| published_faqs::table
        .find(id)
        .select((published_faqs::slug, published_faqs::locale))
        .first(c)
        .optional())?;
    let Some((slug, locale)) = found else {
        return Ok(None);
    };
    let tags: Vec<RowId> = on_engine!(connection, |c| published_faq_tags::table
        .filter(published_faq_tags::faq_id.eq(id))
        .order(published_faq_tags::position)
        .select(published_faq_tags::tag_id)
        .load(c))?;
    let named = Named {
        table: "published_faqs",
        id,
    };
    Ok(Some(FaqLinks {
        slug: named.slug(&slug)?,
        locale: named.locale(&locale)?,
        tags: tags.into_iter().map(Into::into).collect(),
    }))
}

fn articles_showing_faqs(
    connection: &mut Connection,
    ids: &[FaqId],
) -> Result<Vec<(FaqId, ArticleId)>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    let shown: Vec<(RowId, RowId)> = on_engine!(connection, |c| published_article_faqs::table
        .filter(published_article_faqs::faq_id.among(&ids))
        .order((published_article_faqs::faq_id, published_article_faqs::article_id))
        .select((published_article_faqs::faq_id, published_article_faqs::article_id))
        .load(c))?;
    Ok(shown
        .into_iter()
        .map(|(faq, article)| (faq.into(), article.into()))
        .collect())
}

/// Asked for each locale, of which there is hardly ever more than one.
fn faqs_seen_at(
    connection: &mut Connection,
    addresses: &[(&Locale, &Slug)],
) -> Result<Vec<(Locale, Slug, FaqId)>, Failure> {
    let mut slugs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (locale, slug) in addresses {
        slugs.entry(locale.as_str()).or_default().push(slug.as_str());
    }
    let mut holders = Vec::new();
    for (locale, slugs) in slugs {
        let found: Vec<(String, String, RowId)> = on_engine!(connection, |c| published_faqs::table
            .filter(published_faqs::locale.eq(locale))
            .filter(published_faqs::slug.eq_any(slugs))
            .select((published_faqs::locale, published_faqs::slug, published_faqs::id))
            .load(c))?;
        for (locale, slug, id) in found {
            let named = Named {
                table: "published_faqs",
                id,
            };
            holders.push((named.locale(&locale)?, named.slug(&slug)?, id.into()));
        }
    }
    Ok(holders)
}

/// What `q` looks through in a FAQ.
pub(crate) fn faq_text(question: &str, answer: &str) -> String {
    folded(&format!("{question}\n{answer}"))
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
                .filter($table::id.eq_any($ids))
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
            .filter($table::id.eq_any($ids))
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
