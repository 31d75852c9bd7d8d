//! Merging tags: one takes the place of another wherever that stands, and the old slug leads to it.

use std::collections::BTreeSet;

use crate::article::Expected;
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange, cache_tag, list_tag};
use crate::error::{Error, Refused, Resource, Result};
use crate::id::{ArticleId, FaqId, TagId};
use crate::repository::Carriers;
use crate::rights::Permission;
use crate::slug::Slug;
use crate::tag::Tag;
use crate::use_cases::{Unit, announcing, articles, faqs, publishing, redirects};

/// Articles and FAQs together that one merge changes at most: it is one transaction, and others who publish wait for
/// its end.
pub const LIMIT: u32 = 1_000;

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The tag that stays.
    pub tag: Tag,
    /// Articles in which it stands instead of the other from now on.
    pub articles: usize,
    /// FAQs likewise.
    pub faqs: usize,
}

/// Puts the tag `into` in the place of another, in working copies and before readers' eyes, and takes that one away.
///
/// Nothing becomes visible that was not: readers see `into` where they saw the other. What they knew the other by
/// leads to `into`.
pub fn merge(unit: &mut Unit<'_>, id: TagId, expected: &Expected, into: &str) -> Result<Merged> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let found = unit.repository.tag(id)?;
    let found = found.ok_or_else(|| Error::not_found(Resource::Tag, id))?;
    unit.actor.require_shared_write()?;
    expected.check_known(Resource::Tag, id, found.revision, (None, found.updated_at))?;
    let into = survivor(unit, id, into)?;
    // What carries it is held before the tags are, as publishing does, so that nobody waits in turns.
    hold(unit, id)?;
    let (gone, stays) = hold_both(unit, id, expected, into)?;
    // Whoever linked the tag until now has finished, and nobody else can.
    let carriers = hold(unit, id)?;
    replace(unit, &carriers, &gone, stays)
}

/// The tag that is to stay, if there is one and it is another.
fn survivor(unit: &mut Unit<'_>, id: TagId, into: &str) -> Result<TagId> {
    let found = match TagId::parse(into) {
        Some(into) if into == id => {
            let message = "A tag cannot be merged into itself; name the one that stays.";
            return Err(Refused::new("itself", message).at("/into"));
        }
        Some(into) => unit.repository.tag(into)?,
        None => None,
    };
    found.map(|tag| tag.id).ok_or_else(|| missing(into))
}

fn missing(into: impl std::fmt::Display) -> Error {
    let message = format!("There is no tag `{into}`; take the id of one of GET /management/v1/tags.");
    Refused::new("unknown_tag", message).at("/into")
}

/// Holds what carries a tag, if that is not too much.
fn hold(unit: &mut Unit<'_>, id: TagId) -> Result<Carriers> {
    let carriers = unit.repository.hold_tag_carriers(id, LIMIT.saturating_add(1))?;
    if u32::try_from(carriers.total()).is_ok_and(|total| total <= LIMIT) {
        return Ok(carriers);
    }
    Err(Error::TooManyUses {
        resource: Resource::Tag,
        total: unit.repository.tag_uses(id)?.total,
        limit: LIMIT,
    })
}

/// Holds both tags, in the order of their ids: two merges that name the same tags the other way round do not wait for
/// each other in turns.
fn hold_both(unit: &mut Unit<'_>, id: TagId, expected: &Expected, into: TagId) -> Result<(Tag, Tag)> {
    let first = unit.repository.tag_for_update(id.min(into))?;
    let second = unit.repository.tag_for_update(id.max(into))?;
    let (gone, stays) = if id < into {
        (first, second)
    } else {
        (second, first)
    };
    let gone = gone.ok_or_else(|| Error::not_found(Resource::Tag, id))?;
    expected.check_known(Resource::Tag, id, gone.revision, (None, gone.updated_at))?;
    let stays = stays.ok_or_else(|| missing(into))?;
    Ok((gone, stays))
}

fn replace(unit: &mut Unit<'_>, carriers: &Carriers, gone: &Tag, stays: Tag) -> Result<Merged> {
    let merge = Merge::new(gone, &stays);
    let mut shown = Vec::new();
    for id in &carriers.faqs {
        shown.extend(merge.faq(unit, *id)?);
    }
    for id in &carriers.articles {
        shown.extend(merge.article(unit, *id)?);
    }
    // Whoever follows the log meets a tag before what carries it, and loses it after.
    let mut changes = publishing::refresh_tags(unit, &BTreeSet::from([stays.id]))?;
    changes.extend(shown);
    changes.extend(merge.let_go(unit)?);
    unit.repository.delete_tag(gone.id)?;
    unit.repository.append_changes(&changes)?;
    Ok(Merged {
        tag: stays,
        articles: carriers.articles.len(),
        faqs: carriers.faqs.len(),
    })
}

/// One tag in the place of another.
struct Merge<'a> {
    gone: &'a Tag,
    stays: &'a Tag,
    /// What the history says of it.
    note: String,
}

impl<'a> Merge<'a> {
    fn new(gone: &'a Tag, stays: &'a Tag) -> Self {
        let note = format!("tag `{}` merged into `{}`", gone.slug, stays.slug);
        Self { gone, stays, note }
    }

    /// The tags of a thing afterwards: in the same order, each once.
    fn of(&self, tags: &[TagId]) -> Vec<TagId> {
        replaced(tags, self.gone.id, self.stays.id)
    }

