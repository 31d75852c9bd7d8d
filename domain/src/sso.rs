//! Single sign-on: logins at a provider that are under way, and accounts that belong to somebody it knows.

use chrono::TimeDelta;

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::email::Email;
use crate::rights::Role;

/// A login at the provider that was begun and not finished.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingLogin {
    /// The digest of the `state` that comes back.
    pub state: KeyDigest,
    /// The digest of what only whoever began it holds, so that nobody is logged in to somebody else's account.
    pub binding: KeyDigest,
    /// What the provider puts into its token, so that no other token is taken for it.
    pub nonce: String,
    /// What proves to the provider that it is we who began (RFC 7636).
    pub verifier: String,
    /// When it is too late to finish.
    pub expires_at: Instant,
}

impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingLogin(until {})", self.expires_at)
    }
}

/// How long somebody has to log in at the provider.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Somebody as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderIdentity {
    /// The provider.
    pub issuer: String,
    /// Their name there, which never changes and is never given again.
    pub subject: String,
    /// Their address, where the provider says that it is theirs.
    pub verified_email: Option<Email>,
    /// What others call them.
    pub name: String,
    /// What the provider's claims make of them here; `None` where they may not come in.
    pub role: Option<Role>,
}

/// What came of a login at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedOn<S> {
    /// A session has begun.
    Begun(S),
    /// Nothing that the provider says of them gives a role.
    NoRole,
    /// There is no account of theirs, and without an address that is theirs none is made.
    NoAddress,
    /// The account is suspended.
    Suspended,
}
