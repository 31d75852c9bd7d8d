//! Passwords that are forgotten, addresses that are shown to be somebody's, and invitations: all of it by mail.
//!
//! Asking for a mail does the same whether or not anybody has the address: it is looked up when the mail is sent.

use crate::account::{KeyDigest, PasswordHash, SessionEnd, User};
use crate::email::Email;
use crate::error::{Error, Resource, Result};
use crate::id::{MailId, UserId};
use crate::mail::{Mail, MailKind, Ticket};
use crate::rights::Credential;
use crate::use_cases::Unit;
use crate::use_cases::accounts::{self, UserInput};

/// Asks for a mail with a link to choose another password.
pub fn request_reset(unit: &mut Unit<'_>, address: &Email) -> Result<()> {
    post(unit, MailKind::PasswordReset, address)
}

/// Asks for a mail that shows whether the caller's address is theirs.
pub fn request_verification(unit: &mut Unit<'_>) -> Result<()> {
    let id = unit.actor.require_user()?;
    let user = unit.repository.user(id)?;
    let user = user.ok_or_else(|| Error::not_found(Resource::User, id))?;
    if user.email_verified_at.is_some() {
        return Ok(());
    }
    post(unit, MailKind::EmailVerification, &user.email)
}

/// Makes an account whose owner chooses the password; `password` is one that nobody knows.
pub fn invite(unit: &mut Unit<'_>, input: UserInput, password: &PasswordHash) -> Result<User> {
    let user = accounts::create_user(unit, input, Ok(password.clone()))?;
    post(unit, MailKind::Invitation, &user.email)?;
    Ok(user)
}

/// Sends an invitation that was not accepted once more.
pub fn invite_again(unit: &mut Unit<'_>, id: UserId) -> Result<()> {
    let user = accounts::get(unit, id)?;
    unit.actor.require_all(user.role.permissions())?;
    if user.email_verified_at.is_some() {
        let detail = "This account has shown that its address is its own: there is nothing to invite to.";
        return Err(Error::NotOpen(detail.to_owned()));
    }
    post(unit, MailKind::Invitation, &user.email)
}

fn post(unit: &mut Unit<'_>, kind: MailKind, address: &Email) -> Result<()> {
    if unit.repository.count_mail()? >= Mail::WAITING {
        let detail = format!("{} mails wait to be sent already.", Mail::WAITING);
        return Err(Error::TooOften {
            detail,
            retry_after: 60,
        });
    }
    unit.repository.insert_mail(&Mail {
        id: MailId::next(unit.ids),
        kind,
        address: address.clone(),
        created_at: unit.now,
        due_at: unit.now,
        tries: 0,
    })
}

/// Takes the mail that is due the longest, for whoever sends it now.
pub fn take(unit: &mut Unit<'_>) -> Result<Option<Mail>> {
    let now = unit.now;
    let again = |tries| now + Mail::pause(tries);
    unit.repository.take_mail(now, &again)
}

/// Gives the account that a mail is for the ticket whose token will stand in it; `None` where nobody has the address,
/// or has any use for it.
pub fn prepare(unit: &mut Unit<'_>, mail: &Mail, digest: &KeyDigest) -> Result<Option<User>> {
    let found = unit.repository.user_by_email(&mail.address)?;
    let user = found.map(|(user, _)| user).filter(|user| {
        user.suspended_at.is_none()
            && (mail.kind == MailKind::PasswordReset || user.email_verified_at.is_none())
    });
    let Some(user) = user else { return Ok(None) };
    let ticket = Ticket {
        kind: mail.kind,
        user: user.id,
        address: user.email.clone(),
        expires_at: unit.now + mail.kind.life(),
    };
    unit.repository.put_ticket(digest, &ticket)?;
    Ok(Some(user))
}

/// Forgets a mail that was sent, or given up.
pub fn forget(unit: &mut Unit<'_>, id: MailId) -> Result<()> {
    unit.repository.delete_mail(id)
}

/// Whose ticket this is, while it is good for this.
pub fn holder(unit: &mut Unit<'_>, kind: MailKind, digest: &KeyDigest) -> Result<Option<User>> {
    let now = unit.now;
    let ticket = unit.repository.ticket(digest)?;
    let Some(ticket) = ticket.filter(|ticket| ticket.kind == kind && now < ticket.expires_at) else {
        return Ok(None);
    };
    let user = unit.repository.user(ticket.user)?;
    Ok(user.filter(|user| user.suspended_at.is_none() && user.email == ticket.address))
}

/// Uses a ticket up for another password, which ends every session; `None` where it is good for nothing.
pub fn choose_password(
    unit: &mut Unit<'_>,
    kind: MailKind,
    digest: &KeyDigest,
    password: &PasswordHash,
) -> Result<Option<User>> {
    let Some(user) = redeem(unit, kind, digest)? else {
        return Ok(None);
    };
    let now = unit.now;
    unit.repository.set_password(user.id, password)?;
    unit.repository
        .end_sessions(user.id, 0, now, SessionEnd::PasswordChanged)?;
    forget_links(unit, user.id)?;
    verified(unit, user).map(Some)
}

/// Uses a ticket up to show that an address is somebody's; `None` where it is good for nothing.
pub fn verify(unit: &mut Unit<'_>, digest: &KeyDigest) -> Result<Option<User>> {
    match redeem(unit, MailKind::EmailVerification, digest)? {
        Some(user) => verified(unit, user).map(Some),
        None => Ok(None),
    }
}

/// Makes links that choose a password good for nothing: it was chosen.
pub(super) fn forget_links(unit: &mut Unit<'_>, user: UserId) -> Result<()> {
    for kind in [MailKind::PasswordReset, MailKind::Invitation] {
        unit.repository.forget_tickets_of(user, kind)?;
    }
    Ok(())
}

fn redeem(unit: &mut Unit<'_>, kind: MailKind, digest: &KeyDigest) -> Result<Option<User>> {
    let Some(seen) = holder(unit, kind, digest)? else {
        return Ok(None);
    };
    // The account first: whoever changes it at this moment is waited for, and what they left is looked at.
    let Some((user, _)) = unit.repository.user_for_update(seen.id)? else {
        return Ok(None);
    };
    let is_same = user.email == seen.email && user.suspended_at.is_none();
    if !is_same || !unit.repository.use_ticket(digest)? {
        return Ok(None);
    }
    unit.acting = Some(Credential::User(user.id));
    Ok(Some(user))
}

fn verified(unit: &mut Unit<'_>, mut user: User) -> Result<User> {
    if user.email_verified_at.is_none() {
        user.email_verified_at = Some(unit.now);
        user.revision = user.revision.saturating_add(1);
        user.updated_at = unit.now;
        unit.repository.update_user(&user)?;
    }
    Ok(user)
}
