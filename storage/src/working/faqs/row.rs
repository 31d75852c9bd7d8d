//! The row of a FAQ, and the way between it and the model.

use diesel::prelude::*;
use masthead_domain::error::StorageError;
use masthead_domain::faq::{Faq, FaqStatus};
use masthead_domain::id::TagId;
use masthead_domain::rights::Credential;

use crate::row::Named;
use crate::schema::faqs;
use crate::types::{Micros, RowId};

/// What a FAQ holds but its tags; the search text is written beside it and never read.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = faqs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct FaqRow {
    pub id: RowId,
    locale: String,
    slug: String,
    question: String,
    answer: String,
    status: String,
    revision: i64,
    published_revision: Option<i64>,
    published_at: Option<Micros>,
    first_published_at: Option<Micros>,
    created_at: Micros,
    created_by: String,
    updated_at: Micros,
    updated_by: String,
}

impl From<&Faq> for FaqRow {
    fn from(faq: &Faq) -> Self {
        Self {
            id: faq.id.into(),
            locale: faq.locale.as_str().to_owned(),
            slug: faq.slug.as_str().to_owned(),
            question: faq.question.clone(),
            answer: faq.answer.clone(),
            status: faq.status.as_str().to_owned(),
            revision: faq.revision.into(),
            published_revision: faq.published_revision.map(Into::into),
            published_at: faq.published_at.map(Into::into),
            first_published_at: faq.first_published_at.map(Into::into),
            created_at: faq.created_at.into(),
            created_by: faq.created_by.to_string(),
            updated_at: faq.updated_at.into(),
            updated_by: faq.updated_by.to_string(),
        }
    }
}

impl FaqRow {
    pub(super) fn model(self, tags: Vec<TagId>) -> Result<Faq, StorageError> {
        let named = Named {
            table: "faqs",
            id: self.id,
        };
        Ok(Faq {
            id: self.id.into(),
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            question: self.question,
            answer: self.answer,
            tags,
            status: named.word("status", &self.status, FaqStatus::parse)?,
            revision: named.count("revision", self.revision)?,
            published_revision: named.some_count("published_revision", self.published_revision)?,
            published_at: named.some_instant("published_at", self.published_at)?,
            first_published_at: named.some_instant("first_published_at", self.first_published_at)?,
            created_at: named.instant("created_at", self.created_at)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
            updated_by: named.word("updated_by", &self.updated_by, Credential::parse)?,
        })
    }
}
