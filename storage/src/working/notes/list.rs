//! Lists of threads, and the replies in them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::history::Subject;
use masthead_domain::id::{NoteId, UserId};
use masthead_domain::note::{Note, NoteSort};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::NoteFilter;

use super::of_what_is_there;
use super::row::NoteRow;
use crate::among::Among as _;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::schema::{articles, faqs, note_mentions, notes};
use crate::types::RowId;

pub(super) fn threads(
    connection: &mut Connection,
    filter: &NoteFilter,
    request: &PageRequest<NoteSort>,
) -> Result<Page<Note>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(notes::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        notes,
        request,
        keyset,
        NoteRow,
        || {
            let mut query = of_what_is_there!(notes::table.filter(notes::thread_id.is_null())).into_boxed();
            match filter.subject {
                Some(Subject::Article(id)) => query = query.filter(notes::article_id.eq(RowId::from(id))),
                Some(Subject::Faq(id)) => query = query.filter(notes::faq_id.eq(RowId::from(id))),
                None => {}
            }
            if let Some(section) = filter.section {
                query = query.filter(notes::section_id.eq(RowId::from(section)));
            }
            match filter.resolved {
                Some(true) => query = query.filter(notes::resolved_at.is_not_null()),
                Some(false) => query = query.filter(notes::resolved_at.is_null()),
                None => {}
            }
            if let Some(user) = filter.mentions {
                let mentioning = note_mentions::table
                    .filter(note_mentions::user_id.eq(RowId::from(user)))
                    .select(note_mentions::first_id);
                query = query.filter(notes::id.eq_any(mentioning));
            }
            if let Some(by) = filter.begun_by {
                query = query.filter(notes::created_by.eq(by.to_string()));
            }
            query
        }
    ))?;
    let found = models(connection, rows)?;
    Ok(keyset.page(found, total, |note| at(note, request)))
}

fn sort_column(field: NoteSort) -> &'static str {
    match field {
        NoteSort::CreatedAt => sorted_by!(notes::created_at),
        NoteSort::UpdatedAt => sorted_by!(notes::updated_at),
    }
}

fn at(note: &Note, request: &PageRequest<NoteSort>) -> Position {
    let value = |field| match field {
        NoteSort::CreatedAt => SortValue::Instant(note.created_at),
        NoteSort::UpdatedAt => SortValue::Instant(note.updated_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: note.id.uuid(),
        as_of: None,
    }
}

/// First which there are, then those that are wanted: a thread may hold two hundred long ones.
pub(super) fn replies(
    connection: &mut Connection,
    threads: &[NoteId],
    each: usize,
) -> Result<Vec<Note>, Failure> {
    if threads.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RowId> = threads.iter().copied().map(Into::into).collect();
    let there: Vec<(RowId, Option<RowId>)> = on_engine!(connection, |c| notes::table
        .filter(notes::thread_id.assume_not_null().among(&ids))
        .order((notes::created_at, notes::id))
        .select((notes::id, notes::thread_id))
        .load(c))?;
    let mut of_thread: BTreeMap<Option<RowId>, Vec<RowId>> = BTreeMap::new();
    for (id, thread) in there {
        of_thread.entry(thread).or_default().push(id);
    }
    let latest = of_thread
        .into_values()
        .flat_map(|ids| ids[ids.len().saturating_sub(each)..].to_vec());
    let wanted: Vec<RowId> = latest.collect();
    let rows: Vec<NoteRow> = on_engine!(connection, |c| notes::table
        .filter(notes::id.among(&wanted))
        .order((notes::created_at, notes::id))
        .select(NoteRow::as_select())
        .load(c))?;
    models(connection, rows)
}

/// The notes of rows, with whom they mention.
pub(super) fn models(connection: &mut Connection, rows: Vec<NoteRow>) -> Result<Vec<Note>, Failure> {
    let ids: Vec<RowId> = rows.iter().map(|row| row.id).collect();
    let mut mentions: BTreeMap<RowId, Vec<UserId>> = BTreeMap::new();
    if !ids.is_empty() {
        let found: Vec<(RowId, RowId)> = on_engine!(connection, |c| note_mentions::table
            .filter(note_mentions::note_id.among(&ids))
            .order((note_mentions::note_id, note_mentions::position))
            .select((note_mentions::note_id, note_mentions::user_id))
            .load(c))?;
        for (note, user) in found {
            mentions.entry(note).or_default().push(user.into());
        }
    }
    rows.into_iter()
        .map(|row| {
            let mentions = mentions.remove(&row.id).unwrap_or_default();
            Ok(row.model(mentions)?)
        })
        .collect()
}
