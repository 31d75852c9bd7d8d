//! The article: what an editor works on, with its rules of state.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Instant;
use crate::error::{Error, Refused, Resource, Result, Since};
use crate::id::{ArticleId, AuthorId, FaqId, StoryId, TagId};
use crate::locale::Locale;
use crate::rendering::Length;
use crate::rights::{Credential, words};
use crate::section::Section;
use crate::slug::Slug;
use crate::workflow::{Reviewed, ScheduleError};

words! {
    /// What kind of thing an article is.
    ArticleKind {
        /// Stands in lists and feeds.
        Article = "article",
        /// Stands alone: about, contact, terms.
        Page = "page",
    }
}

words! {
    /// Where the article stands for readers.
    Status {
        /// Readers do not see it.
        Draft = "draft",
        /// Readers will see it at `publish_at`.
        Scheduled = "scheduled",
        /// Readers see it.
        Published = "published",
        /// Put away; readers do not see it.
        Archived = "archived",
    }
}

words! {
    /// Where the article stands with its editors.
    Review {
        /// Nobody asked for one.
        None = "none",
        /// Somebody asked for one.
        Requested = "requested",
        /// An editor asked for changes.
        ChangesRequested = "changes_requested",
        /// An editor approved it.
        Approved = "approved",
    }
}

words! {
    /// What a person did for an article.
    BylineRole {
        /// Wrote it.
        Writer = "writer",
        /// Edited it.
        Editor = "editor",
        /// Translated it.
        Translator = "translator",
        /// Took its pictures.
        Photographer = "photographer",
        /// Helped otherwise.
        Contributor = "contributor",
    }
}

/// The picture that stands for an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Where it is.
    pub url: String,
    /// What it shows, for those who do not see it.
    pub alt: Option<String>,
    /// The line under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
}

/// A picture with its alternative text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Where it is.
    pub url: String,
    /// What it shows.
    pub alt: Option<String>,
}

/// What search engines and link previews are told instead of the article's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seo {
    /// Instead of the title.
    pub title: Option<String>,
    /// Instead of the dek.
    pub description: Option<String>,
    /// Where the original is.
    pub canonical_url: Option<String>,
    /// Instead of the cover.
    pub image: Option<Image>,
    /// Keep it out of search engines.
    pub no_index: bool,
}

/// A small JSON object of the frontend's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(pub Map<String, Value>);

impl Metadata {
    /// Bytes of its JSON text.
    pub const LIMIT: usize = 16 * 1024;
    /// Levels of nesting.
    pub const DEPTH: usize = 8;

    /// Takes an object within the limits.
    pub fn parse(object: Map<String, Value>) -> Result<Self, Refused> {
        let value = Value::Object(object);
        if depth(&value) > Self::DEPTH {
            return Err(Refused::new(
                "too_deep",
                format!("Metadata nests at most {} levels.", Self::DEPTH),
            ));
        }
        let bytes = value.to_string().len();
        if bytes > Self::LIMIT {
            let limit = Self::LIMIT;
            return Err(Refused::new(
                "too_long",
                format!("Metadata has {bytes} bytes; at most {limit} are kept."),
            ));
        }
        match value {
            Value::Object(object) => Ok(Self(object)),
            _ => Ok(Self::default()),
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// One name in the byline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Byline {
    /// Who.
    pub author_id: AuthorId,
    /// What they did.
    pub role: BylineRole,
}

/// What lists show of a working copy: all of it but sections and FAQs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Its name for ever.
    pub id: ArticleId,
    /// Article or page.
    pub kind: ArticleKind,
    /// The story it tells in its language; `None` where it stands alone, or others tell the story after it.
    #[serde(default)]
    pub story: Option<StoryId>,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses, unique in its locale.
    pub slug: Slug,
    /// The headline.
    pub title: String,
    /// The line under the headline.
    pub dek: Option<String>,
    /// An excerpt of its own; derived from the text where missing.
    pub excerpt: Option<String>,
    /// The picture that stands for it.
    pub cover: Option<Cover>,
    /// Overrides for search engines.
    pub seo: Seo,
    /// The frontend's own.
    pub metadata: Metadata,
    /// In order; the first is the primary one.
    pub tags: Vec<TagId>,
    /// In order.
    pub authors: Vec<Byline>,
    /// How long the text of its sections is.
    pub length: Length,
    /// For readers.
    pub status: Status,
    /// With editors.
    pub review: Review,
    /// What was said when the review last moved.
    #[serde(default)]
    pub reviewed: Reviewed,
    /// Counts every change to it, its sections, their order and its links.
    pub revision: u32,
    /// The revision that readers see.
    pub published_revision: Option<u32>,
    /// When it is to be published.
    pub publish_at: Option<Instant>,
    /// When it is to be taken away.
    pub unpublish_at: Option<Instant>,
    /// Why the moment that came was not kept.
    #[serde(default)]
    pub schedule_error: Option<ScheduleError>,
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

impl Overview {
    /// The story it tells.
    #[must_use]
    pub fn story_id(&self) -> StoryId {
        self.story.unwrap_or_else(|| self.id.into())
    }

    /// Whether the working copy is ahead of what readers see.
    #[must_use]
    pub fn has_unpublished_changes(&self) -> bool {
        self.published_revision
            .is_some_and(|published| published != self.revision)
    }

    /// Whether readers see an edition of it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.published_revision.is_some()
    }
}

/// The working copy of an article with everything that its revision counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Everything but the parts below; the article's fields are read through it.
    #[serde(flatten)]
    pub overview: Overview,
    /// In order.
    pub sections: Vec<Section>,
    /// In order.
    pub faqs: Vec<FaqId>,
}

