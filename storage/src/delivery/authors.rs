//! Published authors, with the number of published articles that carry their names.

use std::collections::BTreeMap;

use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use masthead_domain::change::ChangeType;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{NameSort, PublishedAuthor, PublishedAuthorQuery};
use masthead_domain::slug::Slug;

use super::filters::{ids, patterns, texts};
use super::rows::PublishedAuthorRow;
use super::schema::{published_article_authors, published_authors, published_history};
use super::walking::{Found, Walk, moved_rows, present_rows};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::sorted_by;
use crate::row::total;
use crate::types::RowId;

pub(super) fn by_slug(connection: &mut Connection, slug: &Slug) -> Result<Option<PublishedAuthor>, Failure> {
    let row: Option<PublishedAuthorRow> = on_engine!(connection, |c| published_authors::table
        .filter(published_authors::slug.eq(slug.as_str()))
        .select(PublishedAuthorRow::as_select())
        .first(c)
        .optional())?;
    Ok(counted(connection, row.into_iter().collect())?.pop())
}

/// What a query of authors compares.
struct Filters {
    slugs: Option<Vec<String>>,
    ids: Option<Vec<RowId>>,
    patterns: Vec<String>,
}

/// A query with its filters, for the rows, for their number and for what they were alike.
macro_rules! narrowed {
    ($query:expr, $filters:expr) => {{
        let mut query = $query;
        if let Some(slugs) = &$filters.slugs {
            query = query.filter(published_authors::slug.eq_any(slugs));
        }
        if let Some(ids) = &$filters.ids {
            query = query.filter(published_authors::id.among(ids));
        }
        for pattern in &$filters.patterns {
            query = query.filter(published_authors::search_text.like(pattern).escape('\\'));
        }
        query
    }};
}

pub(super) fn list(
    connection: &mut Connection,
    query: &PublishedAuthorQuery,
    request: &PageRequest<NameSort>,
) -> Result<Page<PublishedAuthor>, Failure> {
    let filters = Filters {
        slugs: query.slugs.as_deref().map(texts),
        ids: query.ids.as_deref().map(ids),
        patterns: patterns(&query.words),
    };
    let id = sorted_by!(published_authors::id);
    let walk = Walk::through(connection, ChangeType::Author, request, sort_column, id)?;
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
) -> Result<Found<PublishedAuthorRow>, Failure> {
    on_engine!(connection, |c| {
        let total = if request.count {
            let counted = narrowed!(published_authors::table.into_boxed(), filters);
            Some(counted.select(count_star()).get_result(c)?)
        } else {
            None
        };
        let rows = present_rows!(
            c,
            walk,
            walk.present,
            PublishedAuthorRow,
            published_authors::id,
            narrowed!(published_authors::table.into_boxed(), filters)
        );
        let joined = published_history::table.inner_join(
            published_authors::table.on(published_history::resource_id.eq(published_authors::id)),
        );
        let moved = moved_rows!(
            c,
            walk,
            PublishedAuthorRow,
            narrowed!(joined.into_boxed(), filters)
        );
        Ok((rows, moved, total))
    })
}

/// One query for all of a page; an author named twice in a byline counts once.
fn counted(
    connection: &mut Connection,
    rows: Vec<PublishedAuthorRow>,
) -> Result<Vec<PublishedAuthor>, Failure> {
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let counts: Vec<(RowId, i64)> = on_engine!(connection, |c| published_article_authors::table
        .filter(published_article_authors::author_id.among(&ids))
        .group_by(published_article_authors::author_id)
        .select((
            published_article_authors::author_id,
            count(published_article_authors::article_id).aggregate_distinct(),
        ))
        .load(c))?;
    let counts: BTreeMap<RowId, i64> = counts.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let articles_count = total(counts.get(&row.id).copied().unwrap_or_default());
            Ok(PublishedAuthor {
                author: row.model()?,
                articles_count,
            })
        })
        .collect()
}

fn sort_column(field: NameSort) -> &'static str {
    match field {
        NameSort::Name => sorted_by!(published_authors::name),
        NameSort::Slug => sorted_by!(published_authors::slug),
    }
}

fn position(row: &PublishedAuthorRow, request: &PageRequest<NameSort>) -> Position {
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
