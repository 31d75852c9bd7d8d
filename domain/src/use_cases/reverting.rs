//! Going back to an earlier revision: a new revision that holds what an earlier one held. Readers see nothing of it.

use std::collections::HashSet;
use std::hash::Hash;

use crate::article::{Article, Expected};
use crate::error::{Error, Refused, Result, Violations};
use crate::faq::Faq;
use crate::history::settle_anchors;
use crate::id::{ArticleId, FaqId, SectionId};
use crate::section::Section;
use crate::slug::Slug;
use crate::use_cases::reading::{ArticleView, FaqView, article_view, faq_view};
use crate::use_cases::warnings::Warning;
use crate::use_cases::{Unit, articles, faqs, history, stories};

/// Whose links warnings speak of.
const REVISION: &str = "of that revision";

/// What going back did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reverted<T> {
    /// The working copy afterwards.
    pub view: T,
    /// What could not come back.
    pub warnings: Vec<Warning>,
}

/// Lets an article hold what a revision held: all of it, or only these sections. Its state stays as it is, and so does
/// the story it tells.
pub fn article(
    unit: &mut Unit<'_>,
    id: ArticleId,
    number: u32,
    expected: &Expected,
    sections: Option<&[String]>,
) -> Result<Reverted<ArticleView>> {
    let before = articles::open(unit, id, expected)?;
    let then = history::article_at(unit, id, number)?;
    let mut warnings = Vec::new();
    let mut after = match sections {
        Some(sections) => with_sections(unit, &before, &then, number, sections)?,
        None => whole(unit, &before, &then, &mut warnings)?,
    };
    settle_anchors(&before, &mut after.sections);
    let done = format!("reverted to revision {number}");
    let after = articles::save(unit, &before, after, &done)?;
    Ok(Reverted {
        view: article_view(unit, after)?,
        warnings,
    })
}

/// Lets a FAQ hold what a revision held.
pub fn faq(unit: &mut Unit<'_>, id: FaqId, number: u32, expected: &Expected) -> Result<Reverted<FaqView>> {
    let before = faqs::open(unit, id, expected)?;
    let then = history::faq_at(unit, id, number)?;
    let mut warnings = Vec::new();
    let slug = match faqs::claim_slug(unit, &then.locale, &then.slug, Some(id)) {
        Err(Error::AlreadyExists { .. }) => kept_slug(&then.slug, &before.slug, &mut warnings),
        claimed => claimed?,
    };
    if slug != then.slug && then.locale != before.locale {
        faqs::claim_slug(unit, &then.locale, &slug, Some(id))?;
    }
    let there = unit.repository.tags_by_id(&then.tags)?;
    let after = Faq {
        tags: present(
            "tags",
            REVISION,
            &then.tags,
            there.into_iter().map(|tag| tag.id),
            &mut warnings,
        ),
        locale: then.locale,
        question: then.question,
        answer: then.answer,
        slug,
        ..before.clone()
    };
    let after = faqs::save(unit, &before, after, &format!("reverted to revision {number}"))?;
    Ok(Reverted {
        view: faq_view(unit, after)?,
        warnings,
    })
}

fn whole(
    unit: &mut Unit<'_>,
    before: &Article,
    then: &Article,
    warnings: &mut Vec<Warning>,
) -> Result<Article> {
    let id = before.id;
    let mut after = before.clone();
    after.kind = then.kind;
    after.locale = then.locale.clone();
    after.title.clone_from(&then.title);
    after.dek.clone_from(&then.dek);
    after.excerpt.clone_from(&then.excerpt);
    after.cover.clone_from(&then.cover);
    after.seo.clone_from(&then.seo);
    after.metadata.clone_from(&then.metadata);
    if after.locale != before.locale {
        stories::expect_free(unit, &after, "/locale")?;
    }
    after.slug = match articles::claim_slug(unit, &then.locale, &then.slug, Some(id)) {
        Err(Error::AlreadyExists { .. }) => kept_slug(&then.slug, &before.slug, warnings),
        claimed => claimed?,
    };
    if after.slug != then.slug && after.locale != before.locale {
        articles::claim_slug(unit, &after.locale, &after.slug, Some(id))?;
    }
    let tags = unit.repository.tags_by_id(&then.tags)?;
    after.tags = present(
        "tags",
        REVISION,
        &then.tags,
        tags.into_iter().map(|tag| tag.id),
        warnings,
    );
    let names: Vec<_> = then.authors.iter().map(|byline| byline.author_id).collect();
    let authors = unit.repository.authors_by_id(&names)?;
    let kept = present(
        "authors",
        REVISION,
        &names,
        authors.into_iter().map(|author| author.id),
        warnings,
    );
    after.authors.clone_from(&then.authors);
    after.authors.retain(|byline| kept.contains(&byline.author_id));
    let faqs = unit.repository.faqs_by_id(&then.faqs)?;
    after.faqs = present(
        "faqs",
        REVISION,
        &then.faqs,
        faqs.into_iter().map(|faq| faq.id),
        warnings,
    );
    let sections = then
        .sections
        .iter()
        .map(|section| restored(unit, before, section));
    after.sections = sections.collect();
    Ok(after)
}

