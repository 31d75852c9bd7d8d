//! FAQs: a question with its answer, a resource of its own that many articles link.

use serde::{Deserialize, Serialize};

use crate::article::Expected;
use crate::clock::Instant;
use crate::error::{Resource, Result};
use crate::id::{FaqId, TagId};
use crate::locale::Locale;
use crate::rights::{Credential, words};
use crate::slug::Slug;

words! {
    /// Where a FAQ stands for readers.
    FaqStatus {
        /// Readers do not see it.
        Draft = "draft",
        /// Readers see an edition of it.
        Published = "published",
    }
}

/// The working copy of a FAQ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Faq {
    /// Its name for ever.
    pub id: FaqId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses, unique in its locale.
    pub slug: Slug,
    /// The question.
    pub question: String,
    /// The answer, in Markdown.
    pub answer: String,
    /// In order.
    pub tags: Vec<TagId>,
    /// For readers.
    pub status: FaqStatus,
    /// Counts its changes.
    pub revision: u32,
    /// The revision that readers see.
    pub published_revision: Option<u32>,
    /// When this edition was published.
    pub published_at: Option<Instant>,
    /// When it was published first.
    pub first_published_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// Through which credential.
    pub created_by: Credential,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Through which credential.
    pub updated_by: Credential,
}

impl Faq {
    /// Tags of a FAQ.
    pub const TAGS: usize = 50;

    /// Refuses a client that holds another revision than the present one.
    pub fn expect_revision(&self, expected: &Expected) -> Result<()> {
        let by = Some(self.updated_by);
        expected.check_known(Resource::Faq, self.id, self.revision, (by, self.updated_at))
    }

    /// Whether the working copy is ahead of what readers see.
    #[must_use]
    pub fn has_unpublished_changes(&self) -> bool {
        self.published_revision
            .is_some_and(|published| published != self.revision)
    }
}

/// A FAQ as a client writes it, before anything is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaqInput {
    /// The question.
    pub question: String,
    /// The answer, in Markdown.
    pub answer: String,
    /// Its slug; made of the question where missing.
    pub slug: Option<String>,
    /// Slugs of tags.
    pub tags: Vec<String>,
}
