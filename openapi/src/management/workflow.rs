//! What is said with acts that change the state of an article, and what editors are told of it.

use chrono::{DateTime, Utc};
use masthead_domain as domain;
use masthead_domain::use_cases::scheduling::Moments;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::mirror;

/// What is said with a step of a review.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "The second section says what the first said." }))]
pub struct ReviewNote {
    /// Shown as `review_note` until the next step.
    #[schema(min_length = 1, max_length = 2_000)]
    pub note: Option<String>,
}

/// The moments of an article, instead of those it has.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "publish_at": "2030-01-15T09:00:00Z", "unpublish_at": "2030-02-15T09:00:00Z" }))]
pub struct ScheduleArticle {
    /// A moment that lies ahead. Needed, but for a published article, which takes none.
    pub publish_at: Option<DateTime<Utc>>,
    /// A moment that lies ahead and after `publish_at`; needed for a published article.
    pub unpublish_at: Option<DateTime<Utc>>,
}

impl From<ScheduleArticle> for Moments {
    fn from(body: ScheduleArticle) -> Self {
        Self {
            publish_at: body.publish_at,
            unpublish_at: body.unpublish_at,
        }
    }
}

mirror! {
    /// What became of the moments that were set: they lie ahead, or one came and could not be kept.
    ScheduleState = domain::workflow::ScheduleState {
        Pending = "pending",
        Failed = "failed",
    }
}

/// Why a moment that came was not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleError {
    /// Stable word for machines.
    #[schema(example = "already_exists")]
    pub code: String,
    /// What stood in the way.
    pub message: String,
    /// When that was found.
    pub at: DateTime<Utc>,
}

impl From<domain::workflow::ScheduleError> for ScheduleError {
    fn from(error: domain::workflow::ScheduleError) -> Self {
        Self {
            code: error.code,
            message: error.message,
            at: error.at,
        }
    }
}
