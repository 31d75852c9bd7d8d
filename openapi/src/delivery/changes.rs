//! The change log as readers get it.

use chrono::{DateTime, Utc};
use masthead_domain::change;
use masthead_domain::following::Stretch;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::words::mirror;

mirror! {
    /// What happened to the thing.
    ChangeOp = change::ChangeOp {
        Upsert = "upsert",
        Delete = "delete",
    }
}

mirror! {
    /// What kind of thing it is.
    ChangeType = change::ChangeType {
        Article = "article",
        Faq = "faq",
        Tag = "tag",
        Author = "author",
    }
}

mirror! {
    /// Why it changed.
    ChangeReason = change::ChangeReason {
        Published = "published",
        Unpublished = "unpublished",
        Deleted = "deleted",
        Updated = "updated",
        Renamed = "renamed",
        Merged = "merged",
    }
}

/// One change of what readers see.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Change {
    /// Its number. Numbers rise in the order in which changes became visible; some may be missing.
    pub seq: i64,
    /// `upsert`: fetch the thing again. `delete`: it is gone, or, with `renamed`, gone from this slug.
    pub op: ChangeOp,
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: ChangeType,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its slug; for what is gone, the slug that readers knew.
    pub slug: String,
    /// Its locale; null for tags and authors.
    #[schema(required = true)]
    pub locale: Option<String>,
    /// Why.
    pub reason: ChangeReason,
    /// With `renamed`: the slug that the old one now leads to. The next entry of the same thing shows it there. With
    /// `merged`: the slug of the tag that took the place of this one, which is gone.
    #[schema(required = true)]
    pub redirect_to: Option<String>,
    /// The cache tags of every answer that the change touches.
    pub cache_tags: Vec<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<change::Change> for Change {
    fn from(change: change::Change) -> Self {
        let entry = change.entry;
        Self {
            seq: change.seq,
            op: entry.op.into(),
            kind: entry.resource.into(),
            id: entry.id.to_string(),
            slug: entry.slug,
            locale: entry.locale,
            reason: entry.reason.into(),
            redirect_to: entry.redirect_to,
            cache_tags: entry.cache_tags,
            at: entry.at,
        }
    }
}

/// About a part of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangesMeta {
    /// Entries at most.
    pub limit: u32,
    /// The newest entry of the log; 0 while there is none.
    pub head: i64,
    /// What to send as `since` next: the last entry here, or the head where nothing more follows.
    pub cursor: i64,
    /// Whether more follows already.
    pub has_more: bool,
    /// The newest entry of something gone that was dropped from the log; 0 while none was. From 0, everything that is
    /// published is still there; a `since` between the two is 410.
    pub pruned_through: i64,
}

/// Where to go from a part of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangesLinks {
    /// This part.
    #[serde(rename = "self")]
    #[schema(format = "uri-reference")]
    pub this: String,
    /// The part after this one; null while nothing more follows.
    #[schema(required = true, format = "uri-reference")]
    pub next: Option<String>,
}

/// A part of the log, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangesResponse {
    /// In the order in which they became visible.
    pub data: Vec<Change>,
    /// About this part.
    pub meta: ChangesMeta,
    /// Where to go.
    pub links: ChangesLinks,
}

impl ChangesResponse {
    /// A part of the log; `next` makes the address of the part after a cursor.
    #[must_use]
    pub fn new(stretch: Stretch, limit: u32, this: String, next: impl FnOnce(i64) -> String) -> Self {
        let meta = ChangesMeta {
            limit,
            head: stretch.newest(),
            cursor: stretch.cursor(),
            has_more: stretch.has_more,
            pruned_through: stretch.pruned_through,
        };
        let next = meta.has_more.then(|| next(meta.cursor));
        Self {
            data: stretch.changes.into_iter().map(Into::into).collect(),
            meta,
            links: ChangesLinks { this, next },
        }
    }
}

/// From where to read the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesParameters {
    /// The entry that was seen last, such as `meta.cursor`; 0, where missing, is the beginning.
    #[param(minimum = 0, default = 0)]
    pub since: Option<i64>,
    /// `meta.pruned_through` of the first part, for whoever began at 0; `links.next` carries it.
    #[param(minimum = 0, default = 0)]
    pub begun_above: Option<i64>,
    /// Entries at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u32>,
}

/// From where to follow the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsParameters {
    /// The entry that was seen last; 0 is the beginning. Where missing, only what changes from now on is sent.
    #[param(minimum = 0)]
    pub since: Option<i64>,
}

/// Where a stream broke off.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventId {
    /// The `id` of the last event that arrived, as browsers send it when they reconnect. Counts more than `since`.
    #[param(rename = "Last-Event-ID", example = "1042")]
    pub last_event_id: Option<String>,
}
