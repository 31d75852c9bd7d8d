//! Searching what readers see: how texts become words, what a search asks, how hits rank, and what is shown of them.
//!
//! Nothing of this depends on a store or on its engine: a store keeps the words that are made here and compares them
//! byte by byte, so every store finds the same in the same order.

mod document;
mod finding;
mod question;
mod snippet;
mod typo;
mod words;

pub use document::{Field, Indexed, LAST_PLACE, Part, Posting, index, parts, postings};
pub use finding::{
    Bucket, Completion, CompletionKind, FACET_ROWS, Facet, Facets, Find, Found, FoundArticle, FoundPart, Hit,
    Hits, MATCHES, Matched, NameMatch, Place, Shown, Spotted, Suggest, find, finished, matches, suggest,
};
pub use question::{INDEX_TERMS, Question, Sought, TERMS, Term};
pub use snippet::{Mark, Occurrence, SNIPPET, Snippet, occurrences, snippet};
pub use typo::{distance_to_beginning, distance_to_whole, grams, tolerance};
pub use words::{TERM_LENGTH, Word, WordKind, clean, words};
