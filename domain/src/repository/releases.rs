//! Releases in the store.

use crate::error::Result;
use crate::id::ReleaseId;
use crate::page::{Page, PageRequest};
use crate::release::{Outline, Release, ReleaseSort, ReleaseStatus};

/// Releases.
pub trait ReleaseRepository {
    /// One release.
    fn release(&mut self, id: ReleaseId) -> Result<Option<Release>>;
    /// One release that nobody else can change until this transaction ends.
    fn release_for_update(&mut self, id: ReleaseId) -> Result<Option<Release>>;
    /// A part of the list of all releases, of one status where one is given.
    fn releases(
        &mut self,
        status: Option<ReleaseStatus>,
        page: &PageRequest<ReleaseSort>,
    ) -> Result<Page<Outline>>;
    /// How many gather.
    fn count_open_releases(&mut self) -> Result<u64>;
    /// Adds a release.
    fn insert_release(&mut self, release: &Release) -> Result<()>;
    /// Saves a release.
    fn update_release(&mut self, release: &Release) -> Result<()>;
    /// Takes a release away; its things stay as they are.
    fn delete_release(&mut self, id: ReleaseId) -> Result<()>;
}
