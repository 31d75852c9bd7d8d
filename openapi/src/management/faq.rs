//! FAQs as editors get and write them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use masthead_domain::faq as domain;
use masthead_domain::use_cases::faqs::FaqPatch;
use masthead_domain::use_cases::reading::FaqView;

use super::etag;
use super::tag::TagSummary;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// Where a FAQ stands for readers.
    FaqStatus = masthead_domain::faq::FaqStatus {
        Draft = "draft",
        Published = "published",
    }
}

/// The working copy of a FAQ.
#[derive(Debug, Serialize, ToSchema)]
pub struct Faq {
    /// The FAQ's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The language it is in.
    pub locale: String,
    /// Its word in addresses, unique in its locale.
    pub slug: String,
    /// The question.
    pub question: String,
    /// The answer, in Markdown.
    pub answer: String,
    /// In order.
    pub tags: Vec<TagSummary>,
    /// For readers.
    pub status: FaqStatus,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// Whether the working copy is ahead of what readers see.
    pub has_unpublished_changes: bool,
    /// When this edition was published.
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    /// When the first edition was.
    #[schema(required = true)]
    pub first_published_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Through which credential.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Through which credential.
    pub updated_by: String,
}

impl From<FaqView> for Faq {
    fn from(FaqView { faq, tags }: FaqView) -> Self {
        Self {
            id: faq.id.to_string(),
            etag: etag(faq.id.uuid(), faq.revision),
            has_unpublished_changes: faq.has_unpublished_changes(),
            locale: faq.locale.to_string(),
            slug: faq.slug.to_string(),
            question: faq.question,
            answer: faq.answer,
            tags: tags.into_iter().map(Into::into).collect(),
            status: faq.status.into(),
            revision: faq.revision,
            published_at: faq.published_at,
            first_published_at: faq.first_published_at,
            created_at: faq.created_at,
            created_by: faq.created_by.to_string(),
            updated_at: faq.updated_at,
            updated_by: faq.updated_by.to_string(),
        }
    }
}

/// A new FAQ of an article, in the article's locale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFaq {
    /// The question.
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// The answer, in Markdown.
    #[schema(max_length = 20_000)]
    pub answer: String,
    /// Its word in addresses; made of the question where missing.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// Slugs of tags, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
}

impl From<NewFaq> for domain::FaqInput {
    fn from(faq: NewFaq) -> Self {
        Self {
            question: faq.question,
            answer: faq.answer,
            slug: faq.slug,
            tags: faq.tags,
        }
    }
}

/// A new FAQ that stands alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "locale": "en",
    "question": "How often do tides turn?",
    "answer": "About every **six hours**."
}))]
pub struct CreateFaq {
    /// The language it is in.
    #[schema(min_length = 2, max_length = 35)]
    pub locale: String,
    /// The question.
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// The answer, in Markdown.
    #[schema(max_length = 20_000)]
    pub answer: String,
    /// Its word in addresses; made of the question where missing.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// Slugs of tags, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
}

impl CreateFaq {
    /// The locale, and the rest.
    #[must_use]
    pub fn into_parts(self) -> (String, domain::FaqInput) {
        let input = domain::FaqInput {
            question: self.question,
            answer: self.answer,
            slug: self.slug,
            tags: self.tags,
        };
        (self.locale, input)
    }
}

/// A merge patch of a FAQ: a missing key stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "About every **six hours and twelve minutes**." }))]
pub struct UpdateFaq {
    /// The language it is in.
    #[schema(nullable = false, min_length = 2, max_length = 35)]
    pub locale: Option<String>,
    /// The question.
    #[schema(nullable = false, min_length = 1, max_length = 500)]
    pub question: Option<String>,
    /// The answer, in Markdown.
    #[schema(nullable = false, max_length = 20_000)]
    pub answer: Option<String>,
    /// Its word in addresses.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// Slugs of tags, whole and in order.
    #[schema(nullable = false, max_items = 50)]
    pub tags: Option<Vec<String>>,
}

impl From<UpdateFaq> for FaqPatch {
    fn from(patch: UpdateFaq) -> Self {
        Self {
            locale: patch.locale,
            question: patch.question,
            answer: patch.answer,
            slug: patch.slug,
            tags: patch.tags,
        }
    }
}

data_of!(
    /// One FAQ.
    FaqResponse,
    Faq
);
list_of!(
    /// A page of FAQs.
    FaqList,
    Faq
);
