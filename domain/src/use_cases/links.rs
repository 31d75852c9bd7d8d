//! Links of articles and FAQs: slugs from clients to the things they name.

use std::collections::{HashMap, HashSet};

use crate::article::{Article, Byline, BylineRole};
use crate::error::{Result, Violations};
use crate::id::TagId;
use crate::slug::Slug;
use crate::use_cases::Unit;

/// One name in a byline as a client writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BylineInput {
    /// The author's slug.
    pub slug: String,
    /// What they did.
    pub role: BylineRole,
}

/// Finds the tags of these slugs; each that is not there, or stands twice, is a violation at its place.
pub(super) fn tags(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    at: &str,
    slugs: &[String],
    limit: usize,
) -> Result<Vec<TagId>> {
    if slugs.len() > limit {
        v.add(
            at,
            "too_many",
            format!("At most {limit} tags are kept, this has {}.", slugs.len()),
        );
        return Ok(Vec::new());
    }
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let parsed: Vec<_> = slugs.iter().filter_map(|slug| Slug::parse(slug).ok()).collect();
    let there = unit.repository.tags_by_slug(&parsed)?;
    let there: HashMap<_, _> = there.iter().map(|tag| (tag.slug.as_str(), tag.id)).collect();
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (index, slug) in slugs.iter().enumerate() {
        match there.get(slug.as_str()) {
            None => v.add(
                format!("{at}/{index}"),
                "unknown_tag",
                format!("There is no tag `{slug}`; create it first, or take one of GET /management/v1/tags."),
            ),
            Some(id) if !seen.insert(*id) => {
                v.add(
                    format!("{at}/{index}"),
                    "duplicate",
                    format!("The tag `{slug}` stands twice in the list."),
                );
            }
            Some(id) => out.push(*id),
        }
    }
    Ok(out)
}

/// Finds the authors of a byline; each that is not there, or stands twice in one role, is a violation at its place.
pub(super) fn bylines(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    at: &str,
    inputs: &[BylineInput],
) -> Result<Vec<Byline>> {
    if inputs.len() > Article::AUTHORS {
        let limit = Article::AUTHORS;
        v.add(
            at,
            "too_many",
            format!("A byline has at most {limit} names, this has {}.", inputs.len()),
        );
        return Ok(Vec::new());
    }
    let parsed: Vec<_> = inputs
        .iter()
        .filter_map(|input| Slug::parse(&input.slug).ok())
        .collect();
    let there = unit.repository.authors_by_slug(&parsed)?;
    let there: HashMap<_, _> = there
        .iter()
        .map(|author| (author.slug.as_str(), author.id))
        .collect();
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let slug = &input.slug;
        match there.get(slug.as_str()) {
            None => v.add(
                format!("{at}/{index}/slug"),
                "unknown_author",
                format!(
                    "There is no author `{slug}`; create it first, or take one of GET /management/v1/authors."
                ),
            ),
            Some(id) if !seen.insert(*id) => {
                v.add(
                    format!("{at}/{index}/slug"),
                    "duplicate",
                    format!("`{slug}` stands twice in the byline."),
                );
            }
            Some(&author_id) => out.push(Byline {
                author_id,
                role: input.role,
            }),
        }
    }
    Ok(out)
}
