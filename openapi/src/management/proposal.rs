//! Proposals as editors, and those who made them, get them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use masthead_domain::history as history_domain;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::proposal::{self as domain, Change, Decision, ProposalSort, Spot};
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::proposals::{OperationView, ProposalRow, ProposalView};

use super::etag;
use super::history::Actor;
use super::revision_diff::{ChangedSection, FieldDiff, MovedSection, PlacedSection};
use crate::delivery::sort_keys;
use crate::list_of;
use crate::parameters::Count;
use crate::problem::Conflict;
use crate::words::mirror;

mirror! {
    /// Where a proposal stands.
    ProposalStatus = domain::ProposalStatus {
        Open = "open",
        Closed = "closed",
        Withdrawn = "withdrawn",
    }
}

mirror! {
    /// Where an operation stands. Both `pending` and `conflicting` wait; what conflicts was changed since to something
    /// else.
    OperationStatus = domain::OperationStatus {
        Pending = "pending",
        Conflicting = "conflicting",
        Accepted = "accepted",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
}

/// How many operations of a proposal stand where.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalCounts {
    /// Those that wait.
    pub undecided: u32,
    /// Those that were accepted.
    pub accepted: u32,
    /// Those that were rejected.
    pub rejected: u32,
    /// Those that were taken back.
    pub withdrawn: u32,
}

impl From<domain::Counts> for ProposalCounts {
    fn from(counts: domain::Counts) -> Self {
        Self {
            undecided: counts.undecided,
            accepted: counts.accepted,
            rejected: counts.rejected,
            withdrawn: counts.withdrawn,
        }
    }
}

/// A proposal, in a list without its operations.
macro_rules! proposal {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// The proposal's id.
            #[schema(format = Uuid)]
            pub id: String,
            /// The article.
            #[schema(format = Uuid)]
            pub article_id: String,
            /// What the article is called.
            pub article_title: String,
            /// The revision of the article that it was made of.
            #[schema(minimum = 1)]
            pub base_revision: u32,
            /// Why.
            #[schema(required = true)]
            pub message: Option<String>,
            /// Where it stands: `open` as long as something in it waits, `withdrawn` where something was taken back.
            pub status: ProposalStatus,
            /// How many operations stand where.
            pub counts: ProposalCounts,
            /// Counts what was decided.
            #[schema(minimum = 1)]
            pub revision: u32,
            /// For `If-Match`.
            pub etag: String,
            /// Who made it.
            pub created_by: Actor,
            /// When.
            pub created_at: DateTime<Utc>,
            /// When something in it was last decided.
            pub updated_at: DateTime<Utc>,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            fn with(row: ProposalRow, $($field: $type,)*) -> Self {
                let outline = row.outline;
                Self {
                    id: outline.id.to_string(),
                    article_id: outline.article.to_string(),
                    article_title: row.title,
                    base_revision: outline.base_revision,
                    message: outline.message,
                    status: outline.status.into(),
                    counts: outline.counts.into(),
                    revision: outline.revision,
                    etag: etag(outline.id.uuid(), outline.revision),
                    created_by: Actor::new(outline.created_by, row.name),
                    created_at: outline.created_at,
                    updated_at: outline.updated_at,
                    $($field,)*
                }
            }
        }
    };
}

proposal! {
    /// A proposal in a list.
    ProposalSummary {}
}

proposal! {
    /// A proposal with what each of its operations changes.
    Proposal {
        /// In the order in which they are to be carried out.
        operations: Vec<ProposalOperation>,
    }
}

impl From<ProposalRow> for ProposalSummary {
    fn from(row: ProposalRow) -> Self {
        Self::with(row)
    }
}

/// What an operation changes in the base revision: sections by their ids, texts word by word.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalDiff {
    /// Fields of the article.
    pub fields: Vec<FieldDiff>,
    /// A section that is new.
    pub added: Vec<PlacedSection>,
    /// A section that goes.
    pub removed: Vec<PlacedSection>,
    /// A section that stands elsewhere.
    pub moved: Vec<MovedSection>,
    /// A section that holds something else.
    pub changed: Vec<ChangedSection>,
}

impl From<history_domain::Diff> for ProposalDiff {
    fn from(diff: history_domain::Diff) -> Self {
        Self {
            fields: diff.fields.into_iter().map(Into::into).collect(),
            added: diff.added.into_iter().map(Into::into).collect(),
            removed: diff.removed.into_iter().map(Into::into).collect(),
            moved: diff.moved.into_iter().map(Into::into).collect(),
            changed: diff.changed.into_iter().map(Into::into).collect(),
        }
    }
}

