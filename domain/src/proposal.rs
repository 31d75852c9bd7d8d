//! Proposals: operations on an article that somebody suggests and an editor accepts or rejects, one by one.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::article::Article;
use crate::clock::Instant;
use crate::history::{self, Conflict, Diff, Document, Field, Part, diff, merge};
use crate::id::{ArticleId, OperationId, ProposalId, SectionId};
use crate::rights::{Credential, words};
use crate::section::Section;

words! {
    /// Where a proposal stands.
    ProposalStatus {
        /// Something in it waits for an editor.
        Open = "open",
        /// Everything in it was accepted or rejected.
        Closed = "closed",
        /// Whoever made it took back what was not decided.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where an operation stands.
    OperationStatus {
        /// It waits, and goes together with what is there.
        Pending = "pending",
        /// It waits, and does not go together with what is there.
        Conflicting = "conflicting",
        /// It is in the working copy, or was.
        Accepted = "accepted",
        /// An editor does not want it.
        Rejected = "rejected",
        /// Whoever proposed it took it back.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What lists of proposals sort by.
    ProposalSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// When something in it was last decided.
        UpdatedAt = "updated_at",
    }
}

/// What is proposed of one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What lists show of it.
    pub outline: Outline,
    /// In the order in which they are to be carried out.
    pub operations: Vec<Operation>,
}

/// A proposal without its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name for ever.
    pub id: ProposalId,
    /// The article.
    pub article: ArticleId,
    /// The revision of the article that it was made of.
    pub base_revision: u32,
    /// Why.
    pub message: Option<String>,
    /// Where it stands.
    pub status: ProposalStatus,
    /// How many operations stand where.
    pub counts: Counts,
    /// Counts its changes.
    pub revision: u32,
    /// When it was made.
    pub created_at: Instant,
    /// Through which credential.
    pub created_by: Credential,
    /// When something in it was last decided.
    pub updated_at: Instant,
}

/// How many operations of a proposal stand where; those that wait are not told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that wait.
    pub undecided: u32,
    /// Those that were accepted.
    pub accepted: u32,
    /// Those that were rejected.
    pub rejected: u32,
    /// Those that were taken back.
    pub withdrawn: u32,
}

/// One change that is proposed, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its name for ever.
    pub id: OperationId,
    /// What is to change.
    pub change: Change,
    /// What became of it.
    pub decision: Decision,
}

/// What is to change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Change {
    /// A section is to hold something else.
    Replace {
        /// As it is to be, under its id.
        section: Section,
    },
    /// A section is to be added.
    Insert {
        /// The section, with the id that it will have.
        section: Section,
        /// Where.
        place: Spot,
    },
    /// A section is to go.
    Remove {
        /// Which.
        section: SectionId,
    },
    /// A section is to stand elsewhere.
    Move {
        /// Which.
        section: SectionId,
        /// Where.
        place: Spot,
    },
    /// Fields are to hold something else.
    Set {
        /// Their values, whole.
        fields: BTreeMap<Field, Value>,
    },
}

/// A place among sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", content = "section", rename_all = "snake_case")]
pub enum Spot {
    /// Behind all others.
    Last,
    /// Right behind this one.
    After(SectionId),
    /// Right before this one.
    Before(SectionId),
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Decision {
    /// Nothing yet.
    Waiting,
    /// An editor took it over.
    Accepted {
        /// Who.
        by: Credential,
        /// When.
        at: Instant,
        /// The revision of the article that it is in.
        revision: u32,
    },
    /// An editor does not want it.
    Rejected {
        /// Who.
        by: Credential,
        /// When.
        at: Instant,
        /// Why.
        reason: Option<String>,
    },
    /// Whoever proposed it took it back.
    Withdrawn {
        /// When.
        at: Instant,
    },
}

impl Operation {
    /// Whether nothing became of it yet.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.decision, Decision::Waiting)
    }

    const fn is_accepted(&self) -> bool {
        matches!(self.decision, Decision::Accepted { .. })
    }
}

impl Change {
    /// The section that it is about, if it is about one.
    #[must_use]
    pub const fn section(&self) -> Option<SectionId> {
        match self {
            Self::Replace { section } | Self::Insert { section, .. } => Some(section.id),
            Self::Remove { section } | Self::Move { section, .. } => Some(*section),
            Self::Set { .. } => None,
        }
    }
}

impl Proposal {
    /// Operations of a proposal.
    pub const OPERATIONS: usize = 100;
    /// Open proposals of an article.
    pub const OPEN: usize = 50;
    /// Proposals that one credential makes in an hour.
    pub const HOURLY: usize = 60;

    /// The same after something was decided at this moment: counted anew, and the next revision.
    #[must_use]
    pub fn settled(mut self, now: Instant) -> Self {
        let mut counts = Counts::default();
        for operation in &self.operations {
            let count = match operation.decision {
                Decision::Waiting => &mut counts.undecided,
                Decision::Accepted { .. } => &mut counts.accepted,
                Decision::Rejected { .. } => &mut counts.rejected,
                Decision::Withdrawn { .. } => &mut counts.withdrawn,
            };
            *count += 1;
        }
        self.outline.status = match (counts.undecided, counts.withdrawn) {
            (0, 0) => ProposalStatus::Closed,
            (0, _) => ProposalStatus::Withdrawn,
            _ => ProposalStatus::Open,
        };
        self.outline.counts = counts;
        self.outline.revision = self.outline.revision.saturating_add(1);
        self.outline.updated_at = now;
        self
    }

