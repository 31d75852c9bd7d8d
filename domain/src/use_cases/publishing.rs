//! Publishing: the only way by which anything reaches readers, and the way back.

use std::collections::BTreeSet;

use crate::article::{Article, Expected, Status};
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange, cache_tag};
use crate::clock::{self, Instant};
use crate::error::{Error, Refused, Resource, Result};
use crate::faq::{Faq, FaqStatus};
use crate::id::{ArticleId, AuthorId, FaqId, TagId};
use crate::preflight::Finding;
use crate::published::{Edition, EditionLinks, PublishedFaq};
use crate::rights::{Actor, Permission};
use crate::use_cases::announcing::Moved;
use crate::use_cases::preflighting::Report;
use crate::use_cases::reading::{ArticleView, FaqView, article_view, article_view_with, faq_view};
use crate::use_cases::{Unit, announcing, articles, preflighting, redirects};
use crate::workflow::Action;

/// What publishing an article did.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The working copy afterwards.
    pub view: ArticleView,
    /// Drafts among its FAQs that became visible with it.
    pub published_faqs: Vec<FaqId>,
    /// What was found before it was published; nothing where it was shown already.
    pub findings: Vec<Finding>,
}

/// Shows the working copy to readers, with the drafts among its FAQs.
///
/// `published_at` dates the edition back, as moving from another system needs; it cannot lie ahead. Publishing what
/// is already shown changes nothing.
pub fn publish(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    published_at: Option<Instant>,
) -> Result<Publication> {
    let article = lock(unit, id, expected, Action::Publish)?;
    let published_at = published_at.map(clock::cut);
    if published_at.is_some_and(|at| at > unit.now) {
        let message = "An edition cannot be dated ahead; schedule the article instead.";
        return Err(Refused::new("in_future", message).at("/published_at"));
    }
    publish_now(unit, article, published_at)
}

