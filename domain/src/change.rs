//! The change log: every change of what readers see, in the order in which it became visible.

use uuid::Uuid;

use crate::clock::Instant;
use crate::id::StoryId;
use crate::rights::words;

words! {
    /// What happened to the thing.
    ChangeOp {
        /// It is there, new or changed.
        Upsert = "upsert",
        /// It is gone for readers.
        Delete = "delete",
    }
}

words! {
    /// What kind of thing changed.
    ChangeType {
        /// An article or page.
        Article = "article",
        /// A FAQ.
        Faq = "faq",
        /// A tag.
        Tag = "tag",
        /// An author.
        Author = "author",
    }
}

words! {
    /// Why.
    ChangeReason {
        /// A first or further edition was published.
        Published = "published",
        /// It was taken away.
        Unpublished = "unpublished",
        /// It was deleted.
        Deleted = "deleted",
        /// What it says of itself was changed.
        Updated = "updated",
        /// It left this slug, which now leads to another; the next entry of the same thing has that.
        Renamed = "renamed",
        /// Another took its place; its slug now leads there.
        Merged = "merged",
    }
}

/// An entry to be appended; the store gives the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What happened.
    pub op: ChangeOp,
    /// To what kind of thing.
    pub resource: ChangeType,
    /// Its id.
    pub id: Uuid,
    /// The slug readers know it by.
    pub slug: String,
    /// Its locale, where it has one.
    pub locale: Option<String>,
    /// Why.
    pub reason: ChangeReason,
    /// Where the slug leads from now on, after the thing was renamed or merged.
    pub redirect_to: Option<String>,
    /// The cache tags of every answer this touches.
    pub cache_tags: Vec<String>,
    /// When.
    pub at: Instant,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From 1 in the order of commits, without a gap when it is written; dropping old entries leaves gaps.
    pub seq: i64,
    /// What happened.
    pub entry: NewChange,
}

/// The newest entry of the log: its number and time; `None` while nothing was published.
pub type Head = Option<(i64, Instant)>;

/// The cache tag of one thing.
#[must_use]
pub fn cache_tag(resource: ChangeType, id: impl std::fmt::Display) -> String {
    format!("{resource}:{id}")
}

/// How the cache tags of stories begin.
const STORY: &str = "story:";

/// The cache tag of every article of a story.
#[must_use]
pub fn story_tag(story: StoryId) -> String {
    format!("{STORY}{story}")
}

/// The story whose articles a cache tag names; `None` where it names something else.
#[must_use]
pub fn story_of(tag: &str) -> Option<StoryId> {
    StoryId::parse(tag.strip_prefix(STORY)?)
}

/// The cache tag of every list of a kind of thing.
#[must_use]
pub const fn list_tag(resource: ChangeType) -> &'static str {
    match resource {
        ChangeType::Article => "articles",
        ChangeType::Faq => "faqs",
        ChangeType::Tag => "tags",
        ChangeType::Author => "authors",
    }
}
