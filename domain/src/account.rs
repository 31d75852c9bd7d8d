//! Accounts and API keys, as far as rights and storage know them; secrets stand here only as digests.

use std::fmt;

use crate::clock::Instant;
use crate::email::Email;
use crate::id::{AuthorId, KeyId, UserId};
use crate::rights::{Permission, Role};

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name for ever; never given again.
    pub id: UserId,
    /// What they log in with, unique.
    pub email: Email,
    /// What others call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The byline tied to the account.
    pub author_id: Option<AuthorId>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A password's hash in PHC form; never shown, not even to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name for ever.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops working.
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

impl ApiKey {
    /// Whether it lets anybody in at this moment.
    #[must_use]
    pub fn is_valid_at(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires| now < expires)
    }
}

/// The SHA-256 digest of an API key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyDigest(pub [u8; 32]);

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}
