//! Releases: articles and FAQs that come before readers' eyes, or leave them, in the same instant.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::error::Refused;
use crate::id::{ArticleId, FaqId, ReleaseId};
use crate::rights::{Credential, words};
use crate::text;

words! {
    /// Where a release stands.
    ReleaseStatus {
        /// It gathers.
        Open = "open",
        /// It was published, and does not change any more.
        Published = "published",
    }
}

words! {
    /// What a release does to one of its things.
    ReleaseAction {
        /// Readers see its working copy.
        Publish = "publish",
        /// Readers see it no more.
        Unpublish = "unpublish",
    }
}

words! {
    /// What lists of releases sort by.
    ReleaseSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// When it was last changed or published.
        UpdatedAt = "updated_at",
        /// By the bytes of the name.
        Name = "name",
    }
}

/// What a release is about to do something to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// An article or page, with the drafts among its FAQs.
    Article(ArticleId),
    /// A FAQ.
    Faq(FaqId),
}

/// One thing of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub subject: Subject,
    /// What is done to it.
    pub action: ReleaseAction,
    /// The revision that it has to have by then; whatever it has, where there is none.
    pub revision: Option<u32>,
}

/// A release without its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name for ever.
    pub id: ReleaseId,
    /// What editors call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it stands.
    pub status: ReleaseStatus,
    /// How many things it has.
    pub count: u32,
    /// Counts its changes.
    pub revision: u32,
    /// When it was made.
    pub created_at: Instant,
    /// Through which credential.
    pub created_by: Credential,
    /// When it was last changed or published.
    pub updated_at: Instant,
    /// When it was published, and through which credential.
    pub published: Option<(Instant, Credential)>,
}

/// Articles and FAQs that are published together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// All but its things.
    pub outline: Outline,
    /// What it does, in an order of the editors' choosing.
    pub items: Vec<Item>,
}

impl Release {
    /// Things in a release.
    pub const ITEMS: usize = 100;
    /// Releases that gather at once.
    pub const OPEN: u32 = 1_000;
    /// Characters of a name.
    pub const NAME: usize = text::LINE_LIMIT;

    /// A name within the limits.
    pub fn name(given: String) -> Result<String, Refused> {
        text::line(given, Self::NAME)
    }

    /// A description within the limits.
    pub fn description(given: String) -> Result<String, Refused> {
        if given.trim().is_empty() {
            return Err(Refused::new("blank", "Say something, or leave the key out."));
        }
        text::lines(given, text::NOTE_LIMIT)
    }
}