    /// The base with some of the operations carried out, in their order. A value that cannot be read is left as it was:
    /// whoever made the operation has checked it.
    #[must_use]
    pub fn laid_over(&self, base: &Article, is_in: impl Fn(&Operation) -> bool) -> Article {
        let mut article = base.clone();
        for operation in self.operations.iter().filter(|operation| is_in(operation)) {
            carry_out(&mut article, &operation.change, &self.operations);
        }
        article
    }

    /// What an operation changes in the base.
    #[must_use]
    pub fn difference(&self, base: &Article, operation: &Operation) -> Diff {
        let after = self.laid_over(base, |other| other.id == operation.id);
        diff(
            &scoped(base, &operation.change),
            &scoped(&after, &operation.change),
        )
    }

    /// Where an operation that waits clashes with what is there by now. What was accepted of the proposal before counts
    /// as seen by it.
    #[must_use]
    pub fn clashes(&self, base: &Article, theirs: &Article, operation: &Operation) -> Vec<Conflict> {
        let seen = self.laid_over(base, Operation::is_accepted);
        let yours = self.laid_over(base, |other| other.is_accepted() || other.id == operation.id);
        let of = |article: &Article| scoped(article, &operation.change);
        let merged = merge(&of(&seen), &of(theirs), &of(&yours));
        let at = self.operations.iter().position(|other| other.id == operation.id);
        let at = at.unwrap_or_default();
        let conflicts = merged.conflicts.into_iter();
        conflicts.map(|conflict| within(at, conflict)).collect()
    }

    /// These operations laid over what is there by now.
    #[must_use]
    pub fn merged(&self, base: &Article, theirs: &Article, chosen: &HashSet<OperationId>) -> Rebased {
        let seen = self.laid_over(base, Operation::is_accepted);
        let yours = self.laid_over(base, |other| other.is_accepted() || chosen.contains(&other.id));
        let merged = merge(&(&seen).into(), &theirs.into(), &(&yours).into());
        Rebased {
            yours,
            document: merged.document,
            conflicts: merged.conflicts,
        }
    }
}

/// Carries a change out on an article; `all` are the operations that it stands among.
pub(crate) fn carry_out(article: &mut Article, change: &Change, all: &[Operation]) {
    let place_of =
        |article: &Article, id: SectionId| article.sections.iter().position(|section| section.id == id);
    match change {
        Change::Replace { section } => {
            if let Some(at) = place_of(article, section.id) {
                article.sections[at] = section.clone();
            }
        }
        Change::Insert { section, place } => {
            let at = index_of(article, *place, all);
            article.sections.insert(at, section.clone());
        }
        Change::Remove { section } => article.sections.retain(|other| other.id != *section),
        Change::Move { section, place } => {
            if let Some(at) = place_of(article, *section) {
                let section = article.sections.remove(at);
                let at = index_of(article, *place, all);
                article.sections.insert(at, section);
            }
        }
        Change::Set { fields } => history::set_fields(article, fields),
    }
}

/// Where a place is. A neighbour that another operation inserts and that is not there counts as standing where that
/// operation puts it.
fn index_of(article: &Article, mut place: Spot, all: &[Operation]) -> usize {
    for _ in 0..=all.len() {
        let (neighbour, offset) = match place {
            Spot::Last => break,
            Spot::After(id) => (id, 1),
            Spot::Before(id) => (id, 0),
        };
        let mut sections = article.sections.iter();
        if let Some(at) = sections.position(|section| section.id == neighbour) {
            return at + offset;
        }
        let own = all.iter().find_map(|operation| match &operation.change {
            Change::Insert { section, place } if section.id == neighbour => Some(*place),
            _ => None,
        });
        place = own.unwrap_or(Spot::Last);
    }
    article.sections.len()
}

/// Operations that were laid over what is there by now.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebased {
    /// What was proposed, with the sections that are new in it.
    pub yours: Article,
    /// Both together.
    pub document: Document,
    /// Where they clash all the same.
    pub conflicts: Vec<Conflict>,
}

/// As much of an article as a change is about, so that whole texts are compared only where they are at stake.
fn scoped(article: &Article, change: &Change) -> Document {
    let whole = |id: SectionId| article.sections.iter().filter(move |section| section.id == id);
    let mut document = Document::default();
    match change {
        Change::Replace { section } => document.sections = whole(section.id).map(Part::from).collect(),
        Change::Remove { section } => document.sections = whole(*section).map(Part::from).collect(),
        Change::Insert { section: new, .. } => {
            let parts = article.sections.iter();
            document.sections = parts
                .map(|section| {
                    if section.id == new.id {
                        section.into()
                    } else {
                        named(section)
                    }
                })
                .collect();
        }
        Change::Move { .. } => document.sections = article.sections.iter().map(named).collect(),
        Change::Set { fields } => {
            document.fields = Document::from(article).fields;
            document.fields.retain(|field, _| fields.contains_key(field));
        }
    }
    document
}

/// A section by its name alone.
fn named(section: &Section) -> Part {
    Part {
        id: section.id,
        fields: BTreeMap::new(),
    }
}

/// A conflict with its place in what was proposed.
fn within(operation: usize, mut conflict: Conflict) -> Conflict {
    let pointer = conflict.place.pointer.as_str();
    let rest = match pointer.strip_prefix("/sections") {
        Some("") => String::new(),
        // Behind the number of the section stands what it is about.
        Some(rest) => {
            let inner = rest[1..].split_once('/').map(|(_, inner)| inner);
            inner.map_or_else(|| "/section".to_owned(), |inner| format!("/section/{inner}"))
        }
        None => pointer.to_owned(),
    };
    conflict.place.pointer = format!("/operations/{operation}{rest}");
    conflict
}

#[cfg(test)]
mod tests;
