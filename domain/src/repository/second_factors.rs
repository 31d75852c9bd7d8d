//! Second factors in the store.

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{SessionId, UserId};
use crate::second_factor::SecondFactor;

/// Second factors and recovery codes.
pub trait SecondFactorRepository {
    /// The authenticator of an account.
    fn second_factor(&mut self, user: UserId) -> Result<Option<SecondFactor>>;
    /// The same, which nobody else can use until this transaction ends.
    fn second_factor_for_update(&mut self, user: UserId) -> Result<Option<SecondFactor>>;
    /// Keeps an authenticator instead of the one that there was.
    fn put_second_factor(&mut self, factor: &SecondFactor) -> Result<()>;
    /// Forgets an authenticator with its recovery codes; `false` where there was none.
    fn delete_second_factor(&mut self, user: UserId) -> Result<bool>;
    /// Keeps these recovery codes instead of those that there were.
    fn set_recovery_codes(&mut self, user: UserId, codes: &[KeyDigest]) -> Result<()>;
    /// Uses a recovery code up; `false` where there is none, or it was used.
    fn use_recovery_code(&mut self, user: UserId, code: &KeyDigest, at: Instant) -> Result<bool>;
    /// Recovery codes that were not used.
    fn count_recovery_codes(&mut self, user: UserId) -> Result<u64>;
    /// Notes whether a session is good for nothing but setting a second factor up.
    fn restrict_session(&mut self, id: SessionId, restricted: bool) -> Result<()>;
}
