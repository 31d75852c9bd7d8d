//! A clock and ids that tests give.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use masthead_domain::clock::{Clock, Instant};
use masthead_domain::id::Ids;
use uuid::Uuid;

/// A clock that stands still until it is told to go on.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        // 2026-03-01T12:00:00Z
        Self(AtomicI64::new(1_772_366_400_000_000))
    }
}

impl TestClock {
    /// Lets time go on.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Ids that count: each has the form of a `UUIDv7` and is larger than the one before.
#[derive(Debug, Default)]
pub struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn next(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
    }
}
