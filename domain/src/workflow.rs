//! The states of an article, what may be done in each, and what falls due by itself.

use serde::{Deserialize, Serialize};

use crate::article::{Overview, Review, Status};
use crate::clock::Instant;
use crate::error::{Error, Result, StorageError};
use crate::id::ArticleId;
use crate::preflight::Severity;
use crate::rights::{Credential, words};

words! {
    /// An act that changes the state; each is a request of its own.
    Action {
        /// Ask editors for a review.
        Submit = "submit",
        /// Say that the revision may be published.
        Approve = "approve",
        /// Say that it has to change first.
        RequestChanges = "request_changes",
        /// Publish or take away at a moment to come.
        Schedule = "schedule",
        /// Call that off.
        Unschedule = "unschedule",
        /// Show the working copy to readers.
        Publish = "publish",
        /// Take it away from readers.
        Unpublish = "unpublish",
        /// Put it away, from readers too.
        Archive = "archive",
        /// Make what was put away a draft again.
        Reopen = "reopen",
    }
}

words! {
    /// What became of the moments that were set.
    ScheduleState {
        /// They lie ahead.
        Pending = "pending",
        /// One came, and what was to happen could not.
        Failed = "failed",
    }
}

/// Everything that decides which acts are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// For readers.
    pub status: Status,
    /// With editors.
    pub review: Review,
    /// Whether the working copy is ahead of what readers see; nothing else matters of what is published.
    pub is_ahead: bool,
    /// Whether it is to be taken away at a moment.
    pub ends: bool,
}

impl State {
    /// The acts that are possible, in the order of the documentation.
    #[must_use]
    pub fn allowed(self) -> Vec<Action> {
        let all = Action::ALL.iter().copied();
        all.filter(|action| self.allows(*action)).collect()
    }

    /// Whether an act is possible.
    #[must_use]
    pub const fn allows(self, action: Action) -> bool {
        let is_archived = matches!(self.status, Status::Archived);
        let is_published = matches!(self.status, Status::Published);
        let waits = matches!(self.review, Review::Requested);
        match action {
            Action::Submit => {
                let is_open = matches!(self.review, Review::None | Review::ChangesRequested);
                is_open && !is_archived && (!is_published || self.is_ahead)
            }
            Action::Approve => waits && !is_archived,
            Action::RequestChanges => (waits || matches!(self.review, Review::Approved)) && !is_archived,
            Action::Schedule | Action::Publish => !is_archived,
            Action::Unschedule => matches!(self.status, Status::Scheduled) || (is_published && self.ends),
            Action::Unpublish => is_published,
            Action::Archive => is_published || matches!(self.status, Status::Draft),
            Action::Reopen => is_archived,
        }
    }

    /// Refuses an act that is not possible.
    pub fn allow(self, action: Action) -> Result<()> {
        if self.allows(action) {
            Ok(())
        } else {
            Err(self.refusal(action))
        }
    }

    /// Why an act is not possible as it was asked for, with those that are.
    #[must_use]
    pub fn refusal(self, action: Action) -> Error {
        let allowed = self.allowed().into_iter().filter(|other| *other != action);
        Error::IllegalTransition {
            from: self.status,
            review: Some(self.review),
            action,
            allowed: allowed.collect(),
        }
    }
}

/// What was said of a working copy when its review last moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reviewed {
    /// The revision that was approved last.
    pub approved_revision: Option<u32>,
    /// What was said.
    pub note: Option<String>,
    /// By whom.
    pub by: Option<Credential>,
    /// When.
    pub at: Option<Instant>,
}

/// Why a moment that came was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleError {
    /// Stable word for machines.
    pub code: String,
    /// What stood in the way.
    pub message: String,
    /// When that was found.
    pub at: Instant,
}

impl ScheduleError {
    /// Characters of a message that are kept.
    pub const LIMIT: usize = 2_000;

    /// What editors are told of an error; the inner life of a store is not among it.
    #[must_use]
    pub fn of(error: &Error, at: Instant) -> Self {
        let (code, message) = match error {
            Error::Storage(StorageError::Unavailable(_)) => (
                "unavailable",
                "The database did not answer in time, however often it was asked. Schedule it again.".to_owned(),
            ),
            Error::Storage(_) => (
                "internal_error",
                "Something broke on our side; the log of the service says what. Schedule it again, or publish it by hand."
                    .to_owned(),
            ),
            Error::AlreadyExists { .. } => ("already_exists", error.to_string()),
            Error::NotFound { .. } => ("not_found", error.to_string()),
            Error::Preflight(findings) => {
                let errors = findings.iter().filter(|found| found.severity == Severity::Error);
                let errors: Vec<_> = errors
                    .map(|found| format!("`{}`: {}", found.pointer, found.message))
                    .collect();
                ("preflight_failed", errors.join(" "))
            }
            _ => ("validation_failed", error.to_string()),
        };
        Self {
            code: code.to_owned(),
            message: message.chars().take(Self::LIMIT).collect(),
            at,
        }
    }
}

/// Something that is to happen at a moment which has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// To which article.
    pub id: ArticleId,
    /// `Publish` or `Unpublish`.
    pub action: Action,
    /// The moment.
    pub at: Instant,
}

impl Overview {
    /// The state it is in.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            status: self.status,
            review: self.review,
            is_ahead: self.has_unpublished_changes(),
            ends: self.unpublish_at.is_some(),
        }
    }

    /// What became of the moments that were set; `None` where none was.
    #[must_use]
    pub fn schedule_state(&self) -> Option<ScheduleState> {
        let is_set = self.publish_at.is_some() || self.unpublish_at.is_some();
        match (&self.schedule_error, is_set) {
            (Some(_), _) => Some(ScheduleState::Failed),
            (None, true) => Some(ScheduleState::Pending),
            (None, false) => None,
        }
    }

    /// What is to happen to it by this moment, and has not been tried in vain.
    #[must_use]
    pub fn due(&self, now: Instant) -> Option<Due> {
        let (action, at) = match self.status {
            Status::Scheduled => (Action::Publish, self.publish_at?),
            Status::Published => (Action::Unpublish, self.unpublish_at?),
            Status::Draft | Status::Archived => return None,
        };
        let is_due = at <= now && self.schedule_error.is_none();
        is_due.then_some(Due {
            id: self.id,
            action,
            at,
        })
    }

    /// What a change of the working copy does to its review: an approval belongs to the revision that was approved.
    /// Editors are asked again, unless readers see that revision: then the change begins something new.
    #[must_use]
    pub fn review_after_change(&self) -> Review {
        match self.review {
            Review::Approved if self.published_revision == Some(self.revision) => Review::None,
            Review::Approved => Review::Requested,
            other => other,
        }
    }

    /// What publishing does to the review: a question that was open is settled, an approval stands.
    #[must_use]
    pub const fn review_after_publishing(&self) -> Review {
        match self.review {
            Review::Approved => Review::Approved,
            _ => Review::None,
        }
    }
}

#[cfg(test)]
#[path = "workflow_tests.rs"]
mod tests;
