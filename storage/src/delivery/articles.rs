//! Published articles.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use masthead_domain::article::ArticleKind;
use masthead_domain::change::ChangeType;
use masthead_domain::error::StorageError;
use masthead_domain::id::ArticleId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::prepared::{Card, Line};
use masthead_domain::published::{ArticleQuery, ArticleSort, PublishedArticle};
use masthead_domain::searching::Question;
use masthead_domain::slug::Slug;
use masthead_domain::story::Languages;

use super::filters::{Between, Carried, authors, carried, ids, not_before, texts};
use super::rows::PublishedArticleRow;
use super::schema::{published_article_tags, published_articles, published_history, published_prepared};
use super::walking::{PastKeys, Walk, moved_rows, page_of};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, sorted_by};
use crate::row::Named;
use crate::types::{Micros, RowId};

/// Where an article stands in a list, without what it is.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = published_articles)]
struct Place {
    id: RowId,
    title: String,
    published_at: Micros,
    first_published_at: Micros,
    updated_at: Micros,
}

/// The cache tags, the stamp and the text of a finished row.
type Made = (String, String, String);

/// Where a row of a list stands, and what is finished of it.
struct Found {
    position: Position,
    made: Option<Made>,
}

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
    /// A story is found in the first of these in which it is told; everything where there is none.
    pub(super) locales: Vec<String>,
    pub(super) kind: Option<&'static str>,
    pub(super) slugs: Option<Vec<String>>,
    pub(super) ids: Option<Vec<RowId>>,
    pub(super) published: Between,
    pub(super) updated_from: Option<Micros>,
    pub(super) words: Option<Question>,
}

// Under another name, so that a query may walk the table itself.
diesel::alias!(pub(super) const TAGGED: Alias<Tagged> = published_article_tags as tagged);
diesel::alias!(pub(super) const BETTER: Alias<Better> = published_articles as better);

