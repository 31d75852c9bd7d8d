//! Sessions and the refresh tokens that renew them.

use diesel::prelude::*;
use masthead_domain::account::{Device, KeyDigest, RefreshToken, Session, SessionEnd, SessionSort, User};
use masthead_domain::error::StorageError;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};

use super::accounts::UserRow;
use crate::among::Among as _;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, position as number, total};
use crate::schema::{refresh_tokens, sessions, users};
use crate::types::{Micros, RowId};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: RowId,
    user_id: RowId,
    user_agent: String,
    address: String,
    created_at: Micros,
    last_used_at: Micros,
    expires_at: Micros,
    ended_at: Option<Micros>,
    ended: Option<String>,
    restricted: i64,
    external: i64,
}

impl SessionRow {
    fn model(self) -> Result<Session, StorageError> {
        let named = Named {
            table: "sessions",
            id: self.id,
        };
        let ended_at = named.some_instant("ended_at", self.ended_at)?;
        let why = self.ended.as_deref();
        let why = why
            .map(|why| named.word("ended", why, SessionEnd::parse))
            .transpose()?;
        Ok(Session {
            id: self.id.into(),
            user_id: self.user_id.into(),
            device: Device {
                user_agent: self.user_agent,
                address: self.address,
            },
            created_at: named.instant("created_at", self.created_at)?,
            last_used_at: named.instant("last_used_at", self.last_used_at)?,
            expires_at: named.instant("expires_at", self.expires_at)?,
            ended: ended_at.zip(why),
            restricted: self.restricted != 0,
            external: self.external != 0,
        })
    }
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.into(),
            user_id: session.user_id.into(),
            user_agent: session.device.user_agent.clone(),
            address: session.device.address.clone(),
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
            ended_at: session.ended.map(|(at, _)| at.into()),
            ended: session.ended.map(|(_, why)| why.as_str().to_owned()),
            restricted: session.restricted.into(),
            external: session.external.into(),
        }
    }
}

pub(super) fn insert(connection: &mut Connection, session: &Session) -> Result<(), Failure> {
    let row = SessionRow::from(session);
    on_engine!(connection, |c| diesel::insert_into(sessions::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

pub(super) fn find(connection: &mut Connection, id: RowId) -> Result<Option<(Session, User)>, Failure> {
    let found: Option<(SessionRow, UserRow)> = on_engine!(connection, |c| sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .filter(users::deleted_at.is_null())
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first(c)
        .optional())?;
    let Some((session, user)) = found else {
        return Ok(None);
    };
    Ok(Some((session.model()?, user.model()?)))
}

pub(super) fn list(
    connection: &mut Connection,
    user: RowId,
    now: Micros,
    request: &PageRequest<SessionSort>,
) -> Result<Page<Session>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(sessions::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        sessions,
        request,
        keyset,
        SessionRow,
        || {
            sessions::table
                .filter(sessions::user_id.eq(user))
                .filter(sessions::ended_at.is_null())
                .filter(sessions::expires_at.gt(now))
                .into_boxed()
        }
    ))?;
    let found = rows
        .into_iter()
        .map(|row: SessionRow| Ok(row.model()?))
        .collect::<Result<Vec<Session>, Failure>>()?;
    Ok(keyset.page(found, total, |session| position(session, request)))
}

const fn sort_column(field: SessionSort) -> &'static str {
    match field {
        SessionSort::CreatedAt => sorted_by!(sessions::created_at),
    }
}

