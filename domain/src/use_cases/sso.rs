//! Single sign-on: whoever a provider knows has an account here, with the role that its claims give.

use crate::account::{Device, KeyDigest, PasswordHash, Session, SessionEnd, User};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::rights::{Credential, Role};
use crate::sso::{PendingLogin, ProviderIdentity, SignedOn};
use crate::use_cases::{Unit, accounts, sessions};

/// Notes that somebody goes to the provider.
pub fn begin(unit: &mut Unit<'_>, pending: &PendingLogin) -> Result<()> {
    unit.repository.insert_pending_login(pending)
}

/// Takes the login that somebody comes back with; `None` where it is unknown, was taken, is too old, or was begun by
/// somebody else.
pub fn take(unit: &mut Unit<'_>, state: &KeyDigest, binding: &KeyDigest) -> Result<Option<PendingLogin>> {
    let now = unit.now;
    let found = unit.repository.take_pending_login(state)?;
    Ok(found.filter(|pending| now < pending.expires_at && pending.binding == *binding))
}

/// Begins a session for somebody that the provider knows. Their account is the one that was theirs before, or the one
/// that has their address, or a new one with `password`, which nobody knows.
pub fn sign_on(
    unit: &mut Unit<'_>,
    identity: &ProviderIdentity,
    password: &PasswordHash,
    device: Device,
    refresh: &KeyDigest,
) -> Result<SignedOn<Session>> {
    let Some(role) = identity.role else {
        return Ok(SignedOn::NoRole);
    };
    let linked = unit.repository.linked_user(&identity.issuer, &identity.subject)?;
    let user = match linked {
        Some(id) => of_link(unit, id)?,
        None => None,
    };
    let user = match (user, &identity.verified_email) {
        (Some(user), _) => user,
        (None, None) => return Ok(SignedOn::NoAddress),
        (None, Some(email)) => {
            let user = match unit.repository.user_by_email(email)? {
                // Whoever changes it at this moment is waited for.
                Some((seen, _)) => match of_link(unit, seen.id)? {
                    Some(user) if user.email == *email => user,
                    _ => return Ok(SignedOn::NoAddress),
                },
                None => accounts::provision(unit, email.clone(), &identity.name, role, password)?,
            };
            let now = unit.now;
            unit.repository
                .link_user(&identity.issuer, &identity.subject, user.id, now)?;
            user
        }
    };
    if user.suspended_at.is_some() {
        return Ok(SignedOn::Suspended);
    }
    unit.acting = Some(Credential::User(user.id));
    let user = with_role(unit, user, role)?;
    sessions::begin_external(unit, &user, device, refresh).map(SignedOn::Begun)
}

/// The account of a link, unless it was deleted since.
fn of_link(unit: &mut Unit<'_>, id: UserId) -> Result<Option<User>> {
    Ok(unit.repository.user_for_update(id)?.map(|(user, _)| user))
}

/// The provider says what somebody may do; but the last admin stays one.
fn with_role(unit: &mut Unit<'_>, mut user: User, role: Role) -> Result<User> {
    if user.role == role {
        return Ok(user);
    }
    match accounts::spare_an_admin(unit, user.id) {
        Err(Error::LastAdmin) => return Ok(user),
        outcome => outcome?,
    }
    let now = unit.now;
    unit.repository
        .end_sessions(user.id, 0, now, SessionEnd::RoleChanged)?;
    user.role = role;
    accounts::save(unit, user)
}
