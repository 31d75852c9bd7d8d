//! The audit log as admins read it.

use chrono::{DateTime, Utc};
use masthead_domain::audit as domain;
use masthead_domain::audit::AuditSort;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::use_cases::auditing::EntryView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::history::Actor;
use crate::delivery::sort_keys;
use crate::list_of;
use crate::parameters::Count;
use crate::words::mirror;

mirror! {
    /// What kind of thing was changed.
    AuditResource = domain::AuditResource {
        Article = "article",
        Faq = "faq",
        Tag = "tag",
        Author = "author",
        Redirect = "redirect",
        PreviewLink = "preview_link",
        Note = "note",
        Proposal = "proposal",
        Release = "release",
        Setting = "setting",
        User = "user",
        Session = "session",
        ApiKey = "api_key",
    }
}

/// A thing that was changed, with its revisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditedThing {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: AuditResource,
    /// Its id; the name of a setting.
    pub id: String,
    /// Its revision before; null where it was not there, or where such a thing has none.
    #[schema(required = true, minimum = 1)]
    pub revision_before: Option<u32>,
    /// Its revision afterwards; null where it is gone, or where such a thing has none.
    #[schema(required = true, minimum = 1)]
    pub revision_after: Option<u32>,
}

/// Somebody did something to one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The entry's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its number: from 1, without a gap, in the order in which changes were committed.
    #[schema(minimum = 1)]
    pub seq: i64,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The operation, by its `operationId`; or what the service does by itself (`purge_trash`, `fail_schedule`) or
    /// the command line (`import_markdown`).
    pub action: String,
    /// Who did it.
    pub actor: Actor,
    /// The session of the access token; null where it was none.
    #[schema(required = true, format = Uuid)]
    pub session_id: Option<String>,
    /// The `X-Request-Id` of the answer; null where it was no request.
    #[schema(required = true)]
    pub request_id: Option<String>,
    /// To what.
    pub resource: AuditedThing,
    /// The hash of the entry before, 64 zeros for the first.
    #[schema(min_length = 64, max_length = 64)]
    pub previous_hash: String,
    /// The SHA-256 of what the export says of this entry without its `hash`.
    #[schema(min_length = 64, max_length = 64)]
    pub hash: String,
}

impl From<EntryView> for AuditEntry {
    fn from(view: EntryView) -> Self {
        let domain::AuditEntry {
            seq,
            entry,
            previous_hash,
            hash,
        } = view.entry;
        let domain::NewAuditEntry {
            id,
            at,
            deed,
            touched,
        } = entry;
        Self {
            id: id.to_string(),
            seq,
            created_at: at,
            action: deed.action,
            actor: Actor::new(deed.actor, view.actor),
            session_id: deed.session.map(|id| id.to_string()),
            request_id: deed.request_id,
            resource: AuditedThing {
                kind: touched.resource.into(),
                id: touched.id,
                revision_before: touched.before,
                revision_after: touched.after,
            },
            previous_hash: previous_hash.to_string(),
            hash: hash.to_string(),
        }
    }
}

sort_keys! {
    /// A key of the list of audit entries; a minus turns it round.
    AuditSortKey = AuditSort {
        Seq, Latest = Seq, "seq", "-seq";
    }
}

/// Parameters that narrow what is read of the audit log.
macro_rules! audit_parameters {
    ($(#[$doc:meta])* $name:ident { $($rest:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// Only what this account or key did.
            #[param(format = Uuid)]
            pub actor_id: Option<String>,
            /// Only what was done by this operation.
            #[param(min_length = 1, max_length = 100)]
            pub action: Option<String>,
            /// Only changes of things of this kind.
            pub resource_type: Option<AuditResource>,
            /// Only changes of the thing with this id.
            #[param(min_length = 1, max_length = 100)]
            pub resource_id: Option<String>,
            /// Only what this request did.
            #[param(min_length = 1, max_length = 200)]
            pub request_id: Option<String>,
            /// Only entries of this moment and later.
            pub from: Option<DateTime<Utc>>,
            /// Only entries from before this moment.
            pub to: Option<DateTime<Utc>>,
            $($rest)*
        }
    };
}

audit_parameters! {
    /// The list of audit entries.
    AuditListParameters {
        /// `-seq` where missing: the newest comes first.
        #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
        pub sort: Option<Vec<AuditSortKey>>,
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
}

audit_parameters! {
    /// An export of the audit log.
    AuditExportParameters {
        /// Begins after the entry with this number.
        #[param(minimum = 0, default = 0)]
        pub after_seq: Option<i64>,
    }
}

list_of!(
    /// A page of the audit log.
    AuditEntryList,
    AuditEntry
);
