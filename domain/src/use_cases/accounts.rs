//! Accounts: making, changing, suspending and deleting them.
//!
//! Nobody hands on a right that they do not have, nor touches an account that has more of them; and the last admin who
//! can log in stays one.

use std::net::IpAddr;

use crate::account::{PasswordHash, SessionEnd, User, UserSort};
use crate::article::Expected;
use crate::email::Email;
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::id::{AuthorId, UserId};
use crate::page::{Page, PageRequest};
use crate::rights::{Permission, Role};
use crate::text;
use crate::use_cases::{Unit, mailing};

/// An account as a person writes it; the password comes as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput {
    /// What they log in with.
    pub email: String,
    /// What others call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The byline tied to the account, by its id.
    pub author_id: Option<String>,
}

/// What `PATCH` may change of an account; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// What they log in with.
    pub email: Option<String>,
    /// What others call them.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// The byline tied to the account.
    pub author_id: Option<Option<String>>,
}

/// Characters in a password: at least, and at most (a longer one is an attack on the hash).
pub const PASSWORD: std::ops::RangeInclusive<usize> = 12..=1024;

/// Refuses a password that is too short, too long, or holds the e-mail address.
pub fn check_password(password: &str, email: &str) -> Result<(), Refused> {
    let length = password.chars().count();
    if !PASSWORD.contains(&length) {
        let (least, most) = (PASSWORD.start(), PASSWORD.end());
        let message = format!("A password has {least} to {most} characters, this has {length}.");
        return Err(Refused::new("invalid_password", message));
    }
    let email = email.to_lowercase();
    if !email.is_empty() && password.to_lowercase().contains(&email) {
        return Err(Refused::new(
            "invalid_password",
            "A password must not hold the e-mail address.",
        ));
    }
    Ok(())
}

/// Creates an account; what was wrong with its password is told with all else that is wrong.
pub fn create_user(
    unit: &mut Unit<'_>,
    input: UserInput,
    password: Result<PasswordHash, Refused>,
) -> Result<User> {
    unit.actor.require(Permission::UsersManage)?;
    unit.actor.require_all(input.role.permissions())?;
    let mut v = Violations::default();
    let email = v.take("/email", Email::parse(&input.email));
    let name = v.take("/name", text::line(input.name, text::TITLE_LIMIT));
    let password = v.take("/password", password);
    let author_id = byline(unit, &mut v, input.author_id.as_deref())?;
    v.finish()?;
    let (Some(email), Some(name), Some(password)) = (email, name, password) else {
        return Err(Refused::new("invalid", "This account cannot be read.").at(""));
    };
    claim_email(unit, &email, None)?;
    let id = UserId::next(unit.ids);
    let user = User {
        id,
        email,
        name,
        role: input.role,
        author_id,
        revision: 1,
        email_verified_at: None,
        suspended_at: None,
        created_at: unit.now,
        updated_at: unit.now,
    };
    unit.repository.insert_user(&user, &password)?;
    Ok(user)
}

/// Creates an account for somebody that the provider of single sign-on knows; its claims are the right to do so.
pub(super) fn provision(
    unit: &mut Unit<'_>,
    email: Email,
    name: &str,
    role: Role,
    password: &PasswordHash,
) -> Result<User> {
    let line: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(text::TITLE_LIMIT).collect();
    let name = text::line(line, text::TITLE_LIMIT).unwrap_or_else(|_| email.as_str().to_owned());
    let user = User {
        id: UserId::next(unit.ids),
        email,
        name,
        role,
        author_id: None,
        revision: 1,
        email_verified_at: Some(unit.now),
        suspended_at: None,
        created_at: unit.now,
        updated_at: unit.now,
    };
    unit.repository.insert_user(&user, password)?;
    Ok(user)
}

/// A part of the list of accounts.
pub fn list(unit: &mut Unit<'_>, role: Option<Role>, page: &PageRequest<UserSort>) -> Result<Page<User>> {
    unit.actor.require(Permission::UsersManage)?;
    unit.repository.users(role, page)
}

/// One account.
pub fn get(unit: &mut Unit<'_>, id: UserId) -> Result<User> {
    unit.actor.require(Permission::UsersManage)?;
    let user = unit.repository.user(id)?;
    user.ok_or_else(|| Error::not_found(Resource::User, id))
}

