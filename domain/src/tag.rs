//! Tags: what articles and FAQs are about.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::error::Refused;
use crate::id::TagId;
use crate::slug::Slug;

/// A tag; what it says of itself reaches readers as soon as something published carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name for ever.
    pub id: TagId,
    /// Its word in addresses, unique.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// `topic`, `series`, `place`, `person`, `organisation`, or a word of the site's own.
    pub kind: String,
    /// Counts its changes.
    pub revision: u32,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// The kind of a tag: a word in lower case, one of the known ones or the site's own.
pub fn tag_kind(text: String) -> Result<String, Refused> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = (1..=32).contains(&text.len())
        && text.chars().all(letter)
        && text.starts_with(|c: char| c.is_ascii_lowercase());
    if fits {
        return Ok(text);
    }
    Err(Refused::new(
        "invalid_kind",
        "A kind is one word in lower case: topic, series, place, person, organisation, or one of the site's own.",
    ))
}

/// The kind of a tag that says none.
pub const DEFAULT_KIND: &str = "topic";
