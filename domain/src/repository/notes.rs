//! What the domain asks of a store about editorial notes.

use crate::error::Result;
use crate::history::Subject;
use crate::id::{ArticleId, NoteId, SectionId, UserId};
use crate::note::{Note, NoteSort};
use crate::page::{Page, PageRequest};
use crate::rights::Credential;

/// Which threads are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteFilter {
    /// About this article or FAQ.
    pub subject: Option<Subject>,
    /// About this section, whether or not it is there now.
    pub section: Option<SectionId>,
    /// Resolved, or open.
    pub resolved: Option<bool>,
    /// With a note that mentions this account.
    pub mentions: Option<UserId>,
    /// Begun through this credential.
    pub begun_by: Option<Credential>,
}

/// Editorial notes. Those about what was deleted are not there for any of these, and come back with it.
pub trait NoteRepository {
    /// One note.
    fn note(&mut self, id: NoteId) -> Result<Option<Note>>;
    /// The first note of the thread that this note is in; nobody else can change the thread until this transaction
    /// ends.
    fn thread_for_update(&mut self, note: NoteId) -> Result<Option<Note>>;
    /// A part of the list of threads: their first notes.
    fn threads(&mut self, filter: &NoteFilter, page: &PageRequest<NoteSort>) -> Result<Page<Note>>;
    /// The replies in these threads, in the order in which they came: the latest `each` of every thread.
    fn replies(&mut self, threads: &[NoteId], each: usize) -> Result<Vec<Note>>;
    /// How many threads there are about an article or a FAQ.
    fn count_threads(&mut self, subject: Subject) -> Result<u64>;
    /// Whether somebody else than this credential has replied in a thread.
    fn others_replied(&mut self, thread: NoteId, than: Credential) -> Result<bool>;
    /// Adds a note.
    fn insert_note(&mut self, note: &Note) -> Result<()>;
    /// Saves a note.
    fn update_note(&mut self, note: &Note) -> Result<()>;
    /// Takes a note away; the first of a thread takes the replies along.
    fn delete_note(&mut self, id: NoteId) -> Result<()>;
    /// Those of these sections that are in a working copy now, with the article that has them.
    fn sections_there(&mut self, ids: &[SectionId]) -> Result<Vec<(SectionId, ArticleId)>>;
    /// The accounts whose e-mail address begins with one of these names and an `@`, by the name.
    fn accounts_called(&mut self, names: &[String]) -> Result<Vec<(String, UserId)>>;
}