/// Changes single fields; another role ends every session, so that no page goes on showing what is not theirs any more.
pub fn patch(unit: &mut Unit<'_>, id: UserId, expected: &Expected, patch: UserPatch) -> Result<User> {
    let before = open(unit, id, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    if let Some(email) = patch.email {
        after.email = v.take("/email", Email::parse(&email)).unwrap_or(after.email);
    }
    if let Some(name) = patch.name {
        let name = v.take("/name", text::line(name, text::TITLE_LIMIT));
        after.name = name.unwrap_or(after.name);
    }
    if let Some(author) = patch.author_id {
        after.author_id = byline(unit, &mut v, author.as_deref())?;
    }
    after.role = patch.role.unwrap_or(after.role);
    unit.actor.require_all(after.role.permissions())?;
    v.finish()?;
    if after == before {
        return Ok(after);
    }
    if after.email != before.email {
        claim_email(unit, &after.email, Some(id))?;
        after.email_verified_at = None;
    }
    if after.role != before.role {
        spare_an_admin(unit, id)?;
        let now = unit.now;
        unit.repository
            .end_sessions(id, 0, now, SessionEnd::RoleChanged)?;
    }
    save(unit, after)
}

/// Lets an account in no more, and ends its sessions.
pub fn suspend(unit: &mut Unit<'_>, id: UserId, expected: &Expected) -> Result<User> {
    let mut user = open(unit, id, expected)?;
    if user.suspended_at.is_some() {
        return Ok(user);
    }
    spare_an_admin(unit, id)?;
    let now = unit.now;
    unit.repository.end_sessions(id, 0, now, SessionEnd::Suspended)?;
    user.suspended_at = Some(unit.now);
    save(unit, user)
}

/// Lets a suspended account in again.
pub fn reactivate(unit: &mut Unit<'_>, id: UserId, expected: &Expected) -> Result<User> {
    let mut user = open(unit, id, expected)?;
    if user.suspended_at.take().is_none() {
        return Ok(user);
    }
    save(unit, user)
}

/// Takes an account away. What it wrote stays, under an id that nobody is given again.
pub fn delete(unit: &mut Unit<'_>, id: UserId, expected: &Expected) -> Result<()> {
    open(unit, id, expected)?;
    spare_an_admin(unit, id)?;
    let now = unit.now;
    unit.repository.end_sessions(id, 0, now, SessionEnd::Deleted)?;
    unit.repository.delete_user(id, now)
}

/// Gives an account another password, and ends its sessions.
pub fn set_password(
    unit: &mut Unit<'_>,
    id: UserId,
    expected: &Expected,
    password: &PasswordHash,
) -> Result<User> {
    let user = open(unit, id, expected)?;
    let now = unit.now;
    unit.repository.set_password(id, password)?;
    unit.repository
        .end_sessions(id, 0, now, SessionEnd::PasswordChanged)?;
    mailing::forget_links(unit, id)?;
    save(unit, user)
}

fn open(unit: &mut Unit<'_>, id: UserId, expected: &Expected) -> Result<User> {
    unit.actor.require(Permission::UsersManage)?;
    let (user, _) = unit
        .repository
        .user_for_update(id)?
        .ok_or_else(|| Error::not_found(Resource::User, id))?;
    unit.actor.require_all(user.role.permissions())?;
    expected.check_known(Resource::User, id, user.revision, (None, user.updated_at))?;
    Ok(user)
}

pub(super) fn save(unit: &mut Unit<'_>, mut user: User) -> Result<User> {
    user.revision = user.revision.saturating_add(1);
    user.updated_at = unit.now;
    unit.repository.update_user(&user)?;
    Ok(user)
}

/// Refuses what would leave nobody who can make others what they are. Whoever asks at the same time waits, and is told
/// what is left by then.
pub(super) fn spare_an_admin(unit: &mut Unit<'_>, id: UserId) -> Result<()> {
    let admins = unit.repository.active_admins_for_update()?;
    if admins == [id] {
        return Err(Error::LastAdmin);
    }
    Ok(())
}

fn claim_email(unit: &mut Unit<'_>, email: &Email, own: Option<UserId>) -> Result<()> {
    let holder = unit.repository.user_by_email(email)?.map(|(user, _)| user.id);
    if holder.is_none() || holder == own {
        return Ok(());
    }
    Err(Error::AlreadyExists {
        resource: Resource::User,
        within: String::new(),
        field: "email",
        value: email.to_string(),
        free: None,
    })
}

fn byline(unit: &mut Unit<'_>, v: &mut Violations, id: Option<&str>) -> Result<Option<AuthorId>> {
    let Some(text) = id else { return Ok(None) };
    let found = match AuthorId::parse(text) {
        Some(id) => unit.repository.author(id)?.map(|author| author.id),
        None => None,
    };
    if found.is_none() {
        v.add(
            "/author_id",
            "unknown_author",
            format!("There is no author `{text}`."),
        );
    }
    Ok(found)
}

/// The account that logs in with an address, and the hash to hold the password against.
pub fn login_candidate(unit: &mut Unit<'_>, email: &str) -> Result<Option<(User, PasswordHash)>> {
    match Email::parse(email) {
        Ok(email) => unit.repository.user_by_email(&email),
        Err(_) => Ok(None),
    }
}

/// Whether the account that was found is known to be used from an address; asked in vain where none was found, so that
/// it takes as long.
pub fn is_known_address(
    unit: &mut Unit<'_>,
    found: Option<(User, PasswordHash)>,
    address: Option<IpAddr>,
) -> Result<bool> {
    let id = found.map_or(UserId::from_uuid(uuid::Uuid::nil()), |(user, _)| user.id);
    match address {
        Some(address) => unit.repository.is_known_address(id, address),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_not_the_address() {
        assert!(check_password("correct horse battery", "ada@example.org").is_ok());
        assert!(check_password("elevenchars", "ada@example.org").is_err());
        assert!(check_password(&"x".repeat(1025), "ada@example.org").is_err());
        assert!(check_password("my-ADA@example.org-1", "ada@example.org").is_err());
    }
}
