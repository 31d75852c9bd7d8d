//! Published authors, with the number of published articles that carry their names.

use std::collections::BTreeMap;

use diesel::dsl::count;
use diesel::prelude::*;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{NameSort, PublishedAuthor};
use masthead_domain::slug::Slug;

use super::rows::PublishedAuthorRow;
use super::schema::{published_article_authors, published_authors};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
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

pub(super) fn list(
    connection: &mut Connection,
    request: &PageRequest<NameSort>,
) -> Result<Page<PublishedAuthor>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(published_authors::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        published_authors,
        request,
        keyset,
        PublishedAuthorRow,
        || published_authors::table.into_boxed()
    ))?;
    let authors = counted(connection, rows)?;
    Ok(keyset.page(authors, total, |author| position(author, request)))
}

/// One query for all of a page; an author named twice in a byline counts once.
fn counted(
    connection: &mut Connection,
    rows: Vec<PublishedAuthorRow>,
) -> Result<Vec<PublishedAuthor>, Failure> {
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let counts: Vec<(RowId, i64)> = on_engine!(connection, |c| published_article_authors::table
        .filter(published_article_authors::author_id.eq_any(&ids))
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

fn position(author: &PublishedAuthor, request: &PageRequest<NameSort>) -> Position {
    let value = |field| match field {
        NameSort::Name => SortValue::Text(author.author.name.clone()),
        NameSort::Slug => SortValue::Text(author.author.slug.as_str().to_owned()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: author.author.id.uuid(),
    }
}
