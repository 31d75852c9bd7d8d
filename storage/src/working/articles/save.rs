//! Writing articles: all of a new one, what differs of a known one.

use diesel::prelude::*;
use masthead_domain::article::Article;
use masthead_domain::clock::Instant;
use masthead_domain::error::{Error, Resource};
use masthead_domain::id::ArticleId;
use masthead_domain::rights::Credential;
use masthead_domain::section::SectionContent;
use masthead_domain::trash::TrashKind;

use super::row::ArticleRow;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::kept::Keep as _;
use crate::row::folded;
use crate::schema::articles;
use crate::types::{Micros, RowId};
use crate::working::{expect_one, last_revision, links, sections, trash};

pub(super) fn insert(connection: &mut Connection, article: &Article) -> Result<(), Failure> {
    let id = RowId::from(article.id);
    let row = ArticleRow::of(article)?;
    on_engine!(connection, |c| diesel::insert_into(articles::table)
        .values((&row, articles::search_text.eq(search_text(article))))
        .execute(c))?;
    sections::insert(connection, id, article.sections.iter().enumerate())?;
    links::insert_article_tags(connection, id, &article.tags)?;
    links::insert_bylines(connection, id, &article.authors)?;
    links::insert_article_faqs(connection, id, &article.faqs)?;
    links::expect_present_faqs(connection, &article.faqs)
}

pub(super) fn update(connection: &mut Connection, before: &Article, after: &Article) -> Result<(), Failure> {
    let id = RowId::from(after.id);
    update_row(connection, before, after)?;
    if before.sections != after.sections {
        sections::update(connection, id, &before.sections, &after.sections)?;
    }
    if before.tags != after.tags {
        links::delete_article_tags(connection, id)?;
        links::insert_article_tags(connection, id, &after.tags)?;
    }
    if before.authors != after.authors {
        links::delete_bylines(connection, id)?;
        links::insert_bylines(connection, id, &after.authors)?;
    }
    if before.faqs != after.faqs {
        links::delete_article_faqs(connection, id)?;
        links::insert_article_faqs(connection, id, &after.faqs)?;
        let added: Vec<_> = after
            .faqs
            .iter()
            .filter(|faq| !before.faqs.contains(faq))
            .copied()
            .collect();
        links::expect_present_faqs(connection, &added)?;
    }
    Ok(())
}

fn update_row(connection: &mut Connection, before: &Article, after: &Article) -> Result<(), Failure> {
    let row = ArticleRow::of(after)?;
    let is_new_text =
        (&before.title, &before.dek, &before.sections) != (&after.title, &after.dek, &after.sections);
    if row == ArticleRow::of(before)? && !is_new_text {
        return Ok(());
    }
    // The text is long, and most changes leave it as it is.
    let text = is_new_text.then(|| articles::search_text.eq(search_text(after)));
    let affected = on_engine!(connection, |c| diesel::update(articles::table)
        .filter(articles::id.eq(row.id))
        .filter(articles::revision.eq(i64::from(before.revision)))
        .filter(articles::deleted_at.is_null())
        .set((&row, text))
        .kept()
        .execute(c))?;
    if affected == 0 {
        return Err(missing(connection, after.id)?.into());
    }
    Ok(())
}

/// Why no row was met: it is gone, or somebody changed it whom the caller did not lock out.
fn missing(connection: &mut Connection, id: ArticleId) -> Result<Error, Failure> {
    let current: Option<i64> = on_engine!(connection, |c| articles::table
        .find(RowId::from(id))
        .filter(articles::deleted_at.is_null())
        .select(articles::revision)
        .first(c)
        .optional())?;
    let current = current.and_then(|revision| u32::try_from(revision).ok());
    Ok(current.map_or_else(
        || Error::not_found(Resource::Article, id),
        |current| Error::Stale {
            resource: Resource::Article,
            id: id.to_string(),
            current,
            since: None,
        },
    ))
}

pub(super) fn delete(
    connection: &mut Connection,
    id: ArticleId,
    at: Instant,
    by: Credential,
) -> Result<Option<u32>, Failure> {
    let row = RowId::from(id);
    let affected = on_engine!(connection, |c| diesel::update(articles::table)
        .filter(articles::id.eq(row))
        .filter(articles::deleted_at.is_null())
        .set((
            articles::deleted_at.eq(Some(Micros::from(at))),
            articles::deleted_by.eq(Some(by.to_string()))
        ))
        .execute(c))?;
    expect_one(affected, Resource::Article, id)?;
    let shown: (_, _, _, i64, _) = on_engine!(connection, |c| articles::table
        .find(row)
        .select((
            articles::locale,
            articles::slug,
            articles::title,
            articles::revision,
            articles::created_by,
        ))
        .first(c))?;
    let revision = shown.3;
    trash::put(connection, row, TrashKind::Article, shown, (at, by))?;
    // What it linked to is no longer used by it; its history still says what that was.
    links::delete_article_tags(connection, row)?;
    links::delete_bylines(connection, row)?;
    links::delete_article_faqs(connection, row)?;
    Ok(last_revision(&[revision]))
}

/// Unmarks a deleted article, in this state and with these links; its sections were never taken away.
pub(in crate::working) fn restore(connection: &mut Connection, article: &Article) -> Result<(), Failure> {
    let row = ArticleRow::of(article)?;
    let affected = on_engine!(connection, |c| diesel::update(articles::table)
        .filter(articles::id.eq(row.id))
        .filter(articles::deleted_at.is_not_null())
        .set((
            &row,
            articles::deleted_at.eq(None::<Micros>),
            articles::deleted_by.eq(None::<String>)
        ))
        .execute(c))?;
    expect_one(affected, Resource::Trashed, article.id)?;
    links::insert_article_tags(connection, row.id, &article.tags)?;
    links::insert_bylines(connection, row.id, &article.authors)?;
    links::insert_article_faqs(connection, row.id, &article.faqs)?;
    links::expect_present_faqs(connection, &article.faqs)
}

/// What the filter by text looks through.
fn search_text(article: &Article) -> String {
    let mut text = folded(&article.title);
    let mut add = |more: Option<&str>| {
        if let Some(more) = more {
            text.push('\n');
            text.push_str(&folded(more));
        }
    };
    add(article.dek.as_deref());
    for section in &article.sections {
        add(section.heading.as_ref().map(|heading| heading.text.as_str()));
        match &section.content {
            SectionContent::Text { body } | SectionContent::Callout { body, .. } => add(Some(body)),
            SectionContent::Quote {
                body, attribution, ..
            } => {
                add(Some(body));
                add(attribution.as_deref());
            }
            SectionContent::Image {
                alt, caption, credit, ..
            } => {
                add(alt.as_deref());
                add(caption.as_deref());
                add(credit.as_deref());
            }
            SectionContent::Embed { title, .. } => add(title.as_deref()),
        }
    }
    text
}