    /// Changes an article; answers what the log says where readers see it.
    fn article(&self, unit: &mut Unit<'_>, id: ArticleId) -> Result<Option<NewChange>> {
        let found = unit.repository.article(id)?;
        let before = found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
        let mut after = before.clone();
        after.tags = self.of(&before.tags);
        let step = in_step(before.revision, before.published_revision);
        after.published_revision = step.or(before.published_revision);
        articles::save(unit, &before, after, &self.note)?;
        let seen = unit.repository.edition_links(id)?;
        let Some(seen) = seen.filter(|seen| seen.tags.contains(&self.gone.id)) else {
            return Ok(None);
        };
        unit.repository.retag_edition(id, &self.of(&seen.tags), step)?;
        let shown = announcing::seen_article(unit, id, &seen, ChangeReason::Updated);
        Ok(Some(self.tagged(shown)))
    }

    /// Changes a FAQ; answers what the log says where readers see it.
    fn faq(&self, unit: &mut Unit<'_>, id: FaqId) -> Result<Option<NewChange>> {
        let found = unit.repository.faq(id)?;
        let before = found.ok_or_else(|| Error::not_found(Resource::Faq, id))?;
        let mut after = before.clone();
        after.tags = self.of(&before.tags);
        let step = in_step(before.revision, before.published_revision);
        after.published_revision = step.or(before.published_revision);
        faqs::save(unit, &before, after, &self.note)?;
        let seen = unit.repository.published_faq_links(id)?;
        let Some(seen) = seen.filter(|seen| seen.tags.contains(&self.gone.id)) else {
            return Ok(None);
        };
        unit.repository
            .retag_published_faq(id, &self.of(&seen.tags), step)?;
        let shown = announcing::seen_faq(unit, id, &seen, ChangeReason::Updated);
        Ok(Some(self.tagged(shown)))
    }

    /// Takes the tag away from readers, for whom its slug leads to the one that stays.
    fn let_go(&self, unit: &mut Unit<'_>) -> Result<Option<NewChange>> {
        let known = self.known(unit)?;
        redirects::merged(unit, self.gone.id, known.clone(), self.stays)?;
        let Some(slug) = known else { return Ok(None) };
        if !unit.repository.is_tag_published(self.stays.id)? {
            return Ok(None);
        }
        let gone = announcing::tag(unit, ChangeOp::Delete, ChangeReason::Merged, self.gone);
        let mut gone = self.tagged(NewChange {
            slug: slug.to_string(),
            redirect_to: Some(self.stays.slug.to_string()),
            ..gone
        });
        // Lists are filtered by the slug, those too that show nothing of the tag.
        let lists = [ChangeType::Article, ChangeType::Faq].map(|kind| list_tag(kind).to_owned());
        gone.cache_tags.extend(lists);
        Ok(Some(gone))
    }

    /// The slug that readers know the tag by, or knew it by when they saw it last; they see it no more.
    fn known(&self, unit: &mut Unit<'_>) -> Result<Option<Slug>> {
        if unit.repository.is_tag_published(self.gone.id)? {
            unit.repository.remove_published_tag(self.gone.id)?;
            return Ok(Some(self.gone.slug.clone()));
        }
        let was = unit
            .repository
            .remove_gone(ChangeType::Tag, self.gone.id.uuid())?;
        Ok(was.map(|gone| gone.slug))
    }

    /// The entry with the cache tags of both tags, whose pages and counts change with it.
    fn tagged(&self, mut entry: NewChange) -> NewChange {
        let tags = [
            list_tag(ChangeType::Tag).to_owned(),
            cache_tag(ChangeType::Tag, self.gone.id),
            cache_tag(ChangeType::Tag, self.stays.id),
        ];
        for tag in tags {
            if !entry.cache_tags.contains(&tag) {
                entry.cache_tags.push(tag);
            }
        }
        entry
    }
}

/// The revision that a working copy will have which readers see all of, so that they still do; `None` where it is
/// ahead of them.
fn in_step(revision: u32, published: Option<u32>) -> Option<u32> {
    (published == Some(revision)).then(|| revision.saturating_add(1))
}

/// One in the place of another; where both stand, in the first place of the two.
fn replaced<T: Copy + PartialEq>(things: &[T], gone: T, stays: T) -> Vec<T> {
    let mut out = Vec::with_capacity(things.len());
    for thing in things {
        let thing = if *thing == gone { stays } else { *thing };
        if thing != stays || !out.contains(&stays) {
            out.push(thing);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_takes_the_first_place_of_the_two_and_the_rest_stays_in_order() {
        assert_eq!(replaced(&[1, 2, 3], 2, 9), [1, 9, 3]);
        assert_eq!(replaced(&[1, 2, 9, 3], 2, 9), [1, 9, 3]);
        assert_eq!(replaced(&[9, 1, 2, 3], 2, 9), [9, 1, 3]);
        assert_eq!(replaced(&[1, 3], 2, 9), [1, 3]);
        assert_eq!(replaced(&[2], 2, 9), [9]);
    }

    #[test]
    fn only_what_readers_see_whole_stays_in_step_with_them() {
        assert_eq!(in_step(4, Some(4)), Some(5));
        assert_eq!(in_step(4, Some(3)), None);
        assert_eq!(in_step(4, None), None);
    }
}
