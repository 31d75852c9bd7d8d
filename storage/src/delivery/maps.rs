//! What sitemaps list: every published article and page that search engines may know.

use diesel::dsl::min;
use diesel::prelude::*;
use masthead_domain::article::{ArticleKind, Cover, Image, Seo};
use masthead_domain::clock::Instant;
use masthead_domain::error::StorageError;
use masthead_domain::locale::Locale;
use masthead_domain::syndicating::MapEntry;

use super::schema::{published_articles, published_map_entries};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::{Micros, RowId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = published_articles)]
struct MapRow {
    id: RowId,
    kind: String,
    locale: String,
    slug: String,
    title: String,
    cover: Option<String>,
    seo: String,
    first_published_at: Micros,
    updated_at: Micros,
}

impl MapRow {
    fn model(self) -> Result<MapEntry, StorageError> {
        let named = Named {
            table: "published_articles",
            id: self.id,
        };
        let seo: Seo = named.json("seo", &self.seo)?;
        let cover: Option<Cover> = named.some_json("cover", self.cover.as_deref())?;
        let cover = cover.map(|cover| Image {
            url: cover.url,
            alt: cover.alt,
        });
        Ok(MapEntry {
            id: self.id.into(),
            kind: named.word("kind", &self.kind, ArticleKind::parse)?,
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            title: self.title,
            canonical_url: seo.canonical_url,
            image: seo.image.or(cover),
            first_published_at: named.instant("first_published_at", self.first_published_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}

/// The numbers of those sitemaps of so many places in which something stands. Each is one look into the index.
pub(super) fn filled(connection: &mut Connection, size: u32) -> Result<Vec<u64>, Failure> {
    let size = i64::from(size.max(1));
    let (mut numbers, mut through) = (Vec::new(), 0);
    loop {
        let next: Option<i64> = on_engine!(connection, |c| published_map_entries::table
            .filter(published_map_entries::place.gt(through))
            .select(min(published_map_entries::place))
            .first(c))?;
        let Some(place) = next else { return Ok(numbers) };
        let number = (place - 1) / size + 1;
        through = number.saturating_mul(size);
        numbers.push(number.unsigned_abs());
    }
}

/// What stands in one sitemap of so many places, counted from 1.
pub(super) fn list(connection: &mut Connection, number: u64, size: u32) -> Result<Vec<MapEntry>, Failure> {
    let size = i64::from(size);
    let last = i64::try_from(number)
        .ok()
        .and_then(|number| number.checked_mul(size));
    let Some(last) = last else { return Ok(Vec::new()) };
    let rows: Vec<MapRow> = on_engine!(connection, |c| published_map_entries::table
        .inner_join(published_articles::table)
        .filter(published_map_entries::place.gt(last - size))
        .filter(published_map_entries::place.le(last))
        .order(published_map_entries::place)
        .select(MapRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

pub(super) fn news(
    connection: &mut Connection,
    since: Instant,
    limit: u32,
) -> Result<Vec<MapEntry>, Failure> {
    let since = Micros::from(since);
    let rows: Vec<MapRow> = on_engine!(connection, |c| published_articles::table
        .inner_join(published_map_entries::table)
        .filter(published_articles::kind.eq(ArticleKind::Article.as_str()))
        .filter(published_articles::first_published_at.ge(since))
        .order((
            published_articles::first_published_at.desc(),
            published_articles::id.desc()
        ))
        .limit(i64::from(limit))
        .select(MapRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

pub(super) fn locales(connection: &mut Connection) -> Result<Vec<Locale>, Failure> {
    let found: Vec<String> = on_engine!(connection, |c| published_articles::table
        .select(published_articles::locale)
        .distinct()
        .order(published_articles::locale)
        .load(c))?;
    let read = |text: String| {
        Locale::parse(&text).map_err(|refused| {
            StorageError::Corrupt {
                table: "published_articles",
                column: "locale",
                id: text.clone(),
                reason: refused.message,
            }
            .into()
        })
    };
    found.into_iter().map(read).collect()
}
