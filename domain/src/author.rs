//! Authors: the names in bylines, which are not accounts.

use serde::{Deserialize, Serialize};

use crate::article::Image;
use crate::clock::Instant;
use crate::id::AuthorId;
use crate::slug::Slug;

/// An address with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What a reader is shown.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// An author; what it says reaches readers as soon as something published carries the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Its name for ever.
    pub id: AuthorId,
    /// Its word in addresses, unique.
    pub slug: Slug,
    /// The name.
    pub name: String,
    /// A few sentences.
    pub bio: Option<String>,
    /// A portrait.
    pub avatar: Option<Image>,
    /// Where else to find them.
    pub links: Vec<Link>,
    /// Counts its changes.
    pub revision: u32,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Author {
    /// Links of an author.
    pub const LINKS: usize = 20;
}
