//! Mail to accounts: what is to be sent, and the tickets whose tokens stand in its links.

use chrono::TimeDelta;

use crate::clock::Instant;
use crate::email::Email;
use crate::id::{MailId, UserId};
use crate::rights::words;

words! {
    /// What a mail is about, and what the ticket in it is good for.
    MailKind {
        /// Choosing another password.
        PasswordReset = "password_reset",
        /// Showing that an address is one's own.
        EmailVerification = "email_verification",
        /// Choosing the first password of an account that somebody else made.
        Invitation = "invitation",
    }
}

impl MailKind {
    /// How long a ticket works from when its mail is sent.
    #[must_use]
    pub fn life(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::hours(1),
            Self::EmailVerification => TimeDelta::hours(24),
            Self::Invitation => TimeDelta::days(7),
        }
    }
}

/// A mail that is to be sent. What it holds is made when it is sent: no token is ever kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its name.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The address that it was asked for; whether anybody has it is looked up when it is sent, so that asking takes as
    /// long in either case.
    pub address: Email,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it is tried next.
    pub due_at: Instant,
    /// How often it was tried.
    pub tries: u32,
}

impl Mail {
    /// Mails that wait at once, of all kinds.
    pub const WAITING: u64 = 10_000;
    /// How often one is tried before it is given up, some four hours after it was asked for.
    pub const TRIES: u32 = 10;

    /// How long after a try the next one follows: half a minute, and twice as long each time.
    #[must_use]
    pub fn pause(tries: u32) -> TimeDelta {
        TimeDelta::seconds(30) * (1 << tries.saturating_sub(1).min(10))
    }
}

/// What somebody holds who has the token of a mail: good once, for one thing and one account, as long as that has the
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What it is good for.
    pub kind: MailKind,
    /// For which account.
    pub user: UserId,
    /// The address that it was sent to.
    pub address: Email,
    /// When it stops working.
    pub expires_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_ever_more_rarely_for_hours() {
        let pauses: Vec<_> = (1..Mail::TRIES)
            .map(|tries| Mail::pause(tries).num_seconds())
            .collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680]);
    }
}
