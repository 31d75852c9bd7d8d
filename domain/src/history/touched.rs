//! What a write changed: by the names of fields and sections, and in a line.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::lists::movers;
use super::{Document, Entry, Field};
use crate::article::Article;
use crate::faq::Faq;
use crate::id::SectionId;
use crate::rights::words;
use crate::section::Section;

words! {
    /// What happened to a section.
    How {
        /// It was put in.
        Added = "added",
        /// It was taken out.
        Removed = "removed",
        /// It stands elsewhere.
        Moved = "moved",
        /// It holds something else.
        Changed = "changed",
    }
}

/// What a write changed. A first revision says nothing: everything is new in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Touched {
    /// Fields and lists.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Sections; one may have moved and changed.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<TouchedSection>,
}

/// A section that a write changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchedSection {
    /// Which.
    #[serde(rename = "i")]
    pub id: SectionId,
    /// How.
    #[serde(rename = "h")]
    pub how: How,
    /// The section's own revision afterwards; the last that it had, if it was removed.
    #[serde(rename = "r")]
    pub revision: u32,
}

/// Names in a line; the others are counted.
const NAMED: usize = 4;
/// Characters of a heading in a line.
const HEADING: usize = 60;

impl Touched {
    /// What differs between two states of an article.
    #[must_use]
    pub fn between(before: &Article, after: &Article) -> Self {
        let fields = differing(&before.into(), &after.into());
        let known: HashMap<_, _> = before
            .sections
            .iter()
            .map(|section| (section.id, section))
            .collect();
        let left: HashMap<_, _> = after
            .sections
            .iter()
            .map(|section| (section.id, section))
            .collect();
        let mut sections = Vec::new();
        let mut note = |section: &Section, how| {
            let (id, revision) = (section.id, section.revision);
            sections.push(TouchedSection { id, how, revision });
        };
        for section in before.sections.iter().filter(|one| !left.contains_key(&one.id)) {
            note(section, How::Removed);
        }
        let both = |list: &[Section], other: &HashMap<SectionId, &Section>| -> Vec<SectionId> {
            let ids = list.iter().map(|section| section.id);
            ids.filter(|id| other.contains_key(id)).collect()
        };
        let moved = movers(&both(&before.sections, &left), &both(&after.sections, &known));
        for section in &after.sections {
            match known.get(&section.id) {
                None => note(section, How::Added),
                Some(was) if *was != section => note(section, How::Changed),
                Some(_) => {}
            }
            if moved.contains(&section.id) {
                note(section, How::Moved);
            }
        }
        Self { fields, sections }
    }

    /// What differs between two states of a FAQ.
    #[must_use]
    pub fn between_faqs(before: &Faq, after: &Faq) -> Self {
        Self {
            fields: differing(&before.into(), &after.into()),
            sections: Vec::new(),
        }
    }

    /// In a line, behind what was done.
    fn line(&self, done: &str, headings: &HashMap<SectionId, String>) -> String {
        let mut names: Vec<String> = self
            .fields
            .iter()
            .map(|field| field.as_str().to_owned())
            .collect();
        let mut met = Vec::new();
        for section in &self.sections {
            if !met.contains(&section.id) {
                met.push(section.id);
                names.extend(headings.get(&section.id).cloned());
            }
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        match (names.is_empty(), more) {
            (true, _) => done.to_owned(),
            (false, 0) => format!("{done}: {}", names.join(", ")),
            (false, more) => format!("{done}: {} and {more} more", names.join(", ")),
        }
    }
}

fn differing(before: &Document, after: &Document) -> Vec<Field> {
    let (before, after) = (before.flat(), after.flat());
    let fields = after
        .iter()
        .filter(|(field, value)| before.get(field) != Some(value));
    fields.map(|(field, _)| *field).collect()
}

fn heading(section: &Section) -> String {
    match &section.heading {
        Some(heading) => {
            let text: String = heading.text.chars().take(HEADING).collect();
            format!("“{text}”")
        }
        None => section.content.kind().to_string(),
    }
}

impl Entry {
    /// Of a thing that is new.
    #[must_use]
    pub fn first(done: &str) -> Self {
        Self {
            note: done.to_owned(),
            touched: Touched::default(),
        }
    }

    /// Of a write that made one state of an article another.
    #[must_use]
    pub fn of_article(done: &str, before: &Article, after: &Article) -> Self {
        let touched = Touched::between(before, after);
        let sections = before.sections.iter().chain(&after.sections);
        let headings = sections.map(|section| (section.id, heading(section))).collect();
        Self {
            note: touched.line(done, &headings),
            touched,
        }
    }

    /// Of a write that made one state of a FAQ another.
    #[must_use]
    pub fn of_faq(done: &str, before: &Faq, after: &Faq) -> Self {
        let touched = Touched::between_faqs(before, after);
        Self {
            note: touched.line(done, &HashMap::new()),
            touched,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::article;
    use super::*;

    #[test]
    fn a_line_names_what_changed() {
        let before = article(&["One", "Two", "Three"]);
        let mut after = before.clone();
        after.title = "Other".into();
        after.sections[1].revision = 2;
        after.sections.swap(0, 2);
        let entry = Entry::of_article("replaced", &before, &after);
        assert!(entry.note.starts_with("replaced: title, “"), "{}", entry.note);
        let hows: Vec<_> = entry.touched.sections.iter().map(|section| section.how).collect();
        assert_eq!(hows.iter().filter(|how| **how == How::Moved).count(), 2);
        assert_eq!(hows.iter().filter(|how| **how == How::Changed).count(), 1);
        assert_eq!(Entry::of_article("replaced", &before, &before).note, "replaced");
    }

    #[test]
    fn a_small_change_takes_few_bytes() {
        let before = article(&["One", "Two"]);
        let mut after = before.clone();
        after.sections[1].revision = 2;
        let touched = Touched::between(&before, &after);
        let text = serde_json::to_string(&touched).unwrap();
        assert!(text.len() < 100, "{text}");
        assert_eq!(serde_json::from_str::<Touched>(&text).unwrap(), touched);
    }
}
