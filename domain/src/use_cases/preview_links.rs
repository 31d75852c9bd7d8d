//! Preview links: making, listing and revoking them.

use chrono::TimeDelta;

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::error::{Error, Refused, Resource, Result};
use crate::id::{ArticleId, PreviewLinkId};
use crate::page::{Page, PageRequest};
use crate::preview::{PreviewLink, PreviewLinkSort};
use crate::rights::Permission;
use crate::use_cases::Unit;

/// A link, with what whoever made it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkView {
    /// The link.
    pub link: PreviewLink,
    /// The name of the account or key.
    pub created_by: Option<String>,
}

/// Makes a link that works for so many seconds; the caller made the token and shows it once.
pub fn create(
    unit: &mut Unit<'_>,
    article: ArticleId,
    expires_in: Option<u32>,
    digest: &KeyDigest,
) -> Result<LinkView> {
    unit.actor.require(Permission::ContentPreview)?;
    // Held, so that two who make the last one at once do not both.
    let found = unit.repository.article_for_update(article)?;
    found.ok_or_else(|| Error::not_found(Resource::Article, article))?;
    let seconds = expires_in.unwrap_or(PreviewLink::USUAL);
    let (least, most) = (PreviewLink::SHORTEST, PreviewLink::LONGEST);
    if !(least..=most).contains(&seconds) {
        let message = format!("A preview link works for {least} to {most} seconds, not for {seconds}.");
        return Err(Refused::new("out_of_range", message).at("/expires_in"));
    }
    let now = unit.now;
    let live = unit.repository.count_preview_links(article, now)?;
    if live >= PreviewLink::PER_ARTICLE.into() {
        return Err(Error::TooMany {
            resource: Resource::PreviewLink,
            limit: PreviewLink::PER_ARTICLE,
        });
    }
    let link = PreviewLink {
        id: PreviewLinkId::next(unit.ids),
        article,
        created_by: unit.actor.credential,
        created_at: now,
        expires_at: now + TimeDelta::seconds(seconds.into()),
    };
    unit.repository.insert_preview_link(&link, digest)?;
    view(unit, link)
}

/// A part of the list of an article's links that work.
pub fn list(
    unit: &mut Unit<'_>,
    article: ArticleId,
    page: &PageRequest<PreviewLinkSort>,
) -> Result<Page<LinkView>> {
    unit.actor.require(Permission::ContentPreview)?;
    let found = unit.repository.article(article)?;
    found.ok_or_else(|| Error::not_found(Resource::Article, article))?;
    let now = unit.now;
    let page = unit.repository.preview_links(article, now, page)?;
    let credentials: Vec<_> = page.items.iter().map(|link| link.created_by).collect();
    let mut names = unit.repository.names_of(&credentials)?.into_iter();
    Ok(page.map(|link| LinkView {
        link,
        created_by: names.next().flatten(),
    }))
}

/// One link that works.
pub fn get(unit: &mut Unit<'_>, id: PreviewLinkId) -> Result<LinkView> {
    unit.actor.require(Permission::ContentPreview)?;
    let link = find(unit, id)?;
    view(unit, link)
}

/// Takes a link back: it opens nothing from the next request on. Whoever made it may, and whoever may write the
/// article.
pub fn revoke(unit: &mut Unit<'_>, id: PreviewLinkId) -> Result<()> {
    unit.actor.require(Permission::ContentPreview)?;
    let link = find(unit, id)?;
    if link.created_by != unit.actor.credential {
        let found = unit.repository.article(link.article)?;
        let article = found.ok_or_else(|| missing(id))?;
        unit.actor.require_write(article.created_by)?;
    }
    unit.repository.delete_preview_link(id)
}

/// Drops links that stopped working; answers how many.
pub fn forget(unit: &mut Unit<'_>, expired: Instant, limit: u32) -> Result<u64> {
    unit.repository.forget_preview_links(expired, limit)
}

/// A link that works, to an article that is there.
fn find(unit: &mut Unit<'_>, id: PreviewLinkId) -> Result<PreviewLink> {
    let found = unit.repository.preview_link(id)?;
    let link = found.filter(|link| link.is_live_at(unit.now));
    let link = link.ok_or_else(|| missing(id))?;
    match unit.repository.article(link.article)? {
        Some(_) => Ok(link),
        None => Err(missing(id)),
    }
}

fn missing(id: PreviewLinkId) -> Error {
    Error::not_found(Resource::PreviewLink, id)
}

fn view(unit: &mut Unit<'_>, link: PreviewLink) -> Result<LinkView> {
    let names = unit.repository.names_of(&[link.created_by])?;
    Ok(LinkView {
        link,
        created_by: names.into_iter().flatten().next(),
    })
}
