//! Reading proposals: queues, and one whole, with what each operation changes and whether it still goes in.

use std::collections::HashMap;

use super::seen;
use crate::article::Article;
use crate::error::{Error, Resource, Result};
use crate::history::{Conflict, Diff};
use crate::id::{ArticleId, ProposalId};
use crate::page::{Page, PageRequest};
use crate::proposal::{
    Decision, Operation, OperationStatus, Outline, Proposal, ProposalSort, ProposalStatus,
};
use crate::repository::ProposalFilter;
use crate::rights::{Credential, Permission};
use crate::use_cases::Unit;
use crate::use_cases::history::article_at;

/// A row in a list of proposals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// The proposal.
    pub outline: Outline,
    /// What its article is called.
    pub title: String,
    /// What whoever made it is called.
    pub name: Option<String>,
}

/// A proposal as editors decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalView {
    /// The proposal.
    pub row: ProposalRow,
    /// The revision that the article has now; `None` while it is in the trash.
    pub article_revision: Option<u32>,
    /// In their order.
    pub operations: Vec<OperationView>,
    /// Who decided, by name.
    pub names: HashMap<Credential, Option<String>>,
}

/// An operation with what it changes, and where it clashes.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationView {
    /// The operation.
    pub operation: Operation,
    /// Where it stands.
    pub status: OperationStatus,
    /// What it changes in the base.
    pub diff: Diff,
    /// Where it clashes with what is there by now, as long as it waits.
    pub conflicts: Vec<Conflict>,
}

/// A part of the list of an article's proposals.
pub fn list(
    unit: &mut Unit<'_>,
    article: ArticleId,
    status: Option<ProposalStatus>,
    page: &PageRequest<ProposalSort>,
) -> Result<Page<ProposalRow>> {
    unit.actor.require_proposals_read()?;
    let found = unit.repository.article(article)?;
    found.ok_or_else(|| Error::not_found(Resource::Article, article))?;
    rows(unit, Some(article), status, page)
}

/// A part of the list of all proposals: the queue of editors.
pub fn queue(
    unit: &mut Unit<'_>,
    status: Option<ProposalStatus>,
    page: &PageRequest<ProposalSort>,
) -> Result<Page<ProposalRow>> {
    unit.actor.require_proposals_read()?;
    rows(unit, None, status, page)
}

/// One proposal.
pub fn get(unit: &mut Unit<'_>, id: ProposalId) -> Result<ProposalView> {
    unit.actor.require_proposals_read()?;
    let proposal = seen(unit, id)?;
    view(unit, proposal)
}

fn rows(
    unit: &mut Unit<'_>,
    article: Option<ArticleId>,
    status: Option<ProposalStatus>,
    page: &PageRequest<ProposalSort>,
) -> Result<Page<ProposalRow>> {
    let sees_all = unit.actor.may(Permission::ContentRead);
    let filter = ProposalFilter {
        article,
        status,
        made_by: (!sees_all).then_some(unit.actor.credential),
    };
    let page = unit.repository.proposals(&filter, page)?;
    let makers: Vec<_> = page.items.iter().map(|(outline, _)| outline.created_by).collect();
    let mut names = unit.repository.names_of(&makers)?.into_iter();
    Ok(page.map(|(outline, title)| ProposalRow {
        outline,
        title,
        name: names.next().flatten(),
    }))
}

/// A proposal with what is shown of it.
pub(super) fn view(unit: &mut Unit<'_>, proposal: Proposal) -> Result<ProposalView> {
    let outline = &proposal.outline;
    let base = article_at(unit, outline.article, outline.base_revision)?;
    let present = unit.repository.article(outline.article)?;
    let operations = proposal
        .operations
        .iter()
        .map(|operation| operation_view(&proposal, &base, present.as_ref(), operation));
    let operations: Vec<_> = operations.collect();
    let mut people = vec![outline.created_by];
    for operation in &proposal.operations {
        match operation.decision {
            Decision::Accepted { by, .. } | Decision::Rejected { by, .. } if !people.contains(&by) => {
                people.push(by);
            }
            _ => {}
        }
    }
    let names = unit.repository.names_of(&people)?;
    let names: HashMap<_, _> = people.into_iter().zip(names).collect();
    let title = present.as_ref().unwrap_or(&base).title.clone();
    Ok(ProposalView {
        row: ProposalRow {
            name: names.get(&outline.created_by).cloned().flatten(),
            outline: proposal.outline,
            title,
        },
        article_revision: present.map(|article| article.revision),
        operations,
        names,
    })
}

fn operation_view(
    proposal: &Proposal,
    base: &Article,
    present: Option<&Article>,
    operation: &Operation,
) -> OperationView {
    let conflicts = match present {
        Some(theirs) if operation.is_waiting() => proposal.clashes(base, theirs, operation),
        _ => Vec::new(),
    };
    let status = match operation.decision {
        Decision::Waiting if conflicts.is_empty() => OperationStatus::Pending,
        Decision::Waiting => OperationStatus::Conflicting,
        Decision::Accepted { .. } => OperationStatus::Accepted,
        Decision::Rejected { .. } => OperationStatus::Rejected,
        Decision::Withdrawn { .. } => OperationStatus::Withdrawn,
    };
    OperationView {
        diff: proposal.difference(base, operation),
        operation: operation.clone(),
        status,
        conflicts,
    }
}
