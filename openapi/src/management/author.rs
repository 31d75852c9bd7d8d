//! Authors as editors get and write them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use masthead_domain::author as domain;
use masthead_domain::use_cases::authors::{AuthorInput, AuthorPatch};

use super::article_input::{PictureInput, PicturePatch};
use super::{clearable, etag};
use crate::delivery::{Link, Picture};
use crate::{data_of, list_of};

/// An author.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    /// The author's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses, unique.
    pub slug: String,
    /// The name.
    pub name: String,
    /// A few sentences.
    #[schema(required = true)]
    pub bio: Option<String>,
    /// A portrait.
    #[schema(required = true)]
    pub avatar: Option<Picture>,
    /// Where else to find them.
    pub links: Vec<Link>,
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

impl From<domain::Author> for Author {
    fn from(author: domain::Author) -> Self {
        Self {
            id: author.id.to_string(),
            etag: etag(author.id.uuid(), author.revision),
            slug: author.slug.to_string(),
            name: author.name,
            bio: author.bio,
            avatar: author.avatar.map(Into::into),
            links: author.links.into_iter().map(Into::into).collect(),
            revision: author.revision,
            created_at: author.created_at,
            updated_at: author.updated_at,
        }
    }
}

/// An address with its label.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// What a reader is shown.
    #[schema(min_length = 1, max_length = 300)]
    pub label: String,
    /// Where it leads: an absolute address, or a path on the site.
    #[schema(min_length = 1, max_length = 2_000)]
    pub url: String,
}

impl From<LinkInput> for domain::Link {
    fn from(link: LinkInput) -> Self {
        Self {
            label: link.label,
            url: link.url,
        }
    }
}

/// A new author.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Ada Marsh", "bio": "Writes about the sea." }))]
pub struct CreateAuthor {
    /// The name.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// Its word in addresses; made of the name where missing.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// A few sentences.
    #[schema(max_length = 5_000)]
    pub bio: Option<String>,
    /// A portrait.
    pub avatar: Option<PictureInput>,
    /// Where else to find them.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub links: Vec<LinkInput>,
}

impl From<CreateAuthor> for AuthorInput {
    fn from(author: CreateAuthor) -> Self {
        Self {
            slug: author.slug,
            name: author.name,
            bio: author.bio,
            avatar: author.avatar.map(Into::into),
            links: author.links.into_iter().map(Into::into).collect(),
        }
    }
}

/// A merge patch of an author: a missing key stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "bio": "Writes about the sea, and sails on it." }))]
pub struct UpdateAuthor {
    /// The name.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub name: Option<String>,
    /// Its word in addresses.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// A few sentences.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, max_length = 5_000)]
    pub bio: Option<Option<String>>,
    /// A portrait, itself merged.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<PicturePatch>)]
    pub avatar: Option<Option<Value>>,
    /// Where else to find them, whole.
    #[schema(nullable = false, max_items = 20)]
    pub links: Option<Vec<LinkInput>>,
}

impl From<UpdateAuthor> for AuthorPatch {
    fn from(patch: UpdateAuthor) -> Self {
        Self {
            slug: patch.slug,
            name: patch.name,
            bio: patch.bio,
            avatar: patch.avatar,
            links: patch
                .links
                .map(|links| links.into_iter().map(Into::into).collect()),
        }
    }
}

data_of!(
    /// One author.
    AuthorResponse,
    Author
);
list_of!(
    /// A page of authors.
    AuthorList,
    Author
);
