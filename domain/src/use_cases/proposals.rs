//! Proposals: suggested operations on an article, which an editor accepts or rejects one by one. Nothing here reaches
//! readers, and only accepting changes a working copy.

mod checking;
mod deciding;
mod reading;

use chrono::TimeDelta;

use crate::article::{Article, Status};
use crate::error::{Error, Resource, Result, Violations};
use crate::id::{ArticleId, ProposalId};
use crate::proposal::{Counts, Outline, Proposal, ProposalStatus};
use crate::rights::Permission;
use crate::text::{self, optional};
use crate::use_cases::Unit;
use crate::use_cases::articles::ArticlePatch;
use crate::use_cases::drafting::SectionInput;
use crate::use_cases::sections::Place;

pub use deciding::{accept, reject, withdraw};
pub use reading::{OperationView, ProposalRow, ProposalView, get, list, queue};

/// A proposal as a client writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalInput {
    /// The revision that it was made of.
    pub base: u32,
    /// Why.
    pub message: Option<String>,
    /// In the order in which they are to be carried out.
    pub operations: Vec<OperationInput>,
}

/// An operation as a client writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationInput {
    /// A section is to hold something else.
    Replace {
        /// Which.
        section: String,
        /// As it is to be, whole.
        with: SectionInput,
    },
    /// A section is to be added.
    Insert {
        /// The section.
        section: SectionInput,
        /// Where.
        place: Place,
    },
    /// A section is to go.
    Remove {
        /// Which.
        section: String,
    },
    /// A section is to stand elsewhere.
    Move {
        /// Which.
        section: String,
        /// Where.
        place: Place,
    },
    /// Fields are to hold something else.
    Set(Box<ArticlePatch>),
}

/// Suggests operations on an article, made of a revision of it. The article stays as it is.
pub fn create(unit: &mut Unit<'_>, article: ArticleId, input: ProposalInput) -> Result<ProposalView> {
    unit.actor.require(Permission::ArticlesPropose)?;
    // Locked, so that no two pass the limit at once.
    let found = unit.repository.article_for_update(article)?;
    let present = found.ok_or_else(|| Error::not_found(Resource::Article, article))?;
    expect_open(&present)?;
    expect_rate(unit)?;
    let mut v = Violations::default();
    let open = unit.repository.count_open_proposals(article)?;
    if open >= Proposal::OPEN as u64 {
        let message =
            format!("This article has {open} open proposals, which is the limit; an editor decides first.");
        v.add("", "too_many", message);
    }
    let message = optional(&mut v, "/message", input.message, message);
    let base = base(unit, &mut v, &present, input.base)?;
    let operations = match &base {
        Some(base) => checking::operations(unit, &mut v, base, input.operations)?,
        None => Vec::new(),
    };
    v.finish()?;
    let outline = Outline {
        id: ProposalId::next(unit.ids),
        article,
        base_revision: input.base,
        message,
        status: ProposalStatus::Open,
        counts: Counts::default(),
        revision: 0,
        created_at: unit.now,
        created_by: unit.actor.credential,
        updated_at: unit.now,
    };
    let proposal = Proposal { outline, operations }.settled(unit.now);
    unit.repository.insert_proposal(&proposal)?;
    reading::view(unit, proposal)
}

/// Several lines that say something.
fn message(given: String) -> Result<String, crate::error::Refused> {
    if given.trim().is_empty() {
        return Err(crate::error::Refused::new(
            "blank",
            "Say something, or leave the key out.",
        ));
    }
    text::lines(given, text::NOTE_LIMIT)
}

fn base(unit: &mut Unit<'_>, v: &mut Violations, present: &Article, number: u32) -> Result<Option<Article>> {
    if number == present.revision {
        return Ok(Some(present.clone()));
    }
    let found = unit.repository.article_at(present.id, number)?;
    if found.is_none() {
        let message = format!(
            "This article has no revision {number}; it is at {}. Give the `revision` of what you read.",
            present.revision
        );
        v.add("/base_revision", "unknown_revision", message);
    }
    Ok(found)
}

/// Refuses what was put away, and what will appear as it stands.
fn expect_open(article: &Article) -> Result<()> {
    let detail = match article.status {
        Status::Draft | Status::Published => return Ok(()),
        Status::Archived => "The article is archived; reopen it first.",
        Status::Scheduled => "The article is scheduled and will appear as it stands; unschedule it first.",
    };
    Err(Error::NotOpen(detail.to_owned()))
}

/// One credential makes so many proposals an hour and no more.
fn expect_rate(unit: &mut Unit<'_>) -> Result<()> {
    let hour = TimeDelta::hours(1);
    let since = unit.now - hour;
    let (by, limit) = (unit.actor.credential, Proposal::HOURLY);
    let made = unit.repository.proposals_made_since(by, since, limit)?;
    let Some(oldest) = made.get(limit - 1) else {
        return Ok(());
    };
    // When the oldest of them is an hour old.
    let wait = (*oldest + hour - unit.now).num_seconds().max(0) + 1;
    Err(Error::TooOften {
        detail: format!("You have made {limit} proposals within an hour, which is the limit."),
        retry_after: u32::try_from(wait).unwrap_or(u32::MAX),
    })
}

/// A proposal that this caller sees: all of them, or own ones.
fn seen(unit: &mut Unit<'_>, id: ProposalId) -> Result<Proposal> {
    let found = unit.repository.proposal(id)?;
    found
        .filter(|proposal| {
            unit.actor.may(Permission::ContentRead) || proposal.outline.created_by == unit.actor.credential
        })
        .ok_or_else(|| Error::not_found(Resource::Proposal, id))
}