impl Deref for Article {
    type Target = Overview;

    fn deref(&self) -> &Overview {
        &self.overview
    }
}

impl DerefMut for Article {
    fn deref_mut(&mut self) -> &mut Overview {
        &mut self.overview
    }
}

impl Article {
    /// Sections in an article.
    pub const SECTIONS: usize = 200;
    /// FAQs linked by an article.
    pub const FAQS: usize = 100;
    /// Tags of an article.
    pub const TAGS: usize = 50;
    /// Names in a byline.
    pub const AUTHORS: usize = 20;
    /// Characters of all its sections' bodies together.
    pub const TEXT: usize = 1_000_000;

    /// Refuses a client that holds another revision than the present one.
    pub fn expect_revision(&self, expected: &Expected) -> Result<()> {
        let by = Some(self.updated_by);
        expected.check_known(Resource::Article, self.id, self.revision, (by, self.updated_at))
    }

    /// The length of its sections' text, counted anew.
    #[must_use]
    pub fn measured(&self) -> Length {
        self.sections.iter().map(Section::measured).sum()
    }
}

/// The revision a client says it has seen, from `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there (`If-Match: *`).
    Any,
    /// One of these; empty when the client named only tags that can never match.
    Revisions(Vec<u32>),
}

impl Expected {
    /// Refuses unless the present revision is among those seen.
    pub fn check(&self, resource: Resource, id: impl ToString, current: u32) -> Result<()> {
        match self {
            Self::Revisions(seen) if !seen.contains(&current) => Err(Error::Stale {
                resource,
                id: id.to_string(),
                current,
                since: None,
            }),
            _ => Ok(()),
        }
    }

    /// The same, telling who made the last change and when.
    pub fn check_known(
        &self,
        resource: Resource,
        id: impl ToString,
        current: u32,
        last: (Option<Credential>, Instant),
    ) -> Result<()> {
        let Some(since) = self.since(current, last) else {
            return Ok(());
        };
        Err(Error::Stale {
            resource,
            id: id.to_string(),
            current,
            since: Some(Box::new(since)),
        })
    }

    /// What is known at once of the changes that the client has not seen; `None` when it has seen all. A client that
    /// writes nothing undoes nothing, so there is no conflict as long as nobody looks for one.
    #[must_use]
    pub fn since(&self, current: u32, (by, at): (Option<Credential>, Instant)) -> Option<Since> {
        let Self::Revisions(seen) = self else { return None };
        if seen.contains(&current) {
            return None;
        }
        let base = seen
            .iter()
            .filter(|seen| (1..current).contains(*seen))
            .max()
            .copied();
        let conflicts = base.zip(by).map(|_| Vec::new());
        Some(Since {
            base,
            by,
            at,
            conflicts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_small_and_flat_enough() {
        let nest =
            |levels: usize| (0..levels).fold(Value::Null, |inner, _| serde_json::json!({ "a": inner }));
        let object = |value: Value| value.as_object().unwrap().clone();
        assert!(Metadata::parse(object(nest(8))).is_ok());
        assert_eq!(Metadata::parse(object(nest(9))).unwrap_err().code, "too_deep");
        let long = serde_json::json!({ "a": "x".repeat(Metadata::LIMIT) });
        assert_eq!(Metadata::parse(object(long)).unwrap_err().code, "too_long");
    }
}
