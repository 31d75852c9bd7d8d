//! Several operations in one request.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The method of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum BatchMethod {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

/// One operation, as it would be sent alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchOperation {
    /// Its method.
    pub method: BatchMethod,
    /// Its address, from `/management/v1/` on, with its query: of articles with their sections and proposals, FAQs, tags,
    /// authors, redirects, notes, proposals, the trash and settings.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "/management/v1/articles/0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001"
    )]
    pub path: String,
    /// Its `If-Match`.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub if_match: Option<String>,
    /// Its `If-None-Match`: `*` with a `PUT` that creates.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub if_none_match: Option<String>,
    /// Its body; missing where it has none.
    #[schema(nullable = false, required = false, value_type = Object)]
    pub body: Option<Map<String, Value>>,
}

/// Operations, in the order in which they are carried out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "atomic": true,
    "operations": [
        {
            "method": "POST",
            "path": "/management/v1/tags",
            "body": { "name": "Tides", "slug": "tides" }
        },
        {
            "method": "PATCH",
            "path": "/management/v1/articles/0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001",
            "if_match": "\"6c7d8e9f0001-4\"",
            "body": { "tags": ["tides"] }
        }
    ]
}))]
pub struct Batch {
    /// All or nothing, where it is true or missing; each for itself where it is false.
    #[schema(nullable = false, default = true)]
    pub atomic: Option<bool>,
    /// 1 to 100 operations.
    #[schema(min_items = 1, max_items = 100)]
    pub operations: Vec<BatchOperation>,
}

/// What became of one operation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchResult {
    /// The status that it would have been answered with alone.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// Its `ETag`, for what comes next.
    #[schema(required = true)]
    pub etag: Option<String>,
    /// Its `Location`.
    #[schema(required = true)]
    pub location: Option<String>,
    /// Its body, a problem where it was refused; null where it has none, or was left out.
    #[schema(required = true, value_type = Option<Object>)]
    pub body: Option<Value>,
    /// Whether its body was left out, because the bodies before it had 8 MiB together.
    pub body_left_out: bool,
}

/// About a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchMeta {
    /// Whether it was all or nothing.
    pub atomic: bool,
    /// Operations that were carried out.
    #[schema(maximum = 100)]
    pub succeeded: u32,
    /// Operations that were refused; none where it was all or nothing.
    #[schema(maximum = 100)]
    pub failed: u32,
}

/// What became of each operation, in their order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchResponse {
    /// One result for each operation.
    pub data: Vec<BatchResult>,
    /// About all of them.
    pub meta: BatchMeta,
}

impl BatchResponse {
    /// The results of a batch.
    #[must_use]
    pub fn new(atomic: bool, data: Vec<BatchResult>) -> Self {
        let failed = data.iter().filter(|result| result.status >= 400).count();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let meta = BatchMeta {
            atomic,
            succeeded: count(data.len() - failed),
            failed: count(failed),
        };
        Self { data, meta }
    }
}
