//! Second factors: setting one up, asking for it, and requiring it of roles.

use std::collections::BTreeSet;

use crate::account::{KeyDigest, User};
use crate::article::Expected;
use crate::clock::Instant;
use crate::email::Email;
use crate::error::{Error, Resource, Result, StorageError};
use crate::id::{SessionId, UserId};
use crate::limit::{LimitKey, SECOND_FACTOR};
use crate::repository::Setting;
use crate::rights::{Credential, Permission, Role};
use crate::second_factor::{Check, Proof, SecondFactor, Shown};
use crate::use_cases::Unit;

/// The name of the setting.
const NAME: &str = "security";

/// How the caller's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when it is asked for.
    pub enabled_at: Option<Instant>,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
    /// Whether the caller's role requires one.
    pub required: bool,
}

/// How the caller's second factor stands.
pub fn standing(unit: &mut Unit<'_>) -> Result<Standing> {
    let id = unit.actor.require_user()?;
    let factor = unit.repository.second_factor(id)?;
    Ok(Standing {
        enabled_at: factor.and_then(|factor| factor.confirmed_at),
        recovery_codes: unit.repository.count_recovery_codes(id)?,
        required: is_required(unit)?,
    })
}

/// Keeps what an authenticator of the caller's is to make codes of; nothing asks for one before [`confirm`].
pub fn begin(unit: &mut Unit<'_>, sealed: &[u8]) -> Result<()> {
    let user = unit.actor.require_user()?;
    let known = unit.repository.second_factor_for_update(user)?;
    if known.is_some_and(|factor| factor.is_asked_for()) {
        let detail = "A second factor is set up already. Disable it first, with a code of it.";
        return Err(Error::NotOpen(detail.to_owned()));
    }
    unit.repository.put_second_factor(&SecondFactor {
        user,
        sealed: sealed.to_vec(),
        confirmed_at: None,
        last_step: 0,
        created_at: unit.now,
    })
}

/// Asks for the caller's second factor from now on, of which they show a first code. It may be used for no login any
/// more. `session` is the one it is shown in.
pub fn confirm(
    unit: &mut Unit<'_>,
    check: Check<'_>,
    codes: &[KeyDigest],
    session: Option<SessionId>,
) -> Result<Shown> {
    let user = unit.actor.require_user()?;
    let Some(mut factor) = unit.repository.second_factor_for_update(user)? else {
        return Err(Error::not_found(Resource::SecondFactor, user));
    };
    if factor.is_asked_for() {
        let detail = "This second factor is set up already.";
        return Err(Error::NotOpen(detail.to_owned()));
    }
    if let Some(refused) = count(unit, user)? {
        return Ok(refused);
    }
    let Some(Proof::Step { step, .. }) = check(&factor) else {
        return Ok(Shown::Wrong);
    };
    unit.repository.forgive(&limit_of(user))?;
    factor.confirmed_at = Some(unit.now);
    factor.last_step = step;
    unit.repository.put_second_factor(&factor)?;
    unit.repository.set_recovery_codes(user, codes)?;
    if let Some(session) = session {
        unit.repository.restrict_session(session, false)?;
    }
    Ok(Shown::Good)
}

fn limit_of(user: UserId) -> LimitKey {
    LimitKey::new(SECOND_FACTOR, &[&user.to_string()])
}

/// Counts an attempt before it is looked at; what to answer where there were too many.
fn count(unit: &mut Unit<'_>, user: UserId) -> Result<Option<Shown>> {
    let now = unit.now;
    let spent = unit.repository.spend(&limit_of(user), SECOND_FACTOR, now)?;
    Ok((!spent.allowed).then_some(Shown::TooOften(spent)))
}

/// Uses up what somebody shows of an account's second factor, if one is asked for. What does not hold is an answer and
/// no error, so that the attempt stays counted.
pub(super) fn spend(unit: &mut Unit<'_>, user: UserId, check: Option<Check<'_>>) -> Result<Shown> {
    let factor = unit.repository.second_factor_for_update(user)?;
    let Some(mut factor) = factor.filter(SecondFactor::is_asked_for) else {
        return Ok(Shown::Good);
    };
    let Some(check) = check else {
        return Ok(Shown::Missing);
    };
    if let Some(refused) = count(unit, user)? {
        return Ok(refused);
    }
    let is_good = match check(&factor) {
        Some(Proof::Step { step, sealed }) if step > factor.last_step => {
            factor.last_step = step;
            factor.sealed = sealed.unwrap_or(factor.sealed);
            unit.repository.put_second_factor(&factor)?;
            true
        }
        Some(Proof::Recovery(digest)) => unit.repository.use_recovery_code(user, &digest, unit.now)?,
        _ => false,
    };
    if !is_good {
        return Ok(Shown::Wrong);
    }
    unit.repository.forgive(&limit_of(user))?;
    Ok(Shown::Good)
}

/// Gives the caller other recovery codes, who shows a code.
pub fn renew_recovery_codes(unit: &mut Unit<'_>, check: Check<'_>, codes: &[KeyDigest]) -> Result<Shown> {
    let user = asked_for(unit)?;
    let shown = spend(unit, user, Some(check))?;
    if shown == Shown::Good {
        unit.repository.set_recovery_codes(user, codes)?;
    }
    Ok(shown)
}

