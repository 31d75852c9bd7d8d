//! What the store keeps of settings, and of where links lead.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Instant;
use crate::error::Result;
use crate::preflight::{Standing, Target};
use crate::rights::Credential;

/// Something that admins set for the whole site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// JSON.
    pub value: String,
    /// Counts its changes.
    pub revision: u32,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Through which credential.
    pub updated_by: Credential,
}

/// Settings of the site.
pub trait SettingsRepository {
    /// One of them, if somebody set it.
    fn setting(&mut self, name: &str) -> Result<Option<Setting>>;
    /// The same, and nobody else can change it until this transaction ends.
    fn setting_for_update(&mut self, name: &str) -> Result<Option<Setting>>;
    /// Sets it: `is_new` where nobody did so before.
    fn put_setting(&mut self, setting: &Setting, is_new: bool) -> Result<()>;
}

/// What is asked before something is published.
pub trait PreflightRepository {
    /// How the articles at these places stand; where there is none, nothing is said.
    fn standings(&mut self, targets: &BTreeSet<Target>) -> Result<BTreeMap<Target, Standing>>;
}
