//! Working copies as readers would see them if they were published now: rendered when they are asked for, kept nowhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::KeyDigest;
use crate::article::Article;
use crate::delivering::Delivered;
use crate::error::{Error, Resource, Result};
use crate::faq::FaqStatus;
use crate::id::{ArticleId, StoryId};
use crate::locale::Locale;
use crate::preview::PreviewLink;
use crate::published::{Edition, PublishedByline, PublishedFaq};
use crate::rights::{Credential, Permission};
use crate::slug::Slug;
use crate::story::{Alternate, Languages, Telling};
use crate::use_cases::Unit;

/// What opens a working copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The token of a preview link, by its digest; `None` for what cannot be one. It opens one article.
    Link(Option<KeyDigest>),
    /// The caller's own right to preview, which opens all of them.
    Right,
}

/// One working copy by the id of any of its story, in the first of these languages in which it is told.
///
/// Everything that is not there or not opened by this pass is not found, and nobody is told which.
pub fn article(
    unit: &mut Unit<'_>,
    pass: Pass,
    id: Option<ArticleId>,
    languages: Option<&Languages>,
) -> Result<Delivered> {
    let opened = opened(unit, pass)?;
    let id = id.ok_or_else(missing)?;
    let named = unit.repository.article(id)?.ok_or_else(missing)?;
    let best = match languages {
        None => Some(id),
        Some(languages) => {
            let told = translations(unit, named.story_id())?;
            languages.best(&told)
        }
    };
    match best {
        Some(best) if best == id => shown(unit, opened, named),
        Some(best) => found(unit, opened, best),
        None => Err(missing()),
    }
}

/// One working copy by the slug of any of its story.
pub fn article_by_slug(
    unit: &mut Unit<'_>,
    pass: Pass,
    slug: Option<&Slug>,
    languages: Option<&Languages>,
    default: &Locale,
) -> Result<Delivered> {
    let opened = opened(unit, pass)?;
    let slug = slug.ok_or_else(missing)?;
    let mut told = unit.repository.working_tellings(slug)?;
    let best = match (languages, opened) {
        (Some(languages), _) => {
            let first = languages.as_slice().first();
            let exact = told
                .iter()
                .find(|telling| Some(&telling.article.locale) == first)
                .map(|telling| telling.article.id);
            if exact.is_none() {
                let stories: BTreeSet<_> = told.iter().map(|telling| telling.story).collect();
                for story in stories {
                    told.extend(translations(unit, story)?);
                }
            }
            exact.or_else(|| languages.best(&told))
        }
        (None, Some(only)) => Some(only).filter(|only| told.iter().any(|it| it.article.id == *only)),
        (None, None) => {
            let at_home = told.iter().find(|telling| telling.article.locale == *default);
            at_home.or(told.first()).map(|telling| telling.article.id)
        }
    };
    found(unit, opened, best.ok_or_else(missing)?)
}

/// The one article that a pass opens; `None` where it opens all.
fn opened(unit: &mut Unit<'_>, pass: Pass) -> Result<Option<ArticleId>> {
    let digest = match pass {
        Pass::Right => {
            unit.actor.require(Permission::ContentPreview)?;
            return Ok(None);
        }
        Pass::Link(digest) => digest.ok_or_else(missing)?,
    };
    let link = unit.repository.preview_link_by_digest(&digest)?;
    let link = link.filter(|link| link.is_live_at(unit.now));
    let link = link.ok_or_else(missing)?;
    if vouched_for(unit, &link)? {
        Ok(Some(link.article))
    } else {
        Err(missing())
    }
}

/// Whether whoever made a link may still preview: a link shows nothing that its maker could not see.
fn vouched_for(unit: &mut Unit<'_>, link: &PreviewLink) -> Result<bool> {
    const NEEDED: Permission = Permission::ContentPreview;
    Ok(match link.created_by {
        Credential::User(id) => unit
            .repository
            .user(id)?
            .is_some_and(|user| user.suspended_at.is_none() && user.role.permissions().contains(&NEEDED)),
        Credential::Key(id) => unit
            .repository
            .key(id)?
            .is_some_and(|key| key.is_valid_at(unit.now) && key.scopes.contains(&NEEDED)),
        Credential::CommandLine | Credential::Scheduler => true,
    })
}

fn found(unit: &mut Unit<'_>, opened: Option<ArticleId>, id: ArticleId) -> Result<Delivered> {
    let article = unit.repository.article(id)?.ok_or_else(missing)?;
    shown(unit, opened, article)
}

fn shown(unit: &mut Unit<'_>, opened: Option<ArticleId>, article: Article) -> Result<Delivered> {
    if opened.is_some_and(|only| only != article.id) {
        return Err(missing());
    }
    delivered(unit, &article)
}

fn missing() -> Error {
    Error::not_found(Resource::Article, "to preview")
}

/// The working copies that tell a story.
fn translations(unit: &mut Unit<'_>, story: StoryId) -> Result<Vec<Telling>> {
    let told = unit.repository.translations(story)?.into_iter();
    let telling = |one: crate::story::Translation| Telling {
        story,
        article: Alternate {
            id: one.id,
            locale: one.locale,
            slug: one.slug,
            url: None,
        },
    };
    Ok(told.map(telling).collect())
}

/// A working copy with all its parts, as publishing it at this moment would show it.
fn delivered(unit: &mut Unit<'_>, article: &Article) -> Result<Delivered> {
    let now = unit.now;
    let kept = article
        .published_at
        .filter(|_| !article.has_unpublished_changes());
    let at = kept.unwrap_or(now);
    let first = article.first_published_at.map_or(at, |first| first.min(at));
    let edition = Edition::render(article, at, first);
    let told = unit.repository.published_tellings(article.story_id())?;
    Ok(Delivered {
        authors: bylines(unit, article)?,
        tags: unit.repository.tags_by_id(&article.tags)?,
        faqs: faqs(unit, article)?,
        alternates: told
            .into_iter()
            .map(|telling| telling.article)
            .filter(|other| other.id != article.id)
            .collect(),
        sections: edition.sections,
        article: edition.article,
    })
}

fn bylines(unit: &mut Unit<'_>, article: &Article) -> Result<Vec<PublishedByline>> {
    let names: Vec<_> = article.authors.iter().map(|byline| byline.author_id).collect();
    let authors = unit.repository.authors_by_id(&names)?;
    let authors: BTreeMap<_, _> = authors.into_iter().map(|author| (author.id, author)).collect();
    let bylines = article.authors.iter().filter_map(|byline| {
        Some(PublishedByline {
            author: authors.get(&byline.author_id)?.clone(),
            role: byline.role,
        })
    });
    Ok(bylines.collect())
}

/// Publishing an article publishes the drafts among its FAQs; what readers see of the others stays as it is.
fn faqs(unit: &mut Unit<'_>, article: &Article) -> Result<Vec<PublishedFaq>> {
    let working = unit.repository.faqs_by_id(&article.faqs)?;
    let published = unit.repository.published_faqs(&article.faqs)?;
    let mut seen: BTreeMap<_, _> = published.into_iter().map(|faq| (faq.id, faq)).collect();
    let now = unit.now;
    let faqs = working.iter().filter_map(|faq| match faq.status {
        FaqStatus::Published => seen.remove(&faq.id),
        FaqStatus::Draft => Some(PublishedFaq::render(
            faq,
            now,
            faq.first_published_at.unwrap_or(now),
        )),
    });
    Ok(faqs.collect())
}
