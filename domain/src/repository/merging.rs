//! What the store is asked when one tag takes the place of another.

use uuid::Uuid;

use crate::change::ChangeType;
use crate::error::Result;
use crate::id::{ArticleId, FaqId, TagId};

/// What carries a tag, in a working copy or before readers' eyes; in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carriers {
    /// Articles and pages.
    pub articles: Vec<ArticleId>,
    /// FAQs.
    pub faqs: Vec<FaqId>,
}

impl Carriers {
    /// How many there are of both.
    #[must_use]
    pub fn total(&self) -> usize {
        self.articles.len() + self.faqs.len()
    }
}

/// The writing side of merging.
pub trait TagMergeRepository {
    /// What carries a tag, at most so many of each kind. Nobody else can change these until this transaction ends;
    /// articles are held first, as publishing holds them.
    fn hold_tag_carriers(&mut self, id: TagId, limit: u32) -> Result<Carriers>;
    /// Shows the present edition of an article with these tags; `revision` is that of the working copy which shows no
    /// more than the edition does, where there is one.
    fn retag_edition(&mut self, id: ArticleId, tags: &[TagId], revision: Option<u32>) -> Result<()>;
    /// Shows the present edition of a FAQ with these tags, likewise.
    fn retag_published_faq(&mut self, id: FaqId, tags: &[TagId], revision: Option<u32>) -> Result<()>;
    /// Lets every old slug of one thing lead to another of its kind.
    fn hand_over_redirects(&mut self, kind: ChangeType, from: Uuid, to: Uuid) -> Result<()>;
}
