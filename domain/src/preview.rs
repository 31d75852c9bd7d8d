//! Preview links: who holds one sees one working copy, for a while.

use crate::clock::Instant;
use crate::id::{ArticleId, PreviewLinkId};
use crate::rights::{Credential, words};

words! {
    /// What lists of preview links sort by.
    PreviewLinkSort {
        /// When it was made.
        CreatedAt = "created_at",
    }
}

/// A link that opens the working copy of one article, as it is whenever somebody looks. The store knows the digest of
/// its token and never the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLink {
    /// Its name for ever.
    pub id: PreviewLinkId,
    /// What it opens.
    pub article: ArticleId,
    /// Who made it; it opens nothing once they may not preview any more.
    pub created_by: Credential,
    /// When.
    pub created_at: Instant,
    /// When it stops working.
    pub expires_at: Instant,
}

impl PreviewLink {
    /// Seconds for which one works at least.
    pub const SHORTEST: u32 = 60;
    /// Seconds for which one works where nothing is said: seven days.
    pub const USUAL: u32 = 7 * 86_400;
    /// Seconds for which one works at most: ninety days.
    pub const LONGEST: u32 = 90 * 86_400;
    /// Links to one article that work at once.
    pub const PER_ARTICLE: u32 = 50;

    /// Whether it works at this moment, as far as time goes.
    #[must_use]
    pub fn is_live_at(&self, now: Instant) -> bool {
        now < self.expires_at
    }
}
