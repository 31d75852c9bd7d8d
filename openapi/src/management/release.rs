//! Releases as editors get and write them.

use chrono::{DateTime, Utc};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::release as domain;
use masthead_domain::release::ReleaseSort;
use masthead_domain::use_cases::releases::{
    ItemInput, ItemView, ReleaseInput, ReleasePatch, ReleaseView, Released,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::preflight::{ChecksMeta, Verdict};
use super::{clearable, etag};
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// Where a release stands.
    ReleaseStatus = domain::ReleaseStatus {
        Open = "open",
        Published = "published",
    }
}

mirror! {
    /// What a release does to one of its things.
    ReleaseAction = domain::ReleaseAction {
        Publish = "publish",
        Unpublish = "unpublish",
    }
}

/// What kind of thing a release holds; pages are articles here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseItemType {
    /// An article or page.
    Article,
    /// A FAQ.
    Faq,
}

/// One thing of a release.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseItem {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ReleaseItemType,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What is done to it.
    pub action: ReleaseAction,
    /// The revision that it has to have by then; null where any will do.
    #[schema(required = true, minimum = 1)]
    pub revision: Option<u32>,
    /// Its headline or question; null where it was deleted.
    #[schema(required = true)]
    pub title: Option<String>,
    /// The revision that it has now; null where it was deleted.
    #[schema(required = true, minimum = 1)]
    pub current_revision: Option<u32>,
}

impl From<ItemView> for ReleaseItem {
    fn from(view: ItemView) -> Self {
        let (kind, id) = match view.item.subject {
            domain::Subject::Article(id) => (ReleaseItemType::Article, id.to_string()),
            domain::Subject::Faq(id) => (ReleaseItemType::Faq, id.to_string()),
        };
        let (title, current_revision) = view.present.unzip();
        Self {
            kind,
            id,
            action: view.item.action.into(),
            revision: view.item.revision,
            title,
            current_revision,
        }
    }
}

/// A release without its things.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseSummary {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What editors call it.
    pub name: String,
    /// What it is for.
    #[schema(required = true)]
    pub description: Option<String>,
    /// `open` while it gathers, `published` for ever after.
    pub status: ReleaseStatus,
    /// How many things it has.
    #[schema(maximum = 100)]
    pub item_count: u32,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Through which credential.
    pub created_by: String,
    /// When it was last changed or published.
    pub updated_at: DateTime<Utc>,
    /// When it was published.
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    /// Through which credential.
    #[schema(required = true)]
    pub published_by: Option<String>,
}

impl From<domain::Outline> for ReleaseSummary {
    fn from(outline: domain::Outline) -> Self {
        Self {
            id: outline.id.to_string(),
            name: outline.name,
            description: outline.description,
            status: outline.status.into(),
            item_count: outline.count,
            revision: outline.revision,
            etag: etag(outline.id.uuid(), outline.revision),
            created_at: outline.created_at,
            created_by: outline.created_by.to_string(),
            updated_at: outline.updated_at,
            published_at: outline.published.map(|(at, _)| at),
            published_by: outline.published.map(|(_, by)| by.to_string()),
        }
    }
}

/// Articles and FAQs that are published, or taken away, in the same instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Release {
    /// All but its things.
    #[serde(flatten)]
    pub summary: ReleaseSummary,
    /// Its things, in the order in which they were given.
    pub items: Vec<ReleaseItem>,
}

impl From<ReleaseView> for Release {
    fn from(view: ReleaseView) -> Self {
        Self {
            summary: view.outline.into(),
            items: view.items.into_iter().map(Into::into).collect(),
        }
    }
}

/// One thing of a release, as it is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseItemInput {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ReleaseItemType,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What is to be done to it; `publish` where missing.
    #[schema(nullable = false)]
    pub action: Option<ReleaseAction>,
    /// The revision that it has to have by then, so that nobody publishes what they have not seen; any will do where it
    /// is missing.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub revision: Option<u32>,
}

impl From<ReleaseItemInput> for ItemInput {
    fn from(item: ReleaseItemInput) -> Self {
        Self {
            is_faq: item.kind == ReleaseItemType::Faq,
            id: item.id,
            action: item.action.map_or(domain::ReleaseAction::Publish, Into::into),
            revision: item.revision,
        }
    }
}

/// A new release.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Spring issue",
    "items": [
        { "type": "article", "id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001", "revision": 4 },
        { "type": "faq", "id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0021", "action": "unpublish" }
    ]
}))]
pub struct CreateRelease {
    /// What editors call it.
    #[schema(min_length = 1, max_length = 1000)]
    pub name: String,
    /// What it is for.
    #[schema(min_length = 1, max_length = 2000)]
    pub description: Option<String>,
    /// What it does; nothing yet where missing.
    #[schema(nullable = false, max_items = 100)]
    pub items: Option<Vec<ReleaseItemInput>>,
}

impl From<CreateRelease> for ReleaseInput {
    fn from(release: CreateRelease) -> Self {
        let items = release.items.unwrap_or_default();
        Self {
            name: release.name,
            description: release.description,
            items: items.into_iter().map(Into::into).collect(),
        }
    }
}

/// What is changed of a release; a missing key stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "items": [{ "type": "article", "id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001", "action": "publish" }]
}))]
pub struct UpdateRelease {
    /// What editors call it.
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    pub name: Option<String>,
    /// What it is for; null clears.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub description: Option<Option<String>>,
    /// What it does, all of it.
    #[schema(nullable = false, max_items = 100)]
    pub items: Option<Vec<ReleaseItemInput>>,
}

impl From<UpdateRelease> for ReleasePatch {
    fn from(release: UpdateRelease) -> Self {
        Self {
            name: release.name,
            description: release.description,
            items: release
                .items
                .map(|items| items.into_iter().map(Into::into).collect()),
        }
    }
}

sort_keys! {
    /// A key of the list of releases; a minus turns it round.
    ReleaseSortKey = ReleaseSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
        Name, NameBackwards = Name, "name", "-name";
    }
}

/// The list of releases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReleaseListParameters {
    /// Only releases that stand here.
    pub status: Option<ReleaseStatus>,
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub sort: Option<Vec<ReleaseSortKey>>,
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

/// A release that was published, or looked over.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedRelease {
    /// The release.
    #[serde(flatten)]
    pub release: Release,
    /// What a dry run adds.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A release that was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasePublicationResponse {
    /// The release.
    pub data: PublishedRelease,
    /// What was found; pointers lead into the release: `/items/2/sections/0/…`.
    pub meta: ChecksMeta,
}

impl ReleasePublicationResponse {
    /// Of a release that was published, or with `is_dry` only looked over.
    #[must_use]
    pub fn new(released: Released, is_dry: bool) -> Self {
        let verdict = if is_dry {
            Verdict::of(&released.findings)
        } else {
            Verdict::none()
        };
        Self {
            data: PublishedRelease {
                release: released.view.into(),
                verdict,
            },
            meta: ChecksMeta {
                checks: released.findings.into_iter().map(Into::into).collect(),
            },
        }
    }
}

data_of!(
    /// One release.
    ReleaseResponse,
    Release
);
list_of!(
    /// A page of releases.
    ReleaseList,
    ReleaseSummary
);