fn position(session: &Session, request: &PageRequest<SessionSort>) -> Position {
    let value = |field| match field {
        SessionSort::CreatedAt => SortValue::Instant(session.created_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: session.id.uuid(),
        as_of: None,
    }
}

/// Ends those of these sessions that are not ended; answers how many.
pub(super) fn end(
    connection: &mut Connection,
    ids: &[RowId],
    at: Micros,
    why: SessionEnd,
) -> Result<u64, Failure> {
    let ended = on_engine!(connection, |c| diesel::update(sessions::table)
        .filter(sessions::id.among(ids))
        .filter(sessions::ended_at.is_null())
        .set((sessions::ended_at.eq(at), sessions::ended.eq(why.as_str())))
        .execute(c))?;
    Ok(total(number(ended)))
}

/// Ends the sessions of an account but for the newest `keep`.
pub(super) fn end_all(
    connection: &mut Connection,
    user: RowId,
    keep: u32,
    at: Micros,
    why: SessionEnd,
) -> Result<u64, Failure> {
    let open: Vec<RowId> = on_engine!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(at))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(sessions::id)
        .load(c))?;
    let over = open
        .get(usize::try_from(keep).unwrap_or(usize::MAX)..)
        .unwrap_or_default();
    if over.is_empty() {
        return Ok(0);
    }
    end(connection, over, at, why)
}

pub(super) fn touch(connection: &mut Connection, id: RowId, at: Micros) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(sessions::table.find(id))
        .set(sessions::last_used_at.eq(at))
        .execute(c))?;
    Ok(())
}

pub(super) fn forget(connection: &mut Connection, user: RowId, over: Micros) -> Result<u64, Failure> {
    let forgotten = on_engine!(connection, |c| diesel::delete(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.le(over).or(sessions::ended_at.le(over)))
        .execute(c))?;
    Ok(total(number(forgotten)))
}

pub(super) fn insert_token(
    connection: &mut Connection,
    digest: &KeyDigest,
    token: &RefreshToken,
) -> Result<(), Failure> {
    let row = (
        refresh_tokens::digest.eq(digest.0.as_slice()),
        refresh_tokens::session_id.eq(RowId::from(token.session_id)),
        refresh_tokens::expires_at.eq(Micros::from(token.expires_at)),
        refresh_tokens::used_at.eq(token.used_at.map(Micros::from)),
    );
    on_engine!(connection, |c| diesel::insert_into(refresh_tokens::table)
        .values(row)
        .execute(c))?;
    Ok(())
}

pub(super) fn token(
    connection: &mut Connection,
    digest: &KeyDigest,
) -> Result<Option<RefreshToken>, Failure> {
    type Found = (RowId, Micros, Option<Micros>);
    let found = refresh_tokens::table.find(digest.0.as_slice()).select((
        refresh_tokens::session_id,
        refresh_tokens::expires_at,
        refresh_tokens::used_at,
    ));
    // Of two who show the same one at once, the second waits and sees that it was used.
    let found: Option<Found> = match connection {
        Connection::Postgres(c) => found.for_update().first(c).optional()?,
        Connection::Sqlite(c) => found.first(c).optional()?,
    };
    let Some((session, expires_at, used_at)) = found else {
        return Ok(None);
    };
    let named = Named {
        table: "refresh_tokens",
        id: session,
    };
    Ok(Some(RefreshToken {
        session_id: session.into(),
        expires_at: named.instant("expires_at", expires_at)?,
        used_at: named.some_instant("used_at", used_at)?,
    }))
}

pub(super) fn use_token(connection: &mut Connection, digest: &KeyDigest, at: Micros) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(
        refresh_tokens::table.find(digest.0.as_slice())
    )
    .set(refresh_tokens::used_at.eq(at))
    .execute(c))?;
    Ok(())
}

pub(super) fn forget_tokens(
    connection: &mut Connection,
    session: RowId,
    expired: Micros,
) -> Result<u64, Failure> {
    let forgotten = on_engine!(connection, |c| diesel::delete(refresh_tokens::table)
        .filter(refresh_tokens::session_id.eq(session))
        .filter(refresh_tokens::expires_at.le(expired))
        .execute(c))?;
    Ok(total(number(forgotten)))
}

pub(super) fn unused(connection: &mut Connection, session: RowId) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session))
        .filter(refresh_tokens::used_at.is_null())
        .count()
        .get_result(c))?;
    Ok(total(count))
}
