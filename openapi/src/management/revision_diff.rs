//! What differs between two revisions, as editors get it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use masthead_domain::history as domain;

use crate::data_of;
use crate::words::mirror;

/// The address of what differs between two revisions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DiffPath {
    /// The UUID of the article or FAQ.
    #[param(format = Uuid)]
    pub id: String,
    /// The number of the revision that is the earlier state.
    #[param(minimum = 1)]
    pub a: u32,
    /// The number of the revision that is the later state; it may also be the smaller one.
    #[param(minimum = 1)]
    pub b: u32,
}

mirror! {
    /// What became of a piece of a text.
    HunkKind = domain::Op {
        Equal = "equal",
        Delete = "delete",
        Insert = "insert",
    }
}

/// A piece of two texts: all that are not inserted are the earlier one, all that are not deleted the later one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hunk {
    /// What became of it.
    pub op: HunkKind,
    /// Whole words, and what stands between them.
    pub text: String,
}

/// A value that is another.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldDiff {
    /// JSON Pointer into the article, the FAQ or the section.
    #[schema(example = "/seo/title")]
    pub pointer: String,
    /// What it was; null where there was nothing.
    #[schema(value_type = Value)]
    pub before: Value,
    /// What it is; null where there is nothing.
    #[schema(value_type = Value)]
    pub after: Value,
    /// Of two texts: what differs, word by word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub hunks: Vec<Hunk>,
}

impl From<domain::FieldDiff> for FieldDiff {
    fn from(diff: domain::FieldDiff) -> Self {
        let hunk = |piece: domain::Piece| Hunk {
            op: piece.op.into(),
            text: piece.text,
        };
        Self {
            pointer: diff.pointer,
            before: diff.before,
            after: diff.after,
            hunks: diff.pieces.into_iter().map(hunk).collect(),
        }
    }
}

/// A section that only one of two revisions has.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedSection {
    /// Which.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// Its place in the revision that has it, from 0.
    pub index: usize,
    /// What it holds, by the names of its kind.
    #[schema(value_type = Object)]
    pub section: Value,
}

impl From<(usize, domain::Part)> for PlacedSection {
    fn from((index, part): (usize, domain::Part)) -> Self {
        Self {
            section_id: part.id.to_string(),
            index,
            section: part.object(),
        }
    }
}

/// A section that stands elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovedSection {
    /// Which.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// Its place in the earlier revision, from 0.
    pub from: usize,
    /// Its place in the later one.
    pub to: usize,
}

/// A section that holds something else.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedSection {
    /// Which.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// What in it; pointers lead into the section.
    pub fields: Vec<FieldDiff>,
}

impl From<domain::Moved> for MovedSection {
    fn from(moved: domain::Moved) -> Self {
        Self {
            section_id: moved.section.to_string(),
            from: moved.from,
            to: moved.to,
        }
    }
}

impl From<domain::SectionDiff> for ChangedSection {
    fn from(changed: domain::SectionDiff) -> Self {
        Self {
            section_id: changed.section.to_string(),
            fields: changed.fields.into_iter().map(Into::into).collect(),
        }
    }
}

/// What differs between two revisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionDiff {
    /// The earlier state.
    #[schema(minimum = 1)]
    pub from: u32,
    /// The later state.
    #[schema(minimum = 1)]
    pub to: u32,
    /// Everything but sections.
    pub fields: Vec<FieldDiff>,
    /// Sections that only the later one has.
    pub added: Vec<PlacedSection>,
    /// Sections that only the earlier one has.
    pub removed: Vec<PlacedSection>,
    /// Sections that stand elsewhere, as few as there can be.
    pub moved: Vec<MovedSection>,
    /// Sections that hold something else, wherever they stand.
    pub changed: Vec<ChangedSection>,
}

impl RevisionDiff {
    /// Between these two.
    #[must_use]
    pub fn new(from: u32, to: u32, diff: domain::Diff) -> Self {
        Self {
            from,
            to,
            fields: diff.fields.into_iter().map(Into::into).collect(),
            added: diff.added.into_iter().map(Into::into).collect(),
            removed: diff.removed.into_iter().map(Into::into).collect(),
            moved: diff.moved.into_iter().map(Into::into).collect(),
            changed: diff.changed.into_iter().map(Into::into).collect(),
        }
    }
}

data_of!(
    /// What differs between two revisions.
    RevisionDiffResponse,
    RevisionDiff
);
