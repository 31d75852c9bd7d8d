//! Published articles.

use diesel::prelude::*;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{ArticleQuery, ArticleSort, PublishedArticle};
use masthead_domain::slug::Slug;

use super::rows::PublishedArticleRow;
use super::schema::published_articles;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::types::RowId;

/// The articles that the filters of a list let through; a search has the same.
macro_rules! filtered_articles {
    ($query:expr) => {{
        use $crate::delivery::schema::{
            published_article_authors, published_article_tags, published_articles, published_authors,
            published_tags,
        };
        let query: &masthead_domain::published::ArticleQuery = $query;
        let mut filtered = published_articles::table.into_boxed();
        if let Some(slug) = &query.tag {
            let tagged = published_article_tags::table
                .inner_join(published_tags::table)
                .filter(published_tags::slug.eq(slug.as_str()))
                .select(published_article_tags::article_id);
            filtered = filtered.filter(published_articles::id.eq_any(tagged));
        }
        if let Some(slug) = &query.author {
            let written = published_article_authors::table
                .inner_join(published_authors::table)
                .filter(published_authors::slug.eq(slug.as_str()))
                .select(published_article_authors::article_id);
            filtered = filtered.filter(published_articles::id.eq_any(written));
        }
        if let Some(locale) = &query.locale {
            filtered = filtered.filter(published_articles::locale.eq(locale.as_str()));
        }
        if let Some(kind) = query.kind {
            filtered = filtered.filter(published_articles::kind.eq(kind.as_str()));
        }
        if let Some(question) = &query.words {
            filtered = filtered.filter($crate::delivery::search::articles_with(question));
        }
        filtered
    }};
}
pub(super) use filtered_articles;

pub(crate) fn find(connection: &mut Connection, id: RowId) -> Result<Option<PublishedArticle>, Failure> {
    let row: Option<PublishedArticleRow> = on_engine!(connection, |c| published_articles::table
        .find(id)
        .select(PublishedArticleRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(PublishedArticleRow::model).transpose()?)
}

pub(super) fn by_slug(
    connection: &mut Connection,
    slug: &Slug,
    locale: Option<&Locale>,
    default: &Locale,
) -> Result<Option<PublishedArticle>, Failure> {
    let locale = locale.map(Locale::as_str);
    let row: Option<PublishedArticleRow> = on_engine!(connection, |c| {
        let mut query = published_articles::table
            .filter(published_articles::slug.eq(slug.as_str()))
            .into_boxed();
        if let Some(locale) = locale {
            query = query.filter(published_articles::locale.eq(locale));
        }
        query
            .order((
                published_articles::locale.eq(default.as_str()).desc(),
                published_articles::locale,
            ))
            .limit(1)
            .select(PublishedArticleRow::as_select())
            .first(c)
            .optional()
    })?;
    Ok(row.map(PublishedArticleRow::model).transpose()?)
}

pub(super) fn list(
    connection: &mut Connection,
    query: &ArticleQuery,
    request: &PageRequest<ArticleSort>,
) -> Result<Page<PublishedArticle>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(published_articles::id))?;
    let (rows, total) = load(connection, query, request, &keyset)?;
    let articles = rows
        .into_iter()
        .map(|row| Ok(row.model()?))
        .collect::<Result<Vec<PublishedArticle>, Failure>>()?;
    Ok(keyset.page(articles, total, |article| position(article, request)))
}

fn load(
    connection: &mut Connection,
    query: &ArticleQuery,
    request: &PageRequest<ArticleSort>,
    keyset: &Keyset,
) -> Result<(Vec<PublishedArticleRow>, Option<i64>), Failure> {
    on_engine!(connection, |c| load_page!(
        c,
        published_articles,
        request,
        keyset,
        PublishedArticleRow,
        || filtered_articles!(query)
    ))
}

fn sort_column(field: ArticleSort) -> &'static str {
    match field {
        ArticleSort::PublishedAt => sorted_by!(published_articles::published_at),
        ArticleSort::FirstPublishedAt => sorted_by!(published_articles::first_published_at),
        ArticleSort::UpdatedAt => sorted_by!(published_articles::updated_at),
        ArticleSort::Title => sorted_by!(published_articles::title),
    }
}

fn position(article: &PublishedArticle, request: &PageRequest<ArticleSort>) -> Position {
    let value = |field| match field {
        ArticleSort::PublishedAt => SortValue::Instant(article.published_at),
        ArticleSort::FirstPublishedAt => SortValue::Instant(article.first_published_at),
        ArticleSort::UpdatedAt => SortValue::Instant(article.updated_at),
        ArticleSort::Title => SortValue::Text(article.title.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: article.id.uuid(),
    }
}
