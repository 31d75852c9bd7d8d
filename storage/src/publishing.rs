//! The writing side of what readers see.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::author::Author;
use masthead_domain::id::{ArticleId, AuthorId, FaqId, TagId};
use masthead_domain::published::{Edition, EditionLinks, FaqLinks, PublishedFaq};
use masthead_domain::repository::PublishedRepository;
use masthead_domain::tag::Tag;

use crate::connection::{Connection, lock_row, on_engine};
use crate::delivery::rows::{PublishedArticleRow, PublishedAuthorRow, PublishedFaqRow, PublishedTagRow};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_authors, published_faq_tags, published_faqs, published_tags,
};
use crate::error::{Failure, during, during_write};
use crate::row::{Named, folded, json, position};
use crate::schema::{authors, tags};
use crate::searching::{self, Name};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

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

    fn put_published_faq(&mut self, faq: &PublishedFaq) -> Result<()> {
        put_faq(self.connection, faq).map_err(during_write(
            "publishing a FAQ",
            faq.id.uuid(),
            faq.slug.as_str(),
        ))
    }

    fn remove_published_faq(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        remove_faq(self.connection, id.into()).map_err(during("taking a FAQ away from readers"))
    }

    fn published_faq_links(&mut self, id: FaqId) -> Result<Option<FaqLinks>> {
        faq_links(self.connection, id.into()).map_err(during("reading what readers see of a FAQ"))
    }

    fn articles_showing_faq(&mut self, id: FaqId) -> Result<Vec<ArticleId>> {
        articles_showing_faq(self.connection, id.into())
            .map_err(during("looking for articles that link a FAQ"))
    }

    fn is_tag_published(&mut self, id: TagId) -> Result<bool> {
        is_tag_published(self.connection, id.into()).map_err(during("looking for a published tag"))
    }

    fn is_tag_carried(&mut self, id: TagId) -> Result<bool> {
        is_tag_carried(self.connection, id.into()).map_err(during("looking for what carries a tag"))
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

    fn is_author_carried(&mut self, id: AuthorId) -> Result<bool> {
        is_author_carried(self.connection, id.into())
            .map_err(during("looking for what carries an author's name"))
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
    on_engine!(connection, |c| diesel::insert_into(published_articles::table)
        .values((&row, published_articles::sections.eq(&sections)))
        .on_conflict(published_articles::id)
        .do_update()
        .set((&row, published_articles::sections.eq(&sections)))
        .execute(c))?;
    remove_links(connection, row.id)?;
    put_tags(connection, edition)?;
    put_bylines(connection, row.id, edition)?;
    put_faq_links(connection, row.id, &edition.faqs)?;
    searching::put_article(connection, &edition.article, &edition.sections)
}

fn remove_links(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| {
        diesel::delete(published_article_tags::table)
            .filter(published_article_tags::article_id.eq(id))
            .execute(c)?;
        diesel::delete(published_article_authors::table)
            .filter(published_article_authors::article_id.eq(id))
            .execute(c)?;
        diesel::delete(published_article_faqs::table)
            .filter(published_article_faqs::article_id.eq(id))
            .execute(c)?;
    });
    Ok(())
}

