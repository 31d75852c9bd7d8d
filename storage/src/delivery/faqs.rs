//! Published FAQs.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::id::{ArticleId, TagId};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{FaqQuery, FaqSort, PublishedFaq};
use masthead_domain::slug::Slug;

use super::rows::PublishedFaqRow;
use super::schema::{published_article_faqs, published_faq_tags, published_faqs, published_tags};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::types::RowId;

pub(crate) fn find(connection: &mut Connection, id: RowId) -> Result<Option<PublishedFaq>, Failure> {
    let row: Option<PublishedFaqRow> = on_engine!(connection, |c| published_faqs::table
        .find(id)
        .select(PublishedFaqRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let mut tags = tag_ids(connection, &[id])?;
    Ok(Some(row.model(tags.remove(&id).unwrap_or_default())?))
}

/// The FAQs of articles, in order; one that several share is there for each.
pub(crate) fn of_articles(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<ArticleId, Vec<PublishedFaq>>, Failure> {
    let rows: Vec<(RowId, PublishedFaqRow)> = on_engine!(connection, |c| published_article_faqs::table
        .inner_join(published_faqs::table)
        .filter(published_article_faqs::article_id.eq_any(articles))
        .order((
            published_article_faqs::article_id,
            published_article_faqs::position
        ))
        .select((published_article_faqs::article_id, PublishedFaqRow::as_select()))
        .load(c))?;
    let mut ids: Vec<RowId> = rows.iter().map(|(_, row)| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let tags = tag_ids(connection, &ids)?;
    let mut faqs: BTreeMap<ArticleId, Vec<PublishedFaq>> = BTreeMap::new();
    for (article, row) in rows {
        let tags = tags.get(&row.id).cloned().unwrap_or_default();
        faqs.entry(article.into()).or_default().push(row.model(tags)?);
    }
    Ok(faqs)
}

pub(super) fn list(
    connection: &mut Connection,
    query: &FaqQuery,
    request: &PageRequest<FaqSort>,
) -> Result<Page<PublishedFaq>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(published_faqs::id))?;
    let (rows, total) = load(connection, query, request, &keyset)?;
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let mut tags = tag_ids(connection, &ids)?;
    let mut faqs = Vec::with_capacity(rows.len());
    for row in rows {
        let tags = tags.remove(&row.id).unwrap_or_default();
        faqs.push(row.model(tags)?);
    }
    Ok(keyset.page(faqs, total, |faq| position(faq, request)))
}

fn load(
    connection: &mut Connection,
    query: &FaqQuery,
    request: &PageRequest<FaqSort>,
    keyset: &Keyset,
) -> Result<(Vec<PublishedFaqRow>, Option<i64>), Failure> {
    let tag = query.tag.as_ref().map(Slug::as_str);
    let locale = query.locale.as_ref().map(Locale::as_str);
    on_engine!(connection, |c| load_page!(
        c,
        published_faqs,
        request,
        keyset,
        PublishedFaqRow,
        || {
            let mut query = published_faqs::table.into_boxed();
            if let Some(slug) = tag {
                let tagged = published_faq_tags::table
                    .inner_join(published_tags::table)
                    .filter(published_tags::slug.eq(slug))
                    .select(published_faq_tags::faq_id);
                query = query.filter(published_faqs::id.eq_any(tagged));
            }
            if let Some(locale) = locale {
                query = query.filter(published_faqs::locale.eq(locale));
            }
            query
        }
    ))
}

fn tag_ids(connection: &mut Connection, faqs: &[RowId]) -> Result<BTreeMap<RowId, Vec<TagId>>, Failure> {
    let rows: Vec<(RowId, RowId)> = on_engine!(connection, |c| published_faq_tags::table
        .filter(published_faq_tags::faq_id.eq_any(faqs))
        .order((published_faq_tags::faq_id, published_faq_tags::position))
        .select((published_faq_tags::faq_id, published_faq_tags::tag_id))
        .load(c))?;
    let mut tags: BTreeMap<RowId, Vec<TagId>> = BTreeMap::new();
    for (faq, tag) in rows {
        tags.entry(faq).or_default().push(tag.into());
    }
    Ok(tags)
}

fn sort_column(field: FaqSort) -> &'static str {
    match field {
        FaqSort::Question => sorted_by!(published_faqs::question),
        FaqSort::PublishedAt => sorted_by!(published_faqs::published_at),
        FaqSort::UpdatedAt => sorted_by!(published_faqs::updated_at),
    }
}

fn position(faq: &PublishedFaq, request: &PageRequest<FaqSort>) -> Position {
    let value = |field| match field {
        FaqSort::Question => SortValue::Text(faq.question.clone()),
        FaqSort::PublishedAt => SortValue::Instant(faq.published_at),
        FaqSort::UpdatedAt => SortValue::Instant(faq.updated_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: faq.id.uuid(),
    }
}
