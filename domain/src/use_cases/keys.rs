//! API keys: making, changing, rotating and revoking them.
//!
//! A key has at most the rights of whoever makes or changes it.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::account::{ApiKey, KeyDigest, KeySort};
use crate::article::Expected;
use crate::clock::Instant;
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::id::KeyId;
use crate::page::{Page, PageRequest};
use crate::rights::{Actor, Permission};
use crate::text;
use crate::use_cases::Unit;

/// Networks that a key may be bound to.
pub const ADDRESSES: usize = 20;
/// How long the secret before a rotation may go on working.
pub const OVERLAP: TimeDelta = TimeDelta::days(7);
/// Between two notes of when a key was last used.
pub const NOTED: TimeDelta = TimeDelta::minutes(1);

/// A key as somebody asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyInput {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// Networks it may come from; from anywhere where there is none.
    pub addresses: Vec<String>,
    /// When it stops working.
    pub expires_at: Option<Instant>,
}

/// What `PATCH` may change of a key; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPatch {
    /// What people call it.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Option<Vec<Permission>>,
    /// Networks it may come from.
    pub addresses: Option<Vec<String>>,
    /// When it stops working.
    pub expires_at: Option<Option<Instant>>,
}

/// Creates a key; the caller made the secret and shows it once. `prefix` is what is shown of it from then on.
pub fn create(unit: &mut Unit<'_>, input: KeyInput, prefix: &str, digest: &KeyDigest) -> Result<ApiKey> {
    unit.actor.require(Permission::KeysManage)?;
    let mut v = Violations::default();
    let name = v.take("/name", text::line(input.name, text::TITLE_LIMIT));
    let scopes = scopes(unit, &mut v, input.scopes)?;
    let addresses = addresses(&mut v, input.addresses);
    let expires_at = expiry(unit, &mut v, input.expires_at);
    v.finish()?;
    let name = name.ok_or_else(|| Refused::new("invalid", "This key cannot be read.").at(""))?;
    let key = ApiKey {
        id: KeyId::next(unit.ids),
        name,
        prefix: prefix.to_owned(),
        scopes,
        addresses,
        revision: 1,
        created_by: unit.actor.credential,
        created_at: unit.now,
        updated_at: unit.now,
        last_used_at: None,
        expires_at,
        revoked_at: None,
        previous_until: None,
    };
    unit.repository.insert_key(&key, digest)?;
    Ok(key)
}

/// A part of the list of keys, revoked ones too.
pub fn list(unit: &mut Unit<'_>, page: &PageRequest<KeySort>) -> Result<Page<ApiKey>> {
    unit.actor.require(Permission::KeysManage)?;
    unit.repository.keys(page)
}

/// One key.
pub fn get(unit: &mut Unit<'_>, id: KeyId) -> Result<ApiKey> {
    unit.actor.require(Permission::KeysManage)?;
    let key = unit.repository.key(id)?;
    key.ok_or_else(|| Error::not_found(Resource::Key, id))
}

