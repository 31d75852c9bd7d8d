//! Mail that waits, and tickets, in the store.

use crate::account::KeyDigest;
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{MailId, UserId};
use crate::mail::{Mail, MailKind, Ticket};

/// Mail and tickets.
pub trait MailRepository {
    /// Lets a mail wait to be sent.
    fn insert_mail(&mut self, mail: &Mail) -> Result<()>;
    /// Mails that wait.
    fn count_mail(&mut self) -> Result<u64>;
    /// The mail that has been due the longest, which nobody else is about; it is due again at `until`, so that another
    /// sends it if whoever takes it does not.
    fn take_mail(&mut self, now: Instant, until: &dyn Fn(u32) -> Instant) -> Result<Option<Mail>>;
    /// Forgets a mail.
    fn delete_mail(&mut self, id: MailId) -> Result<()>;
    /// Keeps a ticket by the digest of its token.
    fn put_ticket(&mut self, digest: &KeyDigest, ticket: &Ticket) -> Result<()>;
    /// The ticket with this token.
    fn ticket(&mut self, digest: &KeyDigest) -> Result<Option<Ticket>>;
    /// Uses a ticket up; `false` where somebody else did.
    fn use_ticket(&mut self, digest: &KeyDigest) -> Result<bool>;
    /// Forgets all tickets of an account that are good for this.
    fn forget_tickets_of(&mut self, user: UserId, kind: MailKind) -> Result<()>;
    /// Forgets tickets that stopped working by then, at most `limit`.
    fn forget_tickets(&mut self, expired: Instant, limit: u32) -> Result<u64>;
}
