//! Old addresses: slugs that things left, and things that readers saw once.

use uuid::Uuid;

use crate::change::{ChangeReason, ChangeType};
use crate::clock::Instant;
use crate::id::RedirectId;
use crate::locale::Locale;
use crate::rights::{Credential, words};
use crate::slug::Slug;

/// An old slug, with the thing that it leads to. It leads to whatever slug the thing has by then, so that a chain is
/// one step and a loop cannot be. A thing that has the slug now counts more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Its name for ever.
    pub id: RedirectId,
    /// What kind of thing.
    pub kind: ChangeType,
    /// The old slug.
    pub slug: Slug,
    /// Its locale, where the kind has one.
    pub locale: Option<Locale>,
    /// The thing.
    pub target: Uuid,
    /// Who renamed the thing, or made this by hand.
    pub created_by: Credential,
    /// When.
    pub created_at: Instant,
}

/// Something that readers saw once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// What kind of thing.
    pub kind: ChangeType,
    /// Its id.
    pub id: Uuid,
    /// The slug they knew it by.
    pub slug: Slug,
    /// Its locale, where the kind has one.
    pub locale: Option<Locale>,
    /// Why it went.
    pub reason: ChangeReason,
    /// When.
    pub at: Instant,
}

/// Where something is that readers see, asked for by an old slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What kind of thing.
    pub kind: ChangeType,
    /// Its id.
    pub id: Uuid,
    /// The slug it has.
    pub slug: Slug,
    /// The locale it is in, where the kind has one.
    pub locale: Option<Locale>,
}

words! {
    /// What lists of redirects sort by.
    RedirectSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// By the old slug.
        Slug = "slug",
    }
}
