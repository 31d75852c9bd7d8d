//! Merging: a client's whole version goes into what is there by now, as far as both go together.

use crate::article::{Article, Expected};
use crate::error::{Error, Refused, Result, Violations};
use crate::history::{self, Conflict, Place};
use crate::id::ArticleId;
use crate::use_cases::drafting::{self, ArticleInput, Draft};
use crate::use_cases::reading::{ArticleView, article_view};
use crate::use_cases::{Unit, articles, naming, stories};

/// Where the client's version stands in what it sends.
const ARTICLE: &str = "/article";

/// A client's version, with the revision that it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeInput {
    /// The revision that the client has seen.
    pub base: u32,
    /// The whole version.
    pub article: ArticleInput,
}

/// What merging did.
#[derive(Debug, Clone, PartialEq)]
pub struct Combined {
    /// The working copy afterwards.
    pub view: ArticleView,
    /// What the client's version brought into it.
    pub applied: Vec<Place>,
    /// What did not go together; what was there stayed.
    pub conflicts: Vec<Conflict>,
}

/// Lays the client's version over what is there by now.
///
/// Both were made of the base, which says who changed what. `expected` is for a client that wants to merge into a state
/// that it knows; merging needs none, for it takes nothing from anybody.
pub fn article(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: Option<&Expected>,
    input: MergeInput,
) -> Result<Combined> {
    let theirs = articles::lock(unit, id)?;
    if let Some(expected) = expected {
        theirs.expect_revision(expected)?;
    }
    let base = base(unit, &theirs, input.base)?;
    let yours = version(unit, &base, input.article)?;
    let merged = history::merge(&(&base).into(), &(&theirs).into(), &(&yours).into());
    let after = history::applied(&theirs, &yours, &merged.document, unit.now)?;
    let after = checked(unit, &theirs, after)?;
    let done = format!("merged from revision {}", input.base);
    let after = articles::save(unit, &theirs, after, &done)?;
    Ok(Combined {
        view: article_view(unit, after)?,
        applied: merged.applied,
        conflicts: naming::conflicts(unit, merged.conflicts)?,
    })
}

fn base(unit: &mut Unit<'_>, theirs: &Article, number: u32) -> Result<Article> {
    if number == theirs.revision {
        return Ok(theirs.clone());
    }
    let found = unit.repository.article_at(theirs.id, number)?;
    found.ok_or_else(|| {
        let message = format!(
            "This article has no revision {number}; it is at {}. Give the `revision` of what you read.",
            theirs.revision
        );
        Refused::new("unknown_revision", message).at("/base_revision")
    })
}

/// What the client made of the base; new FAQs are made.
fn version(unit: &mut Unit<'_>, base: &Article, input: ArticleInput) -> Result<Article> {
    let translation_of = input.translation_of.clone();
    let mut v = Violations::default();
    let draft = v.within(ARTICLE, drafting::article(unit, input, &base.sections))?;
    v.finish()?;
    // It is there: without it there were violations.
    let mut draft =
        draft.ok_or_else(|| Refused::new("invalid", "This article cannot be read.").at(ARTICLE))?;
    let faqs = std::mem::take(&mut draft.faqs);
    let faqs = articles::make_faqs(unit, &draft.locale, faqs).map_err(|error| error.within(ARTICLE))?;
    let slug = slug(unit, base, &draft)?;
    let mut yours = articles::laid_over(base, draft, slug, faqs);
    if let Some(of) = translation_of {
        let mut v = Violations::default();
        let story = v.within(ARTICLE, stories::of(unit, &yours, &of))?;
        v.finish()?;
        yours.story = story.flatten();
    }
    Ok(yours)
}

/// The slug that the client wrote, or the one that there was.
fn slug(unit: &mut Unit<'_>, base: &Article, draft: &Draft) -> Result<crate::slug::Slug> {
    match &draft.slug {
        Some(slug) => Ok(slug.clone()),
        None if draft.locale == base.locale => Ok(base.slug.clone()),
        None => articles::derive_slug(unit, &draft.locale, &draft.title, Some(base.id)),
    }
}

/// What each version kept on its own, both together must keep as well.
fn checked(unit: &mut Unit<'_>, theirs: &Article, after: Article) -> Result<Article> {
    let mut v = Violations::default();
    if after.sections.len() > Article::SECTIONS {
        let (limit, found) = (Article::SECTIONS, after.sections.len());
        let message =
            format!("Both versions together have {found} sections; an article has at most {limit}.");
        v.add(format!("{ARTICLE}/sections"), "too_many", message);
    }
    v.within(ARTICLE, articles::within_limits(&after))?;
    if after.locale != theirs.locale || after.story != theirs.story {
        v.within("", stories::expect_free(unit, &after, "/article/locale"))?;
    }
    v.finish()?;
    if after.slug != theirs.slug || after.locale != theirs.locale {
        articles::claim_slug(unit, &after.locale, &after.slug, Some(after.id))
            .map_err(|error: Error| error.within(ARTICLE))?;
    }
    Ok(after)
}
