//! Reviews, and putting articles away: acts that show nothing to readers.

use crate::article::{Article, Expected, Review, Status};
use crate::change::ChangeReason;
use crate::error::{Refused, Result};
use crate::id::ArticleId;
use crate::text;
use crate::use_cases::reading::{ArticleView, article_view};
use crate::use_cases::{Unit, publishing};
use crate::workflow::{Action, Reviewed};

/// Asks editors for a review.
pub fn submit(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    note: Option<String>,
) -> Result<ArticleView> {
    review(unit, id, expected, Action::Submit, note)
}

/// Says that the revision that was seen may be published.
pub fn approve(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    note: Option<String>,
) -> Result<ArticleView> {
    review(unit, id, expected, Action::Approve, note)
}

/// Says that it has to change first.
pub fn request_changes(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    note: Option<String>,
) -> Result<ArticleView> {
    review(unit, id, expected, Action::RequestChanges, note)
}

/// Puts an article away; readers who saw it are told that it is gone.
pub fn archive(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<ArticleView> {
    let before = publishing::lock(unit, id, expected, Action::Archive)?;
    let mut after = publishing::hidden(&before, Status::Archived);
    after.review = Review::None;
    unit.repository.update_article(&before, &after)?;
    publishing::take_down(unit, &before, ChangeReason::Unpublished)?;
    article_view(unit, after)
}

/// Makes an article that was put away a draft again.
pub fn reopen(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<ArticleView> {
    let before = publishing::lock(unit, id, expected, Action::Reopen)?;
    let mut after = before.clone();
    after.status = Status::Draft;
    unit.repository.update_article(&before, &after)?;
    article_view(unit, after)
}

fn review(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    action: Action,
    note: Option<String>,
) -> Result<ArticleView> {
    let before = publishing::lock(unit, id, expected, action)?;
    let note = note
        .map(said)
        .transpose()
        .map_err(|refused| refused.at("/note"))?;
    let mut after = before.clone();
    after.review = match action {
        Action::Approve => Review::Approved,
        Action::RequestChanges => Review::ChangesRequested,
        _ => Review::Requested,
    };
    after.reviewed = Reviewed {
        approved_revision: approved(&before, action),
        note,
        by: Some(unit.actor.credential),
        at: Some(unit.now),
    };
    unit.repository.update_article(&before, &after)?;
    article_view(unit, after)
}

fn approved(before: &Article, action: Action) -> Option<u32> {
    match action {
        Action::Approve => Some(before.revision),
        _ => before.reviewed.approved_revision,
    }
}

fn said(note: String) -> Result<String, Refused> {
    if note.trim().is_empty() {
        return Err(Refused::new("blank", "Say something, or leave the note out."));
    }
    text::lines(note, text::NOTE_LIMIT)
}
