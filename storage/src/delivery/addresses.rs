//! Old slugs of what readers see, and what they saw once.

use diesel::prelude::*;
use masthead_domain::article::Seo;
use masthead_domain::change::{ChangeReason, ChangeType};
use masthead_domain::error::StorageError;
use masthead_domain::locale::Locale;
use masthead_domain::redirect::{Gone, Moved};
use masthead_domain::slug::Slug;
use masthead_domain::story::{Alternate, Telling};

use super::schema::{
    published_articles, published_authors, published_gone, published_redirects, published_tags,
};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::{Micros, RowId};

/// Something that readers saw once, as a row; the working side writes the same.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = published_gone, primary_key(resource, resource_id))]
pub(crate) struct GoneRow {
    resource: String,
    resource_id: RowId,
    /// Empty for what has none.
    locale: String,
    slug: String,
    reason: String,
    created_at: Micros,
}

impl From<&Gone> for GoneRow {
    fn from(gone: &Gone) -> Self {
        Self {
            resource: gone.kind.as_str().to_owned(),
            resource_id: RowId(gone.id),
            locale: gone.locale.as_ref().map_or("", Locale::as_str).to_owned(),
            slug: gone.slug.as_str().to_owned(),
            reason: gone.reason.as_str().to_owned(),
            created_at: gone.at.into(),
        }
    }
}

impl GoneRow {
    pub(crate) fn model(self) -> Result<Gone, StorageError> {
        let named = Named {
            table: "published_gone",
            id: self.resource_id,
        };
        Ok(Gone {
            kind: named.word("resource", &self.resource, ChangeType::parse)?,
            id: self.resource_id.0,
            slug: named.slug(&self.slug)?,
            locale: some_locale(named, &self.locale)?,
            reason: named.word("reason", &self.reason, ChangeReason::parse)?,
            at: named.instant("created_at", self.created_at)?,
        })
    }
}

/// The locale of what has one; the column is empty for what has none.
pub(crate) fn some_locale(named: Named, text: &str) -> Result<Option<Locale>, StorageError> {
    if text.is_empty() {
        return Ok(None);
    }
    named.locale(text).map(Some)
}

pub(super) fn moved(
    connection: &mut Connection,
    kind: ChangeType,
    slug: &Slug,
    locale: Option<&Locale>,
    default: &Locale,
) -> Result<Option<Moved>, Failure> {
    let found = match kind {
        ChangeType::Article => article(connection, slug, locale, default)?,
        ChangeType::Tag => tag(connection, slug)?,
        ChangeType::Author => author(connection, slug)?,
        // Nobody asks for a FAQ by its slug.
        ChangeType::Faq => None,
    };
    let Some((id, slug, locale)) = found else {
        return Ok(None);
    };
    let named = Named {
        table: "published_redirects",
        id,
    };
    Ok(Some(Moved {
        kind,
        id: id.0,
        slug: named.slug(&slug)?,
        locale: some_locale(named, &locale)?,
    }))
}

type Target = (RowId, String, String);

fn article(
    connection: &mut Connection,
    slug: &Slug,
    locale: Option<&Locale>,
    default: &Locale,
) -> Result<Option<Target>, Failure> {
    let locale = locale.map(Locale::as_str);
    Ok(on_engine!(connection, |c| {
        let mut query = published_redirects::table
            .inner_join(published_articles::table)
            .filter(published_redirects::resource.eq(ChangeType::Article.as_str()))
            .filter(published_redirects::slug.eq(slug.as_str()))
            .into_boxed();
        if let Some(locale) = locale {
            query = query.filter(published_redirects::locale.eq(locale));
        }
        query
            .order((
                published_redirects::locale.eq(default.as_str()).desc(),
                published_redirects::locale,
            ))
            .select((
                published_articles::id,
                published_articles::slug,
                published_articles::locale,
            ))
            .first(c)
            .optional()
    })?)
}

fn tag(connection: &mut Connection, slug: &Slug) -> Result<Option<Target>, Failure> {
    let found: Option<(RowId, String)> = on_engine!(connection, |c| published_redirects::table
        .inner_join(published_tags::table)
        .filter(published_redirects::resource.eq(ChangeType::Tag.as_str()))
        .filter(published_redirects::slug.eq(slug.as_str()))
        .select((published_tags::id, published_tags::slug))
        .first(c)
        .optional())?;
    Ok(found.map(|(id, slug)| (id, slug, String::new())))
}

