//! The audit log in the store.

use crate::audit::{AuditEntry, AuditHead, AuditResource, AuditSort, NewAuditEntry, Touched};
use crate::clock::Instant;
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::rights::Credential;

/// Which entries are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done in one of these names; in any where there is none.
    pub actors: Vec<Credential>,
    /// Done by this operation.
    pub action: Option<String>,
    /// To a thing of this kind.
    pub resource: Option<AuditResource>,
    /// To the thing with this id.
    pub resource_id: Option<String>,
    /// By the request with this id.
    pub request_id: Option<String>,
    /// At this moment or later.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// The audit log: it is only ever appended to, and the store itself refuses anything else.
pub trait AuditRepository {
    /// The things that this transaction has changed since it was last asked.
    fn take_touched(&mut self) -> Vec<Touched>;
    /// Appends entries. Their numbers have no gap and follow the order of commits, so call it last in a transaction:
    /// it holds back every other writer of the log until the end.
    fn append_audit(&mut self, entries: Vec<NewAuditEntry>) -> Result<()>;
    /// The last entry that was written.
    fn audit_head(&mut self) -> Result<AuditHead>;
    /// A part of the list of all entries.
    fn audit_entries(
        &mut self,
        filter: &AuditFilter,
        page: &PageRequest<AuditSort>,
    ) -> Result<Page<AuditEntry>>;
    /// The entries after this one, in order; at most so many.
    fn audit_after(&mut self, filter: &AuditFilter, seq: i64, limit: u32) -> Result<Vec<AuditEntry>>;
}
