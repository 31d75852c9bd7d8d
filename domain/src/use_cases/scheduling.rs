//! Moments to come: set, called off, and kept when they have come.

use crate::article::{Article, Expected, Status};
use crate::clock::{self, Instant};
use crate::error::{Result, Violations};
use crate::id::ArticleId;
use crate::rights::Permission;
use crate::use_cases::reading::{ArticleView, article_view};
use crate::use_cases::{Unit, publishing};
use crate::workflow::{Action, Due, ScheduleError};

/// The moments that are to be set; a missing one is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moments {
    /// When readers are to see it.
    pub publish_at: Option<Instant>,
    /// When they are to see it no more.
    pub unpublish_at: Option<Instant>,
}

/// Sets the moments of an article, instead of those it has. What readers see already can only be taken away.
pub fn schedule(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    moments: Moments,
) -> Result<ArticleView> {
    let before = publishing::lock(unit, id, expected, Action::Schedule)?;
    let moments = Moments {
        publish_at: moments.publish_at.map(clock::cut),
        unpublish_at: moments.unpublish_at.map(clock::cut),
    };
    if before.status == Status::Published && moments.publish_at.is_some() {
        return Err(before.state().refusal(Action::Schedule));
    }
    check(&before, moments, unit.now)?;
    let mut after = before.clone();
    if before.status != Status::Published {
        after.status = Status::Scheduled;
    }
    after.publish_at = moments.publish_at;
    after.unpublish_at = moments.unpublish_at;
    after.schedule_error = None;
    unit.repository.update_article(&before, &after)?;
    article_view(unit, after)
}

/// Calls the moments off: a scheduled article is a draft again, a published one stays.
pub fn unschedule(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<ArticleView> {
    let before = publishing::lock(unit, id, expected, Action::Unschedule)?;
    let mut after = before.clone();
    if before.status == Status::Scheduled {
        after.status = Status::Draft;
    }
    after.publish_at = None;
    after.unpublish_at = None;
    after.schedule_error = None;
    unit.repository.update_article(&before, &after)?;
    article_view(unit, after)
}

/// What is to happen by now, the longest due first; each is then done by a unit of its own.
pub fn due(unit: &mut Unit<'_>, limit: u32) -> Result<Vec<Due>> {
    unit.actor.require(Permission::ArticlesPublish)?;
    unit.repository.due_articles(unit.now, limit)
}

/// Does what is due, if it still is and nobody did it before; answers whether it did.
pub fn keep(unit: &mut Unit<'_>, due: Due) -> Result<bool> {
    unit.actor.require(Permission::ArticlesPublish)?;
    let found = unit.repository.article_for_update(due.id)?;
    let Some(article) = found.filter(|article| article.due(unit.now) == Some(due)) else {
        return Ok(false);
    };
    match due.action {
        Action::Unpublish => publishing::unpublish_now(unit, &article).map(|_| true),
        _ => publishing::publish_now(unit, article, Some(due.at)).map(|_| true),
    }
}

/// Notes why what is due could not be done, so that it is not tried again and editors see it; answers whether it was
/// still due and nobody noted it before.
pub fn give_up(unit: &mut Unit<'_>, due: Due, error: &ScheduleError) -> Result<bool> {
    unit.actor.require(Permission::ArticlesPublish)?;
    unit.repository.fail_schedule(&due, error)
}

fn check(article: &Article, moments: Moments, now: Instant) -> Result<()> {
    let mut v = Violations::default();
    let is_published = article.status == Status::Published;
    match moments.publish_at {
        Some(at) if at <= now => {
            let message = "This moment has passed; give one that lies ahead, or publish the article.";
            v.add("/publish_at", "in_past", message);
        }
        None if !is_published => v.add("/publish_at", "required", "Say when readers are to see it."),
        _ => {}
    }
    match (moments.unpublish_at, moments.publish_at) {
        (Some(at), Some(publish_at)) if at <= publish_at => {
            let message = "It can be taken away only after it was published; give a later moment.";
            v.add("/unpublish_at", "not_after_publish_at", message);
        }
        (Some(at), _) if at <= now => {
            let message = "This moment has passed; give one that lies ahead, or unpublish the article.";
            v.add("/unpublish_at", "in_past", message);
        }
        (None, _) if is_published => {
            let message = "Readers see the article already; say when it is to be taken away.";
            v.add("/unpublish_at", "required", message);
        }
        _ => {}
    }
    v.finish()
}
