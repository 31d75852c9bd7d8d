//! Which uses of keys were noted of late.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use masthead_domain::clock::Instant;
use masthead_domain::id::KeyId;
use masthead_domain::use_cases::keys;

/// Keys whose last use was noted within the minute.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<KeyId, Instant>>);

impl Noted {
    /// Keys that are remembered at once.
    const LIMIT: usize = 10_000;

    /// Whether nobody here has noted this key within the minute.
    pub(super) fn is_first(&self, id: KeyId, now: Instant) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&id).is_some_and(|at| now - *at < keys::NOTED) {
            return false;
        }
        if noted.len() >= Self::LIMIT {
            noted.clear();
        }
        noted.insert(id, now);
        true
    }
}