/// One operation, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalOperation {
    /// The operation's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// `replace`, `insert`, `remove`, `move` or `set`.
    pub op: String,
    /// The section that it is about; null of `set`.
    #[schema(required = true, format = Uuid)]
    pub section_id: Option<String>,
    /// Of `replace` and `insert`: the section as it is to be, by the names of its kind; null of the others.
    #[schema(required = true, value_type = Option<Object>)]
    pub section: Option<Value>,
    /// Of `insert` and `move`: the section that it is to stand behind.
    #[schema(required = true, format = Uuid)]
    pub after: Option<String>,
    /// Of `insert` and `move`: the section that it is to stand before. Where neither is named, it is to stand last.
    #[schema(required = true, format = Uuid)]
    pub before: Option<String>,
    /// Of `set`: the fields as they are to be; null of the others.
    #[schema(required = true, value_type = Option<Object>)]
    pub fields: Option<Map<String, Value>>,
    /// Where it stands.
    pub status: OperationStatus,
    /// What it changes in the base revision.
    pub diff: ProposalDiff,
    /// Where it clashes with what is there by now; `yours` is what was proposed. Pointers lead into the proposal.
    pub conflicts: Vec<Conflict>,
    /// Who accepted or rejected it.
    #[schema(required = true)]
    pub decided_by: Option<Actor>,
    /// When it was accepted, rejected or taken back.
    #[schema(required = true)]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// The revision of the article that accepting it made.
    #[schema(required = true, minimum = 1)]
    pub article_revision: Option<u32>,
}

/// What was to change, in the words of the contract.
struct Told {
    op: &'static str,
    section: Option<Value>,
    place: Option<Spot>,
    fields: Option<Map<String, Value>>,
}

fn told(change: &Change) -> Told {
    let object =
        |section: &masthead_domain::section::Section| Some(history_domain::Part::from(section).object());
    let (op, section, place, fields) = match change {
        Change::Replace { section } => ("replace", object(section), None, None),
        Change::Insert { section, place } => ("insert", object(section), Some(*place), None),
        Change::Remove { .. } => ("remove", None, None, None),
        Change::Move { place, .. } => ("move", None, Some(*place), None),
        Change::Set { fields } => {
            let fields = fields.iter();
            let named = fields.map(|(field, value)| (field.to_string(), value.clone()));
            ("set", None, None, Some(named.collect()))
        }
    };
    Told {
        op,
        section,
        place,
        fields,
    }
}

fn operation(view: OperationView, name: impl Fn(Credential) -> Option<String>) -> ProposalOperation {
    let change = &view.operation.change;
    let Told {
        op,
        section,
        place,
        fields,
    } = told(change);
    let (after, before) = match place {
        Some(Spot::After(id)) => (Some(id.to_string()), None),
        Some(Spot::Before(id)) => (None, Some(id.to_string())),
        Some(Spot::Last) | None => (None, None),
    };
    let (by, decided_at, reason, article_revision) = match view.operation.decision {
        Decision::Waiting => (None, None, None, None),
        Decision::Accepted { by, at, revision } => (Some(by), Some(at), None, Some(revision)),
        Decision::Rejected { by, at, reason } => (Some(by), Some(at), reason, None),
        Decision::Withdrawn { at } => (None, Some(at), None, None),
    };
    ProposalOperation {
        id: view.operation.id.to_string(),
        op: op.to_owned(),
        section_id: change.section().map(|id| id.to_string()),
        section,
        after,
        before,
        fields,
        status: view.status.into(),
        diff: view.diff.into(),
        conflicts: view.conflicts.into_iter().map(Into::into).collect(),
        decided_by: by.map(|by| Actor::new(by, name(by))),
        decided_at,
        reason,
        article_revision,
    }
}

/// About the article of a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalMeta {
    /// The article's revision by now; null while it is in the trash.
    #[schema(required = true, minimum = 1)]
    pub article_revision: Option<u32>,
    /// The article's entity tag by now.
    #[schema(required = true)]
    pub article_etag: Option<String>,
}

/// One proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalResponse {
    /// The proposal.
    pub data: Proposal,
    /// About its article.
    pub meta: ProposalMeta,
}

impl From<ProposalView> for ProposalResponse {
    fn from(view: ProposalView) -> Self {
        let article = view.row.outline.article.uuid();
        let meta = ProposalMeta {
            article_revision: view.article_revision,
            article_etag: view.article_revision.map(|revision| etag(article, revision)),
        };
        let name = |by: Credential| view.names.get(&by).cloned().flatten();
        let operations = view.operations.into_iter();
        let operations = operations.map(|view| operation(view, name)).collect();
        Self {
            data: Proposal::with(view.row, operations),
            meta,
        }
    }
}

list_of!(
    /// A page of proposals.
    ProposalList,
    ProposalSummary
);

sort_keys! {
    /// A key of a list of proposals; a minus turns it round.
    ProposalSortKey = ProposalSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
    }
}

/// The list of proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalListParameters {
    /// Only proposals that stand here.
    pub status: Option<ProposalStatus>,
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
    pub sort: Option<Vec<ProposalSortKey>>,
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
