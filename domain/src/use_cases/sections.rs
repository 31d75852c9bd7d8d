//! Sections one by one: two editors on two sections of one article never meet.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::article::{Article, Expected};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::history::Document;
use crate::id::{ArticleId, SectionId};
use crate::section::{Section, SectionContent, Tone};
use crate::use_cases::drafting::{self, SectionInput};
use crate::use_cases::{Unit, articles, conflicts};

/// Where a new section goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Behind all others.
    Last,
    /// Right behind the section with this id.
    After(String),
    /// Right before the section with this id.
    Before(String),
}

/// A section, or all of them, with the revision of the article they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct OfArticle<T> {
    /// What was asked for.
    pub value: T,
    /// The article's revision.
    pub article_revision: u32,
}

/// What `PATCH` may change; a missing field stays, an inner `None` clears. Which fields a section has is told by
/// its kind, and the kind stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionPatch {
    /// Its heading.
    pub heading: Option<Option<String>>,
    /// 2 to 4.
    pub level: Option<u8>,
    /// An anchor of the editor's choosing.
    pub anchor: Option<String>,
    /// Markdown of text, quote and callout.
    pub body: Option<String>,
    /// Of a quote.
    pub attribution: Option<Option<String>>,
    /// Of a quote.
    pub source_url: Option<Option<String>>,
    /// Of an image.
    pub image: Option<String>,
    /// Of an image.
    pub alt: Option<Option<String>>,
    /// Of an image.
    pub caption: Option<Option<String>>,
    /// Of an image.
    pub credit: Option<Option<String>>,
    /// Of an embed.
    pub url: Option<String>,
    /// Of an embed.
    pub title: Option<Option<String>>,
    /// Of a callout.
    pub tone: Option<Tone>,
}

/// All sections of an article, in order.
pub fn list(unit: &mut Unit<'_>, article: ArticleId) -> Result<OfArticle<Vec<Section>>> {
    let article = read(unit, article)?;
    Ok(OfArticle {
        article_revision: article.revision,
        value: article.sections,
    })
}

/// One section.
pub fn get(unit: &mut Unit<'_>, article: ArticleId, id: SectionId) -> Result<OfArticle<Section>> {
    let article = read(unit, article)?;
    let section = article.sections.iter().find(|section| section.id == id).cloned();
    answer(
        &article,
        section.ok_or_else(|| Error::not_found(Resource::Section, id))?,
    )
}

/// Adds a section; this needs no precondition, for it takes nothing from anybody.
pub fn add(
    unit: &mut Unit<'_>,
    article: ArticleId,
    place: &Place,
    input: SectionInput,
) -> Result<OfArticle<Section>> {
    let before = articles::lock(unit, article)?;
    let mut v = Violations::default();
    if before.sections.len() >= Article::SECTIONS {
        v.add(
            "",
            "too_many",
            format!("An article has at most {} sections.", Article::SECTIONS),
        );
    }
    let at = index_of(&mut v, &before, place);
    if input
        .id
        .as_deref()
        .is_some_and(|id| SectionId::parse(id).is_none())
    {
        v.add("/id", "invalid_id", "A section's id is a UUID.");
    }
    if let Some(id) = input.id.as_deref().and_then(SectionId::parse)
        && before.sections.iter().any(|section| section.id == id)
    {
        return Err(Error::Exists {
            resource: Resource::Section,
            id: id.to_string(),
        });
    }
    let mut taken = anchors(&before, None);
    let section = drafting::section(unit, &mut v, "", input, None, &mut taken);
    v.finish()?;
    let (Some(at), Some(section)) = (at, section) else {
        return Err(Refused::new("invalid", "This section cannot be read.").at(""));
    };
    let mut after = before.clone();
    after.sections.insert(at, section.clone());
    let after = articles::save(unit, &before, after, "section added")?;
    answer(&after, section)
}

