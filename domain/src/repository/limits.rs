//! What was done how often, in the store.

use std::net::IpAddr;

use crate::clock::Instant;
use crate::error::Result;
use crate::id::UserId;
use crate::limit::{LimitKey, Rule, Spent};

/// How often things were done, on all nodes together.
pub trait LimitRepository {
    /// Does something once more, if its rule allows; nobody else is asked about the same subject meanwhile.
    fn spend(&mut self, key: &LimitKey, rule: Rule, now: Instant) -> Result<Spent>;
    /// Takes one time back.
    fn refund(&mut self, key: &LimitKey, rule: Rule) -> Result<()>;
    /// Forgets everything that was done by this subject.
    fn forgive(&mut self, key: &LimitKey) -> Result<()>;
    /// Drops what is paid for at this moment, at most so much; answers how much there was.
    fn forget_limits(&mut self, paid: Instant, limit: u32) -> Result<u64>;
    /// Whether an account is known to have been used from an address.
    fn is_known_address(&mut self, user: UserId, address: IpAddr) -> Result<bool>;
}
