//! What differs between two revisions: fields, and sections by their identity.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lists::movers;
use super::words::{Piece, pieces};
use super::{Document, Part};
use crate::id::SectionId;

/// What differs between two revisions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// Fields and lists.
    pub fields: Vec<FieldDiff>,
    /// Sections that only the later one has, with their places in it.
    pub added: Vec<(usize, Part)>,
    /// Sections that only the earlier one has, with their places in it.
    pub removed: Vec<(usize, Part)>,
    /// Sections that stand elsewhere, as few as there can be.
    pub moved: Vec<Moved>,
    /// Sections that hold something else.
    pub changed: Vec<SectionDiff>,
}

/// A value that is another.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDiff {
    /// JSON Pointer into the article, the FAQ or the section.
    pub pointer: String,
    /// What it was; null where there was nothing.
    pub before: Value,
    /// What it is; null where there is nothing.
    pub after: Value,
    /// Of two texts: what differs, word by word.
    pub pieces: Vec<Piece>,
}

/// A section that stands elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub section: SectionId,
    /// Its place in the earlier revision, from 0.
    pub from: usize,
    /// Its place in the later one.
    pub to: usize,
}

/// A section that holds something else.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionDiff {
    /// Which.
    pub section: SectionId,
    /// What in it.
    pub fields: Vec<FieldDiff>,
}

/// Tells what differs.
#[must_use]
pub fn diff(before: &Document, after: &Document) -> Diff {
    let mut found = Diff::default();
    let (was, is) = (before.flat(), after.flat());
    for field in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let pointer = format!("/{field}");
        compare(&pointer, was.get(field), is.get(field), &mut found.fields);
    }
    let only = |one: &Document, other: &Document| -> Vec<(usize, Part)> {
        let parts = one.sections.iter().cloned().enumerate();
        parts
            .filter(|(_, part)| other.section(part.id).is_none())
            .collect()
    };
    found.added = only(after, before);
    found.removed = only(before, after);
    let both = |one: &Document, other: &Document| -> Vec<SectionId> {
        let ids = one.order().into_iter();
        ids.filter(|id| other.section(*id).is_some()).collect()
    };
    let moved = movers(&both(before, after), &both(after, before));
    let place = |document: &Document, id| document.sections.iter().position(|part| part.id == id);
    found.moved = moved
        .into_iter()
        .filter_map(|section| {
            Some(Moved {
                section,
                from: place(before, section)?,
                to: place(after, section)?,
            })
        })
        .collect();
    for part in &after.sections {
        let Some(old) = before.section(part.id) else {
            continue;
        };
        let mut fields = Vec::new();
        for name in old
            .fields
            .keys()
            .chain(part.fields.keys())
            .collect::<BTreeSet<_>>()
        {
            compare(
                &format!("/{name}"),
                old.fields.get(name),
                part.fields.get(name),
                &mut fields,
            );
        }
        if !fields.is_empty() {
            let section = part.id;
            found.changed.push(SectionDiff { section, fields });
        }
    }
    found
}

/// Two values; objects by their keys.
fn compare(pointer: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<FieldDiff>) {
    if before == after {
        return;
    }
    if let (Some(Value::Object(was)), Some(Value::Object(is))) = (before, after) {
        for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            compare(
                &format!("{pointer}/{escaped}"),
                was.get(name),
                is.get(name),
                found,
            );
        }
        return;
    }
    let pieces = match (before, after) {
        (Some(Value::String(was)), Some(Value::String(is))) => pieces(was, is),
        _ => Vec::new(),
    };
    found.push(FieldDiff {
        pointer: pointer.to_owned(),
        before: before.cloned().unwrap_or_default(),
        after: after.cloned().unwrap_or_default(),
        pieces,
    });
}

#[cfg(test)]
mod tests {
    use super::super::samples::{article, with_body};
    use super::super::words::Op;
    use super::*;

    #[test]
    fn a_pure_reorder_shows_only_what_moved() {
        let before = article(&["One.", "Two.", "Three."]);
        let mut after = before.clone();
        after.sections.rotate_right(1);
        let found = diff(&(&before).into(), &(&after).into());
        let moved = Moved {
            section: before.sections[2].id,
            from: 2,
            to: 0,
        };
        let expected = Diff {
            moved: vec![moved],
            ..Diff::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn sections_are_told_apart_by_their_ids() {
        let before = article(&["One.", "Two."]);
        let mut after = with_body(&before, 1, "Two and a half.");
        after.sections.remove(0);
        after
            .sections
            .push(article(&["", "", "New."]).sections[2].clone());
        after.title = "Other title".into();
        let found = diff(&(&before).into(), &(&after).into());
        assert_eq!(found.fields.len(), 1);
        assert_eq!(found.fields[0].pointer, "/title");
        assert_eq!(found.removed[0].1.id, before.sections[0].id);
        assert_eq!((found.added.len(), found.added[0].0), (1, 1));
        assert!(found.moved.is_empty());
        let body = &found.changed[0].fields[0];
        assert_eq!((body.pointer.as_str(), body.pieces.len()), ("/body", 3));
        assert_eq!(body.pieces[1].op, Op::Insert);
    }
}
