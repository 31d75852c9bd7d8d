//! Merging as clients ask for it and are answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use masthead_domain::history::Place;
use masthead_domain::use_cases::merge::{Combined, MergeInput};
use masthead_domain::use_cases::warnings;

use super::article::{Article, Warning};
use super::article_input::CreateArticle;
use crate::problem::Conflict;

/// A whole version of an article, with the revision that it was made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "base_revision": 4,
    "article": {
        "locale": "en",
        "title": "Why tides turn",
        "sections": [{
            "id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011",
            "kind": "text", "heading": "Introduction", "body": "The sea is **seldom** still."
        }]
    }
}))]
pub struct MergeArticle {
    /// The `revision` of what you read and changed.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub base_revision: u32,
    /// Your version, whole, as `PUT` takes it: sections that you keep with their ids.
    pub article: CreateArticle,
}

impl From<MergeArticle> for MergeInput {
    fn from(merge: MergeArticle) -> Self {
        Self {
            base: merge.base_revision,
            article: merge.article.into(),
        }
    }
}

/// A place where your version went in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedChange {
    /// JSON Pointer into your version (`article`).
    #[schema(example = "/sections/2/body")]
    pub pointer: String,
    /// The section that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Uuid)]
    pub section_id: Option<String>,
}

impl From<Place> for AppliedChange {
    fn from(place: Place) -> Self {
        Self {
            pointer: place.pointer,
            section_id: place.section.map(|id| id.to_string()),
        }
    }
}

/// About a merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleMergeMeta {
    /// The revision that your version was made of.
    #[schema(minimum = 1)]
    pub base_revision: u32,
    /// What your version brought into the working copy.
    pub applied: Vec<AppliedChange>,
    /// What did not go together: the working copy holds `theirs`. Pointers lead into your version (`article`).
    pub conflicts: Vec<Conflict>,
    /// What rendering cannot carry.
    pub warnings: Vec<Warning>,
}

/// The working copy after a merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleMergeResponse {
    /// The working copy.
    pub data: Article,
    /// About the merge.
    pub meta: ArticleMergeMeta,
}

impl ArticleMergeResponse {
    /// After merging a version that was made of this revision.
    #[must_use]
    pub fn new(base_revision: u32, combined: Combined) -> Self {
        let warnings = warnings::of_article(&combined.view);
        let meta = ArticleMergeMeta {
            base_revision,
            applied: combined.applied.into_iter().map(Into::into).collect(),
            conflicts: combined.conflicts.into_iter().map(Into::into).collect(),
            warnings: warnings.into_iter().map(Into::into).collect(),
        };
        Self {
            data: combined.view.into(),
            meta,
        }
    }
}
