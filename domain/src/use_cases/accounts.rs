//! Accounts and keys: making them, and finding who stands behind a credential.

use crate::account::{ApiKey, KeyDigest, PasswordHash, User};
use crate::clock::Instant;
use crate::email::Email;
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::id::{KeyId, UserId};
use crate::rights::{Actor, Permission, Role};
use crate::text;
use crate::use_cases::Unit;

/// An account as a person writes it; the password comes as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput {
    /// What they log in with.
    pub email: String,
    /// What others call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
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

/// Creates an account.
pub fn create_user(unit: &mut Unit<'_>, input: UserInput, password: &PasswordHash) -> Result<User> {
    unit.actor.require(Permission::UsersManage)?;
    let mut v = Violations::default();
    let email = v.take("/email", Email::parse(&input.email));
    let name = v.take("/name", text::line(input.name, text::TITLE_LIMIT));
    v.finish()?;
    let (Some(email), Some(name)) = (email, name) else {
        return Err(Refused::new("invalid", "This account cannot be read.").at(""));
    };
    if unit.repository.user_by_email(&email)?.is_some() {
        let value = email.to_string();
        return Err(Error::AlreadyExists {
            resource: Resource::User,
            within: String::new(),
            field: "email",
            value,
            free: None,
        });
    }
    let id = UserId::next(unit.ids);
    let user = User {
        id,
        email,
        name,
        role: input.role,
        author_id: None,
        created_at: unit.now,
        updated_at: unit.now,
    };
    unit.repository.insert_user(&user, password)?;
    Ok(user)
}

/// Creates a key; the caller made the secret and shows it once.
pub fn create_key(
    unit: &mut Unit<'_>,
    name: String,
    scopes: Vec<Permission>,
    prefix: &str,
    digest: &KeyDigest,
) -> Result<ApiKey> {
    unit.actor.require(Permission::KeysManage)?;
    let name = text::line(name, text::TITLE_LIMIT).map_err(|refused| refused.at("/name"))?;
    if scopes.is_empty() {
        return Err(Refused::new("required", "A key needs at least one scope.").at("/scopes"));
    }
    // Nobody hands on what they do not have.
    for scope in &scopes {
        unit.actor.require(*scope)?;
    }
    let id = KeyId::next(unit.ids);
    let key = ApiKey {
        id,
        name,
        scopes,
        created_at: unit.now,
        expires_at: None,
        revoked_at: None,
    };
    unit.repository.insert_key(&key, prefix, digest)?;
    Ok(key)
}

/// The account that logs in with an address, and the hash to hold the password against.
pub fn login_candidate(unit: &mut Unit<'_>, email: &str) -> Result<Option<(User, PasswordHash)>> {
    match Email::parse(email) {
        Ok(email) => unit.repository.user_by_email(&email),
        Err(_) => Ok(None),
    }
}

/// The user behind an access token, with today's role; `None` if the account is gone.
pub fn user_actor(unit: &mut Unit<'_>, id: UserId) -> Result<Option<(Actor, User)>> {
    let user = unit.repository.user(id)?;
    Ok(user.map(|user| (Actor::user(user.id, user.role, user.author_id), user)))
}

/// The key with this digest, if it works at this moment.
pub fn key_actor(unit: &mut Unit<'_>, digest: &KeyDigest, now: Instant) -> Result<Option<(Actor, ApiKey)>> {
    let key = unit
        .repository
        .key_by_digest(digest)?
        .filter(|key| key.is_valid_at(now));
    Ok(key.map(|key| (Actor::key(key.id, &key.scopes), key)))
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
