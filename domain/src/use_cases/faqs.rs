//! Writing FAQs: create, change, delete. None of these shows anything to readers.

use crate::article::Expected;
use crate::change::{ChangeReason, ChangeType};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::faq::{Faq, FaqInput, FaqStatus};
use crate::history::Entry;
use crate::id::FaqId;
use crate::locale::Locale;
use crate::rights::Permission;
use crate::slug::Slug;
use crate::text::{self, optional};
use crate::use_cases::drafting::{self, NewFaq};
use crate::use_cases::reading::{FaqView, faq_view};
use crate::use_cases::{Unit, conflicts, links, publishing, redirects, slugs};

/// What `PATCH` may change; a missing field stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaqPatch {
    /// The language it is in.
    pub locale: Option<String>,
    /// The question.
    pub question: Option<String>,
    /// The answer, in Markdown.
    pub answer: Option<String>,
    /// Its slug.
    pub slug: Option<String>,
    /// Slugs, in order.
    pub tags: Option<Vec<String>>,
}

/// Creates a FAQ that stands alone.
pub fn create(unit: &mut Unit<'_>, id: Option<FaqId>, locale: &str, input: FaqInput) -> Result<FaqView> {
    unit.actor.require(Permission::ArticlesWrite)?;
    if let Some(id) = id
        && unit.repository.faq(id)?.is_some()
    {
        return Err(Error::Exists {
            resource: Resource::Faq,
            id: id.to_string(),
        });
    }
    let mut v = Violations::default();
    let locale = v.take("/locale", Locale::parse(locale));
    let new = drafting::faq(unit, &mut v, "", input)?;
    v.finish()?;
    let (Some(locale), Some(new)) = (locale, new) else {
        return Err(Refused::new("invalid", "This FAQ cannot be read.").at(""));
    };
    let faq = insert_as(unit, id.unwrap_or_else(|| FaqId::next(unit.ids)), locale, new)?;
    faq_view(unit, faq)
}

/// Changes single fields.
pub fn patch(unit: &mut Unit<'_>, id: FaqId, expected: &Expected, patch: FaqPatch) -> Result<FaqView> {
    let before = lock(unit, id)?;
    conflicts::expect_faq(unit, &before, expected, |unit, base| {
        // What is not valid in it is left out: that it is stale is said first.
        patched(unit, &mut Violations::default(), base, patch.clone())
    })?;
    let mut v = Violations::default();
    let after = patched(unit, &mut v, &before, patch)?;
    v.finish()?;
    if after.slug != before.slug || after.locale != before.locale {
        claim_slug(unit, &after.locale, &after.slug, Some(id))?;
    }
    let after = save(unit, &before, after, "changed")?;
    faq_view(unit, after)
}

/// The FAQ with the patch laid over it.
fn patched(unit: &mut Unit<'_>, v: &mut Violations, before: &Faq, patch: FaqPatch) -> Result<Faq> {
    let mut after = before.clone();
    if let Some(locale) = optional(v, "/locale", patch.locale, |locale| Locale::parse(&locale)) {
        after.locale = locale;
    }
    let question = optional(v, "/question", patch.question, |text| {
        text::line(text, text::QUESTION_LIMIT)
    });
    after.question = question.unwrap_or(after.question);
    let answer = optional(v, "/answer", patch.answer, |text| {
        text::markdown(text, text::ANSWER_LIMIT)
    });
    after.answer = answer.unwrap_or(after.answer);
    after.slug = optional(v, "/slug", patch.slug, |slug| Slug::parse(&slug)).unwrap_or(after.slug);
    if let Some(slugs) = patch.tags {
        after.tags = links::tags(unit, v, "/tags", &slugs, Faq::TAGS)?;
    }
    Ok(after)
}

/// Puts a FAQ in the trash, away from readers too; one that articles link stays, and the refusal says which.
pub fn delete(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<()> {
    let faq = open(unit, id, expected)?;
    let uses = unit.repository.faq_uses(id)?;
    if uses.total > 0 {
        return Err(Error::InUse {
            resource: Resource::Faq,
            used_in: uses.places,
            total: uses.total,
        });
    }
    if faq.published_revision.is_some() {
        unit.actor.require(Permission::ArticlesPublish)?;
        publishing::take_down_faq(unit, &faq, ChangeReason::Deleted)?;
    }
    redirects::deleted(unit, ChangeType::Faq, id.uuid())?;
    unit.repository.delete_faq(id, unit.now, unit.actor.credential)
}

/// Saves a changed FAQ as its next revision; an unchanged one stays as it is.
pub(super) fn save(unit: &mut Unit<'_>, before: &Faq, mut after: Faq, done: &str) -> Result<Faq> {
    if after == *before {
        return Ok(after);
    }
    after.revision = before.revision.saturating_add(1);
    after.updated_at = unit.now;
    after.updated_by = unit.actor.credential;
    unit.repository.update_faq(before, &after)?;
    let entry = Entry::of_faq(done, before, &after);
    unit.repository.append_faq_revision(&after, &entry)?;
    Ok(after)
}

/// Adds a FAQ whose words were checked.
pub(super) fn insert(unit: &mut Unit<'_>, locale: Locale, new: NewFaq) -> Result<Faq> {
    let id = FaqId::next(unit.ids);
    insert_as(unit, id, locale, new)
}

fn insert_as(unit: &mut Unit<'_>, id: FaqId, locale: Locale, new: NewFaq) -> Result<Faq> {
    let slug = match &new.slug {
        Some(slug) => claim_slug(unit, &locale, slug, None)?,
        None => slugs::derive(Resource::Faq, &new.question, "faq", |slug| {
            is_taken(unit, &locale, slug, None)
        })?,
    };
    let faq = Faq {
        id,
        locale,
        slug,
        question: new.question,
        answer: new.answer,
        tags: new.tags,
        status: FaqStatus::Draft,
        revision: 1,
        published_revision: None,
        published_at: None,
        first_published_at: None,
        created_at: unit.now,
        created_by: unit.actor.credential,
        updated_at: unit.now,
        updated_by: unit.actor.credential,
    };
    unit.repository.insert_faq(&faq)?;
    unit.repository
        .append_faq_revision(&faq, &Entry::first("created"))?;
    Ok(faq)
}

pub(super) fn open(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<Faq> {
    let faq = lock(unit, id)?;
    faq.expect_revision(expected)?;
    Ok(faq)
}

fn lock(unit: &mut Unit<'_>, id: FaqId) -> Result<Faq> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let faq = unit
        .repository
        .faq_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::Faq, id))?;
    unit.actor.require_write(faq.created_by)?;
    Ok(faq)
}

pub(super) fn claim_slug(
    unit: &mut Unit<'_>,
    locale: &Locale,
    slug: &Slug,
    own: Option<FaqId>,
) -> Result<Slug> {
    slugs::claim(Resource::Faq, slug, |slug| is_taken(unit, locale, slug, own))
}

fn is_taken(unit: &mut Unit<'_>, locale: &Locale, slug: &Slug, own: Option<FaqId>) -> Result<bool> {
    let holders = unit.repository.faq_slug_holders(locale, slug)?;
    Ok(holders.into_iter().any(|holder| Some(holder) != own))
}
