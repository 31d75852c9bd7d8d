//! Published articles.

use diesel::dsl::count_star;
use diesel::prelude::*;
use masthead_domain::article::ArticleKind;
use masthead_domain::change::ChangeType;
use masthead_domain::error::StorageError;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{ArticleQuery, ArticleSort, PublishedArticle};
use masthead_domain::searching::Question;
use masthead_domain::slug::Slug;

use super::filters::{Between, Carried, authors, carried, ids, not_before, texts};
use super::rows::PublishedArticleRow;
use super::schema::{published_article_tags, published_articles, published_history};
use super::walking::{PastKeys, Walk, moved_rows, present_rows};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, sorted_by};
use crate::types::{Micros, RowId};

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

/// What a query of articles compares; a search does the same.
pub(super) struct Filters {
    pub(super) tags: Carried,
    pub(super) authors: Option<Vec<RowId>>,
    pub(super) locale: Option<String>,
    pub(super) kind: Option<&'static str>,
    pub(super) slugs: Option<Vec<String>>,
    pub(super) ids: Option<Vec<RowId>>,
    pub(super) published: Between,
    pub(super) updated_from: Option<Micros>,
    pub(super) words: Option<Question>,
}

// Under another name, so that a query may walk the table itself.
diesel::alias!(pub(super) const TAGGED: Alias<Tagged> = published_article_tags as tagged);

/// A query with its filters, for the rows, for their number and for what they were alike.
macro_rules! narrowed {
    ($query:expr, $filters:expr) => {{
        use $crate::delivery::articles::TAGGED;
        use $crate::delivery::schema::{
            published_article_authors, published_article_tags, published_articles,
        };
        let mut query = $query;
        let with = |ids: &Vec<RowId>| {
            TAGGED
                .filter(TAGGED.field(published_article_tags::tag_id).eq_any(ids.clone()))
                .select(TAGGED.field(published_article_tags::article_id))
        };
        if let Some(any) = &$filters.tags.any {
            query = query.filter(published_articles::id.eq_any(with(any)));
        }
        for tag in &$filters.tags.all {
            query = query.filter(published_articles::id.eq_any(with(&vec![*tag])));
        }
        if !$filters.tags.none.is_empty() {
            let carrying = published_articles::id.eq_any(with(&$filters.tags.none));
            query = query.filter(diesel::dsl::not(carrying));
        }
        if let Some(authors) = &$filters.authors {
            let written = published_article_authors::table
                .filter(published_article_authors::author_id.eq_any(authors))
                .select(published_article_authors::article_id);
            query = query.filter(published_articles::id.eq_any(written));
        }
        if let Some(locale) = &$filters.locale {
            query = query.filter(published_articles::locale.eq(locale));
        }
        if let Some(kind) = $filters.kind {
            query = query.filter(published_articles::kind.eq(kind));
        }
        if let Some(slugs) = &$filters.slugs {
            query = query.filter(published_articles::slug.eq_any(slugs));
        }
        if let Some(ids) = &$filters.ids {
            query = query.filter(published_articles::id.eq_any(ids));
        }
        if let Some(from) = $filters.published.from {
            query = query.filter(published_articles::published_at.ge(from));
        }
        if let Some(to) = $filters.published.to {
            query = query.filter(published_articles::published_at.lt(to));
        }
        if let Some(from) = $filters.updated_from {
            query = query.filter(published_articles::updated_at.ge(from));
        }
        if let Some(question) = &$filters.words {
            query = query.filter($crate::delivery::search::articles_with(question));
        }
        query
    }};
}
pub(super) use narrowed;

