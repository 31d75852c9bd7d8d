//! From what a client writes to what an article is: everything wrong is gathered before anything is refused.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use crate::article::{Article, ArticleKind, Cover, Image, Metadata, Seo};
use crate::error::{Refused, Result, Violations};
use crate::faq::{Faq, FaqInput};
use crate::id::{FaqId, SectionId};
use crate::locale::Locale;
use crate::rendering;
use crate::section::{Heading, Section, SectionContent};
use crate::slug::Slug;
use crate::text::{self, optional};
use crate::use_cases::{Unit, links};

pub use crate::use_cases::links::BylineInput;

/// A whole article as a client writes it, before anything is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleInput {
    /// Article or page.
    pub kind: ArticleKind,
    /// The language it is in.
    pub locale: String,
    /// Its slug; made of the title where missing.
    pub slug: Option<String>,
    /// The headline.
    pub title: String,
    /// The line under the headline.
    pub dek: Option<String>,
    /// An excerpt of its own.
    pub excerpt: Option<String>,
    /// The picture that stands for it.
    pub cover: Option<Cover>,
    /// Overrides for search engines.
    pub seo: Seo,
    /// The frontend's own.
    pub metadata: Map<String, Value>,
    /// In order.
    pub sections: Vec<SectionInput>,
    /// In order.
    pub faqs: Vec<FaqEntry>,
    /// Slugs, in order.
    pub tags: Vec<String>,
    /// In order.
    pub authors: Vec<BylineInput>,
    /// The id of an article of the story it tells.
    pub translation_of: Option<String>,
}

/// A section as a client writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionInput {
    /// Keeps the section with this id, or gives a new one this id.
    pub id: Option<String>,
    /// Its heading.
    pub heading: Option<String>,
    /// 2 to 4; 2 where missing.
    pub level: Option<u8>,
    /// An anchor of the editor's choosing; made of the heading where missing, and kept from then on.
    pub anchor: Option<String>,
    /// What it holds.
    pub content: SectionContent,
}

/// A FAQ in an article: a new one, or one that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaqEntry {
    /// To be made and linked.
    New(FaqInput),
    /// To be linked.
    Existing(String),
}

/// An article input that holds what it must.
pub(super) struct Draft {
    pub kind: ArticleKind,
    pub locale: Locale,
    pub slug: Option<Slug>,
    pub title: String,
    pub dek: Option<String>,
    pub excerpt: Option<String>,
    pub cover: Option<Cover>,
    pub seo: Seo,
    pub metadata: Metadata,
    pub sections: Vec<Section>,
    pub faqs: Vec<DraftFaq>,
    pub tags: Vec<crate::id::TagId>,
    pub authors: Vec<crate::article::Byline>,
}

/// A FAQ entry that holds what it must.
pub(super) enum DraftFaq {
    New(NewFaq),
    Existing(FaqId),
}

/// A FAQ input that holds what it must.
pub(super) struct NewFaq {
    pub question: String,
    pub answer: String,
    pub slug: Option<Slug>,
    pub tags: Vec<crate::id::TagId>,
}

