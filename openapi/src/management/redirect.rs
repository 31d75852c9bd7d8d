//! Old slugs as editors get and write them.

use chrono::{DateTime, Utc};
use masthead_domain::change::ChangeType;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::redirect as domain;
use masthead_domain::redirect::RedirectSort;
use masthead_domain::use_cases::redirects::RedirectInput;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::etag;
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::{data_of, list_of};

/// What kind of thing a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedirectType {
    /// An article or page.
    Article,
    /// A tag.
    Tag,
    /// An author.
    Author,
}

impl From<RedirectType> for ChangeType {
    fn from(kind: RedirectType) -> Self {
        match kind {
            RedirectType::Article => Self::Article,
            RedirectType::Tag => Self::Tag,
            RedirectType::Author => Self::Author,
        }
    }
}

/// An old slug with the thing it leads to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redirect {
    /// The redirect's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// `article`, `tag` or `author`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The old slug.
    pub slug: String,
    /// Its locale; null for tags and authors.
    #[schema(required = true)]
    pub locale: Option<String>,
    /// The thing it leads to, whatever slug that has by then.
    #[schema(format = Uuid)]
    pub target_id: String,
    /// A redirect never changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// Who renamed the thing, or made this by hand.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<domain::Redirect> for Redirect {
    fn from(redirect: domain::Redirect) -> Self {
        Self {
            id: redirect.id.to_string(),
            kind: redirect.kind.to_string(),
            slug: redirect.slug.to_string(),
            locale: redirect.locale.map(|locale| locale.to_string()),
            target_id: redirect.target.to_string(),
            revision: 1,
            etag: etag(redirect.id.uuid(), 1),
            created_by: redirect.created_by.to_string(),
            created_at: redirect.created_at,
        }
    }
}

/// A new redirect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "tag", "slug": "oceans", "target_id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001"
}))]
pub struct CreateRedirect {
    /// What kind of thing it leads to.
    #[serde(rename = "type")]
    pub kind: RedirectType,
    /// The old slug, which nothing has now.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: String,
    /// Its locale: needed for an article, and for nothing else.
    pub locale: Option<String>,
    /// The thing it leads to.
    #[schema(format = Uuid)]
    pub target_id: String,
}

impl From<CreateRedirect> for RedirectInput {
    fn from(redirect: CreateRedirect) -> Self {
        Self {
            kind: redirect.kind.into(),
            slug: redirect.slug,
            locale: redirect.locale,
            target: redirect.target_id,
        }
    }
}

sort_keys! {
    /// A key of a list of redirects; a minus turns it round.
    RedirectSortKey = RedirectSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        Slug, SlugBackwards = Slug, "slug", "-slug";
    }
}

/// The list of redirects.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RedirectListParameters {
    /// Only those that lead to this kind of thing.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub kind: Option<RedirectType>,
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
    pub sort: Option<Vec<RedirectSortKey>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

data_of!(
    /// One redirect.
    RedirectResponse,
    Redirect
);
list_of!(
    /// A page of redirects.
    RedirectList,
    Redirect
);
