//! What the domain asks of a store about the trash.

use uuid::Uuid;

use crate::article::Article;
use crate::clock::Instant;
use crate::error::Result;
use crate::faq::Faq;
use crate::id::{ArticleId, FaqId, TrashId};
use crate::page::{Page, PageRequest};
use crate::trash::{TrashKind, TrashSort, Trashed};

/// Things that were deleted and can come back. Deleting puts them there ([`super::ArticleRepository::delete_article`],
/// [`super::FaqRepository::delete_faq`]).
pub trait TrashRepository {
    /// One thing in the trash.
    fn trashed(&mut self, id: TrashId) -> Result<Option<Trashed>>;
    /// One thing in the trash that nobody else can restore or purge until this transaction ends.
    fn trashed_for_update(&mut self, id: TrashId) -> Result<Option<Trashed>>;
    /// A part of the list of the trash, of one kind of thing where one is given.
    fn trash(&mut self, kind: Option<TrashKind>, page: &PageRequest<TrashSort>) -> Result<Page<Trashed>>;
    /// Some of what was deleted at this moment or earlier, the longest ago first, that nobody else is about to restore
    /// or purge; nobody else can until this transaction ends.
    fn expired_trash(&mut self, deleted: Instant, limit: u32) -> Result<Vec<Trashed>>;
    /// A deleted article with its sections and without its tags, authors and FAQs, which its history knows.
    fn trashed_article(&mut self, id: ArticleId) -> Result<Option<Article>>;
    /// A deleted FAQ without its tags, which its history knows.
    fn trashed_faq(&mut self, id: FaqId) -> Result<Option<Faq>>;
    /// Takes an article out of the trash, with these links and in this state; its sections are as they were.
    fn restore_article(&mut self, article: &Article) -> Result<()>;
    /// Takes a FAQ out of the trash, with these tags and in this state.
    fn restore_faq(&mut self, faq: &Faq) -> Result<()>;
    /// Takes a thing away for ever, with its history and with what readers saw of it; its id stays spent.
    fn purge(&mut self, thing: &Trashed, at: Instant) -> Result<()>;
    /// Whether an id belonged to something that was purged, or belongs to a FAQ.
    fn is_id_spent(&mut self, id: Uuid) -> Result<bool>;
}
