//! Single sign-on in the store.

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::error::Result;
use crate::id::UserId;
use crate::sso::PendingLogin;

/// Logins at a provider, and whom it knows.
pub trait SsoRepository {
    /// Keeps a login that was begun.
    fn insert_pending_login(&mut self, pending: &PendingLogin) -> Result<()>;
    /// Takes a login that comes back: whoever asks next finds none.
    fn take_pending_login(&mut self, state: &KeyDigest) -> Result<Option<PendingLogin>>;
    /// Forgets logins that it is too late for by then, at most `limit`.
    fn forget_pending_logins(&mut self, expired: Instant, limit: u32) -> Result<u64>;
    /// The account that belongs to somebody at a provider.
    fn linked_user(&mut self, issuer: &str, subject: &str) -> Result<Option<UserId>>;
    /// Ties an account to somebody at a provider.
    fn link_user(&mut self, issuer: &str, subject: &str, user: UserId, at: Instant) -> Result<()>;
}