pub(super) fn list(
    connection: &mut Connection,
    query: &ArticleQuery,
    request: &PageRequest<ArticleSort>,
) -> Result<Page<PublishedArticle>, Failure> {
    let walk = Walk::through(
        connection,
        ChangeType::Article,
        request,
        sort_column,
        sorted_by!(published_articles::id),
    )?;
    let (rows, moved, total) = match Filters::of(connection, query)? {
        Some(mut filters) => {
            let total = count(connection, &filters, request)?;
            let moved = moved(connection, &filters, &walk)?;
            let rows = match filters.walked_tag(request) {
                Some(tag) => of_tag(connection, tag, &filters, request, &walk)?,
                None => present(connection, &filters, &walk)?,
            };
            (rows, moved, total)
        }
        None => (Vec::new(), Vec::new(), request.count.then_some(0)),
    };
    let rows = rows.into_iter().map(PublishedArticleRow::model);
    let moved = moved.into_iter().map(|(keys, row)| Ok((keys, row.model()?)));
    let found = (
        rows.collect::<Result<Vec<_>, StorageError>>()?,
        moved.collect::<Result<Vec<_>, StorageError>>()?,
    );
    walk.page(found, total, request, |article| position(article, request))
}

impl Filters {
    /// `None` where nothing can fit.
    pub(super) fn of(connection: &mut Connection, query: &ArticleQuery) -> Result<Option<Self>, Failure> {
        let Some(tags) = carried(connection, &query.tags)? else {
            return Ok(None);
        };
        let authors = match &query.authors {
            Some(slugs) => Some(authors(connection, slugs)?),
            None => None,
        };
        Ok(Some(Self {
            tags,
            authors,
            locale: query.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            kind: query.kind.map(ArticleKind::as_str),
            slugs: query.slugs.as_deref().map(texts),
            ids: query.ids.as_deref().map(ids),
            published: query.published.into(),
            updated_from: query.updated_from.map(not_before),
            words: query.words.clone(),
        }))
    }

    /// The tag along whose index the list can be walked, which is then no filter any more.
    fn walked_tag(&mut self, request: &PageRequest<ArticleSort>) -> Option<RowId> {
        if request.sort.first().map(|key| key.field) != Some(ArticleSort::PublishedAt)
            || request.sort.len() > 1
        {
            return None;
        }
        if let Some([tag]) = self.tags.any.as_deref() {
            let tag = *tag;
            self.tags.any = None;
            return Some(tag);
        }
        self.tags.all.pop()
    }
}

fn count(
    connection: &mut Connection,
    filters: &Filters,
    request: &PageRequest<ArticleSort>,
) -> Result<Option<i64>, Failure> {
    if !request.count {
        return Ok(None);
    }
    let total = on_engine!(connection, |c| narrowed!(
        published_articles::table.into_boxed(),
        filters
    )
    .select(count_star())
    .get_result(c)?);
    Ok(Some(total))
}

fn present(
    connection: &mut Connection,
    filters: &Filters,
    walk: &Walk,
) -> Result<Vec<PublishedArticleRow>, Failure> {
    Ok(on_engine!(connection, |c| present_rows!(
        c,
        walk,
        walk.present,
        PublishedArticleRow,
        published_articles::id,
        narrowed!(published_articles::table.into_boxed(), filters)
    )))
}

/// The newest or oldest articles of one tag: a walk along the index of its links, which hold the date too.
fn of_tag(
    connection: &mut Connection,
    tag: RowId,
    filters: &Filters,
    request: &PageRequest<ArticleSort>,
    walk: &Walk,
) -> Result<Vec<PublishedArticleRow>, Failure> {
    let keyset = Keyset::new(
        request,
        |_| sorted_by!(published_article_tags::published_at),
        sorted_by!(published_article_tags::article_id),
    )?;
    Ok(on_engine!(connection, |c| present_rows!(
        c,
        walk,
        keyset,
        PublishedArticleRow,
        published_articles::id,
        narrowed!(
            published_article_tags::table
                .inner_join(published_articles::table)
                .filter(published_article_tags::tag_id.eq(tag))
                .into_boxed(),
            filters
        )
    )))
}

fn moved(
    connection: &mut Connection,
    filters: &Filters,
    walk: &Walk,
) -> Result<Vec<(PastKeys, PublishedArticleRow)>, Failure> {
    Ok(on_engine!(connection, |c| moved_rows!(
        c,
        walk,
        PublishedArticleRow,
        narrowed!(
            published_history::table
                .inner_join(
                    published_articles::table.on(published_history::resource_id.eq(published_articles::id))
                )
                .into_boxed(),
            filters
        )
    )))
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
        as_of: None,
    }
}