/// Takes an article away from readers; its working copy becomes a draft again.
pub fn unpublish(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<ArticleView> {
    let before = lock(unit, id, expected, Action::Unpublish)?;
    let after = unpublish_now(unit, &before)?;
    article_view(unit, after)
}

/// The same for an article that is locked and may be taken away.
pub(super) fn unpublish_now(unit: &mut Unit<'_>, before: &Article) -> Result<Article> {
    let mut changes = Vec::new();
    let after = take_away(unit, before, &mut changes)?;
    unit.repository.append_changes(&changes)?;
    Ok(after)
}

/// The same for one of several things that are done at once; the entries are still to be appended.
pub(super) fn take_away(
    unit: &mut Unit<'_>,
    before: &Article,
    changes: &mut Vec<NewChange>,
) -> Result<Article> {
    let after = hidden(before, Status::Draft);
    unit.repository.update_article(before, &after)?;
    changes.extend(taken_down(unit, before, ChangeReason::Unpublished)?);
    Ok(after)
}

/// The working copy once readers do not see it and nothing is set to happen to it.
pub(super) fn hidden(before: &Article, status: Status) -> Article {
    let mut after = before.clone();
    after.status = status;
    after.published_revision = None;
    after.published_at = None;
    after.publish_at = None;
    after.unpublish_at = None;
    after.schedule_error = None;
    after
}

/// Shows the working copy of a FAQ to readers, alone and in every article that links it.
pub fn publish_faq(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<Report<FaqView>> {
    let faq = lock_faq(unit, id, expected)?;
    if faq.status == FaqStatus::Published && !faq.has_unpublished_changes() {
        let view = faq_view(unit, faq)?;
        return Ok(Report {
            view,
            findings: Vec::new(),
        });
    }
    let findings = preflighting::clear_faq(unit, &faq)?;
    let mut changes = Vec::new();
    let mut shown = bring_faqs_out(unit, vec![faq], &mut changes)?;
    unit.repository.append_changes(&changes)?;
    match shown.pop() {
        Some(faq) => Ok(Report {
            view: faq_view(unit, faq)?,
            findings,
        }),
        None => Err(Error::not_found(Resource::Faq, id)),
    }
}

/// Takes a FAQ away from readers, out of every article too.
pub fn unpublish_faq(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<FaqView> {
    let before = lock_faq(unit, id, expected)?;
    if before.status == FaqStatus::Draft {
        let allowed = vec![Action::Publish];
        return Err(Error::IllegalTransition {
            from: Status::Draft,
            review: None,
            action: Action::Unpublish,
            allowed,
        });
    }
    let mut changes = Vec::new();
    let after = take_faq_away(unit, &before, &mut changes)?;
    unit.repository.append_changes(&changes)?;
    faq_view(unit, after)
}

/// Takes a locked FAQ away from readers; the entries are still to be appended.
pub(super) fn take_faq_away(unit: &mut Unit<'_>, before: &Faq, changes: &mut Vec<NewChange>) -> Result<Faq> {
    let mut after = before.clone();
    after.status = FaqStatus::Draft;
    after.published_revision = None;
    after.published_at = None;
    unit.repository.update_faq(before, &after)?;
    changes.extend(faq_taken_down(unit, before, ChangeReason::Unpublished)?);
    Ok(after)
}

/// Loads an article for an act of this caller, who has seen this revision, in a state that allows the act.
pub(super) fn lock(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    action: Action,
) -> Result<Article> {
    unit.actor.require(Actor::needed(action))?;
    let found = unit.repository.article_for_update(id)?;
    let article = found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
    unit.actor.require_act(action, article.created_by)?;
    article.expect_revision(expected)?;
    article.state().allow(action)?;
    Ok(article)
}

fn lock_faq(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<Faq> {
    unit.actor.require(Permission::ArticlesPublish)?;
    let faq = unit
        .repository
        .faq_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::Faq, id))?;
    faq.expect_revision(expected)?;
    Ok(faq)
}

/// The same for an article that is locked and may be shown.
pub(super) fn publish_now(
    unit: &mut Unit<'_>,
    before: Article,
    published_at: Option<Instant>,
) -> Result<Publication> {
    let shown = before.is_live() && !before.has_unpublished_changes() && published_at.is_none();
    let faqs = lock_faqs(unit, &before)?;
    let findings = if shown {
        Vec::new()
    } else {
        let at = published_at.unwrap_or(unit.now);
        preflighting::clear_article(unit, &before, &faqs, at)?
    };
    let mut changes = Vec::new();
    let (after, shown_faqs) = bring_out(unit, before, &faqs, published_at, &mut changes)?;
    unit.repository.append_changes(&changes)?;
    let published_faqs = shown_faqs.iter().map(|faq| faq.id).collect();
    let faqs = faqs.into_iter().map(|faq| {
        let shown = shown_faqs.iter().find(|shown| shown.id == faq.id);
        shown.cloned().unwrap_or(faq)
    });
    let faqs = faqs.collect();
    Ok(Publication {
        view: article_view_with(unit, after, faqs)?,
        published_faqs,
        findings,
    })
}

/// Locks the FAQs of an article; in its order.
pub(super) fn lock_faqs(unit: &mut Unit<'_>, article: &Article) -> Result<Vec<Faq>> {
    let ids: BTreeSet<_> = article.faqs.iter().copied().collect();
    let mut faqs = unit.repository.faqs_for_update(&ids)?;
    faqs.sort_by_key(|faq| article.faqs.iter().position(|id| *id == faq.id));
    Ok(faqs)
}

/// Shows a locked article that was looked over, with the drafts among its FAQs, which are locked too; answers these.
/// The entries are still to be appended.
pub(super) fn bring_out(
    unit: &mut Unit<'_>,
    before: Article,
    faqs: &[Faq],
    published_at: Option<Instant>,
    changes: &mut Vec<NewChange>,
) -> Result<(Article, Vec<Faq>)> {
    let shown = before.is_live() && !before.has_unpublished_changes() && published_at.is_none();
    // Those that readers have never seen or do not see now.
    let drafts = faqs.iter().filter(|faq| faq.status == FaqStatus::Draft);
    let faqs = bring_faqs_out(unit, drafts.cloned().collect(), changes)?;
    let after = if shown {
        before
    } else {
        show(unit, before, published_at, changes)?
    };
    Ok((after, faqs))
}

fn show(
    unit: &mut Unit<'_>,
    before: Article,
    published_at: Option<Instant>,
    changes: &mut Vec<NewChange>,
) -> Result<Article> {
    // What readers never saw has no edition and cannot be gone.
    let was_seen = before.first_published_at.is_some();
    let seen = if was_seen {
        unit.repository.edition_links(before.id)?
    } else {
        None
    };
    // Nobody else can have the address that readers know it by.
    let is_known = |seen: &EditionLinks| seen.slug == before.slug && seen.locale == before.locale;
    if !seen.as_ref().is_some_and(is_known) {
        articles::claim_slug(unit, &before.locale, &before.slug, Some(before.id))?;
    }
    let at = published_at.unwrap_or(unit.now);
    let first = before.first_published_at.map_or(at, |first| first.min(at));
    let mut after = before.clone();
    after.status = Status::Published;
    after.published_revision = Some(before.revision);
    after.published_at = Some(at);
    after.first_published_at = Some(first);
    after.publish_at = None;
    after.schedule_error = None;
    after.review = before.review_after_publishing();
    unit.repository.update_article(&before, &after)?;
    unit.repository.put_edition(&Edition::render(&after, at, first))?;
    let moved = Moved::by_showing(seen.as_ref(), &after);
    let (come, gone) = refresh(unit, &moved)?;
    let change = announcing::shown_article(unit, &after, seen.as_ref());
    let was = if was_seen {
        unit.repository.remove_gone(change.resource, change.id)?
    } else {
        None
    };
    // The slug that readers know it by, from this moment or from the last time they saw it.
    let known = seen
        .map(|seen| (seen.slug, Some(seen.locale)))
        .or_else(|| was.map(|gone| (gone.slug, gone.locale)));
    let renamed = redirects::renamed(unit, &change, known)?;
    changes.extend(come);
    changes.extend(renamed);
    changes.push(change);
    changes.extend(gone);
    Ok(after)
}

/// Takes away what readers see of an article, and says so in the log.
pub(super) fn take_down(unit: &mut Unit<'_>, article: &Article, reason: ChangeReason) -> Result<()> {
    let changes = taken_down(unit, article, reason)?;
    unit.repository.append_changes(&changes)
}

fn taken_down(unit: &mut Unit<'_>, article: &Article, reason: ChangeReason) -> Result<Vec<NewChange>> {
    let Some(seen) = unit.repository.edition_links(article.id)? else {
        return Ok(Vec::new());
    };
    unit.repository.remove_edition(article.id)?;
    let moved = Moved::by_taking_away(&seen);
    let (come, gone) = refresh(unit, &moved)?;
    let change = announcing::gone_article(unit, reason, article, &seen);
    redirects::gone(unit, &change, seen.slug, Some(seen.locale))?;
    let mut changes = vec![change];
    changes.extend(come);
    changes.extend(gone);
    Ok(changes)
}

/// Takes away what readers see of a FAQ, and says so in the log.
pub(super) fn take_down_faq(unit: &mut Unit<'_>, faq: &Faq, reason: ChangeReason) -> Result<()> {
    let changes = faq_taken_down(unit, faq, reason)?;
    unit.repository.append_changes(&changes)
}

fn faq_taken_down(unit: &mut Unit<'_>, faq: &Faq, reason: ChangeReason) -> Result<Vec<NewChange>> {
    let Some(seen) = unit.repository.remove_published_faq(faq.id)? else {
        return Ok(Vec::new());
    };
    let change = announcing::gone_faq(unit, reason, faq, &seen);
    redirects::gone(unit, &change, seen.slug, Some(seen.locale))?;
    let mut changes = vec![change];
    changes.extend(refresh_tags(unit, &seen.tags.iter().copied().collect())?);
    Ok(changes)
}

/// Shows the working copies of locked FAQs to readers; the entries are still to be appended.
pub(super) fn bring_faqs_out(
    unit: &mut Unit<'_>,
    before: Vec<Faq>,
    changes: &mut Vec<NewChange>,
) -> Result<Vec<Faq>> {
    if before.is_empty() {
        return Ok(Vec::new());
    }
    claim_addresses(unit, &before)?;
    let mut shown = Vec::new();
    for faq in &before {
        let mut after = faq.clone();
        after.status = FaqStatus::Published;
        after.published_revision = Some(faq.revision);
        after.published_at = Some(unit.now);
        after.first_published_at = faq.first_published_at.or(Some(unit.now));
        unit.repository.update_faq(faq, &after)?;
        // What readers never saw has no edition and cannot be gone, and of a draft they see nothing.
        let seen = match faq.status {
            FaqStatus::Draft => None,
            FaqStatus::Published => unit.repository.published_faq_links(faq.id)?,
        };
        if faq.first_published_at.is_some() {
            unit.repository.remove_gone(ChangeType::Faq, faq.id.uuid())?;
        }
        shown.push((after, seen));
    }
    let editions: Vec<_> = shown
        .iter()
        .map(|(faq, _)| PublishedFaq::render(faq, unit.now, faq.first_published_at.unwrap_or(unit.now)))
        .collect();
    unit.repository.put_published_faqs(&editions)?;
    // Articles that link what was not shown until now: no answer about them names it yet.
    let new: Vec<_> = shown
        .iter()
        .filter(|(_, seen)| seen.is_none())
        .map(|(faq, _)| faq.id)
        .collect();
    let carriers = unit.repository.articles_showing_faqs(&new)?;
    let (mut touched, mut entries) = (BTreeSet::new(), Vec::new());
    for (faq, seen) in &shown {
        let mut tags: BTreeSet<_> = seen.iter().flat_map(|seen| seen.tags.iter().copied()).collect();
        tags.extend(&faq.tags);
        let mut change = announcing::shown_faq(unit, faq, &tags);
        let carriers = carriers.iter().filter(|(id, _)| *id == faq.id);
        let carriers = carriers.map(|(_, article)| cache_tag(ChangeType::Article, article));
        change.cache_tags.extend(carriers);
        let seen = seen.as_ref();
        entries.extend(seen.and_then(|seen| announcing::renamed(&change, &seen.slug, Some(&seen.locale))));
        entries.push(change);
        touched.extend(tags);
    }
    let (come, gone) = come_and_gone(refresh_tags(unit, &touched)?);
    changes.extend(come);
    changes.extend(entries);
    changes.extend(gone);
    Ok(shown.into_iter().map(|(faq, _)| faq).collect())
}

/// Refuses FAQs whose address readers know as another one's. That no other working copy has it is kept by the store.
fn claim_addresses(unit: &mut Unit<'_>, faqs: &[Faq]) -> Result<()> {
    let addresses: Vec<_> = faqs.iter().map(|faq| (&faq.locale, &faq.slug)).collect();
    let held = unit.repository.faqs_seen_at(&addresses)?;
    for (locale, slug, holder) in held {
        let wanted = faqs.iter().find(|faq| faq.locale == locale && faq.slug == slug);
        if let Some(faq) = wanted.filter(|faq| faq.id != holder) {
            crate::use_cases::faqs::claim_slug(unit, &locale, &slug, Some(faq.id))?;
        }
    }
    Ok(())
}

/// Shows or takes away the tags and authors that an article got or lost: what came, and what went.
fn refresh(unit: &mut Unit<'_>, moved: &Moved) -> Result<(Vec<NewChange>, Vec<NewChange>)> {
    let mut changes = refresh_tags(unit, &moved.tags)?;
    changes.extend(refresh_authors(unit, &moved.authors)?);
    Ok(come_and_gone(changes))
}

/// Whoever follows the log meets a tag before what carries it, and loses it after. One that left a slug while nobody
/// saw it leaves it before it comes.
fn come_and_gone(moved: Vec<NewChange>) -> (Vec<NewChange>, Vec<NewChange>) {
    moved
        .into_iter()
        .partition(|change| change.op == ChangeOp::Upsert || change.reason == ChangeReason::Renamed)
}

/// A tag is for readers as long as something they see carries it.
pub(super) fn refresh_tags(unit: &mut Unit<'_>, ids: &BTreeSet<TagId>) -> Result<Vec<NewChange>> {
    let mut moved = Vec::new();
    for standing in unit.repository.tags_seen(ids)? {
        if standing.carried == standing.published {
            continue;
        }
        let id = standing.id;
        let found = unit.repository.tag(id)?;
        let tag = found.ok_or_else(|| Error::not_found(Resource::Tag, id))?;
        if standing.carried {
            unit.repository.put_published_tag(&tag)?;
            let change = announcing::tag(unit, ChangeOp::Upsert, ChangeReason::Published, &tag);
            moved.extend(redirects::come(unit, change)?);
        } else {
            unit.repository.remove_published_tag(id)?;
            let change = announcing::tag(unit, ChangeOp::Delete, ChangeReason::Unpublished, &tag);
            redirects::gone(unit, &change, tag.slug, None)?;
            moved.push(change);
        }
    }
    Ok(moved)
}

/// An author is for readers as long as something they see carries the name.
fn refresh_authors(unit: &mut Unit<'_>, ids: &BTreeSet<AuthorId>) -> Result<Vec<NewChange>> {
    let mut moved = Vec::new();
    for standing in unit.repository.authors_seen(ids)? {
        if standing.carried == standing.published {
            continue;
        }
        let id = standing.id;
        let found = unit.repository.author(id)?;
        let author = found.ok_or_else(|| Error::not_found(Resource::Author, id))?;
        if standing.carried {
            unit.repository.put_published_author(&author)?;
            let change = announcing::author(unit, ChangeOp::Upsert, ChangeReason::Published, &author);
            moved.extend(redirects::come(unit, change)?);
        } else {
            unit.repository.remove_published_author(id)?;
            let change = announcing::author(unit, ChangeOp::Delete, ChangeReason::Unpublished, &author);
            redirects::gone(unit, &change, author.slug, None)?;
            moved.push(change);
        }
    }
    Ok(moved)
}
