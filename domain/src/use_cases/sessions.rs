//! Sessions: logging in, renewing, and ending them.
//!
//! An access token is good for as long as its session is open and its account may log in; both are looked at with
//! every request, so that what is ended is ended everywhere at once.

use chrono::TimeDelta;

use crate::account::{Device, KeyDigest, PasswordHash, RefreshToken, Session, SessionEnd, SessionSort, User};
use crate::clock::Instant;
use crate::error::{Error, Resource, Result};
use crate::id::{SessionId, UserId};
use crate::page::{Page, PageRequest};
use crate::rights::{Actor, Credential, Permission};
use crate::second_factor::{Check, Shown};
use crate::use_cases::{Unit, mailing, second_factors};

/// How long a session lasts at most, however often it is renewed.
pub const LIFE: TimeDelta = TimeDelta::days(90);
/// How long a refresh token works: a session that is not renewed for so long is over.
pub const IDLE: TimeDelta = TimeDelta::days(14);
/// How long after its use a refresh token may be shown again by the same device: two tabs that renew at once are no
/// theft.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);
/// Unused refresh tokens of a session at most, so that the grace gives nobody as many as they like.
pub const UNUSED: u64 = 5;
/// Open sessions of an account at most; the oldest ends when there is one more.
pub const SESSIONS: u32 = 50;
/// How long a session that is over is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// What came of showing a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// The session goes on.
    Renewed(Session),
    /// The token had been used: somebody has a copy, so the session was ended.
    Replayed(Session),
    /// There is no such token, or it does not work any more.
    Refused,
}

/// What came of the right password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A session has begun.
    Begun(Session),
    /// The account is gone or suspended, or has another password by now.
    Refused,
    /// The second factor was not shown as it should be.
    SecondFactor(Shown),
}

/// Begins a session for an account, by its id, whose password was held against the one that was seen, for whoever shows its second factor where it
/// has one. `better` is kept instead of a hash that was made with weaker parameters.
pub fn log_in(
    unit: &mut Unit<'_>,
    (id, seen): (UserId, &PasswordHash),
    better: Option<&PasswordHash>,
    code: Option<Check<'_>>,
    device: Device,
    refresh: &KeyDigest,
) -> Result<Login> {
    let Some((user, password)) = unit.repository.user_for_update(id)? else {
        return Ok(Login::Refused);
    };
    if user.suspended_at.is_some() || &password != seen {
        return Ok(Login::Refused);
    }
    match second_factors::spend(unit, id, code)? {
        Shown::Good => {}
        shown => return Ok(Login::SecondFactor(shown)),
    }
    if let Some(better) = better {
        unit.repository.set_password(id, better)?;
    }
    begin(unit, &user, device, refresh).map(Login::Begun)
}

/// Gives the caller another password in place of the one that was held against `seen`, ends all sessions and begins
/// one; `None` where the password is another by now.
pub fn change_password(
    unit: &mut Unit<'_>,
    seen: &PasswordHash,
    password: &PasswordHash,
    device: Device,
    refresh: &KeyDigest,
) -> Result<Option<Session>> {
    let id = unit.actor.require_user()?;
    let user = match unit.repository.user_for_update(id)? {
        Some((user, kept)) if &kept == seen => user,
        _ => return Ok(None),
    };
    let now = unit.now;
    unit.repository.set_password(id, password)?;
    unit.repository
        .end_sessions(id, 0, now, SessionEnd::PasswordChanged)?;
    mailing::forget_links(unit, id)?;
    begin(unit, &user, device, refresh).map(Some)
}

/// The caller's account and the hash of its password.
pub fn own_password(unit: &mut Unit<'_>) -> Result<(User, PasswordHash)> {
    let id = unit.actor.require_user()?;
    let gone = || Error::not_found(Resource::User, id);
    let user = unit.repository.user(id)?.ok_or_else(gone)?;
    unit.repository.user_by_email(&user.email)?.ok_or_else(gone)
}

fn begin(unit: &mut Unit<'_>, user: &User, device: Device, refresh: &KeyDigest) -> Result<Session> {
    let restricted = second_factors::is_missing(unit, user)?;
    open(unit, user, (false, restricted), device, refresh)
}

/// Begins a session for somebody that the provider of single sign-on has let in, with whatever it asks for.
pub(super) fn begin_external(
    unit: &mut Unit<'_>,
    user: &User,
    device: Device,
    refresh: &KeyDigest,
) -> Result<Session> {
    open(unit, user, (true, false), device, refresh)
}