/// Those of these things that are still there, in order; `whose` says what linked them.
pub(super) fn present<K: Copy + Eq + Hash>(
    field: &str,
    whose: &str,
    wanted: &[K],
    there: impl Iterator<Item = K>,
    warnings: &mut Vec<Warning>,
) -> Vec<K> {
    let there: HashSet<K> = there.collect();
    let kept: Vec<K> = wanted.iter().filter(|id| there.contains(id)).copied().collect();
    let gone = wanted.len() - kept.len();
    if gone > 0 {
        warnings.push(Warning {
            pointer: format!("/{field}"),
            code: "gone",
            message: format!("{gone} of the {field} {whose} were deleted since, and did not come back."),
        });
    }
    kept
}

fn kept_slug(then: &Slug, now: &Slug, warnings: &mut Vec<Warning>) -> Slug {
    warnings.push(Warning {
        pointer: "/slug".to_owned(),
        code: "taken",
        message: format!("The slug `{then}` is another's by now; `{now}` was kept."),
    });
    now.clone()
}

/// A section that holds what it held; its own revision goes on, and never back to a number that it had.
fn restored(unit: &Unit<'_>, now: &Article, then: &Section) -> Section {
    let Some(current) = now.sections.iter().find(|section| section.id == then.id) else {
        // Every change of a section was one of the article, so no section has had this number.
        return Section {
            revision: now.revision.saturating_add(1),
            updated_at: unit.now,
            ..then.clone()
        };
    };
    let mut section = Section {
        heading: then.heading.clone(),
        content: then.content.clone(),
        ..current.clone()
    };
    section.keep_anchors_of(then);
    section.keep_anchors_of(current);
    if section != *current {
        section.revision = current.revision.saturating_add(1);
        section.updated_at = unit.now;
    }
    section
}

fn with_sections(
    unit: &Unit<'_>,
    before: &Article,
    then: &Article,
    number: u32,
    wanted: &[String],
) -> Result<Article> {
    let mut v = Violations::default();
    let mut seen = HashSet::new();
    for (index, text) in wanted.iter().enumerate() {
        let pointer = format!("/sections/{index}");
        let id = SectionId::parse(text).filter(|id| then.sections.iter().any(|section| section.id == *id));
        match id {
            None => v.add(
                pointer,
                "unknown_section",
                format!("The revision {number} of this article has no section {text}."),
            ),
            Some(id) if !seen.insert(id) => {
                v.add(pointer, "duplicate", "This section stands twice in the list.");
            }
            Some(_) => {}
        }
    }
    v.finish()?;
    let mut after = before.clone();
    for (index, section) in then.sections.iter().enumerate() {
        if !seen.contains(&section.id) {
            continue;
        }
        let section = restored(unit, before, section);
        let at = |id: SectionId| after.sections.iter().position(|other| other.id == id);
        if let Some(place) = at(section.id) {
            after.sections[place] = section;
            continue;
        }
        // Behind the nearest of those that stood before it then.
        let behind = then.sections[..index].iter().rev().find_map(|other| at(other.id));
        after
            .sections
            .insert(behind.map_or(0, |place| place + 1), section);
    }
    if after.sections.len() > Article::SECTIONS {
        let message = format!("An article has at most {} sections.", Article::SECTIONS);
        return Err(Refused::new("too_many", message).at("/sections"));
    }
    Ok(after)
}
