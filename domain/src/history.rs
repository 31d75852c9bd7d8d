//! The history of working copies: what a revision changed, what differs between two, and three ways into one.

mod applying;
mod blame;
mod diff;
mod document;
mod lists;
mod merge3;
#[cfg(test)]
mod merge3_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod samples;
mod touched;
mod words;

use crate::clock::Instant;
use crate::id::{ArticleId, FaqId};
use crate::rights::{Credential, words};

pub use applying::{applied, set_fields, settle_anchors};
pub use blame::{Blame, BlameWalk};
pub use diff::{Diff, FieldDiff, Moved, SectionDiff, diff};
pub use document::{Document, Part};
pub use merge3::{Conflict, Merged, Place, conflicts, merge, section_conflicts};
pub use touched::{How, Touched, TouchedSection};
pub use words::{Clash, Op, Piece, Woven, pieces, weave};

words! {
    /// What a history tells of an article or a FAQ beside its sections: the names are those of the contract.
    Field {
        /// Article or page.
        Kind = "kind",
        /// The language.
        Locale = "locale",
        /// The word in addresses.
        Slug = "slug",
        /// The story it tells.
        TranslationOf = "translation_of",
        /// The headline.
        Title = "title",
        /// The line under the headline.
        Dek = "dek",
        /// An excerpt of its own.
        Excerpt = "excerpt",
        /// The picture that stands for it.
        Cover = "cover",
        /// Overrides for search engines.
        Seo = "seo",
        /// The frontend's own.
        Metadata = "metadata",
        /// A FAQ's question.
        Question = "question",
        /// A FAQ's answer.
        Answer = "answer",
        /// In order.
        Tags = "tags",
        /// In order.
        Authors = "authors",
        /// In order.
        Faqs = "faqs",
    }
}

words! {
    /// What lists of revisions sort by.
    RevisionSort {
        /// The number.
        Revision = "revision",
    }
}

/// Whose history it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An article's.
    Article(ArticleId),
    /// A FAQ's.
    Faq(FaqId),
}

/// What is kept of a write beside the state that it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What changed, in a line.
    pub note: String,
    /// What changed, for whoever counts.
    pub touched: Touched,
}

/// One revision in a history, without the state that it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number; they begin at 1 and have no gap.
    pub number: u32,
    /// What changed, in a line.
    pub note: String,
    /// Through which credential.
    pub credential: Credential,
    /// When.
    pub at: Instant,
    /// What changed; `None` of revisions that were kept before this was noted: both states tell it then.
    pub touched: Option<Touched>,
}
