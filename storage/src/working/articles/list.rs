//! The list of all articles.

use diesel::prelude::*;
use masthead_domain::article::{Overview, Review, Status};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::{ArticleFilter, WorkingSort};
use masthead_domain::slug::Slug;
use masthead_domain::workflow::ScheduleState;

use super::row::ArticleRow;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::containing;
use crate::schema::{article_authors, article_tags, articles, authors, tags};
use crate::types::RowId;
use crate::working::links;

pub(super) fn list(
    connection: &mut Connection,
    filter: &ArticleFilter,
    request: &PageRequest<WorkingSort>,
) -> Result<Page<Overview>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(articles::id))?;
    let (rows, total) = load(connection, filter, request, &keyset)?;
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let mut tags = links::tags_of_articles(connection, &ids)?;
    let mut authors = links::bylines_of_articles(connection, &ids)?;
    let mut overviews = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id;
        overviews.push(row.model(
            tags.remove(&id).unwrap_or_default(),
            authors.remove(&id).unwrap_or_default(),
        )?);
    }
    Ok(keyset.page(overviews, total, |overview| position(overview, request)))
}

fn load(
    connection: &mut Connection,
    filter: &ArticleFilter,
    request: &PageRequest<WorkingSort>,
    keyset: &Keyset,
) -> Result<(Vec<ArticleRow>, Option<i64>), Failure> {
    let status = filter.status.map(Status::as_str);
    let review = filter.review.map(Review::as_str);
    let locale = filter.locale.as_ref().map(Locale::as_str);
    let tag = filter.tag.as_ref().map(Slug::as_str);
    let author = filter.author.as_ref().map(Slug::as_str);
    let pattern = filter.text.as_deref().map(containing);
    on_engine!(connection, |c| load_page!(
        c,
        articles,
        request,
        keyset,
        ArticleRow,
        || {
            let mut query = articles::table
                .filter(articles::deleted_at.is_null())
                .into_boxed();
            if let Some(status) = status {
                query = query.filter(articles::status.eq(status));
            }
            if let Some(review) = review {
                query = query.filter(articles::review.eq(review));
            }
            if let Some(state) = filter.schedule_state {
                query = match state {
                    ScheduleState::Failed => query.filter(articles::schedule_error.is_not_null()),
                    ScheduleState::Pending => query.filter(articles::schedule_error.is_null()).filter(
                        articles::publish_at
                            .is_not_null()
                            .or(articles::unpublish_at.is_not_null()),
                    ),
                };
            }
            if let Some(locale) = locale {
                query = query.filter(articles::locale.eq(locale));
            }
            if let Some(slug) = tag {
                let tagged = article_tags::table
                    .inner_join(tags::table)
                    .filter(tags::slug.eq(slug));
                query = query.filter(articles::id.eq_any(tagged.select(article_tags::article_id)));
            }
            if let Some(slug) = author {
                let written = article_authors::table
                    .inner_join(authors::table)
                    .filter(authors::slug.eq(slug));
                query = query.filter(articles::id.eq_any(written.select(article_authors::article_id)));
            }
            if let Some(pattern) = &pattern {
                query = query.filter(articles::search_text.like(pattern).escape('\\'));
            }
            query
        }
    ))
}

fn sort_column(field: WorkingSort) -> &'static str {
    match field {
        WorkingSort::UpdatedAt => sorted_by!(articles::updated_at),
        WorkingSort::CreatedAt => sorted_by!(articles::created_at),
        WorkingSort::Title => sorted_by!(articles::title),
    }
}

fn position(article: &Overview, request: &PageRequest<WorkingSort>) -> Position {
    let value = |field| match field {
        WorkingSort::UpdatedAt => SortValue::Instant(article.updated_at),
        WorkingSort::CreatedAt => SortValue::Instant(article.created_at),
        WorkingSort::Title => SortValue::Text(article.title.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: article.id.uuid(),
        as_of: None,
    }
}
