//! What the domain asks of a store about preview links, and to show a working copy as readers would see it.

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ArticleId, FaqId, PreviewLinkId, StoryId};
use crate::page::{Page, PageRequest};
use crate::preview::{PreviewLink, PreviewLinkSort};
use crate::published::PublishedFaq;
use crate::slug::Slug;
use crate::story::Telling;

/// Preview links, and what stands beside a working copy once it is published.
pub trait PreviewRepository {
    /// One link, however old it is.
    fn preview_link(&mut self, id: PreviewLinkId) -> Result<Option<PreviewLink>>;
    /// The link whose token has this digest, however old it is.
    fn preview_link_by_digest(&mut self, digest: &KeyDigest) -> Result<Option<PreviewLink>>;
    /// A part of the list of an article's links that work at this moment.
    fn preview_links(
        &mut self,
        article: ArticleId,
        now: Instant,
        page: &PageRequest<PreviewLinkSort>,
    ) -> Result<Page<PreviewLink>>;
    /// How many links to an article work at this moment.
    fn count_preview_links(&mut self, article: ArticleId, now: Instant) -> Result<u64>;
    /// Adds a link.
    fn insert_preview_link(&mut self, link: &PreviewLink, digest: &KeyDigest) -> Result<()>;
    /// Takes a link away.
    fn delete_preview_link(&mut self, id: PreviewLinkId) -> Result<()>;
    /// Drops links that stopped working at this moment or earlier, at most so many; answers how many there were.
    fn forget_preview_links(&mut self, expired: Instant, limit: u32) -> Result<u64>;
    /// The working copies with a slug, by locale.
    fn working_tellings(&mut self, slug: &Slug) -> Result<Vec<Telling>>;
    /// What readers see of a story, by locale.
    fn published_tellings(&mut self, story: StoryId) -> Result<Vec<Telling>>;
    /// What readers see of those of these FAQs that they see.
    fn published_faqs(&mut self, ids: &[FaqId]) -> Result<Vec<PublishedFaq>>;
}
