//! Deciding what was proposed: accepting it into the working copy as it is by now, rejecting it, taking it back.

use std::collections::HashSet;

use super::reading::{self, ProposalView};
use super::{expect_open, seen};
use crate::article::{Article, Expected};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::history;
use crate::id::{OperationId, ProposalId, SectionId};
use crate::proposal::{Decision, Operation, Proposal, ProposalStatus};
use crate::rights::Permission;
use crate::section::Section;
use crate::use_cases::history::article_at;
use crate::use_cases::{Unit, articles};

/// Takes operations over into the working copy: all or none of those that are named; where none is, all that go
/// together with what is there.
pub fn accept(
    unit: &mut Unit<'_>,
    id: ProposalId,
    expected: &Expected,
    operations: Option<&[String]>,
) -> Result<ProposalView> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let (proposal, theirs) = open(unit, id, expected)?;
    expect_open(&theirs)?;
    let base = article_at(unit, theirs.id, proposal.outline.base_revision)?;
    let waiting = waiting(&proposal, operations)?;
    let clashes = |operation: &Operation| proposal.clashes(&base, &theirs, operation);
    let (fitting, clashing): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .map(|operation| (operation.id, clashes(operation)))
        .partition(|(_, found)| found.is_empty());
    if !clashing.is_empty() && (operations.is_some() || fitting.is_empty()) {
        let conflicts = clashing.into_iter().flat_map(|(_, found)| found);
        return Err(Error::Conflicting(conflicts.collect()));
    }
    let chosen: HashSet<OperationId> = fitting.into_iter().map(|(id, _)| id).collect();
    let after = rebased(unit, &proposal, &base, &theirs, &chosen)?;
    let done = format!("accepted from a proposal of {}", proposal.outline.created_by);
    let after = articles::save(unit, &theirs, after, &done)?;
    let decision = Decision::Accepted {
        by: unit.actor.credential,
        at: unit.now,
        revision: after.revision,
    };
    settle(unit, proposal, &chosen, &decision)
}

/// Turns operations down: those that are named, or all that wait.
pub fn reject(
    unit: &mut Unit<'_>,
    id: ProposalId,
    expected: &Expected,
    operations: Option<&[String]>,
    reason: Option<String>,
) -> Result<ProposalView> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let (proposal, _) = open(unit, id, expected)?;
    let chosen = waiting(&proposal, operations)?;
    let chosen = chosen.into_iter().map(|operation| operation.id).collect();
    let mut v = Violations::default();
    let reason = crate::text::optional(&mut v, "/reason", reason, super::message);
    v.finish()?;
    let decision = Decision::Rejected {
        by: unit.actor.credential,
        at: unit.now,
        reason,
    };
    settle(unit, proposal, &chosen, &decision)
}

/// Takes back what nobody decided, by whoever proposed it.
pub fn withdraw(unit: &mut Unit<'_>, id: ProposalId, expected: &Expected) -> Result<ProposalView> {
    unit.actor.require(Permission::ArticlesPropose)?;
    let known = seen(unit, id)?;
    unit.actor.require_own_proposal(known.outline.created_by)?;
    let proposal = lock(unit, id, expected)?;
    let chosen = waiting(&proposal, None)?;
    let chosen = chosen.into_iter().map(|operation| operation.id).collect();
    let decision = Decision::Withdrawn { at: unit.now };
    settle(unit, proposal, &chosen, &decision)
}

/// A proposal with its article, both locked, for somebody who may write the article.
fn open(unit: &mut Unit<'_>, id: ProposalId, expected: &Expected) -> Result<(Proposal, Article)> {
    let known = seen(unit, id)?;
    let article = unit.repository.article_for_update(known.outline.article)?;
    let Some(article) = article else {
        let detail = "The article was deleted; take it out of the trash first.";
        return Err(Error::NotOpen(detail.to_owned()));
    };
    unit.actor.require_write(article.created_by)?;
    Ok((lock(unit, id, expected)?, article))
}

fn lock(unit: &mut Unit<'_>, id: ProposalId, expected: &Expected) -> Result<Proposal> {
    let found = unit.repository.proposal_for_update(id)?;
    let proposal = found.ok_or_else(|| Error::not_found(Resource::Proposal, id))?;
    let outline = &proposal.outline;
    expected.check_known(
        Resource::Proposal,
        id,
        outline.revision,
        (None, outline.updated_at),
    )?;
    let detail = match outline.status {
        ProposalStatus::Open => return Ok(proposal),
        ProposalStatus::Closed => "Everything in this proposal was decided.",
        ProposalStatus::Withdrawn => "This proposal was withdrawn.",
    };
    Err(Error::NotOpen(detail.to_owned()))
}

/// The operations that are meant, all of which wait.
fn waiting<'a>(proposal: &'a Proposal, named: Option<&[String]>) -> Result<Vec<&'a Operation>> {
    let Some(named) = named else {
        let operations = proposal.operations.iter();
        return Ok(operations.filter(|operation| operation.is_waiting()).collect());
    };
    let mut v = Violations::default();
    let mut found: Vec<&Operation> = Vec::new();
    for (index, text) in named.iter().enumerate() {
        let pointer = format!("/operations/{index}");
        let id = OperationId::parse(text);
        let operation = proposal
            .operations
            .iter()
            .find(|operation| Some(operation.id) == id);
        match operation {
            None => v.add(
                pointer,
                "unknown_operation",
                format!("This proposal has no operation {text}."),
            ),
            Some(operation) if found.iter().any(|other| other.id == operation.id) => {
                v.add(pointer, "duplicate", "This operation stands twice in the list.");
            }
            Some(operation) => found.push(operation),
        }
    }
    v.finish()?;
    match found.iter().find(|operation| !operation.is_waiting()) {
        None => Ok(found),
        Some(decided) => Err(Error::NotOpen(format!(
            "The operation {} was decided already; read the proposal again.",
            decided.id
        ))),
    }
}

/// The working copy with these operations in it.
fn rebased(
    unit: &Unit<'_>,
    proposal: &Proposal,
    base: &Article,
    theirs: &Article,
    chosen: &HashSet<OperationId>,
) -> Result<Article> {
    let merged = proposal.merged(base, theirs, chosen);
    if !merged.conflicts.is_empty() {
        return Err(Error::Conflicting(merged.conflicts));
    }
    let mut after = history::applied(theirs, &merged.yours, &merged.document, unit.now)?;
    let is_new = |id: SectionId| theirs.sections.iter().all(|section| section.id != id);
    for section in after.sections.iter_mut().filter(|section| is_new(section.id)) {
        *section = Section {
            // Every change of a section was one of the article, so no section of this id has had this number.
            revision: theirs.revision.saturating_add(1),
            created_at: unit.now,
            updated_at: unit.now,
            ..section.clone()
        };
    }
    if after.sections.len() > Article::SECTIONS {
        let (limit, found) = (Article::SECTIONS, after.sections.len());
        let message = format!("The article would have {found} sections; it has at most {limit}.");
        return Err(Refused::new("too_many", message).at("/operations"));
    }
    Ok(after)
}

/// Saves a proposal of which these operations were decided.
fn settle(
    unit: &mut Unit<'_>,
    mut proposal: Proposal,
    chosen: &HashSet<OperationId>,
    decision: &Decision,
) -> Result<ProposalView> {
    let decided = proposal.operations.iter_mut();
    for operation in decided.filter(|operation| chosen.contains(&operation.id)) {
        operation.decision = decision.clone();
    }
    let proposal = proposal.settled(unit.now);
    unit.repository.update_proposal(&proposal)?;
    reading::view(unit, proposal)
}