/// Checks a whole article; `existing` are the sections that may be kept by their ids.
pub(super) fn article(unit: &mut Unit<'_>, input: ArticleInput, existing: &[Section]) -> Result<Draft> {
    let mut v = Violations::default();
    let locale = v.take("/locale", Locale::parse(&input.locale));
    let slug = optional(&mut v, "/slug", input.slug, |slug| Slug::parse(&slug));
    let title = v.take("/title", text::line(input.title, text::TITLE_LIMIT));
    let dek = optional(&mut v, "/dek", input.dek, |dek| text::line(dek, text::LINE_LIMIT));
    let excerpt = optional(&mut v, "/excerpt", input.excerpt, |excerpt| {
        text::line(excerpt, text::LINE_LIMIT)
    });
    let cover = input.cover.and_then(|given| cover(&mut v, "/cover", given));
    let seo = seo(&mut v, "/seo", input.seo);
    let metadata = v.take("/metadata", Metadata::parse(input.metadata));
    let sections = sections(unit, &mut v, input.sections, existing);
    let faqs = faq_entries(unit, &mut v, input.faqs)?;
    let tags = links::tags(unit, &mut v, "/tags", &input.tags, Article::TAGS)?;
    let authors = links::bylines(unit, &mut v, "/authors", &input.authors)?;
    v.finish()?;
    // Each of these is there: a missing one left a violation.
    let (Some(locale), Some(title), Some(metadata)) = (locale, title, metadata) else {
        return Err(Refused::new("invalid", "This article cannot be read.").at(""));
    };
    Ok(Draft {
        kind: input.kind,
        locale,
        slug,
        title,
        dek,
        excerpt,
        cover,
        seo,
        metadata,
        sections,
        faqs,
        tags,
        authors,
    })
}

pub(super) fn cover(v: &mut Violations, at: &str, given: Cover) -> Option<Cover> {
    let line = |text| text::line(text, text::LINE_LIMIT);
    let url = v.take(&format!("{at}/url"), text::address(given.url));
    let alt = optional(v, &format!("{at}/alt"), given.alt, alternative);
    let caption = optional(v, &format!("{at}/caption"), given.caption, line);
    let credit = optional(v, &format!("{at}/credit"), given.credit, line);
    Some(Cover {
        url: url?,
        alt,
        caption,
        credit,
    })
}

pub(super) fn image(v: &mut Violations, at: &str, given: Image) -> Option<Image> {
    let url = v.take(&format!("{at}/url"), text::address(given.url));
    let alt = optional(v, &format!("{at}/alt"), given.alt, alternative);
    Some(Image { url: url?, alt })
}

/// Alternative text may be empty: that says the picture is decoration.
fn alternative(alt: String) -> Result<String, Refused> {
    if alt.is_empty() {
        Ok(alt)
    } else {
        text::line(alt, text::LINE_LIMIT)
    }
}

pub(super) fn seo(v: &mut Violations, at: &str, given: Seo) -> Seo {
    Seo {
        title: optional(v, &format!("{at}/title"), given.title, |t| {
            text::line(t, text::TITLE_LIMIT)
        }),
        description: optional(v, &format!("{at}/description"), given.description, |t| {
            text::line(t, text::LINE_LIMIT)
        }),
        canonical_url: optional(
            v,
            &format!("{at}/canonical_url"),
            given.canonical_url,
            text::address,
        ),
        image: given
            .image
            .and_then(|given| image(v, &format!("{at}/image"), given)),
        no_index: given.no_index,
    }
}

/// Checks sections in their order and gives headings their anchors.
pub(super) fn sections(
    unit: &Unit<'_>,
    v: &mut Violations,
    inputs: Vec<SectionInput>,
    existing: &[Section],
) -> Vec<Section> {
    if inputs.len() > Article::SECTIONS {
        let limit = Article::SECTIONS;
        v.add(
            "/sections",
            "too_many",
            format!(
                "An article has at most {limit} sections, this has {}.",
                inputs.len()
            ),
        );
        return Vec::new();
    }
    let named: Vec<_> = inputs
        .iter()
        .map(|input| input.id.as_deref().and_then(SectionId::parse))
        .collect();
    let mut seen = HashSet::new();
    for (index, (input, id)) in inputs.iter().zip(&named).enumerate() {
        match id {
            None if input.id.is_some() => {
                v.add(
                    format!("/sections/{index}/id"),
                    "invalid_id",
                    "A section's id is a UUID.",
                );
            }
            Some(id) if !seen.insert(*id) => {
                v.add(
                    format!("/sections/{index}/id"),
                    "duplicate",
                    "This id stands twice in the list.",
                );
            }
            _ => {}
        }
    }
    // Anchors of kept sections are reserved before any new one is made of a heading.
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for section in existing.iter().filter(|section| seen.contains(&section.id)) {
        taken.extend(section.anchors().map(str::to_owned));
    }
    inputs
        .into_iter()
        .zip(named)
        .enumerate()
        .filter_map(|(index, (input, id))| {
            let before = id.and_then(|id| existing.iter().find(|section| section.id == id));
            section(unit, v, &format!("/sections/{index}"), input, before, &mut taken)
        })
        .collect()
}