/// Changes single fields of a section.
pub fn patch(
    unit: &mut Unit<'_>,
    article: ArticleId,
    id: SectionId,
    expected: &Expected,
    patch: SectionPatch,
) -> Result<OfArticle<Section>> {
    let before = articles::lock(unit, article)?;
    let (at, section) = find(&before, id)?;
    let laid_over = |unit: &Unit<'_>, v: &mut Violations, section: &Section, patch| {
        let input = patched(v, section, patch);
        let mut taken = anchors(&before, Some(id));
        drafting::section(unit, v, "", input, Some(section), &mut taken)
    };
    conflicts::expect_section(unit, &before, section, expected, |unit, base| {
        // What is not valid in it is left out: that it is stale is said first.
        let yours = laid_over(unit, &mut Violations::default(), base, patch.clone());
        Ok(Some(yours.unwrap_or_else(|| base.clone())))
    })?;
    let mut v = Violations::default();
    let section = laid_over(unit, &mut v, section, patch);
    v.finish()?;
    let section = section.ok_or_else(|| Refused::new("invalid", "This section cannot be read.").at(""))?;
    let mut after = before.clone();
    after.sections[at] = section.clone();
    let after = articles::save(unit, &before, after, "section changed")?;
    answer(&after, section)
}

/// Takes a section away.
pub fn delete(unit: &mut Unit<'_>, article: ArticleId, id: SectionId, expected: &Expected) -> Result<()> {
    let before = articles::lock(unit, article)?;
    let (at, section) = find(&before, id)?;
    conflicts::expect_section(unit, &before, section, expected, |_, _| Ok(None))?;
    let mut after = before.clone();
    after.sections.remove(at);
    articles::save(unit, &before, after, "section deleted")?;
    Ok(())
}

/// Puts all sections in this order; a move changes no section's own revision.
pub fn order(
    unit: &mut Unit<'_>,
    article: ArticleId,
    expected: &Expected,
    ids: &[String],
) -> Result<OfArticle<Vec<Section>>> {
    let before = articles::lock(unit, article)?;
    conflicts::expect_article(unit, &before, expected, |_, base| Ok(Some(ordered(base, ids))))?;
    let mut v = Violations::default();
    let mut seen = HashSet::new();
    let mut sections = Vec::new();
    for (index, text) in ids.iter().enumerate() {
        let section =
            SectionId::parse(text).and_then(|id| before.sections.iter().find(|section| section.id == id));
        match section {
            None => v.add(
                format!("/sections/{index}"),
                "unknown_section",
                format!("This article has no section {text}; list each of its sections once."),
            ),
            Some(section) if !seen.insert(section.id) => {
                v.add(
                    format!("/sections/{index}"),
                    "duplicate",
                    "This section stands twice in the list.",
                );
            }
            Some(section) => sections.push(section.clone()),
        }
    }
    for missing in before
        .sections
        .iter()
        .filter(|section| !seen.contains(&section.id))
    {
        v.add(
            "/sections",
            "missing_section",
            format!("The list lacks the section {}.", missing.id),
        );
    }
    v.finish()?;
    let mut after = before.clone();
    after.sections = sections;
    let after = articles::save(unit, &before, after, "sections reordered")?;
    Ok(OfArticle {
        article_revision: after.revision,
        value: after.sections,
    })
}

/// The client's version of the article that it puts the sections of in order; others stay behind.
fn ordered(base: &Article, ids: &[String]) -> Document {
    let mut document = Document::from(base);
    let places: HashMap<_, _> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    document.sections.sort_by_key(|part| {
        let place = places.get(part.id.to_string().as_str());
        place.copied().unwrap_or(usize::MAX)
    });
    document
}

