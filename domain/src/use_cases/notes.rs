//! Editorial notes: threads about an article, a section or a FAQ. None of this touches the text, its revision or readers.

mod reading;

use crate::article::Expected;
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::history::Subject;
use crate::id::{ArticleId, FaqId, NoteId, SectionId, UserId};
use crate::note::{Note, names_in};
use crate::rights::{Actor, Permission};
use crate::text::optional;
use crate::use_cases::Unit;

pub use reading::{Names, NoteView, ThreadQuery, get, inbox, list};

/// A note as a client writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteInput {
    /// Markdown.
    pub body: String,
    /// The section it is about.
    pub section: Option<String>,
    /// The words it is about.
    pub quote: Option<String>,
    /// Ids of accounts; those that the body names with `@` come to them.
    pub mentions: Vec<String>,
}

/// What `PATCH` may change; a missing field stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotePatch {
    /// Markdown.
    pub body: Option<String>,
    /// Ids of accounts, instead of those before.
    pub mentions: Option<Vec<String>>,
}

/// Begins a thread about an article or FAQ.
pub fn create(unit: &mut Unit<'_>, subject: Subject, input: NoteInput) -> Result<NoteView> {
    unit.actor.require_notes_write()?;
    let sections = lock_subject(unit, subject)?;
    let mut v = Violations::default();
    let limit = Note::THREADS;
    if unit.repository.count_threads(subject)? >= limit as u64 {
        let message = format!("There are {limit} threads here, which is the limit; delete some.");
        v.add("", "too_many", message);
    }
    let section = input.section.and_then(|text| {
        let id = SectionId::parse(&text).filter(|id| sections.contains(id));
        if id.is_none() {
            let message = format!("This article has no section {text}.");
            v.add("/section_id", "unknown_section", message);
        }
        id
    });
    let quote = optional(&mut v, "/quote", input.quote, Note::quote);
    let body = v.take("/body", Note::body(input.body));
    let named = names_in(body.as_deref().unwrap_or_default());
    let mentions = mentions(unit, &mut v, &input.mentions, &named)?;
    v.finish()?;
    let id = NoteId::next(unit.ids);
    let note = Note {
        section,
        quote,
        ..written(unit, id, id, subject, body, mentions)?
    };
    unit.repository.insert_note(&note)?;
    reading::view(unit, note, true)
}

/// Replies in a thread; this needs no precondition, for it takes nothing from anybody.
pub fn reply(unit: &mut Unit<'_>, thread: NoteId, input: NoteInput) -> Result<NoteView> {
    unit.actor.require_notes_write()?;
    let first = lock_thread(unit, thread)?;
    let mut v = Violations::default();
    let limit = Note::REPLIES;
    if first.replies as usize >= limit {
        let message = format!("A thread has at most {limit} replies; begin another.");
        v.add("", "too_many", message);
    }
    let body = v.take("/body", Note::body(input.body));
    let named = names_in(body.as_deref().unwrap_or_default());
    let mentions = mentions(unit, &mut v, &input.mentions, &named)?;
    v.finish()?;
    let id = NoteId::next(unit.ids);
    let note = written(unit, id, first.id, first.subject, body, mentions)?;
    unit.repository.insert_note(&note)?;
    let replies = first.replies.saturating_add(1);
    touch(unit, Note { replies, ..first })?;
    reading::view(unit, note, true)
}

