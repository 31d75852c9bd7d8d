//! The working side: what editors, accounts and use cases see.

mod accounts;
mod articles;
mod audit;
mod authors;
mod faqs;
pub(crate) mod filling;
pub(crate) mod history;
mod keys;
mod limits;
mod links;
mod log;
mod mail;
mod merging;
mod notes;
mod once;
mod past;
mod preflight;
mod previews;
mod proposals;
mod releases;
mod second_factors;
mod sections;
mod sessions;
mod settings;
mod sso;
mod tags;
mod trash;
mod uses;

use std::collections::BTreeMap;

use crate::types::RowId;

/// The things found, in the order in which they were asked for.
fn in_order<T>(ids: &[RowId], found: Vec<T>, id: impl Fn(&T) -> RowId) -> Vec<T> {
    let mut by_id: BTreeMap<RowId, T> = found.into_iter().map(|thing| (id(&thing), thing)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

/// The revision that a thing had which is gone.
fn last_revision(gone: &[i64]) -> Option<u32> {
    gone.first().and_then(|revision| u32::try_from(*revision).ok())
}

/// Refuses an update that met no row.
fn expect_one(
    affected: usize,
    resource: masthead_domain::error::Resource,
    id: impl ToString,
) -> Result<(), crate::error::Failure> {
    if affected == 1 {
        return Ok(());
    }
    Err(masthead_domain::Error::not_found(resource, id).into())
}
