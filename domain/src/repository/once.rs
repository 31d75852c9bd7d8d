//! What is remembered of requests that are carried out once.

use crate::clock::Instant;
use crate::error::Result;
use crate::once::{CarriedOut, Claim, Turn};

/// Requests that were carried out. Whatever is written here stands or falls with the rest of the transaction, so that
/// a request is never done without being remembered, nor remembered without being done.
pub trait OnceRepository {
    /// Takes a request's turn: nobody else has it until this transaction ends. Does not wait for whoever has it. What
    /// was carried out at `forgotten` or earlier counts as if it never was.
    fn take_turn(&mut self, claim: &Claim, forgotten: Instant) -> Result<Turn>;
    /// Waits until no other transaction that several requests share is open, and keeps others from being until this one
    /// ends: two that lock the same things in another order would stop each other for ever.
    fn begin_joint(&mut self) -> Result<()>;
    /// Remembers a request as carried out, with what was answered.
    fn keep_answer(&mut self, claim: &Claim, answer: Option<&[u8]>, at: Instant) -> Result<()>;
    /// What is remembered of a request.
    fn carried_out(&mut self, claim: &Claim, forgotten: Instant) -> Result<Option<CarriedOut>>;
    /// Drops what was carried out at this moment or earlier, at most so many; answers how many there were.
    fn forget_carried_out(&mut self, forgotten: Instant, limit: u32) -> Result<u64>;
}
