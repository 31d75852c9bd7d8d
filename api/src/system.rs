//! The one place that reads the clock and makes random numbers.

use std::cell::Cell;

use masthead_domain::clock::{Clock, Instant};
use masthead_domain::id::Ids;
use uuid::Uuid;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        Instant::from_timestamp_micros(micros).unwrap_or_default()
    }
}

/// Random ids that sort by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

thread_local! {
    /// Where this thread's request ids come from: seeded by the operating system, then stepped.
    static REQUESTS: Cell<u128> = Cell::new(u128::from_le_bytes(random_bytes().unwrap_or_default()) | 1);
}

/// An id for a request: unique and sorted by time like any other, and made without asking the operating system.
/// Nothing may rest on its being hard to guess.
#[must_use]
pub fn request_id() -> Uuid {
    let state = REQUESTS.get();
    // A linear congruential step, scrambled (PCG-XSL-RR of 128 bits, whose low half is what is given out).
    let next = state
        .wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645)
        .wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
    REQUESTS.set(next);
    let [low, high] = [next as u64, (next >> 64) as u64];
    let mixed = (low ^ high).rotate_right((high >> 58) as u32);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&mixed.to_le_bytes());
    bytes[8..].copy_from_slice(&high.to_le_bytes()[..2]);
    let millis = u64::try_from(SystemClock.now().timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// A moment that only goes on, for measuring how long something took.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
pub fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