/// Checks one section; `taken` holds the anchors of the article and receives this one's.
pub(super) fn section(
    unit: &Unit<'_>,
    v: &mut Violations,
    at: &str,
    input: SectionInput,
    before: Option<&Section>,
    taken: &mut BTreeSet<String>,
) -> Option<Section> {
    let given_id = input.id.as_deref().and_then(SectionId::parse);
    let mut aliases = before
        .map(|section| section.anchor_aliases.clone())
        .unwrap_or_default();
    let old = before.and_then(|section| section.heading.as_ref());
    let heading = heading(v, at, input.heading, input.level, input.anchor, old, taken);
    let content = content(v, at, input.content);
    if let Some(old) = old {
        let kept = heading
            .as_ref()
            .is_some_and(|heading| heading.anchor == old.anchor);
        if !kept && !aliases.contains(&old.anchor) {
            aliases.push(old.anchor.clone());
        }
    }
    // An alias that becomes the anchor again is no alias.
    aliases.retain(|alias| heading.as_ref().is_none_or(|heading| heading.anchor != *alias));
    let made = Section {
        id: before
            .map(|section| section.id)
            .or(given_id)
            .unwrap_or_else(|| SectionId::next(unit.ids)),
        heading,
        anchor_aliases: aliases,
        content: content?,
        revision: before.map_or(1, |section| section.revision),
        created_at: before.map_or(unit.now, |section| section.created_at),
        updated_at: before.map_or(unit.now, |section| section.updated_at),
    };
    Some(match before {
        Some(before) if *before != made => Section {
            revision: before.revision.saturating_add(1),
            updated_at: unit.now,
            ..made
        },
        _ => made,
    })
}

fn heading(
    v: &mut Violations,
    at: &str,
    text: Option<String>,
    level: Option<u8>,
    anchor: Option<String>,
    old: Option<&Heading>,
    taken: &mut BTreeSet<String>,
) -> Option<Heading> {
    let level = level.or(old.map(|old| old.level)).unwrap_or(Section::LEVEL);
    if !(2..=4).contains(&level) {
        v.add(
            format!("{at}/level"),
            "out_of_range",
            format!("A heading's level is 2, 3 or 4, not {level}."),
        );
    }
    if text.is_none() && anchor.is_some() {
        v.add(
            format!("{at}/anchor"),
            "not_applicable",
            "An anchor belongs to a heading, and this section has none.",
        );
    }
    let text = optional(v, &format!("{at}/heading"), text, |text| {
        text::line(text, text::TITLE_LIMIT)
    })?;
    let anchor = match (anchor, old) {
        (Some(chosen), Some(old)) if chosen == old.anchor => chosen,
        (Some(chosen), _) => chosen_anchor(v, at, &chosen, taken)?,
        (None, Some(old)) => old.anchor.clone(),
        (None, None) => rendering::unique_anchor(&text, taken),
    };
    taken.insert(anchor.clone());
    Some(Heading { text, level, anchor })
}

fn chosen_anchor(v: &mut Violations, at: &str, chosen: &str, taken: &BTreeSet<String>) -> Option<String> {
    let pointer = format!("{at}/anchor");
    let slug = v.take(
        &pointer,
        Slug::parse(chosen).map_err(|refused| Refused {
            code: "invalid_anchor",
            ..refused
        }),
    )?;
    if taken.contains(slug.as_str()) {
        v.add(
            pointer,
            "duplicate",
            "Another section of this article has this anchor, or had it before.",
        );
        return None;
    }
    Some(slug.to_string())
}

