//! Merging tags, as editors ask for it and are told of it.

use masthead_domain::use_cases::tag_merging::Merged;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tag::Tag;

/// Which tag takes the place of this one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "into": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001" }))]
pub struct MergeTag {
    /// The id of the tag that stays.
    #[schema(format = Uuid)]
    pub into: String,
}

/// What merging changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagMergeMeta {
    /// Articles and pages in which the tag stands instead of the other from now on.
    pub moved_articles: u32,
    /// FAQs likewise.
    pub moved_faqs: u32,
}

/// The tag that stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagMergeResponse {
    /// The tag.
    pub data: Tag,
    /// What was changed.
    pub meta: TagMergeMeta,
}

impl From<Merged> for TagMergeResponse {
    fn from(merged: Merged) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            data: merged.tag.into(),
            meta: TagMergeMeta {
                moved_articles: count(merged.articles),
                moved_faqs: count(merged.faqs),
            },
        }
    }
}
