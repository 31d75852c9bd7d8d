//! Reading notes: threads with their latest replies, the names in them, and whether what they are about is there.

use std::collections::HashMap;

use super::is_seen;
use crate::error::{Error, Resource, Result};
use crate::history::Subject;
use crate::id::{NoteId, SectionId};
use crate::note::{Note, NoteSort};
use crate::page::{Page, PageRequest};
use crate::repository::NoteFilter;
use crate::rights::{Credential, Permission};
use crate::use_cases::Unit;

/// What those are called who stand behind credentials; `None` for who has no name.
pub type Names = HashMap<Credential, Option<String>>;

/// A note as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteView {
    /// The note.
    pub note: Note,
    /// The first note of its thread: itself, or the one that it replies to.
    pub first: Note,
    /// Of a first note, the replies in the order in which they came; in lists, the latest of them.
    pub replies: Vec<Note>,
    /// Whether the section it is about is not in the working copy now.
    pub section_missing: bool,
    /// Who wrote, resolved and is mentioned.
    pub names: Names,
}

/// Which threads are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThreadQuery {
    /// About this section.
    pub section: Option<SectionId>,
    /// Resolved, or open.
    pub resolved: Option<bool>,
}

/// A part of the list of threads about an article or FAQ.
pub fn list(
    unit: &mut Unit<'_>,
    subject: Subject,
    query: ThreadQuery,
    page: &PageRequest<NoteSort>,
) -> Result<Page<NoteView>> {
    unit.actor.require_notes_read()?;
    match subject {
        Subject::Article(id) => {
            let found = unit.repository.article(id)?;
            found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
        }
        Subject::Faq(id) => {
            unit.actor.require(Permission::ContentRead)?;
            let found = unit.repository.faq(id)?;
            found.ok_or_else(|| Error::not_found(Resource::Faq, id))?;
        }
    }
    let filter = NoteFilter {
        subject: Some(subject),
        section: query.section,
        resolved: query.resolved,
        ..NoteFilter::default()
    };
    threads(unit, filter, page)
}

/// A part of the list of all threads, or of those that mention whoever asks.
pub fn inbox(
    unit: &mut Unit<'_>,
    resolved: Option<bool>,
    mentioning_me: bool,
    page: &PageRequest<NoteSort>,
) -> Result<Page<NoteView>> {
    unit.actor.require_notes_read()?;
    let mentions = mentioning_me.then(|| unit.actor.require_mentionable());
    let filter = NoteFilter {
        resolved,
        mentions: mentions.transpose()?,
        ..NoteFilter::default()
    };
    threads(unit, filter, page)
}

/// One note; the first of a thread with all replies.
pub fn get(unit: &mut Unit<'_>, id: NoteId) -> Result<NoteView> {
    unit.actor.require_notes_read()?;
    let found = unit.repository.note(id)?;
    let note = found.ok_or_else(|| Error::not_found(Resource::Note, id))?;
    let view = view(unit, note, true)?;
    if is_seen(unit.actor, &view.first) {
        Ok(view)
    } else {
        Err(Error::not_found(Resource::Note, id))
    }
}

/// A note with what is shown of it, all replies or the latest.
pub(super) fn view(unit: &mut Unit<'_>, note: Note, whole: bool) -> Result<NoteView> {
    let first = if note.is_first() {
        note.clone()
    } else {
        let first = unit.repository.note(note.thread)?;
        first.ok_or_else(|| Error::not_found(Resource::Note, note.id))?
    };
    let mut views = views(
        unit,
        vec![(note, first)],
        if whole { Note::REPLIES } else { Note::SHOWN },
    )?;
    let view = views.pop();
    // One went in, so one came out.
    view.ok_or_else(|| Error::not_found(Resource::Note, ""))
}

fn threads(unit: &mut Unit<'_>, filter: NoteFilter, page: &PageRequest<NoteSort>) -> Result<Page<NoteView>> {
    let begun_by = (!unit.actor.reads_all_notes()).then_some(unit.actor.credential);
    let page = unit
        .repository
        .threads(&NoteFilter { begun_by, ..filter }, page)?;
    let firsts = page.items.into_iter().map(|first| (first.clone(), first));
    Ok(Page {
        items: views(unit, firsts.collect(), Note::SHOWN)?,
        next: page.next,
        previous: page.previous,
        total: page.total,
    })
}

/// Notes with the first of their threads, and everything that is shown beside them.
fn views(unit: &mut Unit<'_>, notes: Vec<(Note, Note)>, each: usize) -> Result<Vec<NoteView>> {
    let threads: Vec<NoteId> = notes
        .iter()
        .filter(|(note, _)| note.is_first() && note.replies > 0)
        .map(|(note, _)| note.id)
        .collect();
    let mut replies: HashMap<NoteId, Vec<Note>> = HashMap::new();
    for reply in unit.repository.replies(&threads, each)? {
        replies.entry(reply.thread).or_default().push(reply);
    }
    let sections: Vec<SectionId> = notes.iter().filter_map(|(_, first)| first.section).collect();
    let there = unit.repository.sections_there(&sections)?;
    let is_there = |first: &Note| {
        let (Some(section), Subject::Article(article)) = (first.section, first.subject) else {
            return true;
        };
        there.contains(&(section, article))
    };
    let all = notes
        .iter()
        .flat_map(|(note, first)| [note, first])
        .chain(replies.values().flatten());
    let names = names(unit, all)?;
    let own = |shown: &[&Note]| -> Names {
        let credentials = shown.iter().flat_map(|note| credentials(note));
        credentials
            .filter_map(|credential| Some((credential, names.get(&credential)?.clone())))
            .collect()
    };
    let shown = notes.into_iter().map(|(note, first)| {
        let replies = note
            .is_first()
            .then(|| replies.remove(&note.id))
            .flatten()
            .unwrap_or_default();
        let said: Vec<&Note> = [&note, &first].into_iter().chain(&replies).collect();
        NoteView {
            names: own(&said),
            section_missing: !is_there(&first),
            replies,
            note,
            first,
        }
    });
    Ok(shown.collect())
}

/// Everybody whom a note names.
fn credentials(note: &Note) -> impl Iterator<Item = Credential> {
    let resolved = note.resolved.map(|(_, by)| by);
    let mentions = note.mentions.iter().map(|id| Credential::User(*id));
    [note.created_by].into_iter().chain(resolved).chain(mentions)
}

fn names<'a>(unit: &mut Unit<'_>, notes: impl Iterator<Item = &'a Note>) -> Result<Names> {
    let mut wanted: Vec<Credential> = Vec::new();
    let mut met = Names::new();
    for credential in notes.flat_map(credentials) {
        if met.insert(credential, None).is_none() {
            wanted.push(credential);
        }
    }
    let names = unit.repository.names_of(&wanted)?;
    Ok(wanted.into_iter().zip(names).collect())
}
