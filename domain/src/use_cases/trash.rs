//! The trash: looking into it, taking things out of it, and emptying it.

use crate::article::{Article, Status};
use crate::change::ChangeType;
use crate::clock::Instant;
use crate::error::{Error, Resource, Result};
use crate::faq::{Faq, FaqStatus};
use crate::history::Entry;
use crate::id::{ArticleId, FaqId, TrashId};
use crate::page::{Page, PageRequest};
use crate::rights::Permission;
use crate::slug::Slug;
use crate::trash::{TrashKind, TrashSort, Trashed};
use crate::use_cases::reading::{ArticleView, FaqView, article_view, faq_view};
use crate::use_cases::reverting::{Reverted, present};
use crate::use_cases::warnings::Warning;
use crate::use_cases::{Unit, articles, faqs, publishing, redirects, stories};

/// What the history says of a thing that came back otherwise than it went.
const RESTORED: &str = "restored from the trash";

/// Something in the trash, with what whoever deleted it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashView {
    /// What lies there.
    pub thing: Trashed,
    /// The name of the account or key.
    pub deleted_by: Option<String>,
}

/// What came back, with what of it did not.
#[derive(Debug, Clone, PartialEq)]
pub enum Restored {
    /// An article or page.
    Article(Box<Reverted<ArticleView>>),
    /// A FAQ.
    Faq(Box<Reverted<FaqView>>),
}

/// A part of the list of the trash.
pub fn list(
    unit: &mut Unit<'_>,
    kind: Option<TrashKind>,
    page: &PageRequest<TrashSort>,
) -> Result<Page<TrashView>> {
    unit.actor.require(Permission::ContentRead)?;
    let page = unit.repository.trash(kind, page)?;
    let credentials: Vec<_> = page.items.iter().map(|thing| thing.deleted_by).collect();
    let mut names = unit.repository.names_of(&credentials)?.into_iter();
    Ok(page.map(|thing| TrashView {
        thing,
        deleted_by: names.next().flatten(),
    }))
}

/// One thing in the trash.
pub fn get(unit: &mut Unit<'_>, id: TrashId) -> Result<TrashView> {
    unit.actor.require(Permission::ContentRead)?;
    let thing = unit.repository.trashed(id)?.ok_or_else(|| missing(id))?;
    let names = unit.repository.names_of(&[thing.deleted_by])?;
    Ok(TrashView {
        thing,
        deleted_by: names.into_iter().flatten().next(),
    })
}

/// Takes a thing out of the trash, under the slug that it had or under another.
///
/// Readers see nothing of it: what they saw once comes back as a draft, and what was archived as archived. What it
/// linked and is gone by now does not come back, nor does what was set to happen to it.
pub fn restore(unit: &mut Unit<'_>, id: TrashId, slug: Option<&str>) -> Result<Restored> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let thing = unit.repository.trashed_for_update(id)?;
    let thing = thing.ok_or_else(|| missing(id))?;
    unit.actor.require_write(thing.created_by)?;
    let slug = slug.map(Slug::parse).transpose();
    let slug = slug.map_err(|refused| refused.at("/slug"))?;
    match thing.kind {
        TrashKind::Article => {
            let back = article(unit, ArticleId::from_uuid(id.uuid()), slug)?;
            Ok(Restored::Article(Box::new(back)))
        }
        TrashKind::Faq => {
            let back = faq(unit, FaqId::from_uuid(id.uuid()), slug)?;
            Ok(Restored::Faq(Box::new(back)))
        }
    }
}

/// Takes a thing away for ever.
pub fn purge(unit: &mut Unit<'_>, id: TrashId) -> Result<()> {
    unit.actor.require(Permission::TrashPurge)?;
    let thing = unit.repository.trashed_for_update(id)?;
    let thing = thing.ok_or_else(|| missing(id))?;
    let now = unit.now;
    unit.repository.purge(&thing, now)
}

/// Takes away for ever some of what was deleted at this moment or earlier; answers what.
pub fn purge_expired(unit: &mut Unit<'_>, deleted: Instant, limit: u32) -> Result<Vec<Trashed>> {
    unit.actor.require(Permission::TrashPurge)?;
    let things = unit.repository.expired_trash(deleted, limit)?;
    let now = unit.now;
    for thing in &things {
        unit.repository.purge(thing, now)?;
    }
    Ok(things)
}

fn missing(id: TrashId) -> Error {
    Error::not_found(Resource::Trashed, id)
}

fn article(unit: &mut Unit<'_>, id: ArticleId, slug: Option<Slug>) -> Result<Reverted<ArticleView>> {
    let gone = || Error::not_found(Resource::Trashed, id);
    let kept = unit.repository.trashed_article(id)?.ok_or_else(gone)?;
    let before = match unit.repository.article_at(id, kept.revision)? {
        Some(then) => linking(kept, &then),
        None => kept,
    };
    let mut warnings = Vec::new();
    let mut after = publishing::hidden(&before, status_of(before.status));
    if let Some(slug) = slug {
        after.slug = slug;
    }
    articles::claim_slug(unit, &after.locale, &after.slug, Some(id)).map_err(slug_taken)?;
    relink(unit, &before, &mut after, &mut warnings)?;
    untie(unit, &mut after, &mut warnings)?;
    let is_other = is_other_text(&before, &after);
    if is_other {
        after.review = after.review_after_change();
        after.revision = before.revision.saturating_add(1);
        after.updated_at = unit.now;
        after.updated_by = unit.actor.credential;
    }
    unit.repository.restore_article(&after)?;
    if is_other {
        let entry = Entry::of_article(RESTORED, &before, &after);
        unit.repository.append_article_revision(&after, &entry)?;
    }
    redirects::restored(unit, ChangeType::Article, id.uuid())?;
    let view = article_view(unit, after)?;
    Ok(Reverted { view, warnings })
}

