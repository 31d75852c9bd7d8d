//! From one file to what is asked of the domain, without touching a store.

use std::collections::HashSet;

use masthead_domain::article::ArticleKind;
use masthead_domain::clock::Instant;
use masthead_domain::faq::FaqInput;
use masthead_domain::locale::Locale;
use masthead_domain::rendering::{self, Document, DocumentFaq, DocumentSection, slugify};
use masthead_domain::section::SectionContent;
use masthead_domain::slug::Slug;
use masthead_domain::use_cases::authors::AuthorInput;
use masthead_domain::use_cases::drafting::{ArticleInput, BylineInput, FaqEntry, SectionInput};
use masthead_domain::use_cases::import::{Import, Visibility};
use masthead_domain::use_cases::tags::TagInput;

use super::fields::Noticed;
use super::file_name::Hints;
use super::header::{Header, Wanted};
use super::names::Named;
use super::{Note, file_name, front_matter, yaml};

/// One file, understood.
#[derive(Debug)]
pub(super) struct Plan {
    pub import: Import,
    pub locale: Locale,
    pub slug: Slug,
    pub tags: Vec<Named>,
    pub authors: Vec<Named>,
    pub notes: Vec<Note>,
    pub noticed: Noticed,
    /// FAQs that stand in the front matter, and so have a line.
    pub faqs_above: usize,
}

/// Understands a file; everything that is wrong with it is said at once.
pub(super) fn plan(path: &str, bytes: Vec<u8>, fallback: &Locale, now: Instant) -> Result<Plan, Vec<String>> {
    let text = front_matter::decode(bytes).map_err(|problem| vec![problem])?;
    let divided = front_matter::divide(&text).map_err(|problem| vec![problem])?;
    let root = yaml::read(divided.yaml, front_matter::LINES_BEFORE).map_err(|problem| vec![problem])?;
    let mut noticed = Noticed::default();
    let header = Header::read(root, &mut noticed);
    let document = rendering::split(divided.body);
    let hints = file_name::hints(path);
    assemble(header, document, hints, fallback, now, noticed)
}

fn assemble(
    mut header: Header,
    document: Document,
    hints: Hints,
    fallback: &Locale,
    now: Instant,
    mut noticed: Noticed,
) -> Result<Plan, Vec<String>> {
    notes_of(&document, &mut noticed);
    let title = title(&mut header, document.title, &mut noticed);
    let slug = slug(&header, hints.slug, title.as_deref(), &mut noticed);
    let locale = header
        .locale
        .take()
        .or(hints.locale)
        .unwrap_or_else(|| fallback.clone());
    let visibility = visibility(&header, now, &mut noticed);
    let faqs_above = header.faqs.len();
    let faqs = faqs(std::mem::take(&mut header.faqs), document.faqs, &mut noticed);
    let (Some(title), Some(slug), Some(visibility), true) =
        (title, slug, visibility, noticed.problems.is_empty())
    else {
        return Err(noticed.problems);
    };
    header.title = Some(title);
    let import = Import {
        tags: header.tags.iter().map(tag).collect(),
        authors: header.authors.iter().map(author).collect(),
        visibility,
        article: article(&mut header, document.sections, &locale, &slug, faqs),
    };
    let notes = std::mem::take(&mut noticed.notes);
    let (tags, authors) = (header.tags, header.authors);
    Ok(Plan {
        import,
        locale,
        slug,
        tags,
        authors,
        notes,
        noticed,
        faqs_above,
    })
}

fn article(
    header: &mut Header,
    sections: Vec<DocumentSection>,
    locale: &Locale,
    slug: &Slug,
    faqs: Vec<FaqInput>,
) -> ArticleInput {
    ArticleInput {
        translation_of: None,
        kind: header.kind.unwrap_or(ArticleKind::Article),
        locale: locale.to_string(),
        slug: Some(slug.to_string()),
        title: header.title.take().unwrap_or_default(),
        dek: header.dek.take(),
        excerpt: header.excerpt.take(),
        cover: header.cover.take(),
        seo: std::mem::take(&mut header.seo),
        metadata: std::mem::take(&mut header.metadata),
        sections: sections.into_iter().map(section).collect(),
        faqs: faqs.into_iter().map(FaqEntry::New).collect(),
        tags: header.tags.iter().map(|tag| tag.slug.to_string()).collect(),
        authors: header.authors.iter().map(byline).collect(),
    }
}

/// What the text loses on its way to readers.
fn notes_of(document: &Document, noticed: &mut Noticed) {
    for warning in &document.warnings {
        noticed.note(warning.code, warning.message.clone());
    }
    for section in &document.sections {
        let place = place_of(section.heading.as_deref());
        notes_of_markdown(&place, &section.body, noticed);
    }
    for faq in &document.faqs {
        notes_of_markdown(&format!("question \"{}\"", faq.question), &faq.answer, noticed);
    }
}