fn author(connection: &mut Connection, slug: &Slug) -> Result<Option<Target>, Failure> {
    let found: Option<(RowId, String)> = on_engine!(connection, |c| published_redirects::table
        .inner_join(published_authors::table)
        .filter(published_redirects::resource.eq(ChangeType::Author.as_str()))
        .filter(published_redirects::slug.eq(slug.as_str()))
        .select((published_authors::id, published_authors::slug))
        .first(c)
        .optional())?;
    Ok(found.map(|(id, slug)| (id, slug, String::new())))
}

/// A published article as far as the address of a telling of its story needs it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = published_articles)]
struct TellingRow {
    id: RowId,
    story_id: RowId,
    locale: String,
    slug: String,
    seo: String,
}

impl TellingRow {
    fn model(self) -> Result<Telling, StorageError> {
        let named = Named {
            table: "published_articles",
            id: self.id,
        };
        let seo: Seo = named.json("seo", &self.seo)?;
        Ok(Telling {
            story: self.story_id.into(),
            article: Alternate {
                id: self.id.into(),
                locale: named.locale(&self.locale)?,
                slug: named.slug(&self.slug)?,
                url: seo.canonical_url,
            },
        })
    }
}

pub(super) fn with_slug(connection: &mut Connection, slug: &Slug) -> Result<Vec<Telling>, Failure> {
    let rows: Vec<TellingRow> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::slug.eq(slug.as_str()))
        .order((published_articles::locale, published_articles::id))
        .select(TellingRow::as_select())
        .load(c))?;
    all(rows)
}

pub(crate) fn tellings(connection: &mut Connection, stories: &[RowId]) -> Result<Vec<Telling>, Failure> {
    let rows: Vec<TellingRow> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::story_id.eq_any(stories))
        .order((published_articles::locale, published_articles::id))
        .select(TellingRow::as_select())
        .load(c))?;
    all(rows)
}

fn all(rows: Vec<TellingRow>) -> Result<Vec<Telling>, Failure> {
    Ok(rows
        .into_iter()
        .map(TellingRow::model)
        .collect::<Result<_, _>>()?)
}

pub(crate) fn gone(
    connection: &mut Connection,
    kind: ChangeType,
    id: RowId,
) -> Result<Option<Gone>, Failure> {
    let row: Option<GoneRow> = on_engine!(connection, |c| published_gone::table
        .find((kind.as_str(), id))
        .select(GoneRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(GoneRow::model).transpose()?)
}

pub(super) fn gone_by_slug(
    connection: &mut Connection,
    kind: ChangeType,
    slug: &Slug,
    locale: Option<&Locale>,
) -> Result<Option<Gone>, Failure> {
    let locale = locale.map(Locale::as_str);
    let named: Option<GoneRow> = on_engine!(connection, |c| {
        let mut query = published_gone::table
            .filter(published_gone::resource.eq(kind.as_str()))
            .filter(published_gone::slug.eq(slug.as_str()))
            .into_boxed();
        if let Some(locale) = locale {
            query = query.filter(published_gone::locale.eq(locale));
        }
        query
            .order((published_gone::created_at.desc(), published_gone::resource_id))
            .select(GoneRow::as_select())
            .first(c)
            .optional()
    })?;
    let row = match named {
        Some(row) => Some(row),
        None => gone_by_old_slug(connection, kind, slug, locale)?,
    };
    Ok(row.map(GoneRow::model).transpose()?)
}

/// What is gone under another slug than this one, which it had before.
fn gone_by_old_slug(
    connection: &mut Connection,
    kind: ChangeType,
    slug: &Slug,
    locale: Option<&str>,
) -> Result<Option<GoneRow>, Failure> {
    let targets: Vec<RowId> = on_engine!(connection, |c| {
        let mut query = published_redirects::table
            .filter(published_redirects::resource.eq(kind.as_str()))
            .filter(published_redirects::slug.eq(slug.as_str()))
            .into_boxed();
        if let Some(locale) = locale {
            query = query.filter(published_redirects::locale.eq(locale));
        }
        query.select(published_redirects::resource_id).load(c)
    })?;
    Ok(on_engine!(connection, |c| published_gone::table
        .filter(published_gone::resource.eq(kind.as_str()))
        .filter(published_gone::resource_id.eq_any(&targets))
        .order((published_gone::created_at.desc(), published_gone::resource_id))
        .select(GoneRow::as_select())
        .first(c)
        .optional())?)
}
