//! Editorial notes: what those who work on a text say to one another about it. Readers never see one.

use std::collections::BTreeSet;

use crate::clock::Instant;
use crate::error::Refused;
use crate::history::Subject;
use crate::id::{NoteId, SectionId, UserId};
use crate::rights::{Credential, words};
use crate::text;

words! {
    /// What lists of threads sort by.
    NoteSort {
        /// When it was begun.
        CreatedAt = "created_at",
        /// When anything in it last changed.
        UpdatedAt = "updated_at",
    }
}

/// The first note of a thread, or a reply in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its name for ever.
    pub id: NoteId,
    /// The first note of its thread: itself, or the one that it replies to.
    pub thread: NoteId,
    /// What it is about.
    pub subject: Subject,
    /// The section it is about; it may be gone by now, and may come back. Of a first note alone.
    pub section: Option<SectionId>,
    /// The words it is about, as they were then. Of a first note alone.
    pub quote: Option<String>,
    /// Markdown.
    pub body: String,
    /// The accounts it speaks to, in the order in which they were named.
    pub mentions: Vec<UserId>,
    /// How many replies there are. Of a first note alone.
    pub replies: u32,
    /// Since when it is settled, and who said so. Of a first note alone.
    pub resolved: Option<(Instant, Credential)>,
    /// Of a first note, counts every change in its thread, so that nobody settles what they have not read; of a reply,
    /// its own changes.
    pub revision: u32,
    /// When it was written.
    pub created_at: Instant,
    /// Through which credential.
    pub created_by: Credential,
    /// When it was last changed; of a first note, when anything in its thread was.
    pub updated_at: Instant,
}

impl Note {
    /// Characters of a body.
    pub const BODY: usize = 5_000;
    /// Characters of a quote.
    pub const QUOTE: usize = 1_000;
    /// Accounts that one note mentions.
    pub const MENTIONS: usize = 20;
    /// Replies in a thread.
    pub const REPLIES: usize = 200;
    /// Threads about one article or FAQ.
    pub const THREADS: usize = 1_000;
    /// Replies that stand with each thread in lists: the latest.
    pub const SHOWN: usize = 10;

    /// Whether it is the first of its thread.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.id == self.thread
    }

    /// A body within the limits.
    pub fn body(given: String) -> Result<String, Refused> {
        if given.trim().is_empty() {
            return Err(Refused::new("blank", "A note says something."));
        }
        text::markdown(given, Self::BODY)
    }

    /// The words that a note is about, within the limits.
    pub fn quote(given: String) -> Result<String, Refused> {
        if given.trim().is_empty() {
            return Err(Refused::new("blank", "Quote some words, or leave the key out."));
        }
        text::lines(given, Self::QUOTE)
    }
}

/// The names after an `@` in a note, in lower case, each once, at most as many as one note mentions. What belongs to
/// an e-mail address, or stands in the middle of a word, is none.
#[must_use]
pub fn names_in(body: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (at, _) in body.match_indices('@') {
        if body[..at]
            .chars()
            .next_back()
            .is_some_and(|c| is_part(c) || c == '@')
        {
            continue;
        }
        let rest = &body[at + 1..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if rest[end..].starts_with('@') {
            continue;
        }
        // A full stop behind a name ends the sentence.
        let name = rest[..end].trim_end_matches(['.', '-']).to_lowercase();
        if !name.is_empty() && found.len() < Note::MENTIONS && seen.insert(name.clone()) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_people_write_them() {
        let found = |body: &str| names_in(body).join(" ");
        assert_eq!(
            found("@ada, (@Bob.Marsh) and @ada. See @eve!"),
            "ada bob.marsh eve"
        );
        assert_eq!(
            found("Write to ada@example.org or @ada@example.org, a@b @@x @ @."),
            ""
        );
        assert_eq!(found("**@zoë**: @a_b+c-"), "zoë a_b+c");
        let many = (0..50).map(|n| format!("@n{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(names_in(&many).len(), Note::MENTIONS);
    }

    #[test]
    fn a_body_says_something_within_the_limits() {
        assert_eq!(Note::body(" \n".into()).unwrap_err().code, "blank");
        assert!(Note::body("é".repeat(Note::BODY)).is_ok());
        assert_eq!(
            Note::body("é".repeat(Note::BODY + 1)).unwrap_err().code,
            "too_long"
        );
        assert_eq!(Note::quote("a\0".into()).unwrap_err().code, "invalid_character");
        assert!(Note::quote("two\nlines".into()).is_ok());
    }
}
