//! Working copies of articles.

mod due;
mod list;
mod row;
mod save;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::article::{Article, Overview, Status};
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::id::{ArticleId, StoryId};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest};
use masthead_domain::repository::{ArticleFilter, ArticleRepository, WorkingSort};
use masthead_domain::rights::Credential;
use masthead_domain::slug::Slug;
use masthead_domain::story::Translation;
use masthead_domain::workflow::{Due, ScheduleError};

use super::{links, sections};
use crate::among::Among as _;
use crate::connection::{Connection, lock_row, on_engine};
use crate::delivery::schema::published_articles;
use crate::error::{Failure, during, during_write};
use crate::row::Named;
use crate::schema::articles;
use crate::transaction::Transaction;
use crate::types::RowId;
use row::ArticleRow;
pub(super) use save::restore;

impl ArticleRepository for Transaction<'_> {
    fn article(&mut self, id: ArticleId) -> Result<Option<Article>> {
        find(self.connection, id.into()).map_err(during("reading an article"))
    }

    fn article_for_update(&mut self, id: ArticleId) -> Result<Option<Article>> {
        lock(self.connection, id.into()).map_err(during("reading an article to change it"))
    }

    fn article_by_slug(&mut self, locale: &Locale, slug: &Slug) -> Result<Option<ArticleId>> {
        by_slug(self.connection, locale, slug).map_err(during("reading an article by slug"))
    }

    fn articles(
        &mut self,
        filter: &ArticleFilter,
        page: &PageRequest<WorkingSort>,
    ) -> Result<Page<Overview>> {
        list::list(self.connection, filter, page).map_err(during("listing articles"))
    }

    fn article_titles(&mut self, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String, u32)>> {
        titles(self.connection, ids).map_err(during("reading the titles of articles"))
    }

    fn article_slug_holders(&mut self, locale: &Locale, slug: &Slug) -> Result<Vec<ArticleId>> {
        slug_holders(self.connection, locale, slug).map_err(during("looking for the holders of a slug"))
    }

    fn translations(&mut self, story: StoryId) -> Result<Vec<Translation>> {
        translations(self.connection, story.into()).map_err(during("reading the articles of a story"))
    }

    fn insert_article(&mut self, article: &Article) -> Result<()> {
        save::insert(self.connection, article).map_err(during_write(
            "adding an article",
            article.id.uuid(),
            article.slug.as_str(),
        ))?;
        self.touch(AuditResource::Article, article.id, None, Some(article.revision));
        Ok(())
    }

    fn update_article(&mut self, before: &Article, after: &Article) -> Result<()> {
        save::update(self.connection, before, after).map_err(during_write(
            "saving an article",
            after.id.uuid(),
            after.slug.as_str(),
        ))?;
        let (was, is) = (before.revision, after.revision);
        self.touch(AuditResource::Article, after.id, Some(was), Some(is));
        Ok(())
    }

    fn delete_article(&mut self, id: ArticleId, at: Instant, by: Credential) -> Result<()> {
        let revision = save::delete(self.connection, id, at, by).map_err(during("deleting an article"))?;
        self.touch(AuditResource::Article, id, revision, None);
        Ok(())
    }

    fn due_articles(&mut self, now: Instant, limit: u32) -> Result<Vec<Due>> {
        due::due(self.connection, now, limit).map_err(during("looking for due articles"))
    }

    fn fail_schedule(&mut self, due: &Due, error: &ScheduleError) -> Result<bool> {
        let noted = due::fail(self.connection, due, error).map_err(during("noting why a schedule failed"))?;
        if noted {
            self.touch(AuditResource::Article, due.id, None, None);
        }
        Ok(noted)
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Article>, Failure> {
    let row: Option<ArticleRow> = on_engine!(connection, |c| articles::table
        .find(id)
        .filter(articles::deleted_at.is_null())
        .select(ArticleRow::as_select())
        .first(c)
        .optional())?;
    row.map(|row| whole(connection, row)).transpose()
}

/// A deleted article; its sections are there, what it linked is not.
pub(super) fn deleted(connection: &mut Connection, id: RowId) -> Result<Option<Article>, Failure> {
    let row: Option<ArticleRow> = on_engine!(connection, |c| articles::table
        .find(id)
        .filter(articles::deleted_at.is_not_null())
        .select(ArticleRow::as_select())
        .first(c)
        .optional())?;
    row.map(|row| whole(connection, row)).transpose()
}

fn whole(connection: &mut Connection, row: ArticleRow) -> Result<Article, Failure> {
    let id = row.id;
    let mut tags = links::tags_of_articles(connection, &[id])?;
    let mut authors = links::bylines_of_articles(connection, &[id])?;
    let overview = row.model(
        tags.remove(&id).unwrap_or_default(),
        authors.remove(&id).unwrap_or_default(),
    )?;
    let sections = sections::of_article(connection, id)?;
    let faqs = links::faqs_of_article(connection, id)?;
    Ok(Article {
        overview,
        sections,
        faqs,
    })
}

/// Locked first and read then: what is read after the wait is what the other one left.
fn lock(connection: &mut Connection, id: RowId) -> Result<Option<Article>, Failure> {
    lock_row!(connection, articles, id);
    find(connection, id)
}

fn by_slug(connection: &mut Connection, locale: &Locale, slug: &Slug) -> Result<Option<ArticleId>, Failure> {
    let id: Option<RowId> = on_engine!(connection, |c| articles::table
        .filter(articles::locale.eq(locale.as_str()))
        .filter(articles::slug.eq(slug.as_str()))
        .filter(articles::deleted_at.is_null())
        .select(articles::id)
        .first(c)
        .optional())?;
    Ok(id.map(Into::into))
}

fn titles(connection: &mut Connection, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String, u32)>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    let rows: Vec<(RowId, String, i64)> = on_engine!(connection, |c| articles::table
        .filter(articles::id.among(&ids))
        .filter(articles::deleted_at.is_null())
        .select((articles::id, articles::title, articles::revision))
        .load(c))?;
    let read = |(id, title, revision): (RowId, String, i64)| {
        let named = Named {
            table: "articles",
            id,
        };
        Ok((id.into(), title, named.count("revision", revision)?))
    };
    rows.into_iter().map(read).collect()
}

