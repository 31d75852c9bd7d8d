//! Writing authors. What an author says reaches readers at once where something they see carries the name.

use serde_json::Value;

use crate::article::{Expected, Image};
use crate::author::{Author, Link};
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange, list_tag};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::id::AuthorId;
use crate::rights::Permission;
use crate::slug::Slug;
use crate::text::{self, optional};
use crate::use_cases::merging::merged;
use crate::use_cases::{Unit, announcing, drafting, redirects, slugs};

/// An author as a client writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorInput {
    /// Its slug; made of the name where missing.
    pub slug: Option<String>,
    /// The name.
    pub name: String,
    /// A few sentences.
    pub bio: Option<String>,
    /// A portrait.
    pub avatar: Option<Image>,
    /// Where else to find them.
    pub links: Vec<Link>,
}

/// What `PATCH` may change; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorPatch {
    /// Its slug.
    pub slug: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// A few sentences.
    pub bio: Option<Option<String>>,
    /// A merge patch of the portrait.
    pub avatar: Option<Option<Value>>,
    /// Where else to find them, whole.
    pub links: Option<Vec<Link>>,
}

/// Creates an author.
pub fn create(unit: &mut Unit<'_>, id: Option<AuthorId>, input: AuthorInput) -> Result<Author> {
    unit.actor.require_shared_write()?;
    if let Some(id) = id
        && unit.repository.author(id)?.is_some()
    {
        return Err(Error::Exists {
            resource: Resource::Author,
            id: id.to_string(),
        });
    }
    let mut v = Violations::default();
    let slug = optional(&mut v, "/slug", input.slug, |slug| Slug::parse(&slug));
    let name = v.take("/name", text::line(input.name, text::TITLE_LIMIT));
    let bio = optional(&mut v, "/bio", input.bio, |bio| text::lines(bio, text::BIO_LIMIT));
    let avatar = input
        .avatar
        .and_then(|avatar| drafting::image(&mut v, "/avatar", avatar));
    let links = links(&mut v, input.links);
    v.finish()?;
    let name = name.ok_or_else(|| Refused::new("invalid", "This author cannot be read.").at(""))?;
    let slug = match slug {
        Some(slug) => claim_slug(unit, &slug, None)?,
        None => slugs::derive(Resource::Author, &name, "author", |slug| {
            is_taken(unit, slug, None)
        })?,
    };
    let author = Author {
        id: id.unwrap_or_else(|| AuthorId::next(unit.ids)),
        slug,
        name,
        bio,
        avatar,
        links,
        revision: 1,
        created_at: unit.now,
        updated_at: unit.now,
    };
    unit.repository.insert_author(&author)?;
    Ok(author)
}

/// Changes single fields.
pub fn patch(unit: &mut Unit<'_>, id: AuthorId, expected: &Expected, patch: AuthorPatch) -> Result<Author> {
    let before = open(unit, id, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    after.slug = optional(&mut v, "/slug", patch.slug, |slug| Slug::parse(&slug)).unwrap_or(after.slug);
    let name = optional(&mut v, "/name", patch.name, |name| {
        text::line(name, text::TITLE_LIMIT)
    });
    after.name = name.unwrap_or(after.name);
    if let Some(bio) = patch.bio {
        after.bio = optional(&mut v, "/bio", bio, |bio| text::lines(bio, text::BIO_LIMIT));
    }
    if let Some(avatar) = patch.avatar {
        let merged = avatar.and_then(|patch| merged(&mut v, "/avatar", after.avatar.as_ref(), patch, &[""]));
        after.avatar = merged.and_then(|avatar| drafting::image(&mut v, "/avatar", avatar));
    }
    if let Some(given) = patch.links {
        after.links = links(&mut v, given);
    }
    v.finish()?;
    if after == before {
        return Ok(after);
    }
    if after.slug != before.slug {
        claim_slug(unit, &after.slug, Some(id))?;
    }
    after.revision = before.revision.saturating_add(1);
    after.updated_at = unit.now;
    unit.repository.update_author(&after)?;
    if unit.repository.is_author_published(id)? {
        unit.repository.put_published_author(&after)?;
        let changes = announced(unit, &before, &after)?;
        unit.repository.append_changes(&changes)?;
    }
    Ok(after)
}

/// Takes an author away; one in use stays, and the refusal says where.
pub fn delete(unit: &mut Unit<'_>, id: AuthorId, expected: &Expected) -> Result<()> {
    open(unit, id, expected)?;
    let uses = unit.repository.author_uses(id)?;
    if uses.total > 0 {
        return Err(Error::InUse {
            resource: Resource::Author,
            used_in: uses.places,
            total: uses.total,
        });
    }
    unit.repository.forget_addresses(ChangeType::Author, id.uuid())?;
    unit.repository.delete_author(id)
}

fn links(v: &mut Violations, given: Vec<Link>) -> Vec<Link> {
    if given.len() > Author::LINKS {
        v.add(
            "/links",
            "too_many",
            format!(
                "An author has at most {} links, this has {}.",
                Author::LINKS,
                given.len()
            ),
        );
        return Vec::new();
    }
    given
        .into_iter()
        .enumerate()
        .filter_map(|(index, link)| {
            let label = v.take(
                &format!("/links/{index}/label"),
                text::line(link.label, text::TITLE_LIMIT),
            );
            let url = v.take(&format!("/links/{index}/url"), text::address(link.url));
            Some(Link {
                label: label?,
                url: url?,
            })
        })
        .collect()
}

fn open(unit: &mut Unit<'_>, id: AuthorId, expected: &Expected) -> Result<Author> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let author = unit
        .repository
        .author_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::Author, id))?;
    unit.actor.require_shared_write()?;
    expected.check_known(Resource::Author, id, author.revision, (None, author.updated_at))?;
    Ok(author)
}

/// What the log says of a change that readers see.
fn announced(unit: &mut Unit<'_>, before: &Author, author: &Author) -> Result<Vec<NewChange>> {
    let mut shown = announcing::author(unit, ChangeOp::Upsert, ChangeReason::Updated, author);
    if before.slug != author.slug {
        // Lists are filtered by the slug, those too that show nothing of the author.
        shown.cache_tags.push(list_tag(ChangeType::Article).to_owned());
    }
    let left = redirects::renamed(unit, &shown, Some((before.slug.clone(), None)))?;
    Ok(left.into_iter().chain([shown]).collect())
}

fn claim_slug(unit: &mut Unit<'_>, slug: &Slug, own: Option<AuthorId>) -> Result<Slug> {
    slugs::claim(Resource::Author, slug, |slug| is_taken(unit, slug, own))
}

fn is_taken(unit: &mut Unit<'_>, slug: &Slug, own: Option<AuthorId>) -> Result<bool> {
    let holders = unit.repository.authors_by_slug(std::slice::from_ref(slug))?;
    Ok(holders.into_iter().any(|holder| Some(holder.id) != own))
}