/// A query with its filters, for the rows, for their number and for what they were alike.
macro_rules! narrowed {
    ($query:expr, $filters:expr) => {{
        use $crate::delivery::articles::{BETTER, TAGGED};
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
        if let [locale] = $filters.locales.as_slice() {
            query = query.filter(published_articles::locale.eq(locale));
        } else if !$filters.locales.is_empty() {
            query = query.filter(published_articles::locale.eq_any(&$filters.locales));
        }
        for (rank, locale) in $filters.locales.iter().enumerate().skip(1) {
            let wanted_more = BETTER
                .filter(
                    BETTER
                        .field(published_articles::story_id)
                        .eq(published_articles::story_id),
                )
                .filter(
                    BETTER
                        .field(published_articles::locale)
                        .eq_any(&$filters.locales[..rank]),
                )
                .select(BETTER.field(published_articles::id));
            query = query.filter(
                published_articles::locale
                    .ne(locale)
                    .or(diesel::dsl::not(diesel::dsl::exists(wanted_more))),
            );
        }
        if let Some(kind) = $filters.kind {
            query = query.filter(published_articles::kind.eq(kind));
        }
        if let Some(slugs) = &$filters.slugs {
            query = query.filter(published_articles::slug.eq_any(slugs));
        }
        if let Some(ids) = &$filters.ids {
            query = query.filter(published_articles::id.among(ids));
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

/// The articles of a page, whole.
pub(super) fn list(
    connection: &mut Connection,
    query: &ArticleQuery,
    request: &PageRequest<ArticleSort>,
) -> Result<Page<PublishedArticle>, Failure> {
    let page = lines(connection, NOBODY, query, request)?;
    let ids: Vec<RowId> = page.items.iter().map(|line| line.id.into()).collect();
    let mut articles = by_ids(connection, &ids)?;
    let found = page.items.iter().filter_map(|line| articles.remove(&line.id));
    Ok(Page {
        items: found.collect(),
        next: page.next,
        previous: page.previous,
        total: page.total,
    })
}

/// Whose finished rows nobody made.
const NOBODY: &str = "";

/// These articles, as far as they are published.
pub(super) fn by_ids(
    connection: &mut Connection,
    ids: &[RowId],
) -> Result<BTreeMap<ArticleId, PublishedArticle>, Failure> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<PublishedArticleRow> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::id.among(ids))
        .select(PublishedArticleRow::as_select())
        .load(c))?;
    let articles = rows.into_iter().map(|row| {
        let article = row.model()?;
        Ok((article.id, article))
    });
    Ok(articles.collect::<Result<_, StorageError>>()?)
}

/// The articles of a page with the rows that are finished, read together in one statement: what they are made of is
/// neither read nor joined.
pub(super) fn lines(
    connection: &mut Connection,
    made_by: &str,
    query: &ArticleQuery,
    request: &PageRequest<ArticleSort>,
) -> Result<Page<Line>, Failure> {
    let walk = Walk::through(
        connection,
        ChangeType::Article,
        request,
        sort_column,
        sorted_by!(published_articles::id),
    )?;
    let (present, moved, total) = match Filters::of(connection, query)? {
        Some(mut filters) => {
            let total = count(connection, &filters, request)?;
            let moved = moved(connection, &filters, &walk)?;
            let found = match filters.walked_tag(request) {
                Some(tag) => of_tag(connection, made_by, tag, &filters, request, &walk)?,
                None => present(connection, made_by, &filters, request, &walk)?,
            };
            (found, moved, total)
        }
        None => (Vec::new(), Vec::new(), request.count.then_some(0)),
    };
    // What has changed since is rare, and read on its own.
    let moved = moved.into_iter().map(|(keys, place)| {
        let position = place.position(request)?;
        Ok((keys, Found { position, made: None }))
    });
    let moved = moved.collect::<Result<_, StorageError>>()?;
    let page = walk.page((present, moved), total, request, |found| {
        Ok(found.position.clone())
    })?;
    Ok(page.map(|found| Line {
        id: RowId(found.position.id).into(),
        card: found.made.map(|(cache_tags, stamp, card)| Card {
            cache_tags,
            stamp,
            card,
        }),
    }))
}

impl Filters {
    /// `None` where nothing can fit.
    pub(super) fn of(connection: &mut Connection, query: &ArticleQuery) -> Result<Option<Self>, Failure> {
        let Some(tags) = carried(connection, &query.tags)? else {
            return Ok(None);
        };
        let languages = query.languages.as_ref().map(Languages::as_slice);
        if languages.is_some_and(<[Locale]>::is_empty) {
            return Ok(None);
        }
        let authors = match &query.authors {
            Some(slugs) => Some(authors(connection, slugs)?),
            None => None,
        };
        Ok(Some(Self {
            tags,
            authors,
            locales: languages
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect(),
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

    /// Whether nothing is compared any more, so that the articles themselves need not be looked at.
    const fn is_empty(&self) -> bool {
        let Self {
            tags,
            authors,
            locales,
            kind,
            slugs,
            ids,
            published,
            updated_from,
            words,
        } = self;
        tags.any.is_none()
            && tags.all.is_empty()
            && tags.none.is_empty()
            && authors.is_none()
            && locales.is_empty()
            && kind.is_none()
            && slugs.is_none()
            && ids.is_none()
            && published.from.is_none()
            && published.to.is_none()
            && updated_from.is_none()
            && words.is_none()
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

/// The columns of a finished row.
macro_rules! made {
    () => {
        (
            published_prepared::cache_tags,
            published_prepared::card_stamp,
            published_prepared::card,
        )
            .nullable()
    };
}

/// The finished row of the article with this id, where this maker made one.
macro_rules! made_by {
    ($made_by:expr, $id:expr) => {
        published_prepared::table.on(published_prepared::article_id
            .eq($id)
            .and(published_prepared::made_by.eq($made_by)))
    };
}

/// These rows with their positions.
fn found(
    rows: Vec<(Place, Option<Made>)>,
    request: &PageRequest<ArticleSort>,
) -> Result<Vec<Found>, Failure> {
    let found = rows.into_iter().map(|(place, made)| {
        let position = place.position(request)?;
        Ok(Found { position, made })
    });
    Ok(found.collect::<Result<_, StorageError>>()?)
}

fn present(
    connection: &mut Connection,
    made_by: &str,
    filters: &Filters,
    request: &PageRequest<ArticleSort>,
    walk: &Walk,
) -> Result<Vec<Found>, Failure> {
    let rows = on_engine!(connection, |c| page_of!(
        walk,
        walk.present,
        published_articles::id,
        narrowed!(
            published_articles::table
                .left_join(made_by!(made_by, published_articles::id))
                .into_boxed(),
            filters
        )
    )
    .select((Place::as_select(), made!()))
    .load(c)?);
    found(rows, request)
}

/// The newest or oldest articles of one tag: a walk along the index of its links, which hold the date too.
fn of_tag(
    connection: &mut Connection,
    made_by: &str,
    tag: RowId,
    filters: &Filters,
    request: &PageRequest<ArticleSort>,
    walk: &Walk,
) -> Result<Vec<Found>, Failure> {
    let keyset = Keyset::new(
        request,
        |_| sorted_by!(published_article_tags::published_at),
        sorted_by!(published_article_tags::article_id),
    )?;
    if filters.is_empty() {
        return linked(connection, made_by, tag, &keyset, walk);
    }
    let rows = on_engine!(connection, |c| page_of!(
        walk,
        keyset,
        published_articles::id,
        narrowed!(
            published_article_tags::table
                .inner_join(published_articles::table)
                .left_join(made_by!(made_by, published_articles::id))
                .filter(published_article_tags::tag_id.eq(tag))
                .into_boxed(),
            filters
        )
    )
    .select((Place::as_select(), made!()))
    .load(c)?);
    found(rows, request)
}

/// The same where nothing else is asked for: the links say the order, and the articles stay unread.
fn linked(
    connection: &mut Connection,
    made_by: &str,
    tag: RowId,
    keyset: &Keyset,
    walk: &Walk,
) -> Result<Vec<Found>, Failure> {
    let rows: Vec<(RowId, Micros, Option<Made>)> = on_engine!(connection, |c| page_of!(
        walk,
        keyset,
        published_article_tags::article_id,
        published_article_tags::table
            .left_join(made_by!(made_by, published_article_tags::article_id))
            .filter(published_article_tags::tag_id.eq(tag))
            .into_boxed()
    )
    .select((
        published_article_tags::article_id,
        published_article_tags::published_at,
        made!(),
    ))
    .load(c)?);
    let found = rows.into_iter().map(|(id, published_at, made)| {
        let named = Named {
            table: "published_article_tags",
            id,
        };
        let published_at = named.instant("published_at", published_at)?;
        let position = Position {
            values: vec![SortValue::Instant(published_at)],
            id: id.0,
            as_of: None,
        };
        Ok(Found { position, made })
    });
    Ok(found.collect::<Result<_, StorageError>>()?)
}

fn moved(
    connection: &mut Connection,
    filters: &Filters,
    walk: &Walk,
) -> Result<Vec<(PastKeys, Place)>, Failure> {
    Ok(on_engine!(connection, |c| moved_rows!(
        c,
        walk,
        Place,
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

impl Place {
    fn position(&self, request: &PageRequest<ArticleSort>) -> Result<Position, StorageError> {
        let named = Named {
            table: "published_articles",
            id: self.id,
        };
        let instant = |column, at| named.instant(column, at).map(SortValue::Instant);
        let value = |field| match field {
            ArticleSort::PublishedAt => instant("published_at", self.published_at),
            ArticleSort::FirstPublishedAt => instant("first_published_at", self.first_published_at),
            ArticleSort::UpdatedAt => instant("updated_at", self.updated_at),
            ArticleSort::Title => Ok(SortValue::Text(self.title.clone())),
        };
        Ok(Position {
            values: request
                .sort
                .iter()
                .map(|key| value(key.field))
                .collect::<Result<_, _>>()?,
            id: self.id.0,
            as_of: None,
        })
    }
}
