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
    static REQUESTS: Cell<u64> = Cell::new(u64::from_le_bytes(random_bytes().unwrap_or_default()) | 1);
}

/// An id for a request: unique and sorted by time like any other, and made without asking the operating system.
/// Nothing may rest on its being hard to guess.
#[must_use]
pub fn request_id() -> Uuid {
    // Marsaglia's xorshift of 64 bits, which goes through every number but zero.
    let step = || {
        let mut state = REQUESTS.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        REQUESTS.set(state);
        state.to_le_bytes()
    };
    let mut random = [0; 10];
    random[..8].copy_from_slice(&step());
    random[8..].copy_from_slice(&step()[..2]);
    let millis = u64::try_from(SystemClock.now().timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
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