fn faq(unit: &mut Unit<'_>, id: FaqId, slug: Option<Slug>) -> Result<Reverted<FaqView>> {
    let gone = || Error::not_found(Resource::Trashed, id);
    let kept = unit.repository.trashed_faq(id)?.ok_or_else(gone)?;
    let then = unit.repository.faq_at(id, kept.revision)?;
    let before = Faq {
        tags: then.map(|then| then.tags).unwrap_or_default(),
        ..kept
    };
    let mut warnings = Vec::new();
    let mut after = Faq {
        status: FaqStatus::Draft,
        published_revision: None,
        published_at: None,
        ..before.clone()
    };
    after.slug = slug.unwrap_or(after.slug);
    faqs::claim_slug(unit, &after.locale, &after.slug, Some(id)).map_err(slug_taken)?;
    let there = unit.repository.tags_by_id(&before.tags)?;
    let there = there.into_iter().map(|tag| tag.id);
    after.tags = present("tags", "that it had", &before.tags, there, &mut warnings);
    let is_other = after.slug != before.slug || after.tags != before.tags;
    if is_other {
        after.revision = before.revision.saturating_add(1);
        after.updated_at = unit.now;
        after.updated_by = unit.actor.credential;
    }
    unit.repository.restore_faq(&after)?;
    if is_other {
        let entry = Entry::of_faq(RESTORED, &before, &after);
        unit.repository.append_faq_revision(&after, &entry)?;
    }
    redirects::restored(unit, ChangeType::Faq, id.uuid())?;
    let view = faq_view(unit, after)?;
    Ok(Reverted { view, warnings })
}

/// The article as it was when it was deleted: the trash keeps its row, its history what it linked.
fn linking(mut kept: Article, then: &Article) -> Article {
    kept.tags.clone_from(&then.tags);
    kept.authors.clone_from(&then.authors);
    kept.faqs.clone_from(&then.faqs);
    kept
}

/// What was put away stays so; everything else is a draft, for no write publishes or sets a moment.
const fn status_of(was: Status) -> Status {
    match was {
        Status::Archived => Status::Archived,
        Status::Draft | Status::Scheduled | Status::Published => Status::Draft,
    }
}

/// Leaves out what it linked and is gone by now.
fn relink(
    unit: &mut Unit<'_>,
    before: &Article,
    after: &mut Article,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    const WHOSE: &str = "that it had";
    let tags = unit.repository.tags_by_id(&before.tags)?;
    let tags = tags.into_iter().map(|tag| tag.id);
    after.tags = present("tags", WHOSE, &before.tags, tags, warnings);
    let names: Vec<_> = before.authors.iter().map(|byline| byline.author_id).collect();
    let authors = unit.repository.authors_by_id(&names)?;
    let authors = authors.into_iter().map(|author| author.id);
    let kept = present("authors", WHOSE, &names, authors, warnings);
    after.authors.retain(|byline| kept.contains(&byline.author_id));
    let faqs = unit.repository.faqs_by_id(&before.faqs)?;
    let faqs = faqs.into_iter().map(|faq| faq.id);
    after.faqs = present("faqs", WHOSE, &before.faqs, faqs, warnings);
    Ok(())
}

/// Lets it stand alone where another article tells its story in its language by now.
fn untie(unit: &mut Unit<'_>, after: &mut Article, warnings: &mut Vec<Warning>) -> Result<()> {
    let told = unit.repository.translations(after.story_id())?;
    let Some(other) = told
        .iter()
        .find(|one| one.id != after.id && one.locale == after.locale)
    else {
        return Ok(());
    };
    warnings.push(Warning {
        pointer: "/translation_of".to_owned(),
        code: "taken",
        message: format!(
            "The article {} tells its story in `{}` by now; this one stands alone.",
            other.id, other.locale
        ),
    });
    after.story = stories::alone(unit, after)?;
    Ok(())
}

fn is_other_text(before: &Article, after: &Article) -> bool {
    after.slug != before.slug
        || after.story != before.story
        || after.tags != before.tags
        || after.authors != before.authors
        || after.faqs != before.faqs
}

/// The slug that a thing had is another's by now.
fn slug_taken(error: Error) -> Error {
    match error {
        Error::AlreadyExists {
            resource,
            value,
            free,
            ..
        } => Error::SlugTaken {
            resource,
            slug: value,
            free,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_back_where_readers_see_it_or_will() {
        assert_eq!(status_of(Status::Archived), Status::Archived);
        for was in [Status::Draft, Status::Scheduled, Status::Published] {
            assert_eq!(status_of(was), Status::Draft, "{was}");
        }
    }

    #[test]
    fn a_slug_that_is_taken_is_told_with_one_that_is_free() {
        let taken = Error::AlreadyExists {
            resource: Resource::Article,
            within: String::new(),
            field: "slug",
            value: "tides".into(),
            free: Some("tides-2".into()),
        };
        let told = slug_taken(taken);
        assert!(matches!(told, Error::SlugTaken { free: Some(free), .. } if free == "tides-2"));
        assert!(matches!(slug_taken(Error::LastAdmin), Error::LastAdmin));
    }
}
