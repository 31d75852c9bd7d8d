//! The trash: what was deleted, until somebody restores it or it is purged.

use chrono::TimeDelta;

use crate::clock::Instant;
use crate::id::TrashId;
use crate::locale::Locale;
use crate::rights::{Credential, words};
use crate::slug::Slug;

words! {
    /// What kind of thing lies in the trash.
    TrashKind {
        /// An article or page, with its sections and its history.
        Article = "article",
        /// A FAQ, with its history.
        Faq = "faq",
    }
}

words! {
    /// What the list of the trash sorts by.
    TrashSort {
        /// When it was deleted.
        DeletedAt = "deleted_at",
    }
}

/// Something in the trash, as it was when it was deleted. Its slug is free for others meanwhile, its id is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// The id that it had and will have.
    pub id: TrashId,
    /// What it is.
    pub kind: TrashKind,
    /// The language it is in.
    pub locale: Locale,
    /// The slug that it had.
    pub slug: Slug,
    /// Its headline or question.
    pub title: String,
    /// The revision that it had.
    pub revision: u32,
    /// Through which credential it was made.
    pub created_by: Credential,
    /// When it was deleted.
    pub deleted_at: Instant,
    /// Through which credential.
    pub deleted_by: Credential,
}

/// For how many days things stay in the trash; `None` where they stay until somebody purges them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping(pub Option<u32>);

impl Keeping {
    /// When something that was deleted at this moment is purged.
    #[must_use]
    pub fn until(self, deleted_at: Instant) -> Option<Instant> {
        let days = TimeDelta::days(self.0?.into());
        deleted_at.checked_add_signed(days)
    }

    /// What was deleted at this moment or earlier has been kept long enough.
    #[must_use]
    pub fn since(self, now: Instant) -> Option<Instant> {
        let days = TimeDelta::days(self.0?.into());
        now.checked_sub_signed(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_days_goes_when_they_are_over_and_not_before() {
        let at = |seconds| Instant::from_timestamp(seconds, 0).unwrap();
        let (keeping, deleted) = (Keeping(Some(30)), at(1_000));
        let until = keeping.until(deleted).unwrap();
        assert_eq!(until, at(1_000 + 30 * 86_400));
        assert!(keeping.since(until - TimeDelta::seconds(1)).unwrap() < deleted);
        assert_eq!(keeping.since(until), Some(deleted));
        assert_eq!(
            (Keeping(None).until(deleted), Keeping(None).since(until)),
            (None, None)
        );
    }
}
