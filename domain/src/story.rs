//! Stories: one article in each of their languages, tied to the others.

use serde::{Deserialize, Serialize};

use crate::article::Status;
use crate::id::ArticleId;
use crate::locale::Locale;
use crate::slug::Slug;

/// An article of the same story in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The article.
    pub id: ArticleId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// For readers.
    pub status: Status,
}

/// A published article of the same story in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternate {
    /// The article.
    pub id: ArticleId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// Where the original is, or else where the site has it; filled in where the site is known.
    pub url: Option<String>,
}