/// Changes single fields.
pub fn patch(unit: &mut Unit<'_>, id: KeyId, expected: &Expected, patch: KeyPatch) -> Result<ApiKey> {
    let before = open(unit, id, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    if let Some(name) = patch.name {
        let name = v.take("/name", text::line(name, text::TITLE_LIMIT));
        after.name = name.unwrap_or(after.name);
    }
    if let Some(asked) = patch.scopes {
        after.scopes = scopes(unit, &mut v, asked)?;
    }
    if let Some(asked) = patch.addresses {
        after.addresses = addresses(&mut v, asked);
    }
    if let Some(asked) = patch.expires_at {
        after.expires_at = expiry(unit, &mut v, asked);
    }
    v.finish()?;
    if after == before {
        return Ok(after);
    }
    save(unit, after, None)
}

/// Gives a key another secret; the one before works for `overlap` more, seven days at most.
pub fn rotate(
    unit: &mut Unit<'_>,
    id: KeyId,
    expected: &Expected,
    overlap: TimeDelta,
    (prefix, digest): (&str, &KeyDigest),
) -> Result<ApiKey> {
    let mut key = open(unit, id, expected)?;
    prefix.clone_into(&mut key.prefix);
    key.previous_until = Some(unit.now + overlap.clamp(TimeDelta::zero(), OVERLAP));
    save(unit, key, Some(digest))
}

/// Takes a key back: it works nowhere any more, and stays in the list.
pub fn revoke(unit: &mut Unit<'_>, id: KeyId, expected: &Expected) -> Result<ApiKey> {
    let mut key = open(unit, id, expected)?;
    key.revoked_at = Some(unit.now);
    key.previous_until = None;
    save(unit, key, None)
}

/// The key with this digest, if it works at this moment and from this address.
pub fn actor(
    unit: &mut Unit<'_>,
    digest: &KeyDigest,
    from: Option<IpAddr>,
) -> Result<Option<(Actor, ApiKey)>> {
    let now = unit.now;
    let key = unit.repository.key_by_digest(digest, now)?;
    let key = key.filter(|key| key.is_valid_at(now) && is_from(&key.addresses, from));
    Ok(key.map(|key| (Actor::key(key.id, &key.scopes), key)))
}

/// Notes that a key was used.
pub fn used(unit: &mut Unit<'_>, id: KeyId) -> Result<()> {
    let now = unit.now;
    unit.repository.touch_key(id, now)
}

/// A key that works still and has no right that the caller lacks.
fn open(unit: &mut Unit<'_>, id: KeyId, expected: &Expected) -> Result<ApiKey> {
    unit.actor.require(Permission::KeysManage)?;
    let key = unit.repository.key_for_update(id)?;
    let key = key.filter(|key| key.revoked_at.is_none());
    let key = key.ok_or_else(|| Error::not_found(Resource::Key, id))?;
    unit.actor.require_all(&key.scopes)?;
    expected.check_known(Resource::Key, id, key.revision, (None, key.updated_at))?;
    Ok(key)
}

fn save(unit: &mut Unit<'_>, mut key: ApiKey, digest: Option<&KeyDigest>) -> Result<ApiKey> {
    key.revision = key.revision.saturating_add(1);
    key.updated_at = unit.now;
    unit.repository.update_key(&key, digest)?;
    Ok(key)
}

fn scopes(unit: &Unit<'_>, v: &mut Violations, mut asked: Vec<Permission>) -> Result<Vec<Permission>> {
    if asked.is_empty() {
        v.add("/scopes", "required", "A key needs at least one scope.");
    }
    unit.actor.require_all(&asked)?;
    asked.sort_unstable();
    asked.dedup();
    Ok(asked)
}

fn expiry(unit: &Unit<'_>, v: &mut Violations, asked: Option<Instant>) -> Option<Instant> {
    let asked = asked.map(crate::clock::cut);
    if asked.is_some_and(|at| at <= unit.now) {
        v.add(
            "/expires_at",
            "in_the_past",
            "A key expires in the future, or never.",
        );
    }
    asked
}

fn addresses(v: &mut Violations, asked: Vec<String>) -> Vec<String> {
    if asked.len() > ADDRESSES {
        let message = format!(
            "A key has at most {ADDRESSES} networks, these are {}.",
            asked.len()
        );
        v.add("/addresses", "too_many", message);
        return Vec::new();
    }
    let mut networks = Vec::with_capacity(asked.len());
    for (at, text) in asked.into_iter().enumerate() {
        match network(&text) {
            Some(network) => networks.push(network.to_string()),
            None => v.add(
                format!("/addresses/{at}"),
                "invalid_network",
                format!(
                    "`{text}` is neither an address nor a network such as `192.0.2.0/24` or `2001:db8::/32`."
                ),
            ),
        }
    }
    networks
}

fn network(text: &str) -> Option<ipnet::IpNet> {
    let network = text.parse::<ipnet::IpNet>().ok();
    let one = || text.parse::<IpAddr>().ok().map(ipnet::IpNet::from);
    network.map(|network| network.trunc()).or_else(one)
}

/// Whether an address lies in one of these networks; where there is none, every address does.
fn is_from(networks: &[String], address: Option<IpAddr>) -> bool {
    let Some(address) = address.map(|address| address.to_canonical()) else {
        return networks.is_empty();
    };
    networks.is_empty()
        || networks
            .iter()
            .filter_map(|text| network(text))
            .any(|one| one.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_lie_in_it() {
        let networks = [
            "192.0.2.0/24".to_owned(),
            "2001:db8::/32".to_owned(),
            "198.51.100.7/32".to_owned(),
        ];
        let from = |text: &str| is_from(&networks, Some(text.parse().unwrap()));
        assert!(
            from("192.0.2.200") && from("2001:db8::1") && from("198.51.100.7") && from("::ffff:192.0.2.1")
        );
        assert!(!from("192.0.3.1") && !from("2001:db9::1") && !from("198.51.100.8"));
        assert!(!is_from(&networks, None) && is_from(&[], None));
    }

    #[test]
    fn what_is_no_network_is_refused_by_its_place() {
        let mut v = Violations::default();
        let asked = ["192.0.2.7/24", "10.0.0.1", "all", "10.0.0.0/33"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(addresses(&mut v, asked), ["192.0.2.0/24", "10.0.0.1/32"]);
        let places: Vec<_> = v.0.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(places, ["/addresses/2", "/addresses/3"]);
    }
}