fn slug_holders(
    connection: &mut Connection,
    locale: &Locale,
    slug: &Slug,
) -> Result<Vec<ArticleId>, Failure> {
    let working = articles::table
        .filter(articles::locale.eq(locale.as_str()))
        .filter(articles::slug.eq(slug.as_str()))
        .filter(articles::deleted_at.is_null())
        .select(articles::id);
    let published = published_articles::table
        .filter(published_articles::locale.eq(locale.as_str()))
        .filter(published_articles::slug.eq(slug.as_str()))
        .select(published_articles::id);
    let holders: Vec<RowId> = on_engine!(connection, |c| working.union(published).load(c))?;
    Ok(holders.into_iter().map(Into::into).collect())
}

fn translations(connection: &mut Connection, story: RowId) -> Result<Vec<Translation>, Failure> {
    let rows: Vec<(RowId, String, String, String)> = on_engine!(connection, |c| articles::table
        .filter(articles::story_id.eq(story))
        .filter(articles::deleted_at.is_null())
        .order((articles::locale, articles::id))
        .select((articles::id, articles::locale, articles::slug, articles::status))
        .load(c))?;
    let read = |(id, locale, slug, status): (RowId, String, String, String)| {
        let named = Named {
            table: "articles",
            id,
        };
        Ok(Translation {
            id: id.into(),
            locale: named.locale(&locale)?,
            slug: named.slug(&slug)?,
            status: named.word("status", &status, Status::parse)?,
        })
    };
    rows.into_iter().map(read).collect()
}
