//! The audit log: what a unit of work tells it, and who reads it.

use crate::audit::{AuditEntry, AuditHead, AuditSort, Deed, Fault, NewAuditEntry, Touched};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::repository::AuditFilter;
use crate::rights::Permission;
use crate::use_cases::Unit;

/// Entries that are read at once where all are.
pub const STRETCH: u32 = 500;

/// Ends a unit of work: the log is told what it changed, in the same transaction. What changed nothing leaves no entry.
pub fn settle(unit: &mut Unit<'_>, mut deed: Deed) -> Result<()> {
    if let Some(actor) = unit.acting {
        deed.actor = actor;
    }
    let touched = unit.repository.take_touched();
    append(unit, vec![(deed, touched)])
}

/// Tells the log of several deeds of one transaction, in their order.
pub fn append(unit: &mut Unit<'_>, deeds: Vec<(Deed, Vec<Touched>)>) -> Result<()> {
    let mut entries = Vec::new();
    for (deed, touched) in deeds {
        entries.extend(
            Touched::together(touched)
                .into_iter()
                .map(|touched| NewAuditEntry {
                    id: unit.ids.next(),
                    at: unit.now,
                    deed: deed.clone(),
                    touched,
                }),
        );
    }
    if entries.is_empty() {
        return Ok(());
    }
    unit.repository.append_audit(entries)
}

/// An entry, with what whoever did it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    /// The entry.
    pub entry: AuditEntry,
    /// The name of the account or key.
    pub actor: Option<String>,
}

/// A part of the list of all entries.
pub fn list(
    unit: &mut Unit<'_>,
    filter: &AuditFilter,
    page: &PageRequest<AuditSort>,
) -> Result<Page<EntryView>> {
    unit.actor.require(Permission::AuditRead)?;
    let page = unit.repository.audit_entries(filter, page)?;
    let credentials: Vec<_> = page.items.iter().map(|it| it.entry.deed.actor).collect();
    let mut names = unit.repository.names_of(&credentials)?.into_iter();
    Ok(page.map(|entry| EntryView {
        entry,
        actor: names.next().flatten(),
    }))
}

/// The entries after this one, in order: at most [`STRETCH`] of them, and fewer only where there are no more.
pub fn stretch(unit: &mut Unit<'_>, filter: &AuditFilter, seq: i64) -> Result<Vec<AuditEntry>> {
    unit.actor.require(Permission::AuditRead)?;
    unit.repository.audit_after(filter, seq, STRETCH)
}

/// Where the log stands.
pub fn head(unit: &mut Unit<'_>) -> Result<AuditHead> {
    unit.actor.require(Permission::AuditRead)?;
    unit.repository.audit_head()
}

/// What came of holding every entry against the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The entries that were read.
    pub entries: u64,
    /// The last of them.
    pub head: AuditHead,
    /// Everything that is wrong, up to [`FAULTS`].
    pub faults: Vec<Fault>,
}

/// Faults that are told of at most.
pub const FAULTS: usize = 100;

/// Holds every entry against the one before, and the last against what the log says is its last. What is written
/// meanwhile is not looked at: all of it is read from one state of the store.
pub fn verify(unit: &mut Unit<'_>, mut told: impl FnMut(u64, u64)) -> Result<Verdict> {
    let end = head(unit)?;
    let mut verdict = Verdict {
        entries: 0,
        head: AuditHead::default(),
        faults: Vec::new(),
    };
    loop {
        let entries = stretch(unit, &AuditFilter::default(), verdict.head.seq)?;
        let is_last = entries.len() < STRETCH as usize;
        for entry in entries {
            verdict.faults.extend(entry.fault(verdict.head));
            verdict.head = entry.head();
            verdict.entries += 1;
        }
        told(verdict.entries, u64::try_from(end.seq).unwrap_or_default());
        if is_last || verdict.faults.len() > FAULTS {
            break;
        }
    }
    if verdict.faults.len() <= FAULTS {
        if verdict.head.seq < end.seq {
            verdict.faults.push(Fault::Missing {
                from: verdict.head.seq + 1,
                to: end.seq,
            });
        } else if verdict.head != end {
            verdict.faults.push(Fault::Changed {
                seq: verdict.head.seq,
            });
        }
    }
    verdict.faults.truncate(FAULTS);
    Ok(verdict)
}
