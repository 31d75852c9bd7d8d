//! What the domain asks of a store about the history of working copies.

use crate::article::Article;
use crate::error::Result;
use crate::faq::Faq;
use crate::history::{Entry, Revision, RevisionSort, Subject};
use crate::id::{ArticleId, FaqId};
use crate::page::{Page, PageRequest};
use crate::rights::Credential;

/// Every state that working copies had; nothing in it is ever changed.
pub trait HistoryRepository {
    /// Adds the article's present state to its history.
    fn append_article_revision(&mut self, article: &Article, entry: &Entry) -> Result<()>;
    /// Adds the FAQ's present state to its history.
    fn append_faq_revision(&mut self, faq: &Faq, entry: &Entry) -> Result<()>;
    /// The state that a revision of an article left.
    fn article_at(&mut self, id: ArticleId, revision: u32) -> Result<Option<Article>>;
    /// The state that a revision of a FAQ left.
    fn faq_at(&mut self, id: FaqId, revision: u32) -> Result<Option<Faq>>;
    /// One revision without its state.
    fn revision(&mut self, subject: Subject, number: u32) -> Result<Option<Revision>>;
    /// A part of the list of all revisions.
    fn revisions(&mut self, subject: Subject, page: &PageRequest<RevisionSort>) -> Result<Page<Revision>>;
    /// The revisions before a number, the newest first, at most so many.
    fn revisions_before(&mut self, subject: Subject, number: u32, limit: u32) -> Result<Vec<Revision>>;
    /// What those are called who stand behind these credentials, in the order asked; `None` for who has no name.
    fn names_of(&mut self, credentials: &[Credential]) -> Result<Vec<Option<String>>>;
}