/// Asks for the caller's second factor no more, who shows a code.
pub fn disable(unit: &mut Unit<'_>, check: Check<'_>) -> Result<Shown> {
    let user = asked_for(unit)?;
    if is_required(unit)? {
        let detail =
            "Your role requires a second factor. An admin can take it away, so that you set another one up.";
        return Err(Error::NotOpen(detail.to_owned()));
    }
    let shown = spend(unit, user, Some(check))?;
    if shown == Shown::Good {
        unit.repository.delete_second_factor(user)?;
    }
    Ok(shown)
}

fn is_required(unit: &mut Unit<'_>) -> Result<bool> {
    let Some(role) = unit.actor.role else {
        return Ok(false);
    };
    Ok(required(unit)?.contains(&role))
}

fn asked_for(unit: &mut Unit<'_>) -> Result<UserId> {
    let user = unit.actor.require_user()?;
    let factor = unit.repository.second_factor(user)?;
    if factor.is_some_and(|factor| factor.is_asked_for()) {
        return Ok(user);
    }
    Err(Error::not_found(Resource::SecondFactor, user))
}

/// Takes somebody's second factor away who has lost it; whoever does may not have fewer rights than they.
pub fn remove(unit: &mut Unit<'_>, id: UserId) -> Result<()> {
    unit.actor.require(Permission::UsersManage)?;
    if unit.actor.require_user().is_ok_and(|own| own == id) {
        let detail = "Your own second factor is disabled with a code of it, or with a recovery code.";
        return Err(Error::NotOpen(detail.to_owned()));
    }
    let found = unit.repository.user(id)?;
    let user = found.ok_or_else(|| Error::not_found(Resource::User, id))?;
    unit.actor.require_all(user.role.permissions())?;
    if unit.repository.delete_second_factor(id)? {
        return Ok(());
    }
    Err(Error::not_found(Resource::SecondFactor, id))
}

/// The same for the account with this address.
pub fn remove_of(unit: &mut Unit<'_>, email: &Email) -> Result<()> {
    let found = unit.repository.user_by_email(email)?;
    let (user, _) = found.ok_or_else(|| Error::not_found(Resource::User, email))?;
    remove(unit, user.id)
}

/// Whether an account has to set a second factor up before anything else.
pub(super) fn is_missing(unit: &mut Unit<'_>, user: &User) -> Result<bool> {
    if !required(unit)?.contains(&user.role) {
        return Ok(false);
    }
    let factor = unit.repository.second_factor(user.id)?;
    Ok(!factor.is_some_and(|factor| factor.is_asked_for()))
}

/// What the site requires of accounts, as a thing with revisions; the first is what nobody set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecuritySettings {
    /// Roles that need a second factor.
    pub required: BTreeSet<Role>,
    /// Counts its changes.
    pub revision: u32,
    /// When it was last changed, and through which credential.
    pub updated: Option<(Instant, Credential)>,
}

/// What the site requires.
pub fn settings(unit: &mut Unit<'_>) -> Result<SecuritySettings> {
    unit.actor.require(Permission::SettingsManage)?;
    let kept = unit.repository.setting(NAME)?;
    known(kept)
}

/// Requires a second factor of these roles, with their next login or renewal.
pub fn set(unit: &mut Unit<'_>, expected: &Expected, required: &BTreeSet<Role>) -> Result<SecuritySettings> {
    unit.actor.require(Permission::SettingsManage)?;
    let kept = unit.repository.setting_for_update(NAME)?;
    let is_new = kept.is_none();
    let before = known(kept)?;
    let last = before.updated.map_or((None, unit.now), |(at, by)| (Some(by), at));
    expected.check_known(Resource::Setting, NAME, before.revision, last)?;
    let words: Vec<_> = required.iter().map(|role| role.as_str()).collect();
    let setting = Setting {
        name: NAME.to_owned(),
        value: serde_json::json!({ "second_factor": words }).to_string(),
        revision: before.revision.saturating_add(1),
        updated_at: unit.now,
        updated_by: unit.actor.credential,
    };
    unit.repository.put_setting(&setting, is_new)?;
    known(Some(setting))
}

fn required(unit: &mut Unit<'_>) -> Result<BTreeSet<Role>> {
    let kept = unit.repository.setting(NAME)?;
    Ok(known(kept)?.required)
}

fn known(kept: Option<Setting>) -> Result<SecuritySettings> {
    let Some(kept) = kept else {
        return Ok(SecuritySettings {
            required: BTreeSet::new(),
            revision: 1,
            updated: None,
        });
    };
    let corrupt = |reason: String| StorageError::Corrupt {
        table: "settings",
        column: "value",
        id: NAME.to_owned(),
        reason,
    };
    let value: serde_json::Value =
        serde_json::from_str(&kept.value).map_err(|error| corrupt(error.to_string()))?;
    let words = value["second_factor"].as_array().cloned().unwrap_or_default();
    let roles = words
        .iter()
        .map(|word| Role::parse(word.as_str().unwrap_or_default()));
    let required = roles
        .collect::<std::result::Result<BTreeSet<_>, _>>()
        .map_err(|refused| corrupt(refused.message))?;
    Ok(SecuritySettings {
        required,
        revision: kept.revision,
        updated: Some((kept.updated_at, kept.updated_by)),
    })
}
