//! Proposals as clients write them, and decide them.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use masthead_domain::use_cases::articles::ArticlePatch;
use masthead_domain::use_cases::proposals::{OperationInput as Input, ProposalInput};
use masthead_domain::use_cases::sections::Place;

use super::article_input::{CoverPatch, SeoPatch};
use super::clearable;
use super::section_input::{NewSection, SectionInput};
use crate::words::literal;

literal! {
    ReplaceOp = "replace",
    InsertOp = "insert",
    RemoveOp = "remove",
    MoveOp = "move",
    SetOp = "set",
}

/// One change of an article; `op` tells its shape. Sections are named as they are in the base revision, and those that
/// an operation before inserts by the id that it gives them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "op", mapping(
    ("replace" = "#/components/schemas/ReplaceOperation"),
    ("insert" = "#/components/schemas/InsertOperation"),
    ("remove" = "#/components/schemas/RemoveOperation"),
    ("move" = "#/components/schemas/MoveOperation"),
    ("set" = "#/components/schemas/SetOperation")
)))]
#[expect(missing_docs, reason = "each is described where it is declared")]
pub enum OperationInput {
    Replace(Box<ReplaceOperation>),
    Insert(Box<InsertOperation>),
    Remove(RemoveOperation),
    Move(MoveOperation),
    Set(Box<SetOperation>),
}

/// A section is to hold something else, whole. Only one operation of a proposal writes a section.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceOperation {
    /// What is to happen.
    #[schema(inline)]
    pub op: ReplaceOp,
    /// The section.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// As it is to be; it keeps its id and its anchors.
    pub section: SectionInput,
}

/// A section is to be added: behind all others, or beside the one that `after` or `before` names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InsertOperation {
    /// What is to happen.
    #[schema(inline)]
    pub op: InsertOp,
    /// The section; with an id of your choosing, other operations can name it as their neighbour.
    pub section: SectionInput,
    /// Right behind the section with this id; not together with `before`.
    #[schema(nullable = false, format = Uuid)]
    pub after: Option<String>,
    /// Right before the section with this id; not together with `after`.
    #[schema(nullable = false, format = Uuid)]
    pub before: Option<String>,
}

/// A section is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveOperation {
    /// What is to happen.
    #[schema(inline)]
    pub op: RemoveOp,
    /// The section.
    #[schema(format = Uuid)]
    pub section_id: String,
}

/// A section is to stand elsewhere: behind all others, or beside the one that `after` or `before` names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveOperation {
    /// What is to happen.
    #[schema(inline)]
    pub op: MoveOp,
    /// The section.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// Right behind the section with this id; not together with `before`.
    #[schema(nullable = false, format = Uuid)]
    pub after: Option<String>,
    /// Right before the section with this id; not together with `after`.
    #[schema(nullable = false, format = Uuid)]
    pub before: Option<String>,
}

/// Fields are to hold something else, as in a merge patch: a missing key stays, null clears. Only one operation of a
/// proposal sets a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetOperation {
    /// What is to happen.
    #[schema(inline)]
    pub op: SetOp,
    /// The headline.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// The line under the headline.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub dek: Option<Option<String>>,
    /// An excerpt of its own.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub excerpt: Option<Option<String>>,
    /// The picture that stands for it.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<CoverPatch>)]
    pub cover: Option<Option<Value>>,
    /// Overrides for search engines.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<SeoPatch>)]
    pub seo: Option<Option<Value>>,
}

/// A new proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "base_revision": 4,
    "message": "The Mediterranean is nearly still.",
    "operations": [
        {
            "op": "replace", "section_id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011",
            "section": { "kind": "text", "heading": "Introduction", "body": "The sea is **seldom** still." }
        },
        { "op": "move", "section_id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0015",
          "before": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0012" },
        { "op": "set", "dek": "Twice a day the sea changes its mind, in most places." }
    ]
}))]
pub struct CreateProposal {
    /// The `revision` of the article that you read.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub base_revision: u32,
    /// Why.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    pub message: Option<String>,
    /// In the order in which they are to be carried out.
    #[schema(min_items = 1, max_items = 100)]
    pub operations: Vec<OperationInput>,
}

impl CreateProposal {
    /// The proposal; otherwise the numbers of the operations that name both neighbours.
    pub fn into_input(self) -> Result<ProposalInput, Vec<usize>> {
        let mut torn = Vec::new();
        let mut operations = Vec::with_capacity(self.operations.len());
        for (index, operation) in self.operations.into_iter().enumerate() {
            match operation.into_input() {
                Some(operation) => operations.push(operation),
                None => torn.push(index),
            }
        }
        if !torn.is_empty() {
            return Err(torn);
        }
        Ok(ProposalInput {
            base: self.base_revision,
            message: self.message,
            operations,
        })
    }
}

impl OperationInput {
    fn into_input(self) -> Option<Input> {
        let place = |after, before| -> Option<Place> { NewSection::place(after, before) };
        Some(match self {
            Self::Replace(replace) => Input::Replace {
                section: replace.section_id,
                with: replace.section.into(),
            },
            Self::Insert(insert) => Input::Insert {
                section: insert.section.into(),
                place: place(insert.after, insert.before)?,
            },
            Self::Remove(remove) => Input::Remove {
                section: remove.section_id,
            },
            Self::Move(shift) => Input::Move {
                section: shift.section_id,
                place: place(shift.after, shift.before)?,
            },
            Self::Set(set) => Input::Set(Box::new(ArticlePatch {
                title: set.title,
                dek: set.dek,
                excerpt: set.excerpt,
                cover: set.cover,
                seo: set.seo,
                ..ArticlePatch::default()
            })),
        })
    }
}

/// What is accepted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "operations": ["0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0051"] }))]
pub struct AcceptOperations {
    /// Ids of operations: all of them or none. Where missing, all that are `pending`, while those that are
    /// `conflicting` wait.
    #[schema(nullable = false, min_items = 1, max_items = 100)]
    pub operations: Option<Vec<String>>,
}

/// What is rejected.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The Mediterranean has a text of its own." }))]
pub struct RejectOperations {
    /// Ids of operations; where missing, all that wait.
    #[schema(nullable = false, min_items = 1, max_items = 100)]
    pub operations: Option<Vec<String>>,
    /// Why.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    pub reason: Option<String>,
}
