//! Following the change log: what comes after an entry, and when one has to begin again.

use crate::change::{Change, Head};
use crate::error::Result;
use crate::repository::Delivery;

/// From where somebody reads on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since {
    /// The entry that was seen last; 0 before the first.
    pub seq: i64,
    /// `pruned_through` when this reader began at 0, if they did.
    pub begun_above: i64,
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// In order.
    pub changes: Vec<Change>,
    /// The newest entry of the log.
    pub head: Head,
    /// The newest entry of something gone that was ever dropped.
    pub pruned_through: i64,
    /// Whether more follows.
    pub has_more: bool,
}

impl Stretch {
    /// The number of the newest entry; 0 while there is none.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.head.map_or(0, |(seq, _)| seq)
    }

    /// The entry to read on from.
    #[must_use]
    pub fn cursor(&self) -> i64 {
        let last = self.changes.last().map(|change| change.seq);
        last.filter(|_| self.has_more).unwrap_or_else(|| self.newest())
    }
}

/// What reading on comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// Entries, perhaps none.
    On(Stretch),
    /// Entries that told of something gone were dropped before this reader came to them.
    TooOld {
        /// The newest entry of something gone that was ever dropped.
        pruned_through: i64,
    },
    /// There is no such entry yet.
    Ahead {
        /// The newest entry.
        head: i64,
    },
}

/// The entries after this one; at most so many.
///
/// What is dropped from the log are entries that a later one of the same thing supersedes, and entries that tell of
/// something gone. Whoever begins at 0 misses neither. Whoever stands before a dropped entry of the second kind may
/// never hear that the thing went, unless they began at 0 after it was dropped.
pub fn changes(delivery: &mut dyn Delivery, since: Since, limit: u32) -> Result<Followed> {
    let head = delivery.head()?;
    let newest = head.map_or(0, |(seq, _)| seq);
    if since.seq > newest {
        return Ok(Followed::Ahead { head: newest });
    }
    let pruned_through = delivery.pruned_through()?;
    if since.seq > 0 && since.seq.max(since.begun_above) < pruned_through {
        return Ok(Followed::TooOld { pruned_through });
    }
    let mut changes = delivery.changes(since.seq, limit.saturating_add(1))?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = changes.len() > wanted;
    changes.truncate(wanted);
    Ok(Followed::On(Stretch {
        changes,
        head,
        pruned_through,
        has_more,
    }))
}

/// The newest entry; 0 while there is none.
pub fn newest(delivery: &mut dyn Delivery) -> Result<i64> {
    Ok(delivery.head()?.map_or(0, |(seq, _)| seq))
}
