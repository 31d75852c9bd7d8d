//! Bringing an article in from a file: found again by locale and slug, written only where it differs.

use crate::article::{Article, Expected, Status};
use crate::clock::Instant;
use crate::error::{Error, Resource, Result};
use crate::faq::{Faq, FaqStatus};
use crate::id::ArticleId;
use crate::locale::Locale;
use crate::section::Section;
use crate::slug::Slug;
use crate::use_cases::authors::{self, AuthorInput};
use crate::use_cases::drafting::{self, ArticleInput, FaqEntry, SectionInput};
use crate::use_cases::faqs::{self, FaqPatch};
use crate::use_cases::scheduling::Moments;
use crate::use_cases::tags::{self, TagInput};
use crate::use_cases::{Unit, articles, publishing, scheduling};

/// An article from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The article; its slug must be given, for it is found again by that.
    pub article: ArticleInput,
    /// Tags it names, to be made where they are missing.
    pub tags: Vec<TagInput>,
    /// Authors it names, to be made where they are missing.
    pub authors: Vec<AuthorInput>,
    /// What the file wants readers to see.
    pub visibility: Visibility,
}

/// What a file wants readers to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Nothing; what they see already stays.
    Draft,
    /// The article, dated back where the file gives a date.
    Published(Option<Instant>),
    /// The article from a moment to come.
    Scheduled(Instant),
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// The article is new.
    Created,
    /// It was there and differed.
    Updated,
    /// It was there and nothing was written.
    Unchanged,
}

/// Brings one article in; a second time it changes nothing.
pub fn import(unit: &mut Unit<'_>, import: Import) -> Result<(ArticleId, Imported)> {
    make_links(unit, import.tags, import.authors)?;
    let (id, written) = write(unit, import.article)?;
    let shown = show(unit, id, import.visibility)?;
    let outcome = match written {
        Imported::Unchanged if shown => Imported::Updated,
        other => other,
    };
    Ok((id, outcome))
}

fn make_links(unit: &mut Unit<'_>, tags: Vec<TagInput>, authors: Vec<AuthorInput>) -> Result<()> {
    for tag in tags {
        let slug = tag.slug.as_deref().and_then(|slug| Slug::parse(slug).ok());
        let there = !slug
            .map_or_else(|| Ok(Vec::new()), |slug| unit.repository.tags_by_slug(&[slug]))?
            .is_empty();
        if !there {
            tags::create(unit, None, tag)?;
        }
    }
    for author in authors {
        let slug = author.slug.as_deref().and_then(|slug| Slug::parse(slug).ok());
        let there = !slug
            .map_or_else(|| Ok(Vec::new()), |slug| unit.repository.authors_by_slug(&[slug]))?
            .is_empty();
        if !there {
            authors::create(unit, None, author)?;
        }
    }
    Ok(())
}

fn write(unit: &mut Unit<'_>, input: ArticleInput) -> Result<(ArticleId, Imported)> {
    let Some(id) = find(unit, &input)? else {
        let view = articles::create(unit, None, input)?;
        return Ok((view.article.id, Imported::Created));
    };
    let before = articles::lock(unit, id)?;
    let (input, faqs_changed) = recognised(unit, &before, input)?;
    let draft = drafting::article(unit, input, &before.sections)?;
    let after = articles::replaced(unit, &before, draft)?;
    let after = articles::save(unit, &before, after, "imported")?;
    let changed = faqs_changed || after.revision != before.revision;
    Ok((
        id,
        if changed {
            Imported::Updated
        } else {
            Imported::Unchanged
        },
    ))
}

fn find(unit: &mut Unit<'_>, input: &ArticleInput) -> Result<Option<ArticleId>> {
    let locale = Locale::parse(&input.locale).ok();
    let slug = input.slug.as_deref().and_then(|slug| Slug::parse(slug).ok());
    match locale.zip(slug) {
        Some((locale, slug)) => unit.repository.article_by_slug(&locale, &slug),
        None => Ok(None),
    }
}

/// Names the sections and FAQs that are there already, so that they keep their ids.
fn recognised(
    unit: &mut Unit<'_>,
    before: &Article,
    mut input: ArticleInput,
) -> Result<(ArticleInput, bool)> {
    let mut left: Vec<&Section> = before.sections.iter().collect();
    for section in &mut input.sections {
        let same = left.iter().position(|old| is_same(old, section));
        section.id = same.map(|at| left.remove(at).id.to_string());
    }
    let linked = unit.repository.faqs_by_id(&before.faqs)?;
    let mut changed = false;
    for entry in &mut input.faqs {
        let FaqEntry::New(new) = entry else { continue };
        let Some(old) = linked.iter().find(|faq| faq.question == new.question) else {
            continue;
        };
        if old.answer != new.answer {
            let answer = Some(new.answer.clone());
            faqs::patch(
                unit,
                old.id,
                &Expected::Any,
                FaqPatch {
                    answer,
                    ..FaqPatch::default()
                },
            )?;
            changed = true;
        }
        *entry = FaqEntry::Existing(old.id.to_string());
    }
    Ok((input, changed))
}

/// A section is the same if it has the same heading; one without is told by its text.
fn is_same(old: &Section, new: &SectionInput) -> bool {
    match (&old.heading, &new.heading) {
        (Some(old), Some(new)) => old.text == *new,
        (None, None) => old.content.kind() == new.content.kind(),
        _ => false,
    }
}

fn show(unit: &mut Unit<'_>, id: ArticleId, visibility: Visibility) -> Result<bool> {
    let article = unit
        .repository
        .article_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::Article, id))?;
    match visibility {
        Visibility::Draft => Ok(false),
        Visibility::Scheduled(at) if at > unit.now => {
            let wanted = article.status != Status::Published && article.publish_at != Some(at);
            if wanted {
                let moments = Moments {
                    publish_at: Some(at),
                    unpublish_at: article.unpublish_at.filter(|end| *end > at),
                };
                scheduling::schedule(unit, id, &Expected::Any, moments)?;
            }
            Ok(wanted)
        }
        Visibility::Scheduled(at) => show_edition(unit, &article, Some(at)),
        Visibility::Published(at) => show_edition(unit, &article, at),
    }
}

fn show_edition(unit: &mut Unit<'_>, article: &Article, at: Option<Instant>) -> Result<bool> {
    let faqs = unit.repository.faqs_by_id(&article.faqs)?;
    let corrected: Vec<&Faq> = faqs.iter().filter(|faq| faq.has_unpublished_changes()).collect();
    for faq in &corrected {
        publishing::publish_faq(unit, faq.id, &Expected::Any)?;
    }
    let drafts = faqs.iter().any(|faq| faq.status == FaqStatus::Draft);
    let redated = at.is_some() && article.published_at != at;
    let wanted = !article.is_live() || article.has_unpublished_changes() || drafts || redated;
    if wanted {
        publishing::publish(unit, article.id, &Expected::Any, at)?;
    }
    Ok(wanted || !corrected.is_empty())
}
