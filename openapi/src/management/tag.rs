//! Tags as editors get and write them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use masthead_domain::tag as domain;
use masthead_domain::use_cases::tags::{TagInput, TagPatch};

use super::{clearable, etag};
use crate::{data_of, list_of};

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    /// The tag's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses, unique.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    #[schema(required = true)]
    pub description: Option<String>,
    /// `topic`, `series`, `place`, `person`, `organisation`, or a word of the site's own.
    pub kind: String,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<domain::Tag> for Tag {
    fn from(tag: domain::Tag) -> Self {
        Self {
            id: tag.id.to_string(),
            etag: etag(tag.id.uuid(), tag.revision),
            slug: tag.slug.to_string(),
            name: tag.name,
            description: tag.description,
            kind: tag.kind,
            revision: tag.revision,
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}

/// A tag on an article or FAQ.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagSummary {
    /// The tag's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `topic`, `series`, `place`, `person`, `organisation`, or a word of the site's own.
    pub kind: String,
}

impl From<domain::Tag> for TagSummary {
    fn from(tag: domain::Tag) -> Self {
        Self {
            id: tag.id.to_string(),
            slug: tag.slug.to_string(),
            name: tag.name,
            kind: tag.kind,
        }
    }
}

/// A new tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Oceans", "kind": "topic" }))]
pub struct CreateTag {
    /// Its name.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// Its word in addresses; made of the name where missing.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// What it is about.
    #[schema(min_length = 1, max_length = 1_000)]
    pub description: Option<String>,
    /// `topic` where missing.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,31}$")]
    pub kind: Option<String>,
}

impl From<CreateTag> for TagInput {
    fn from(tag: CreateTag) -> Self {
        Self {
            slug: tag.slug,
            name: tag.name,
            description: tag.description,
            kind: tag.kind,
        }
    }
}

/// A merge patch of a tag: a missing key stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "The seas" }))]
pub struct UpdateTag {
    /// Its name.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub name: Option<String>,
    /// Its word in addresses.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub description: Option<Option<String>>,
    /// What kind of thing it stands for.
    #[schema(nullable = false, pattern = "^[a-z][a-z0-9_]{0,31}$")]
    pub kind: Option<String>,
}

impl From<UpdateTag> for TagPatch {
    fn from(patch: UpdateTag) -> Self {
        Self {
            slug: patch.slug,
            name: patch.name,
            description: patch.description,
            kind: patch.kind,
        }
    }
}

data_of!(
    /// One tag.
    TagResponse,
    Tag
);
list_of!(
    /// A page of tags.
    TagList,
    Tag
);
