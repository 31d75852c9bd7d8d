//! Requests that are carried out once, however often they are sent.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::clock::Instant;
use crate::rights::Credential;

/// Hours for which is remembered what was carried out.
pub const HOURS: i64 = 24;

/// What was carried out at this moment or earlier is forgotten.
#[must_use]
pub fn forgotten(now: Instant) -> Instant {
    now - TimeDelta::hours(HOURS)
}

/// A request under a name of its sender's choosing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Names the request among all: made of who sends it and what they call it.
    pub id: [u8; 32],
    /// Who sends it.
    pub credential: Credential,
    /// A digest of all that it asks; another request under the same name has another.
    pub request: [u8; 32],
}

impl Claim {
    /// A request that its sender calls `key`. Two senders may use the same name: these are two requests.
    #[must_use]
    pub fn new(credential: Credential, key: &str, request: [u8; 32]) -> Self {
        let mut name = Sha256::new();
        name.update(credential.to_string());
        // No credential holds this byte, so that nobody's key continues another's credential.
        name.update([0]);
        name.update(key);
        Self {
            id: name.finalize().into(),
            credential,
            request,
        }
    }
}

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOut {
    /// The digest of all that it asked.
    pub request: [u8; 32],
    /// What was answered; `None` where that is not kept.
    pub answer: Option<Vec<u8>>,
}

/// Whether a request may be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Yes: it was not yet, and nobody else can until this transaction ends.
    Free,
    /// Another transaction is about it.
    Running,
    /// It was.
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use uuid::Uuid;

    #[test]
    fn a_name_belongs_to_who_gave_it() {
        let user = |n| Credential::User(UserId::from_uuid(Uuid::from_u128(n)));
        let one = Claim::new(user(1), "a", [0; 32]);
        assert_eq!(one.id, Claim::new(user(1), "a", [1; 32]).id);
        for other in [
            Claim::new(user(2), "a", [0; 32]),
            Claim::new(user(1), "b", [0; 32]),
        ] {
            assert_ne!(one.id, other.id);
        }
    }
}