fn notes_of_markdown(place: &str, markdown: &str, noticed: &mut Noticed) {
    for warning in rendering::render(markdown, "import").warnings {
        noticed.note(warning.code, format!("{place}: {}", warning.message));
    }
}

pub(super) fn place_of(heading: Option<&str>) -> String {
    heading.map_or_else(
        || "text without a heading".to_owned(),
        |heading| format!("section \"{heading}\""),
    )
}

fn title(header: &mut Header, above: Option<String>, noticed: &mut Noticed) -> Option<String> {
    match (header.title.take(), above) {
        (Some(title), Some(heading)) if title != heading => {
            let message =
                format!("The heading \"{heading}\" at the top is not carried: the title is \"{title}\".");
            noticed.note("heading_dropped", message);
            Some(title)
        }
        (Some(title), _) | (None, Some(title)) => Some(title),
        (None, None) => {
            noticed.problem(
                "/title",
                "There is no title; write `title: …` in the front matter, or begin the text with `# …`.",
            );
            None
        }
    }
}

fn slug(header: &Header, hint: Option<Slug>, title: Option<&str>, noticed: &mut Noticed) -> Option<Slug> {
    let made = || title.and_then(|title| Slug::parse(&slugify(title)).ok());
    let slug = header.slug.clone().or(hint).or_else(made);
    // A slug that was refused has its problem already, and so has a missing title.
    if slug.is_none() && title.is_some() && !noticed.lines.contains_key("/slug") {
        noticed.problem(
            "/slug",
            "No slug can be made of the file's name or the title; write `slug: …`.",
        );
    }
    slug
}

fn visibility(header: &Header, now: Instant, noticed: &mut Noticed) -> Option<Visibility> {
    match (header.status.unwrap_or(Wanted::Draft), header.date) {
        (Wanted::Draft, date) => {
            if date.is_some() {
                noticed.note(
                    "date_not_kept",
                    "A draft has no date; this one is used when the file says `published`.",
                );
            }
            Some(Visibility::Draft)
        }
        (Wanted::Published, Some(date)) if date > now => {
            let message = format!("The date {date} lies ahead: scheduled for it instead of published.");
            noticed.note("scheduled_instead", message);
            Some(Visibility::Scheduled(date))
        }
        (Wanted::Published, date) => Some(Visibility::Published(date)),
        (Wanted::Scheduled, Some(date)) => Some(Visibility::Scheduled(date)),
        (Wanted::Scheduled, None) => {
            if !noticed.lines.contains_key("/date") {
                noticed.problem("/status", "`scheduled` needs a `date` to come.");
            }
            None
        }
    }
}

/// Those of the front matter first; a question that stands twice is one question.
fn faqs(above: Vec<FaqInput>, below: Vec<DocumentFaq>, noticed: &mut Noticed) -> Vec<FaqInput> {
    for faq in &above {
        notes_of_markdown(&format!("question \"{}\"", faq.question), &faq.answer, noticed);
    }
    let below = below.into_iter().map(|faq| FaqInput {
        question: faq.question,
        answer: faq.answer.trim_end().to_owned(),
        slug: None,
        tags: Vec::new(),
    });
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for faq in above.into_iter().chain(below) {
        if seen.insert(faq.question.clone()) {
            kept.push(faq);
        } else {
            let message = format!(
                "The question \"{}\" stands twice; its first answer is kept.",
                faq.question
            );
            noticed.note("faq_twice", message);
        }
    }
    kept
}

fn section(section: DocumentSection) -> SectionInput {
    SectionInput {
        id: None,
        heading: section.heading,
        level: Some(section.level),
        anchor: None,
        content: SectionContent::Text { body: section.body },
    }
}

fn byline(author: &Named) -> BylineInput {
    BylineInput {
        slug: author.slug.to_string(),
        role: author.role,
    }
}

fn tag(tag: &Named) -> TagInput {
    TagInput {
        slug: Some(tag.slug.to_string()),
        name: tag.name.clone(),
        ..TagInput::default()
    }
}

fn author(author: &Named) -> AuthorInput {
    AuthorInput {
        slug: Some(author.slug.to_string()),
        name: author.name.clone(),
        ..AuthorInput::default()
    }
}

impl Plan {
    /// What will become of it for readers.
    pub fn status(&self) -> String {
        match self.import.visibility {
            Visibility::Draft => "draft".to_owned(),
            Visibility::Published(_) => "published".to_owned(),
            Visibility::Scheduled(at) => format!("scheduled for {}", at.format("%Y-%m-%dT%H:%M:%SZ")),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