fn open(
    unit: &mut Unit<'_>,
    user: &User,
    (external, restricted): (bool, bool),
    device: Device,
    refresh: &KeyDigest,
) -> Result<Session> {
    let (now, user_id) = (unit.now, user.id);
    unit.repository.forget_sessions(user_id, now - REMEMBERED)?;
    unit.repository
        .end_sessions(user_id, SESSIONS - 1, now, SessionEnd::TooMany)?;
    let session = Session {
        id: SessionId::next(unit.ids),
        user_id,
        device,
        created_at: now,
        last_used_at: now,
        expires_at: now + LIFE,
        ended: None,
        external,
        restricted,
    };
    unit.repository.insert_session(&session)?;
    unit.acting = Some(Credential::User(user_id));
    give(unit, &session, refresh)?;
    Ok(session)
}

fn give(unit: &mut Unit<'_>, session: &Session, digest: &KeyDigest) -> Result<()> {
    let token = RefreshToken {
        session_id: session.id,
        expires_at: session.expires_at.min(unit.now + IDLE),
        used_at: None,
    };
    unit.repository.insert_refresh_token(digest, &token)
}

/// Renews a session: the token that is shown is used up, and `next` works instead.
pub fn renew(unit: &mut Unit<'_>, shown: &KeyDigest, next: &KeyDigest, device: &Device) -> Result<Renewal> {
    let now = unit.now;
    let Some(token) = unit.repository.refresh_token_for_update(shown)? else {
        return Ok(Renewal::Refused);
    };
    let Some((mut session, user)) = unit.repository.session(token.session_id)? else {
        return Ok(Renewal::Refused);
    };
    if !session.is_open_at(now) || now >= token.expires_at || user.suspended_at.is_some() {
        return Ok(Renewal::Refused);
    }
    if let Some(used) = token.used_at {
        let is_parallel = now - used <= GRACE && device.user_agent == session.device.user_agent;
        if !is_parallel || unit.repository.unused_refresh_tokens(session.id)? >= UNUSED {
            unit.repository
                .end_session(session.id, now, SessionEnd::Replayed)?;
            session.ended = Some((now, SessionEnd::Replayed));
            unit.acting = Some(Credential::User(session.user_id));
            return Ok(Renewal::Replayed(session));
        }
    } else {
        unit.repository.use_refresh_token(shown, now)?;
    }
    // An expired token is refused whether or not it is known, so a session has no more of them than it renews in
    // `IDLE`.
    unit.repository.forget_refresh_tokens(session.id, now)?;
    unit.repository.touch_session(session.id, now)?;
    session.last_used_at = now;
    let restricted = !session.external && second_factors::is_missing(unit, &user)?;
    if restricted != session.restricted {
        unit.repository.restrict_session(session.id, restricted)?;
        session.restricted = restricted;
    }
    give(unit, &session, next)?;
    Ok(Renewal::Renewed(session))
}

/// The account behind an access token of this session, with today's role; `None` where it lets nobody in.
pub fn actor(unit: &mut Unit<'_>, id: SessionId, user: UserId) -> Result<Option<(Actor, User, Session)>> {
    let now = unit.now;
    let found = unit.repository.session(id)?;
    let found = found.filter(|(session, account)| {
        session.is_open_at(now) && account.id == user && account.suspended_at.is_none()
    });
    Ok(found.map(|(session, user)| {
        let actor = Actor::user(user.id, user.role, user.author_id);
        (actor, user, session)
    }))
}

/// The open sessions of an account: one's own, or with the right to manage accounts another's.
pub fn list(unit: &mut Unit<'_>, user: UserId, page: &PageRequest<SessionSort>) -> Result<Page<Session>> {
    of(unit, user)?;
    let now = unit.now;
    unit.repository.sessions(user, now, page)
}

/// Ends one of the caller's sessions.
pub fn end(unit: &mut Unit<'_>, id: SessionId, why: SessionEnd) -> Result<()> {
    let own = unit.actor.require_user()?;
    let found = unit.repository.session(id)?;
    let found = found.filter(|(session, _)| session.user_id == own && session.is_open_at(unit.now));
    if found.is_none() {
        return Err(Error::not_found(Resource::Session, id));
    }
    let now: Instant = unit.now;
    unit.repository.end_session(id, now, why)?;
    Ok(())
}

/// Ends all sessions of an account; answers how many.
pub fn end_all(unit: &mut Unit<'_>, user: UserId) -> Result<u64> {
    of(unit, user)?;
    let now = unit.now;
    unit.repository.end_sessions(user, 0, now, SessionEnd::Revoked)
}

/// Refuses whoever may not look at the sessions of this account.
fn of(unit: &mut Unit<'_>, user: UserId) -> Result<()> {
    if unit.actor.require_user().is_ok_and(|own| own == user) {
        return Ok(());
    }
    unit.actor.require(Permission::UsersManage)?;
    let found = unit.repository.user(user)?;
    let found = found.ok_or_else(|| Error::not_found(Resource::User, user))?;
    unit.actor.require_all(found.role.permissions())
}