/// Checks what a section holds, by its kind.
pub(super) fn content(v: &mut Violations, at: &str, given: SectionContent) -> Option<SectionContent> {
    let line = |text| text::line(text, text::LINE_LIMIT);
    let markdown = |text| text::markdown(text, text::BODY_LIMIT);
    let at = |field: &str| format!("{at}/{field}");
    Some(match given {
        SectionContent::Text { body } => SectionContent::Text {
            body: v.take(&at("body"), markdown(body))?,
        },
        SectionContent::Quote {
            body,
            attribution,
            source_url,
        } => {
            let body = v.take(&at("body"), markdown(body));
            let attribution = optional(v, &at("attribution"), attribution, line);
            let source_url = optional(v, &at("source_url"), source_url, text::address);
            SectionContent::Quote {
                body: body?,
                attribution,
                source_url,
            }
        }
        SectionContent::Image {
            image,
            alt,
            caption,
            credit,
        } => {
            let image = v.take(&at("image"), text::address(image));
            let alt = optional(v, &at("alt"), alt, alternative);
            let caption = optional(v, &at("caption"), caption, line);
            let credit = optional(v, &at("credit"), credit, line);
            SectionContent::Image {
                image: image?,
                alt,
                caption,
                credit,
            }
        }
        SectionContent::Embed { url, title } => {
            let url = v.take(&at("url"), text::address(url));
            let title = optional(v, &at("title"), title, line);
            SectionContent::Embed { url: url?, title }
        }
        SectionContent::Callout { tone, body } => SectionContent::Callout {
            tone,
            body: v.take(&at("body"), markdown(body))?,
        },
    })
}

/// Checks the FAQs of an article: new ones by their words, others by being there.
pub(super) fn faq_entries(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    entries: Vec<FaqEntry>,
) -> Result<Vec<DraftFaq>> {
    if entries.len() > Article::FAQS {
        let limit = Article::FAQS;
        v.add(
            "/faqs",
            "too_many",
            format!(
                "An article links at most {limit} FAQs, this links {}.",
                entries.len()
            ),
        );
        return Ok(Vec::new());
    }
    let ids: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            FaqEntry::Existing(id) => FaqId::parse(id),
            FaqEntry::New(_) => None,
        })
        .collect();
    let there: HashSet<_> = unit
        .repository
        .faqs_by_id(&ids)?
        .into_iter()
        .map(|faq| faq.id)
        .collect();
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let at = format!("/faqs/{index}");
        match entry {
            FaqEntry::New(input) => out.extend(faq(unit, v, &at, input)?.map(DraftFaq::New)),
            FaqEntry::Existing(text) => match FaqId::parse(&text).filter(|id| there.contains(id)) {
                None => v.add(
                    format!("{at}/id"),
                    "unknown_faq",
                    format!("There is no FAQ {text}."),
                ),
                Some(id) if !seen.insert(id) => {
                    v.add(
                        format!("{at}/id"),
                        "duplicate",
                        "This FAQ stands twice in the list.",
                    );
                }
                Some(id) => out.push(DraftFaq::Existing(id)),
            },
        }
    }
    Ok(out)
}

/// Checks the words of a FAQ.
pub(super) fn faq(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    at: &str,
    input: FaqInput,
) -> Result<Option<NewFaq>> {
    let question = v.take(
        &format!("{at}/question"),
        text::line(input.question, text::QUESTION_LIMIT),
    );
    let answer = v.take(
        &format!("{at}/answer"),
        text::markdown(input.answer, text::ANSWER_LIMIT),
    );
    let slug = optional(v, &format!("{at}/slug"), input.slug, |slug| Slug::parse(&slug));
    let tags = links::tags(unit, v, &format!("{at}/tags"), &input.tags, Faq::TAGS)?;
    Ok(question.zip(answer).map(|(question, answer)| NewFaq {
        question,
        answer,
        slug,
        tags,
    }))
}