/// Changes the words of one's own note.
pub fn patch(unit: &mut Unit<'_>, id: NoteId, expected: &Expected, patch: NotePatch) -> Result<NoteView> {
    unit.actor.require_notes_write()?;
    let (first, before) = lock(unit, id)?;
    unit.actor.require_own_note(before.created_by)?;
    expect(&before, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    let body = optional(&mut v, "/body", patch.body, Note::body);
    let is_new = body.as_ref().is_some_and(|body| *body != before.body);
    let named = body
        .as_deref()
        .filter(|_| is_new)
        .map(names_in)
        .unwrap_or_default();
    let given = patch
        .mentions
        .unwrap_or_else(|| before.mentions.iter().map(ToString::to_string).collect());
    // Whoever was mentioned and is gone by now stays named: nobody has to take them out to mend a word.
    let kept: Vec<_> = given
        .iter()
        .map(|text| UserId::parse(text).filter(|id| before.mentions.contains(id)))
        .collect();
    after.mentions = checked(unit, &mut v, &given, &kept, &named)?;
    v.finish()?;
    after.body = body.unwrap_or(after.body);
    if after == before {
        return reading::view(unit, after, true);
    }
    if after.is_first() {
        let after = touch(unit, after)?;
        return reading::view(unit, after, true);
    }
    after.revision = before.revision.saturating_add(1);
    after.updated_at = unit.now;
    unit.repository.update_note(&after)?;
    touch(unit, first)?;
    reading::view(unit, after, true)
}

/// Says that a thread is settled, or that it is not. One that is so already stays as it is.
pub fn settle(unit: &mut Unit<'_>, id: NoteId, expected: &Expected, resolved: bool) -> Result<NoteView> {
    unit.actor.require_notes_write()?;
    let first = lock_thread(unit, id)?;
    expect(&first, expected)?;
    if first.resolved.is_some() == resolved {
        return reading::view(unit, first, true);
    }
    let resolved = resolved.then_some((unit.now, unit.actor.credential));
    let first = touch(unit, Note { resolved, ..first })?;
    reading::view(unit, first, true)
}

/// Takes a note away: a reply alone, the first of a thread with all replies.
pub fn delete(unit: &mut Unit<'_>, id: NoteId, expected: &Expected) -> Result<()> {
    unit.actor.require_notes_write()?;
    let (first, note) = lock(unit, id)?;
    let others = note.is_first() && unit.repository.others_replied(first.id, note.created_by)?;
    unit.actor.require_note_deletion(note.created_by, others)?;
    expect(&note, expected)?;
    unit.repository.delete_note(id)?;
    if !note.is_first() {
        let replies = first.replies.saturating_sub(1);
        touch(unit, Note { replies, ..first })?;
    }
    Ok(())
}

/// What a note is about, kept from going until the transaction ends; answers the sections that it has.
fn lock_subject(unit: &mut Unit<'_>, subject: Subject) -> Result<Vec<SectionId>> {
    match subject {
        Subject::Article(id) => {
            let found = unit.repository.article_for_update(id)?;
            let article = found.ok_or_else(|| not_there(id))?;
            Ok(article.sections.iter().map(|section| section.id).collect())
        }
        Subject::Faq(id) => {
            // Who proposes changes of articles alone knows of no FAQs.
            if !unit.actor.may(Permission::ArticlesWrite) {
                unit.actor.require(Permission::ContentRead)?;
            }
            let found = unit.repository.faq_for_update(id)?;
            found.map(|_| Vec::new()).ok_or_else(|| no_faq(id))
        }
    }
}

fn not_there(id: ArticleId) -> Error {
    Error::not_found(Resource::Article, id)
}

fn no_faq(id: FaqId) -> Error {
    Error::not_found(Resource::Faq, id)
}

/// The first note of a thread that this caller sees, named by its own id.
fn lock_thread(unit: &mut Unit<'_>, id: NoteId) -> Result<Note> {
    let found = unit.repository.thread_for_update(id)?;
    found
        .filter(|first| first.id == id && is_seen(unit.actor, first))
        .ok_or_else(|| Error::not_found(Resource::Thread, id))
}

/// A note of a thread that this caller sees, behind the first of its thread.
fn lock(unit: &mut Unit<'_>, id: NoteId) -> Result<(Note, Note)> {
    let found = unit.repository.thread_for_update(id)?;
    let first = found
        .filter(|first| is_seen(unit.actor, first))
        .ok_or_else(|| Error::not_found(Resource::Note, id))?;
    if first.id == id {
        return Ok((first.clone(), first));
    }
    let note = unit.repository.note(id)?;
    let note = note.ok_or_else(|| Error::not_found(Resource::Note, id))?;
    Ok((first, note))
}

/// Who reads no content sees the threads that they began.
fn is_seen(actor: &Actor, first: &Note) -> bool {
    actor.reads_all_notes() || first.created_by == actor.credential
}

fn expect(note: &Note, expected: &Expected) -> Result<()> {
    expected.check_known(Resource::Note, note.id, note.revision, (None, note.updated_at))
}

/// Saves the first note of a thread in which something changed.
fn touch(unit: &mut Unit<'_>, first: Note) -> Result<Note> {
    let first = Note {
        revision: first.revision.saturating_add(1),
        updated_at: unit.now,
        ..first
    };
    unit.repository.update_note(&first)?;
    Ok(first)
}

fn written(
    unit: &Unit<'_>,
    id: NoteId,
    thread: NoteId,
    subject: Subject,
    body: Option<String>,
    mentions: Vec<UserId>,
) -> Result<Note> {
    // It is there: without it there was a violation.
    let body = body.ok_or_else(|| Refused::new("invalid", "This note cannot be read.").at("/body"))?;
    Ok(Note {
        id,
        thread,
        subject,
        section: None,
        quote: None,
        body,
        mentions,
        replies: 0,
        resolved: None,
        revision: 1,
        created_at: unit.now,
        created_by: unit.actor.credential,
        updated_at: unit.now,
    })
}

/// The accounts that a new note speaks to.
fn mentions(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    given: &[String],
    named: &[String],
) -> Result<Vec<UserId>> {
    checked(unit, v, given, &vec![None; given.len()], named)
}

/// The accounts that are given by their ids, each of which is there and reads content, and then those whose names say
/// no more than one such account; `known` are not looked up again.
fn checked(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    given: &[String],
    known: &[Option<UserId>],
    named: &[String],
) -> Result<Vec<UserId>> {
    let mut found: Vec<UserId> = Vec::new();
    for (index, (text, known)) in given.iter().zip(known).enumerate() {
        let pointer = format!("/mentions/{index}");
        let id = match (known, UserId::parse(text)) {
            (Some(known), _) => Some(*known),
            (None, Some(id)) if reads(unit, id)? => Some(id),
            _ => None,
        };
        match id {
            None => {
                let message = format!("There is no account {text} that reads what editors work on.");
                v.add(pointer, "unknown_account", message);
            }
            Some(id) if found.contains(&id) => {
                v.add(pointer, "duplicate", "This account stands twice in the list.");
            }
            Some(id) => found.push(id),
        }
    }
    let limit = Note::MENTIONS;
    if given.len() > limit {
        let message = format!("A note mentions at most {limit} accounts, this {}.", given.len());
        v.add("/mentions", "too_many", message);
    }
    if named.is_empty() {
        return Ok(found);
    }
    let called = unit.repository.accounts_called(named)?;
    for name in named {
        let mut ids = called
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, id)| *id);
        let (Some(id), None) = (ids.next(), ids.next()) else {
            continue;
        };
        if found.len() < limit && !found.contains(&id) && reads(unit, id)? {
            found.push(id);
        }
    }
    Ok(found)
}

/// Whether there is such an account, and it reads content.
fn reads(unit: &mut Unit<'_>, id: UserId) -> Result<bool> {
    let user = unit.repository.user(id)?;
    Ok(user.is_some_and(|user| user.role.permissions().contains(&Permission::ContentRead)))
}
