//! Published tags, with the number of published articles that carry them.

use diesel::dsl::count_star;
use diesel::prelude::*;
use masthead_domain::change::ChangeType;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{NameSort, PublishedTag, PublishedTagQuery};
use masthead_domain::slug::Slug;

use super::filters::{ids, not_before, patterns, texts};
use super::rows::PublishedTagRow;
use super::schema::{published_article_tags, published_history, published_tags};
use super::walking::{Found, Walk, moved_rows, present_rows};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::sorted_by;
use crate::row::{bindable, total};
use crate::types::{Micros, RowId};

pub(super) fn by_slug(connection: &mut Connection, slug: &Slug) -> Result<Option<PublishedTag>, Failure> {
    let row: Option<PublishedTagRow> = on_engine!(connection, |c| published_tags::table
        .filter(published_tags::slug.eq(slug.as_str()))
        .select(PublishedTagRow::as_select())
        .first(c)
        .optional())?;
    Ok(counted(connection, row.into_iter().collect())?.pop())
}

/// What a query of tags compares.
struct Filters {
    kind: Option<String>,
    slugs: Option<Vec<String>>,
    ids: Option<Vec<RowId>>,
    updated_from: Option<Micros>,
    patterns: Vec<String>,
}

/// A query with its filters, for the rows, for their number and for what they were alike.
macro_rules! narrowed {
    ($query:expr, $filters:expr) => {{
        let mut query = $query;
        if let Some(kind) = &$filters.kind {
            query = query.filter(published_tags::kind.eq(kind));
        }
        if let Some(slugs) = &$filters.slugs {
            query = query.filter(published_tags::slug.eq_any(slugs));
        }
        if let Some(ids) = &$filters.ids {
            query = query.filter(published_tags::id.among(ids));
        }
        if let Some(from) = $filters.updated_from {
            query = query.filter(published_tags::updated_at.ge(from));
        }
        for pattern in &$filters.patterns {
            query = query.filter(published_tags::search_text.like(pattern).escape('\\'));
        }
        query
    }};
}

pub(super) fn list(
    connection: &mut Connection,
    query: &PublishedTagQuery,
    request: &PageRequest<NameSort>,
) -> Result<Page<PublishedTag>, Failure> {
    let filters = Filters {
        kind: query.kind.as_deref().map(bindable),
        slugs: query.slugs.as_deref().map(texts),
        ids: query.ids.as_deref().map(ids),
        updated_from: query.updated_from.map(not_before),
        patterns: patterns(&query.words),
    };
    let id = sorted_by!(published_tags::id);
    let walk = Walk::through(connection, ChangeType::Tag, request, sort_column, id)?;
    let (rows, moved, total) = load(connection, &filters, request, &walk)?;
    let page = walk.page((rows, moved), total, request, |row| Ok(position(row, request)))?;
    Ok(Page {
        items: counted(connection, page.items)?,
        next: page.next,
        previous: page.previous,
        total: page.total,
    })
}

fn load(
    connection: &mut Connection,
    filters: &Filters,
    request: &PageRequest<NameSort>,
    walk: &Walk,
) -> Result<Found<PublishedTagRow>, Failure> {
    on_engine!(connection, |c| {
        let total = if request.count {
            let counted = narrowed!(published_tags::table.into_boxed(), filters);
            Some(counted.select(count_star()).get_result(c)?)
        } else {
            None
        };
        let rows = present_rows!(
            c,
            walk,
            walk.present,
            PublishedTagRow,
            published_tags::id,
            narrowed!(published_tags::table.into_boxed(), filters)
        );
        let joined = published_history::table
            .inner_join(published_tags::table.on(published_history::resource_id.eq(published_tags::id)));
        let moved = moved_rows!(c, walk, PublishedTagRow, narrowed!(joined.into_boxed(), filters));
        Ok((rows, moved, total))
    })
}

/// One query for all of a page.
fn counted(connection: &mut Connection, rows: Vec<PublishedTagRow>) -> Result<Vec<PublishedTag>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counts: Vec<(_, i64)> = on_engine!(connection, |c| published_article_tags::table
        .filter(published_article_tags::tag_id.among(&ids))
        .group_by(published_article_tags::tag_id)
        .select((published_article_tags::tag_id, count_star()))
        .load(c))?;
    let counts: std::collections::BTreeMap<RowId, i64> = counts.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let articles_count = total(counts.get(&row.id).copied().unwrap_or_default());
            Ok(PublishedTag {
                tag: row.model()?,
                articles_count,
            })
        })
        .collect()
}

fn sort_column(field: NameSort) -> &'static str {
    match field {
        NameSort::Name => sorted_by!(published_tags::name),
        NameSort::Slug => sorted_by!(published_tags::slug),
    }
}

fn position(row: &PublishedTagRow, request: &PageRequest<NameSort>) -> Position {
    let value = |field| match field {
        NameSort::Name => SortValue::Text(row.name.clone()),
        NameSort::Slug => SortValue::Text(row.slug.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: row.id.0,
        as_of: None,
    }
}