fn read(unit: &mut Unit<'_>, id: ArticleId) -> Result<Article> {
    unit.actor.require_article_read()?;
    unit.repository
        .article(id)?
        .ok_or_else(|| Error::not_found(Resource::Article, id))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "ends the use cases that answer one section"
)]
fn answer(article: &Article, section: Section) -> Result<OfArticle<Section>> {
    Ok(OfArticle {
        article_revision: article.revision,
        value: section,
    })
}

fn find(article: &Article, id: SectionId) -> Result<(usize, &Section)> {
    let found = article
        .sections
        .iter()
        .enumerate()
        .find(|(_, section)| section.id == id);
    found.ok_or_else(|| Error::not_found(Resource::Section, id))
}

/// Every anchor of the article but those of one section.
fn anchors(article: &Article, but: Option<SectionId>) -> BTreeSet<String> {
    let others = article.sections.iter().filter(|section| Some(section.id) != but);
    others.flat_map(Section::anchors).map(str::to_owned).collect()
}

fn index_of(v: &mut Violations, article: &Article, place: &Place) -> Option<usize> {
    let (field, id, offset) = match place {
        Place::Last => return Some(article.sections.len()),
        Place::After(id) => ("/after", id, 1),
        Place::Before(id) => ("/before", id, 0),
    };
    let found =
        SectionId::parse(id).and_then(|id| article.sections.iter().position(|section| section.id == id));
    if found.is_none() {
        v.add(
            field,
            "unknown_section",
            format!("This article has no section {id}."),
        );
    }
    found.map(|index| index + offset)
}

/// The section with the patch laid over it, as if a client had written it whole.
fn patched(v: &mut Violations, section: &Section, mut patch: SectionPatch) -> SectionInput {
    let heading = patch
        .heading
        .take()
        .unwrap_or_else(|| section.heading.as_ref().map(|heading| heading.text.clone()));
    let content = match section.content.clone() {
        SectionContent::Text { body } => SectionContent::Text {
            body: patch.body.take().unwrap_or(body),
        },
        SectionContent::Quote {
            body,
            attribution,
            source_url,
        } => SectionContent::Quote {
            body: patch.body.take().unwrap_or(body),
            attribution: patch.attribution.take().unwrap_or(attribution),
            source_url: patch.source_url.take().unwrap_or(source_url),
        },
        SectionContent::Image {
            image,
            alt,
            caption,
            credit,
        } => SectionContent::Image {
            image: patch.image.take().unwrap_or(image),
            alt: patch.alt.take().unwrap_or(alt),
            caption: patch.caption.take().unwrap_or(caption),
            credit: patch.credit.take().unwrap_or(credit),
        },
        SectionContent::Embed { url, title } => SectionContent::Embed {
            url: patch.url.take().unwrap_or(url),
            title: patch.title.take().unwrap_or(title),
        },
        SectionContent::Callout { tone, body } => SectionContent::Callout {
            tone: patch.tone.take().unwrap_or(tone),
            body: patch.body.take().unwrap_or(body),
        },
    };
    refuse_leftovers(v, section, &patch);
    SectionInput {
        id: None,
        heading,
        level: patch.level,
        anchor: patch.anchor,
        content,
    }
}

/// What was not taken by the section's kind does not belong to it.
fn refuse_leftovers(v: &mut Violations, section: &Section, patch: &SectionPatch) {
    let left = [
        ("body", patch.body.is_some()),
        ("attribution", patch.attribution.is_some()),
        ("source_url", patch.source_url.is_some()),
        ("image", patch.image.is_some()),
        ("alt", patch.alt.is_some()),
        ("caption", patch.caption.is_some()),
        ("credit", patch.credit.is_some()),
        ("url", patch.url.is_some()),
        ("title", patch.title.is_some()),
        ("tone", patch.tone.is_some()),
    ];
    let kind = section.content.kind();
    for (field, _) in left.into_iter().filter(|(_, left)| *left) {
        v.add(
            format!("/{field}"),
            "not_applicable",
            format!("A section of kind `{kind}` has no `{field}`."),
        );
    }
}
