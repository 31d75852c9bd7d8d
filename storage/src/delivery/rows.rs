//! Rows of what readers see, and the way between them and the model; the publishing side writes the same rows.

use diesel::prelude::*;
use masthead_domain::article::ArticleKind;
use masthead_domain::error::StorageError;
use masthead_domain::id::TagId;
use masthead_domain::published::{Prose, PublishedArticle, PublishedFaq};

use super::schema::{published_articles, published_authors, published_faqs, published_tags};
use crate::error::Failure;
use crate::row::{Named, json, some_json};
use crate::rows::{author_row, tag_row};
use crate::types::{Micros, RowId};

tag_row!(PublishedTagRow, published_tags, "published_tags");
author_row!(PublishedAuthorRow, published_authors, "published_authors");

/// An article without its sections, which are long and read apart.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = published_articles, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct PublishedArticleRow {
    pub id: RowId,
    kind: String,
    locale: String,
    slug: String,
    title: String,
    dek: Option<String>,
    excerpt: String,
    cover: Option<String>,
    seo: String,
    metadata: String,
    toc: String,
    word_count: i64,
    reading_time_minutes: i64,
    revision: i64,
    published_at: Micros,
    first_published_at: Micros,
    updated_at: Micros,
    story_id: RowId,
}

impl PublishedArticleRow {
    pub(crate) fn of(article: &PublishedArticle) -> Result<Self, Failure> {
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
            toc: json(&article.toc)?,
            word_count: article.word_count.into(),
            reading_time_minutes: article.reading_time_minutes.into(),
            revision: article.revision.into(),
            published_at: article.published_at.into(),
            first_published_at: article.first_published_at.into(),
            updated_at: article.updated_at.into(),
            story_id: article.story_id().into(),
        })
    }

    pub(crate) fn model(self) -> Result<PublishedArticle, StorageError> {
        let named = Named {
            table: "published_articles",
            id: self.id,
        };
        Ok(PublishedArticle {
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
            toc: named.json("toc", &self.toc)?,
            word_count: named.count("word_count", self.word_count)?,
            reading_time_minutes: named.count("reading_time_minutes", self.reading_time_minutes)?,
            revision: named.count("revision", self.revision)?,
            published_at: named.instant("published_at", self.published_at)?,
            first_published_at: named.instant("first_published_at", self.first_published_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}

/// A FAQ without its tags.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = published_faqs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct PublishedFaqRow {
    pub id: RowId,
    locale: String,
    slug: String,
    question: String,
    answer_html: String,
    answer_markdown: String,
    answer_text: String,
    revision: i64,
    published_at: Micros,
    first_published_at: Micros,
    updated_at: Micros,
}

impl From<&PublishedFaq> for PublishedFaqRow {
    fn from(faq: &PublishedFaq) -> Self {
        Self {
            id: faq.id.into(),
            locale: faq.locale.as_str().to_owned(),
            slug: faq.slug.as_str().to_owned(),
            question: faq.question.clone(),
            answer_html: faq.answer.html.clone(),
            answer_markdown: faq.answer.markdown.clone(),
            answer_text: faq.answer.text.clone(),
            revision: faq.revision.into(),
            published_at: faq.published_at.into(),
            first_published_at: faq.first_published_at.into(),
            updated_at: faq.updated_at.into(),
        }
    }
}

impl PublishedFaqRow {
    pub(crate) fn model(self, tags: Vec<TagId>) -> Result<PublishedFaq, StorageError> {
        let named = Named {
            table: "published_faqs",
            id: self.id,
        };
        Ok(PublishedFaq {
            id: self.id.into(),
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            question: self.question,
            answer: Prose {
                html: self.answer_html,
                markdown: self.answer_markdown,
                text: self.answer_text,
            },
            tags,
            revision: named.count("revision", self.revision)?,
            published_at: named.instant("published_at", self.published_at)?,
            first_published_at: named.instant("first_published_at", self.first_published_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}
