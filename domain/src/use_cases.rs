//! What people and machines do: each function is one unit of work, all or nothing.
//!
//! A use case checks the caller's rights, loads what it needs (locked, if it will change it), holds the client's
//! revision against the present one, decides, and saves. It may be run again from the start when the store asks
//! for that, so it keeps nothing outside the store.

pub mod accounts;
mod announcing;
pub mod articles;
pub mod auditing;
pub mod authors;
mod conflicts;
pub mod drafting;
pub mod faqs;
pub mod history;
pub mod import;
pub mod keys;
pub mod links;
pub mod mailing;
pub mod merge;
mod merging;
mod naming;
pub mod notes;
pub mod past;
pub mod preflighting;
pub mod preview_links;
pub mod previewing;
pub mod proposals;
pub mod publishing;
pub mod reading;
pub mod redirects;
pub mod releases;
pub mod reverting;
pub mod reviewing;
pub mod scheduling;
pub mod second_factors;
pub mod sections;
pub mod sessions;
mod slugs;
pub mod sso;
mod stories;
pub mod tag_merging;
pub mod tags;
pub mod trash;
pub mod warnings;

use crate::clock::Instant;
use crate::id::Ids;
use crate::preflight::SiteAddress;
use crate::repository::Repository;
use crate::rights::{Actor, Credential};

/// One transaction with everything a use case is given.
pub struct Unit<'a> {
    /// The store, inside one transaction.
    pub repository: &'a mut dyn Repository,
    /// The moment of this unit; everything in it happens at once.
    pub now: Instant,
    /// Gives new ids.
    pub ids: &'a dyn Ids,
    /// Whoever asks.
    pub actor: &'a Actor,
    /// In whose name it turns out to act, where nobody is known to ask: whoever logs in becomes known by that.
    pub acting: Option<Credential>,
    /// Where the site is, as far as it is known.
    pub site: Option<&'a SiteAddress>,
}