fn put_tags(connection: &mut Connection, edition: &Edition) -> Result<(), Failure> {
    let article = &edition.article;
    let rows: Vec<_> = edition
        .tags
        .iter()
        .enumerate()
        .map(|(index, tag)| {
            (
                published_article_tags::article_id.eq(RowId::from(article.id)),
                published_article_tags::tag_id.eq(RowId::from(*tag)),
                published_article_tags::position.eq(position(index)),
                published_article_tags::published_at.eq(Micros::from(article.published_at)),
            )
        })
        .collect();
    if !rows.is_empty() {
        on_engine!(connection, |c| diesel::insert_into(published_article_tags::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

fn put_bylines(connection: &mut Connection, id: RowId, edition: &Edition) -> Result<(), Failure> {
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
        on_engine!(connection, |c| diesel::insert_into(
            published_article_authors::table
        )
        .values(&rows)
        .execute(c))?;
    }
    Ok(())
}

fn put_faq_links(connection: &mut Connection, id: RowId, faqs: &[FaqId]) -> Result<(), Failure> {
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
        on_engine!(connection, |c| diesel::insert_into(published_article_faqs::table)
            .values(&rows)
            .execute(c))?;
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

fn put_faq(connection: &mut Connection, faq: &PublishedFaq) -> Result<(), Failure> {
    let row = PublishedFaqRow::from(faq);
    let text = faq_text(&faq.question, &faq.answer.text);
    on_engine!(connection, |c| diesel::insert_into(published_faqs::table)
        .values((&row, published_faqs::search_text.eq(&text)))
        .on_conflict(published_faqs::id)
        .do_update()
        .set((&row, published_faqs::search_text.eq(&text)))
        .execute(c))?;
    on_engine!(connection, |c| diesel::delete(published_faq_tags::table)
        .filter(published_faq_tags::faq_id.eq(row.id))
        .execute(c))?;
    let tags: Vec<_> = faq
        .tags
        .iter()
        .enumerate()
        .map(|(index, tag)| {
            (
                published_faq_tags::faq_id.eq(row.id),
                published_faq_tags::tag_id.eq(RowId::from(*tag)),
                published_faq_tags::position.eq(position(index)),
            )
        })
        .collect();
    if !tags.is_empty() {
        on_engine!(connection, |c| diesel::insert_into(published_faq_tags::table)
            .values(&tags)
            .execute(c))?;
    }
    searching::renew_carriers(connection, row.id)
}

fn remove_faq(connection: &mut Connection, id: RowId) -> Result<Option<FaqLinks>, Failure> {
    let seen = faq_links(connection, id)?;
    on_engine!(connection, |c| diesel::delete(published_faqs::table.find(id))
        .execute(c))?;
    searching::renew_carriers(connection, id)?;
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

fn articles_showing_faq(connection: &mut Connection, id: RowId) -> Result<Vec<ArticleId>, Failure> {
    let articles: Vec<RowId> = on_engine!(connection, |c| published_article_faqs::table
        .filter(published_article_faqs::faq_id.eq(id))
        .order(published_article_faqs::article_id)
        .select(published_article_faqs::article_id)
        .load(c))?;
    Ok(articles.into_iter().map(Into::into).collect())
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
        on_engine!($connection, |c| diesel::select(diesel::dsl::exists($query))
            .get_result::<bool>(c))
    };
}

fn is_tag_published(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    Ok(is_there!(connection, published_tags::table.find(id))?)
}

/// The tag is held from now on: of two who ask at once, the second is told after the first has finished, so
/// that one does not take away from readers what the other one has just given a use. A new name waits too.
fn is_tag_carried(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    lock_row!(connection, tags, id);
    let articles = published_article_tags::table.filter(published_article_tags::tag_id.eq(id));
    let faqs = published_faq_tags::table.filter(published_faq_tags::tag_id.eq(id));
    Ok(is_there!(connection, articles)? || is_there!(connection, faqs)?)
}

fn put_tag(connection: &mut Connection, tag: &Tag) -> Result<(), Failure> {
    let row = PublishedTagRow::from(tag);
    let text = tag_text(tag);
    on_engine!(connection, |c| diesel::insert_into(published_tags::table)
        .values((&row, published_tags::search_text.eq(&text)))
        .on_conflict(published_tags::id)
        .do_update()
        .set((&row, published_tags::search_text.eq(&text)))
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

/// The author is held from now on, as a tag is.
fn is_author_carried(connection: &mut Connection, id: RowId) -> Result<bool, Failure> {
    lock_row!(connection, authors, id);
    let articles = published_article_authors::table.filter(published_article_authors::author_id.eq(id));
    Ok(is_there!(connection, articles)?)
}

fn put_author(connection: &mut Connection, author: &Author) -> Result<(), Failure> {
    let row = PublishedAuthorRow::of(author)?;
    let text = author_text(author);
    on_engine!(connection, |c| diesel::insert_into(published_authors::table)
        .values((&row, published_authors::search_text.eq(&text)))
        .on_conflict(published_authors::id)
        .do_update()
        .set((&row, published_authors::search_text.eq(&text)))
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
