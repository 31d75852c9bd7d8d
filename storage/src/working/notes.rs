//! Editorial notes: threads, their replies, and whom they mention.

mod list;
mod row;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::error::Resource;
use masthead_domain::history::Subject;
use masthead_domain::id::{ArticleId, NoteId, SectionId, UserId};
use masthead_domain::note::{Note, NoteSort};
use masthead_domain::page::{Page, PageRequest};
use masthead_domain::repository::{NoteFilter, NoteRepository};
use masthead_domain::rights::Credential;

use super::{expect_one, last_revision};
use crate::among::Among as _;
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::row::{bindable, position, total};
use crate::schema::{articles, faqs, note_mentions, notes, sections, users};
use crate::transaction::Transaction;
use crate::types::RowId;
use row::NoteRow;

impl NoteRepository for Transaction<'_> {
    fn note(&mut self, id: NoteId) -> Result<Option<Note>> {
        find(self.connection, id.into()).map_err(during("reading a note"))
    }

    fn thread_for_update(&mut self, note: NoteId) -> Result<Option<Note>> {
        lock(self.connection, note.into()).map_err(during("reading a thread to change it"))
    }

    fn threads(&mut self, filter: &NoteFilter, page: &PageRequest<NoteSort>) -> Result<Page<Note>> {
        list::threads(self.connection, filter, page).map_err(during("listing threads"))
    }

    fn replies(&mut self, threads: &[NoteId], each: usize) -> Result<Vec<Note>> {
        list::replies(self.connection, threads, each).map_err(during("reading replies"))
    }

    fn count_threads(&mut self, subject: Subject) -> Result<u64> {
        count(self.connection, subject).map_err(during("counting threads"))
    }

    fn others_replied(&mut self, thread: NoteId, than: Credential) -> Result<bool> {
        others(self.connection, thread.into(), than).map_err(during("looking who replied"))
    }

    fn insert_note(&mut self, note: &Note) -> Result<()> {
        insert(self.connection, note).map_err(during_write("adding a note", note.id.uuid(), ""))?;
        self.touch(AuditResource::Note, note.id, None, Some(note.revision));
        Ok(())
    }

    fn update_note(&mut self, note: &Note) -> Result<()> {
        update(self.connection, note).map_err(during_write("saving a note", note.id.uuid(), ""))?;
        let before = Some(note.revision.saturating_sub(1));
        self.touch(AuditResource::Note, note.id, before, Some(note.revision));
        Ok(())
    }

    fn delete_note(&mut self, id: NoteId) -> Result<()> {
        let revision = delete(self.connection, id).map_err(during("deleting a note"))?;
        self.touch(AuditResource::Note, id, revision, None);
        Ok(())
    }

    fn sections_there(&mut self, ids: &[SectionId]) -> Result<Vec<(SectionId, ArticleId)>> {
        sections_there(self.connection, ids).map_err(during("looking which sections are there"))
    }

    fn accounts_called(&mut self, names: &[String]) -> Result<Vec<(String, UserId)>> {
        called(self.connection, names).map_err(during("looking for accounts by their names"))
    }
}

/// Narrows a query to notes about what was not deleted.
macro_rules! of_what_is_there {
    ($query:expr) => {{
        use diesel::dsl::exists;
        let article = articles::table
            .filter(articles::id.nullable().eq(notes::article_id))
            .filter(articles::deleted_at.is_null());
        let faq = faqs::table
            .filter(faqs::id.nullable().eq(notes::faq_id))
            .filter(faqs::deleted_at.is_null());
        $query.filter(exists(article).or(exists(faq)))
    }};
}
use of_what_is_there;

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Note>, Failure> {
    let row: Option<NoteRow> = on_engine!(connection, |c| of_what_is_there!(
        notes::table.filter(notes::id.eq(id))
    )
    .select(NoteRow::as_select())
    .first(c)
    .optional())?;
    let found = list::models(connection, row.into_iter().collect())?;
    Ok(found.into_iter().next())
}

