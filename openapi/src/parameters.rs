//! What lists and addresses have in common: path and query parameters, preconditions, page envelopes.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// About a page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageMeta {
    /// Rows on a page at most.
    pub limit: u32,
    /// All rows of the list; only with `count=exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
}

/// Where to go from a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageLinks {
    /// This page.
    #[serde(rename = "self")]
    #[schema(format = "uri-reference")]
    pub this: String,
    /// The page after this one; null on the last.
    #[schema(required = true, format = "uri-reference")]
    pub next: Option<String>,
    /// The page before this one; null on the first.
    #[schema(required = true, format = "uri-reference")]
    pub prev: Option<String>,
}

/// Where a thing itself is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelfLink {
    /// This answer.
    #[serde(rename = "self")]
    #[schema(format = "uri-reference")]
    pub this: String,
}

/// How rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// All rows of the list, in `meta.total`.
    Exact,
}

/// The address of one thing by its id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct IdPath {
    /// A UUID.
    #[param(format = Uuid)]
    pub id: String,
}

/// The address of one section.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SectionPath {
    /// The article's UUID.
    #[param(format = Uuid)]
    pub id: String,
    /// The section's UUID.
    #[param(format = Uuid)]
    pub section_id: String,
}

/// The address of one thing by its slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SlugPath {
    /// Lower-case letters and digits of any script, joined by single hyphens.
    #[param(min_length = 1)]
    pub slug: String,
}

/// The revision a client has seen.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The ETag of what you read. Missing is 428, stale is 412; `*` takes whatever is there.
    #[param(rename = "If-Match", example = "\"6c7d8e9f0001-4\"")]
    pub if_match: String,
}

/// The revision a client has seen, for an act that can also be tried out.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchUnlessDry {
    /// The ETag of what you read. Missing is 428 but for a dry run, stale is 412; `*` takes whatever is there.
    #[param(rename = "If-Match", example = "\"6c7d8e9f0001-4\"")]
    pub if_match: Option<String>,
}

/// Whether an act is only tried out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DryRun {
    /// `true` changes nothing and answers what the checks before publishing find.
    #[param(default = false)]
    pub dry_run: Option<bool>,
}

/// Either replaces what was seen, or creates what is not there.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ReplaceOrCreate {
    /// The ETag of what you read, to replace it. One of the two headers must be sent.
    #[param(rename = "If-Match", example = "\"6c7d8e9f0001-4\"")]
    pub if_match: Option<String>,
    /// `*` creates the thing with this id, and fails with 412 if there is one.
    #[param(rename = "If-None-Match", example = "*")]
    pub if_none_match: Option<String>,
}
