//! The parts of published things, for many at once.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::article::BylineRole;
use masthead_domain::id::{ArticleId, FaqId};
use masthead_domain::published::{PublishedByline, PublishedSection};
use masthead_domain::tag::Tag;

use super::rows::{PublishedAuthorRow, PublishedTagRow};
use super::schema::{
    published_article_authors, published_article_tags, published_articles, published_authors,
    published_faq_tags, published_tags,
};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::RowId;

pub(crate) fn sections(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<ArticleId, Vec<PublishedSection>>, Failure> {
    let rows: Vec<(RowId, String)> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::id.among(articles))
        .select((published_articles::id, published_articles::sections))
        .load(c))?;
    let read = |(id, text): (RowId, String)| {
        let sections = Named {
            table: "published_articles",
            id,
        }
        .json("sections", &text)?;
        Ok((id.into(), sections))
    };
    rows.into_iter().map(read).collect()
}

pub(super) fn bylines(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<ArticleId, Vec<PublishedByline>>, Failure> {
    let rows: Vec<(RowId, String, PublishedAuthorRow)> =
        on_engine!(connection, |c| published_article_authors::table
            .inner_join(published_authors::table)
            .filter(published_article_authors::article_id.among(articles))
            .order((
                published_article_authors::article_id,
                published_article_authors::position
            ))
            .select((
                published_article_authors::article_id,
                published_article_authors::role,
                PublishedAuthorRow::as_select(),
            ))
            .load(c))?;
    let mut bylines: BTreeMap<ArticleId, Vec<PublishedByline>> = BTreeMap::new();
    for (article, role, author) in rows {
        let named = Named {
            table: "published_article_authors",
            id: article,
        };
        let role = named.word("role", &role, BylineRole::parse)?;
        bylines.entry(article.into()).or_default().push(PublishedByline {
            author: author.model()?,
            role,
        });
    }
    Ok(bylines)
}

pub(super) fn tags(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<ArticleId, Vec<Tag>>, Failure> {
    let rows: Vec<(RowId, PublishedTagRow)> = on_engine!(connection, |c| published_article_tags::table
        .inner_join(published_tags::table)
        .filter(published_article_tags::article_id.among(articles))
        .order((
            published_article_tags::article_id,
            published_article_tags::position
        ))
        .select((published_article_tags::article_id, PublishedTagRow::as_select()))
        .load(c))?;
    grouped(rows)
}

pub(super) fn tags_of_faqs(
    connection: &mut Connection,
    faqs: &[RowId],
) -> Result<BTreeMap<FaqId, Vec<Tag>>, Failure> {
    let rows: Vec<(RowId, PublishedTagRow)> = on_engine!(connection, |c| published_faq_tags::table
        .inner_join(published_tags::table)
        .filter(published_faq_tags::faq_id.among(faqs))
        .order((published_faq_tags::faq_id, published_faq_tags::position))
        .select((published_faq_tags::faq_id, PublishedTagRow::as_select()))
        .load(c))?;
    grouped(rows)
}

fn grouped<Owner: From<RowId> + Ord>(
    rows: Vec<(RowId, PublishedTagRow)>,
) -> Result<BTreeMap<Owner, Vec<Tag>>, Failure> {
    let mut tags: BTreeMap<Owner, Vec<Tag>> = BTreeMap::new();
    for (owner, row) in rows {
        tags.entry(owner.into()).or_default().push(row.model()?);
    }
    Ok(tags)
}
