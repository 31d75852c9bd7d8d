//! Published tags, with the number of published articles that carry them.

use diesel::dsl::count_star;
use diesel::prelude::*;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{NameSort, PublishedTag, TagQuery};
use masthead_domain::slug::Slug;

use super::rows::PublishedTagRow;
use super::schema::{published_article_tags, published_tags};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{bindable, total};

pub(super) fn by_slug(connection: &mut Connection, slug: &Slug) -> Result<Option<PublishedTag>, Failure> {
    let row: Option<PublishedTagRow> = on_engine!(connection, |c| published_tags::table
        .filter(published_tags::slug.eq(slug.as_str()))
        .select(PublishedTagRow::as_select())
        .first(c)
        .optional())?;
    Ok(counted(connection, row.into_iter().collect())?.pop())
}

pub(super) fn list(
    connection: &mut Connection,
    query: &TagQuery,
    request: &PageRequest<NameSort>,
) -> Result<Page<PublishedTag>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(published_tags::id))?;
    let kind = query.kind.as_deref().map(bindable);
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        published_tags,
        request,
        keyset,
        PublishedTagRow,
        || {
            let mut query = published_tags::table.into_boxed();
            if let Some(kind) = &kind {
                query = query.filter(published_tags::kind.eq(kind));
            }
            query
        }
    ))?;
    let tags = counted(connection, rows)?;
    Ok(keyset.page(tags, total, |tag| position(tag, request)))
}

/// One query for all of a page.
fn counted(connection: &mut Connection, rows: Vec<PublishedTagRow>) -> Result<Vec<PublishedTag>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counts: Vec<(_, i64)> = on_engine!(connection, |c| published_article_tags::table
        .filter(published_article_tags::tag_id.eq_any(&ids))
        .group_by(published_article_tags::tag_id)
        .select((published_article_tags::tag_id, count_star()))
        .load(c))?;
    let counts: std::collections::BTreeMap<crate::types::RowId, i64> = counts.into_iter().collect();
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

fn position(tag: &PublishedTag, request: &PageRequest<NameSort>) -> Position {
    let value = |field| match field {
        NameSort::Name => SortValue::Text(tag.tag.name.clone()),
        NameSort::Slug => SortValue::Text(tag.tag.slug.as_str().to_owned()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: tag.tag.id.uuid(),
    }
}
