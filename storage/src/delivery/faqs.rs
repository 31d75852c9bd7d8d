//! Published FAQs.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use masthead_domain::change::ChangeType;
use masthead_domain::error::StorageError;
use masthead_domain::id::{ArticleId, TagId};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{FaqQuery, FaqSort, PublishedFaq};

use super::filters::{Between, Carried, carried, ids, not_before, patterns, texts};
use super::rows::PublishedFaqRow;
use super::schema::{published_article_faqs, published_faq_tags, published_faqs, published_history};
use super::walking::{Found, Walk, moved_rows, present_rows};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::sorted_by;
use crate::types::{Micros, RowId};

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
    let rows = linked(connection, articles)?;
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

/// The same for their texts alone: without tags.
pub(crate) fn texts_of_articles(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<ArticleId, Vec<PublishedFaq>>, Failure> {
    let mut faqs: BTreeMap<ArticleId, Vec<PublishedFaq>> = BTreeMap::new();
    for (article, row) in linked(connection, articles)? {
        faqs.entry(article.into())
            .or_default()
            .push(row.model(Vec::new())?);
    }
    Ok(faqs)
}

fn linked(connection: &mut Connection, articles: &[RowId]) -> Result<Vec<(RowId, PublishedFaqRow)>, Failure> {
    Ok(on_engine!(connection, |c| published_article_faqs::table
        .inner_join(published_faqs::table)
        .filter(published_article_faqs::article_id.among(articles))
        .order((
            published_article_faqs::article_id,
            published_article_faqs::position
        ))
        .select((published_article_faqs::article_id, PublishedFaqRow::as_select()))
        .load(c))?)
}

/// What a query of FAQs compares.
struct Filters {
    tags: Carried,
    locale: Option<String>,
    slugs: Option<Vec<String>>,
    ids: Option<Vec<RowId>>,
    published: Between,
    updated_from: Option<Micros>,
    patterns: Vec<String>,
}

/// A query with its filters, for the rows, for their number and for what they were alike.
macro_rules! narrowed {
    ($query:expr, $filters:expr) => {{
        let mut query = $query;
        let with = |ids: &Vec<RowId>| {
            published_faq_tags::table
                .filter(published_faq_tags::tag_id.eq_any(ids.clone()))
                .select(published_faq_tags::faq_id)
        };
        if let Some(any) = &$filters.tags.any {
            query = query.filter(published_faqs::id.eq_any(with(any)));
        }
        for tag in &$filters.tags.all {
            query = query.filter(published_faqs::id.eq_any(with(&vec![*tag])));
        }
        if !$filters.tags.none.is_empty() {
            let carrying = published_faqs::id.eq_any(with(&$filters.tags.none));
            query = query.filter(diesel::dsl::not(carrying));
        }
        if let Some(locale) = &$filters.locale {
            query = query.filter(published_faqs::locale.eq(locale));
        }
        if let Some(slugs) = &$filters.slugs {
            query = query.filter(published_faqs::slug.eq_any(slugs));
        }
        if let Some(ids) = &$filters.ids {
            query = query.filter(published_faqs::id.among(ids));
        }
        if let Some(from) = $filters.published.from {
            query = query.filter(published_faqs::published_at.ge(from));
        }
        if let Some(to) = $filters.published.to {
            query = query.filter(published_faqs::published_at.lt(to));
        }
        if let Some(from) = $filters.updated_from {
            query = query.filter(published_faqs::updated_at.ge(from));
        }
        for pattern in &$filters.patterns {
            query = query.filter(published_faqs::search_text.like(pattern).escape('\\'));
        }
        query
    }};
}

pub(super) fn list(
    connection: &mut Connection,
    query: &FaqQuery,
    request: &PageRequest<FaqSort>,
) -> Result<Page<PublishedFaq>, Failure> {
    let id = sorted_by!(published_faqs::id);
    let walk = Walk::through(connection, ChangeType::Faq, request, sort_column, id)?;
    let (rows, moved, total) = match Filters::of(connection, query)? {
        Some(filters) => load(connection, &filters, request, &walk)?,
        None => (Vec::new(), Vec::new(), request.count.then_some(0)),
    };
    let there = rows.iter().chain(moved.iter().map(|(_, row)| row));
    let ids: Vec<RowId> = there.map(|row| row.id).collect();
    let mut tags = tag_ids(connection, &ids)?;
    let mut model = |row: PublishedFaqRow| {
        let tags = tags.remove(&row.id).unwrap_or_default();
        row.model(tags)
    };
    let found = (
        rows.into_iter().map(&mut model).collect::<Result<Vec<_>, _>>()?,
        moved
            .into_iter()
            .map(|(keys, row)| Ok((keys, model(row)?)))
            .collect::<Result<Vec<_>, StorageError>>()?,
    );
    walk.page(found, total, request, |faq| Ok(position(faq, request)))
}

impl Filters {
    /// `None` where nothing can fit.
    fn of(connection: &mut Connection, query: &FaqQuery) -> Result<Option<Self>, Failure> {
        let tags = carried(connection, &query.tags)?;
        Ok(tags.map(|tags| Self {
            tags,
            locale: query.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            slugs: query.slugs.as_deref().map(texts),
            ids: query.ids.as_deref().map(ids),
            published: query.published.into(),
            updated_from: query.updated_from.map(not_before),
            patterns: patterns(&query.words),
        }))
    }
}

fn load(
    connection: &mut Connection,
    filters: &Filters,
    request: &PageRequest<FaqSort>,
    walk: &Walk,
) -> Result<Found<PublishedFaqRow>, Failure> {
    on_engine!(connection, |c| {
        let total = if request.count {
            let counted = narrowed!(published_faqs::table.into_boxed(), filters);
            Some(counted.select(count_star()).get_result(c)?)
        } else {
            None
        };
        let rows = present_rows!(
            c,
            walk,
            walk.present,
            PublishedFaqRow,
            published_faqs::id,
            narrowed!(published_faqs::table.into_boxed(), filters)
        );
        let joined = published_history::table
            .inner_join(published_faqs::table.on(published_history::resource_id.eq(published_faqs::id)));
        let moved = moved_rows!(c, walk, PublishedFaqRow, narrowed!(joined.into_boxed(), filters));
        Ok((rows, moved, total))
    })
}

pub(crate) fn tag_ids(
    connection: &mut Connection,
    faqs: &[RowId],
) -> Result<BTreeMap<RowId, Vec<TagId>>, Failure> {
    let rows: Vec<(RowId, RowId)> = on_engine!(connection, |c| published_faq_tags::table
        .filter(published_faq_tags::faq_id.among(faqs))
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
        as_of: None,
    }
}
