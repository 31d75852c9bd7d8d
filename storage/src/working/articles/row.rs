//! The row of an article, and the way between it and the model.

use diesel::prelude::*;
use masthead_domain::article::{ArticleKind, Byline, Overview, Review, Status};
use masthead_domain::error::StorageError;
use masthead_domain::id::TagId;
use masthead_domain::rendering::Length;
use masthead_domain::rights::Credential;
use masthead_domain::workflow::Reviewed;

use crate::error::Failure;
use crate::row::{Named, json, some_json};
use crate::schema::articles;
use crate::types::{Micros, RowId};

/// What an overview holds but its links; the search text is written beside it and never read.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = articles, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct ArticleRow {
    pub id: RowId,
    kind: String,
    locale: String,
    slug: String,
    title: String,
    dek: Option<String>,
    excerpt: Option<String>,
    cover: Option<String>,
    seo: String,
    metadata: String,
    words: i64,
    characters: i64,
    status: String,
    review: String,
    revision: i64,
    published_revision: Option<i64>,
    publish_at: Option<Micros>,
    unpublish_at: Option<Micros>,
    published_at: Option<Micros>,
    first_published_at: Option<Micros>,
    created_at: Micros,
    created_by: String,
    updated_at: Micros,
    updated_by: String,
    story_id: RowId,
    reviewed: Option<String>,
    schedule_error: Option<String>,
}

impl ArticleRow {
    pub(super) fn of(article: &Overview) -> Result<Self, Failure> {
        Ok(Self {
            id: article.id.into(),
            kind: article.kind.as_str().to_owned(),
            locale: article.locale.as_str().to_owned(),
            slug: article.slug.as_str().to_owned(),
            title: article.title.clone(),
            dek: article.dek.clone(),
            excerpt: article.excerpt.clone(),
            cover: some_json(article.cover.as_ref())?,
            seo: json(&article.seo)?,
            metadata: json(&article.metadata)?,
            words: article.length.words.into(),
            characters: article.length.characters.into(),
            status: article.status.as_str().to_owned(),
            review: article.review.as_str().to_owned(),
            revision: article.revision.into(),
            published_revision: article.published_revision.map(Into::into),
            publish_at: article.publish_at.map(Into::into),
            unpublish_at: article.unpublish_at.map(Into::into),
            published_at: article.published_at.map(Into::into),
            first_published_at: article.first_published_at.map(Into::into),
            created_at: article.created_at.into(),
            created_by: article.created_by.to_string(),
            updated_at: article.updated_at.into(),
            updated_by: article.updated_by.to_string(),
            story_id: article.story_id().into(),
            reviewed: some_json((article.reviewed != Reviewed::default()).then_some(&article.reviewed))?,
            schedule_error: some_json(article.schedule_error.as_ref())?,
        })
    }

    pub(super) fn model(self, tags: Vec<TagId>, authors: Vec<Byline>) -> Result<Overview, StorageError> {
        let named = Named {
            table: "articles",
            id: self.id,
        };
        Ok(Overview {
            id: self.id.into(),
            kind: named.word("kind", &self.kind, ArticleKind::parse)?,
            story: Some(self.story_id)
                .filter(|story| *story != self.id)
                .map(Into::into),
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            title: self.title,
            dek: self.dek,
            excerpt: self.excerpt,
            cover: named.some_json("cover", self.cover.as_deref())?,
            seo: named.json("seo", &self.seo)?,
            metadata: named.json("metadata", &self.metadata)?,
            tags,
            authors,
            length: Length {
                words: named.count("words", self.words)?,
                characters: named.count("characters", self.characters)?,
            },
            status: named.word("status", &self.status, Status::parse)?,
            review: named.word("review", &self.review, Review::parse)?,
            reviewed: named
                .some_json("reviewed", self.reviewed.as_deref())?
                .unwrap_or_default(),
            revision: named.count("revision", self.revision)?,
            published_revision: named.some_count("published_revision", self.published_revision)?,
            publish_at: named.some_instant("publish_at", self.publish_at)?,
            unpublish_at: named.some_instant("unpublish_at", self.unpublish_at)?,
            schedule_error: named.some_json("schedule_error", self.schedule_error.as_deref())?,
            published_at: named.some_instant("published_at", self.published_at)?,
            first_published_at: named.some_instant("first_published_at", self.first_published_at)?,
            created_at: named.instant("created_at", self.created_at)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
            updated_by: named.word("updated_by", &self.updated_by, Credential::parse)?,
        })
    }
}
