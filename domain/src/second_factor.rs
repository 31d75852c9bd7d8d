//! The second factor: a code that an authenticator makes anew every thirty seconds (RFC 6238), and recovery codes for when
//! it is lost.

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::id::UserId;
use crate::limit::Spent;

/// The authenticator of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose it is.
    pub user: UserId,
    /// What its codes are made of, sealed: only the service can open it.
    pub sealed: Vec<u8>,
    /// Since when it is asked for; `None` until its owner has shown a first code.
    pub confirmed_at: Option<Instant>,
    /// The step of the last code that was used; none of it or before is taken again.
    pub last_step: i64,
    /// When it was begun.
    pub created_at: Instant,
}

impl SecondFactor {
    /// Recovery codes that an account gets.
    pub const RECOVERY_CODES: usize = 10;

    /// Whether a login asks for it.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

/// What somebody shows beside the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A code that the authenticator made for this step.
    Step {
        /// Counts periods of thirty seconds.
        step: i64,
        /// What the codes are made of, sealed anew: it was sealed with a secret that was changed meanwhile.
        sealed: Option<Vec<u8>>,
    },
    /// A recovery code, by its digest.
    Recovery(KeyDigest),
}

/// Finds out what somebody's code would prove of an authenticator, which only the service can open; `None` where it is no
/// code of it.
pub type Check<'a> = &'a dyn Fn(&SecondFactor) -> Option<Proof>;

/// What came of asking for a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It was a good one and is used up, or none is asked for.
    Good,
    /// One is asked for, and there was none.
    Missing,
    /// It was none, or was used before.
    Wrong,
    /// There were too many wrong ones; it was not looked at.
    TooOften(Spent),
}
