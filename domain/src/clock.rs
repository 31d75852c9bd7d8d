//! Time as the domain sees it: given, never read.

/// A moment in UTC, to the microsecond (what both engines can keep).
pub type Instant = chrono::DateTime<chrono::Utc>;

/// A moment that somebody wrote, cut to whole microseconds: what is answered is what is kept.
#[must_use]
pub fn cut(at: Instant) -> Instant {
    Instant::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Tells the time; the service reads the system's clock, tests give theirs.
pub trait Clock: Send + Sync {
    /// The present moment, cut to whole microseconds.
    fn now(&self) -> Instant;
}
