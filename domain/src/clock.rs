//! Time as the domain sees it: given, never read.

/// A moment in UTC, to the microsecond (what both engines can keep).
pub type Instant = chrono::DateTime<chrono::Utc>;

/// Tells the time; the service reads the system's clock, tests give theirs.
pub trait Clock: Send + Sync {
    /// The present moment, cut to whole microseconds.
    fn now(&self) -> Instant;
}
