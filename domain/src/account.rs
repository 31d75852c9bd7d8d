//! Accounts and API keys, as far as rights and storage know them; secrets stand here only as digests.

use std::fmt;

use crate::clock::Instant;
use crate::email::Email;
use crate::id::{AuthorId, KeyId, SessionId, UserId};
use crate::rights::{Credential, Permission, Role, words};

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
    /// Counts its changes.
    pub revision: u32,
    /// When its owner showed that the address is theirs; `None` where they did not.
    pub email_verified_at: Option<Instant>,
    /// Since when it lets nobody in; `None` where it does.
    pub suspended_at: Option<Instant>,
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

words! {
    /// What lists of accounts sort by.
    UserSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// By the bytes of the e-mail address.
        Email = "email",
    }
}

words! {
    /// What lists of API keys sort by.
    KeySort {
        /// When it was made.
        CreatedAt = "created_at",
    }
}

words! {
    /// What lists of sessions sort by.
    SessionSort {
        /// When it began.
        CreatedAt = "created_at",
    }
}

words! {
    /// Why a session ended before its time.
    SessionEnd {
        /// Whoever held it logged out.
        LoggedOut = "logged_out",
        /// It was taken back, by its owner or by an admin.
        Revoked = "revoked",
        /// Its owner's password changed.
        PasswordChanged = "password_changed",
        /// Its owner got another role.
        RoleChanged = "role_changed",
        /// Its owner was suspended.
        Suspended = "suspended",
        /// Its owner's account is gone.
        Deleted = "deleted",
        /// A refresh token that had been used was shown again: somebody has a copy.
        Replayed = "replayed",
        /// Its owner logged in on more devices than may be.
        TooMany = "too_many",
    }
}

/// Where somebody logs in from, as they say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent`, cut to 200 characters.
    pub user_agent: String,
    /// The address of the network.
    pub address: String,
}

/// A login on one device, renewed by refresh tokens until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name for ever.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Where it was begun.
    pub device: Device,
    /// When it began.
    pub created_at: Instant,
    /// When it was last renewed.
    pub last_used_at: Instant,
    /// When it ends, however often it is renewed.
    pub expires_at: Instant,
    /// When it was ended before that, and why.
    pub ended: Option<(Instant, SessionEnd)>,
    /// Whether the provider of single sign-on vouched for whoever began it, and asked for what it asks for.
    pub external: bool,
    /// Whether it is good for nothing but setting a second factor up, which the account's role requires.
    pub restricted: bool,
}

impl Session {
    /// Whether it lets anybody in at this moment.
    #[must_use]
    pub fn is_open_at(&self, now: Instant) -> bool {
        self.ended.is_none() && now < self.expires_at
    }
}

/// A refresh token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session it renews.
    pub session_id: SessionId,
    /// When it stops working.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name for ever.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// What is shown of it.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// Networks it may come from, as CIDR; from anywhere where there is none.
    pub addresses: Vec<String>,
    /// Counts its changes.
    pub revision: u32,
    /// Who made it.
    pub created_by: Credential,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Instant>,
    /// When it stops working.
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
    /// Until when the secret before this one works as well.
    pub previous_until: Option<Instant>,
}

impl ApiKey {
    /// Whether it lets anybody in at this moment.
    #[must_use]
    pub fn is_valid_at(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires| now < expires)
    }
}

/// The SHA-256 digest of an API key or a refresh token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyDigest(pub [u8; 32]);

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}
