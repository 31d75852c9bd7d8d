//! The row of a note, and the way between it and the model.

use diesel::prelude::*;
use masthead_domain::error::StorageError;
use masthead_domain::history::Subject;
use masthead_domain::id::UserId;
use masthead_domain::note::Note;
use masthead_domain::rights::Credential;

use crate::row::Named;
use crate::schema::notes;
use crate::types::{Micros, RowId};

/// A note without whom it mentions.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notes, treat_none_as_null = true)]
pub(super) struct NoteRow {
    pub(super) id: RowId,
    pub(super) thread_id: Option<RowId>,
    article_id: Option<RowId>,
    faq_id: Option<RowId>,
    section_id: Option<RowId>,
    quote: Option<String>,
    body: String,
    replies: i64,
    resolved_at: Option<Micros>,
    resolved_by: Option<String>,
    revision: i64,
    created_at: Micros,
    created_by: String,
    updated_at: Micros,
}

impl From<&Note> for NoteRow {
    fn from(note: &Note) -> Self {
        let (article_id, faq_id) = match note.subject {
            Subject::Article(id) => (Some(id.into()), None),
            Subject::Faq(id) => (None, Some(id.into())),
        };
        Self {
            id: note.id.into(),
            thread_id: (!note.is_first()).then(|| note.thread.into()),
            article_id,
            faq_id,
            section_id: note.section.map(Into::into),
            quote: note.quote.clone(),
            body: note.body.clone(),
            replies: note.replies.into(),
            resolved_at: note.resolved.map(|(at, _)| at.into()),
            resolved_by: note.resolved.map(|(_, by)| by.to_string()),
            revision: note.revision.into(),
            created_at: note.created_at.into(),
            created_by: note.created_by.to_string(),
            updated_at: note.updated_at.into(),
        }
    }
}

impl NoteRow {
    /// The note, with whom it mentions.
    pub(super) fn model(self, mentions: Vec<UserId>) -> Result<Note, StorageError> {
        let named = Named {
            table: "notes",
            id: self.id,
        };
        let subject = match (self.article_id, self.faq_id) {
            (Some(id), _) => Subject::Article(id.into()),
            (None, Some(id)) => Subject::Faq(id.into()),
            (None, None) => return Err(named.corrupt("article_id", "a note about nothing")),
        };
        let by = self.resolved_by.as_deref();
        let by = by
            .map(|by| named.word("resolved_by", by, Credential::parse))
            .transpose()?;
        let at = named.some_instant("resolved_at", self.resolved_at)?;
        Ok(Note {
            id: self.id.into(),
            thread: self.thread_id.unwrap_or(self.id).into(),
            subject,
            section: self.section_id.map(Into::into),
            quote: self.quote,
            body: self.body,
            mentions,
            replies: named.count("replies", self.replies)?,
            resolved: at.zip(by),
            revision: named.count("revision", self.revision)?,
            created_at: named.instant("created_at", self.created_at)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}