/// Locked first and read then: what is read after the wait is what the other one left.
fn lock(connection: &mut Connection, note: RowId) -> Result<Option<Note>, Failure> {
    let thread: Option<Option<RowId>> = on_engine!(connection, |c| notes::table
        .find(note)
        .select(notes::thread_id)
        .first(c)
        .optional())?;
    let Some(thread) = thread else { return Ok(None) };
    let first = thread.unwrap_or(note);
    lock_row!(connection, notes, first);
    find(connection, first)
}

fn count(connection: &mut Connection, subject: Subject) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| {
        let query = notes::table.filter(notes::thread_id.is_null());
        match subject {
            Subject::Article(id) => query
                .filter(notes::article_id.eq(RowId::from(id)))
                .count()
                .get_result(c),
            Subject::Faq(id) => query
                .filter(notes::faq_id.eq(RowId::from(id)))
                .count()
                .get_result(c),
        }
    })?;
    Ok(total(count))
}

fn others(connection: &mut Connection, thread: RowId, than: Credential) -> Result<bool, Failure> {
    let replies = notes::table
        .filter(notes::thread_id.eq(thread))
        .filter(notes::created_by.ne(than.to_string()));
    Ok(on_engine!(connection, |c| diesel::select(diesel::dsl::exists(
        replies
    ))
    .get_result(c))?)
}

fn insert(connection: &mut Connection, note: &Note) -> Result<(), Failure> {
    let row = NoteRow::from(note);
    on_engine!(connection, |c| diesel::insert_into(notes::table)
        .values(&row)
        .execute(c))?;
    mention(connection, note)
}

fn update(connection: &mut Connection, note: &Note) -> Result<(), Failure> {
    let row = NoteRow::from(note);
    let affected = on_engine!(connection, |c| diesel::update(notes::table.find(row.id))
        .set(&row)
        .execute(c))?;
    expect_one(affected, Resource::Note, note.id)?;
    on_engine!(connection, |c| diesel::delete(note_mentions::table)
        .filter(note_mentions::note_id.eq(row.id))
        .execute(c))?;
    mention(connection, note)
}

fn mention(connection: &mut Connection, note: &Note) -> Result<(), Failure> {
    let rows: Vec<_> = note
        .mentions
        .iter()
        .enumerate()
        .map(|(index, user)| {
            (
                note_mentions::note_id.eq(RowId::from(note.id)),
                note_mentions::user_id.eq(RowId::from(*user)),
                note_mentions::first_id.eq(RowId::from(note.thread)),
                note_mentions::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        on_engine!(connection, |c| diesel::insert_into(note_mentions::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

/// Answers the revision that it had.
fn delete(connection: &mut Connection, id: NoteId) -> Result<Option<u32>, Failure> {
    let gone: Vec<i64> = on_engine!(connection, |c| diesel::delete(notes::table.find(RowId::from(id)))
        .returning(notes::revision)
        .get_results(c))?;
    expect_one(gone.len(), Resource::Note, id)?;
    Ok(last_revision(&gone))
}

fn sections_there(
    connection: &mut Connection,
    ids: &[SectionId],
) -> Result<Vec<(SectionId, ArticleId)>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RowId> = ids.iter().copied().map(Into::into).collect();
    let rows: Vec<(RowId, RowId)> = on_engine!(connection, |c| sections::table
        .filter(sections::id.among(&ids))
        .select((sections::id, sections::article_id))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(section, article)| (section.into(), article.into()))
        .collect())
}

/// Two of a name are enough to know that it says nothing.
fn called(connection: &mut Connection, names: &[String]) -> Result<Vec<(String, UserId)>, Failure> {
    let mut found = Vec::new();
    for name in names {
        // The letter behind `@` is `A`: everything between begins with the name and an `@`, along the index.
        let (from, to) = (format!("{}@", bindable(name)), format!("{}A", bindable(name)));
        let ids: Vec<RowId> = on_engine!(connection, |c| users::table
            .filter(users::email.ge(&from))
            .filter(users::email.lt(&to))
            .filter(users::deleted_at.is_null())
            .order(users::email)
            .limit(2)
            .select(users::id)
            .load(c))?;
        found.extend(ids.into_iter().map(|id| (name.clone(), id.into())));
    }
    Ok(found)
}
