//! Finished answers about published articles: made once from what is published, thrown away by whatever changes it.

use crate::change::Head;
use crate::clock::Instant;
use crate::id::ArticleId;
use crate::locale::Locale;
use crate::slug::Slug;

/// How an article is named by who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(ArticleId),
    /// By its slug in a locale.
    Slug(Slug, Locale),
}

/// A finished answer about one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The article.
    pub id: ArticleId,
    /// The language it is in.
    pub locale: Locale,
    /// Names what it was made of: the same stamp, the same bytes.
    pub stamp: String,
    /// The tags of everything it shows.
    pub cache_tags: Vec<String>,
    /// The finished text; `None` where nobody asked for it.
    pub whole: Option<String>,
    /// The newest entry of the change log when it was read, with the time of the newest when it was made.
    pub head: Head,
}

/// A finished row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The tags of everything that the whole article shows, with commas between them.
    pub cache_tags: String,
    /// Names the finished text: the same stamp, the same bytes.
    pub stamp: String,
    /// The finished text.
    pub card: String,
}

/// A row of a list: the article, and its finished text where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The article.
    pub id: ArticleId,
    /// The finished row.
    pub card: Option<Card>,
}

/// A part of all that is published, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its articles that have no finished answers.
    pub ids: Vec<ArticleId>,
    /// Its last article; `None` where nothing was left.
    pub last: Option<ArticleId>,
}

/// A finished answer to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrepared {
    /// The article.
    pub id: ArticleId,
    /// Who made it: software and settings that make other bytes have another name.
    pub made_by: String,
    /// Names what it was made of.
    pub stamp: String,
    /// The tags of everything it shows.
    pub cache_tags: Vec<String>,
    /// Names the finished row of a list.
    pub card_stamp: String,
    /// The finished row of a list.
    pub card: String,
    /// What searches that find it show of it.
    pub hit: String,
    /// The finished text.
    pub whole: String,
    /// The newest entry of the change log that it knows: its number and time.
    pub seq: i64,
    /// When that was.
    pub at: Instant,
}
