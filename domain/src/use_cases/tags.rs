//! Writing tags. What a tag says of itself reaches readers at once where something they see carries it.

use crate::article::Expected;
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange, list_tag};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::id::TagId;
use crate::rights::Permission;
use crate::slug::Slug;
use crate::tag::{DEFAULT_KIND, Tag, tag_kind};
use crate::text::{self, optional};
use crate::use_cases::{Unit, announcing, redirects, slugs};

/// A tag as a client writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagInput {
    /// Its slug; made of the name where missing.
    pub slug: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// `topic` where missing.
    pub kind: Option<String>,
}

/// What `PATCH` may change; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagPatch {
    /// Its slug.
    pub slug: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it is about.
    pub description: Option<Option<String>>,
    /// Its kind.
    pub kind: Option<String>,
}

/// Creates a tag.
pub fn create(unit: &mut Unit<'_>, id: Option<TagId>, input: TagInput) -> Result<Tag> {
    unit.actor.require_shared_write()?;
    if let Some(id) = id
        && unit.repository.tag(id)?.is_some()
    {
        return Err(Error::Exists {
            resource: Resource::Tag,
            id: id.to_string(),
        });
    }
    let mut v = Violations::default();
    let slug = optional(&mut v, "/slug", input.slug, |slug| Slug::parse(&slug));
    let name = v.take("/name", text::line(input.name, text::TITLE_LIMIT));
    let description = optional(&mut v, "/description", input.description, |text| {
        text::line(text, text::LINE_LIMIT)
    });
    let kind = optional(&mut v, "/kind", input.kind, tag_kind);
    v.finish()?;
    let name = name.ok_or_else(|| Refused::new("invalid", "This tag cannot be read.").at(""))?;
    let slug = match slug {
        Some(slug) => claim_slug(unit, &slug, None)?,
        None => slugs::derive(Resource::Tag, &name, "tag", |slug| is_taken(unit, slug, None))?,
    };
    let tag = Tag {
        id: id.unwrap_or_else(|| TagId::next(unit.ids)),
        slug,
        name,
        description,
        kind: kind.unwrap_or_else(|| DEFAULT_KIND.to_owned()),
        revision: 1,
        created_at: unit.now,
        updated_at: unit.now,
    };
    unit.repository.insert_tag(&tag)?;
    Ok(tag)
}

/// Changes single fields.
pub fn patch(unit: &mut Unit<'_>, id: TagId, expected: &Expected, patch: TagPatch) -> Result<Tag> {
    let before = open(unit, id, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    after.slug = optional(&mut v, "/slug", patch.slug, |slug| Slug::parse(&slug)).unwrap_or(after.slug);
    let name = optional(&mut v, "/name", patch.name, |name| {
        text::line(name, text::TITLE_LIMIT)
    });
    after.name = name.unwrap_or(after.name);
    if let Some(text) = patch.description {
        after.description = optional(&mut v, "/description", text, |text| {
            text::line(text, text::LINE_LIMIT)
        });
    }
    after.kind = optional(&mut v, "/kind", patch.kind, tag_kind).unwrap_or(after.kind);
    v.finish()?;
    if after == before {
        return Ok(after);
    }
    if after.slug != before.slug {
        claim_slug(unit, &after.slug, Some(id))?;
    }
    after.revision = before.revision.saturating_add(1);
    after.updated_at = unit.now;
    unit.repository.update_tag(&after)?;
    if unit.repository.is_tag_published(id)? {
        unit.repository.put_published_tag(&after)?;
        let changes = announced(unit, &before, &after)?;
        unit.repository.append_changes(&changes)?;
    }
    Ok(after)
}

/// Takes a tag away; one in use stays, and the refusal says where.
pub fn delete(unit: &mut Unit<'_>, id: TagId, expected: &Expected) -> Result<()> {
    open(unit, id, expected)?;
    let uses = unit.repository.tag_uses(id)?;
    if uses.total > 0 {
        return Err(Error::InUse {
            resource: Resource::Tag,
            used_in: uses.places,
            total: uses.total,
        });
    }
    unit.repository.forget_addresses(ChangeType::Tag, id.uuid())?;
    unit.repository.delete_tag(id)
}

fn open(unit: &mut Unit<'_>, id: TagId, expected: &Expected) -> Result<Tag> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let tag = unit
        .repository
        .tag_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::Tag, id))?;
    unit.actor.require_shared_write()?;
    expected.check_known(Resource::Tag, id, tag.revision, (None, tag.updated_at))?;
    Ok(tag)
}

/// What the log says of a change that readers see.
fn announced(unit: &mut Unit<'_>, before: &Tag, tag: &Tag) -> Result<Vec<NewChange>> {
    let mut shown = announcing::tag(unit, ChangeOp::Upsert, ChangeReason::Updated, tag);
    if before.slug != tag.slug {
        // Lists are filtered by the slug, those too that show nothing of the tag.
        shown.cache_tags.push(list_tag(ChangeType::Article).to_owned());
        shown.cache_tags.push(list_tag(ChangeType::Faq).to_owned());
    }
    let left = redirects::renamed(unit, &shown, Some((before.slug.clone(), None)))?;
    Ok(left.into_iter().chain([shown]).collect())
}

fn claim_slug(unit: &mut Unit<'_>, slug: &Slug, own: Option<TagId>) -> Result<Slug> {
    slugs::claim(Resource::Tag, slug, |slug| is_taken(unit, slug, own))
}

fn is_taken(unit: &mut Unit<'_>, slug: &Slug, own: Option<TagId>) -> Result<bool> {
    let holders = unit.repository.tags_by_slug(std::slice::from_ref(slug))?;
    Ok(holders.into_iter().any(|holder| Some(holder.id) != own))
}
