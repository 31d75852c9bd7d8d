//! Second factors and recovery codes.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::KeyDigest;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::StorageError;
use masthead_domain::id::{SessionId, UserId};
use masthead_domain::repository::SecondFactorRepository;
use masthead_domain::second_factor::SecondFactor;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{Named, total};
use crate::schema::{recovery_codes, second_factors, sessions};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl SecondFactorRepository for Transaction<'_> {
    fn second_factor(&mut self, user: UserId) -> Result<Option<SecondFactor>> {
        find(self.connection, user.into()).map_err(during("reading a second factor"))
    }

    fn second_factor_for_update(&mut self, user: UserId) -> Result<Option<SecondFactor>> {
        lock(self.connection, user.into()).map_err(during("reading a second factor to use it"))
    }

    fn put_second_factor(&mut self, factor: &SecondFactor) -> Result<()> {
        put(self.connection, factor).map_err(during("keeping a second factor"))?;
        self.touch(AuditResource::User, factor.user, None, None);
        Ok(())
    }

    fn delete_second_factor(&mut self, user: UserId) -> Result<bool> {
        let deleted = forget(self.connection, user.into()).map_err(during("forgetting a second factor"))?;
        if deleted {
            self.touch(AuditResource::User, user, None, None);
        }
        Ok(deleted)
    }

    fn set_recovery_codes(&mut self, user: UserId, codes: &[KeyDigest]) -> Result<()> {
        set_codes(self.connection, user.into(), codes).map_err(during("keeping recovery codes"))?;
        self.touch(AuditResource::User, user, None, None);
        Ok(())
    }

    fn use_recovery_code(&mut self, user: UserId, code: &KeyDigest, at: Instant) -> Result<bool> {
        let is_used = use_code(self.connection, user.into(), code, at.into())
            .map_err(during("using a recovery code"))?;
        if is_used {
            self.touch(AuditResource::User, user, None, None);
        }
        Ok(is_used)
    }

    fn count_recovery_codes(&mut self, user: UserId) -> Result<u64> {
        count(self.connection, user.into()).map_err(during("counting recovery codes"))
    }

    fn restrict_session(&mut self, id: SessionId, restricted: bool) -> Result<()> {
        restrict(self.connection, id.into(), restricted)
            .map_err(during("changing what a session is good for"))
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = second_factors, treat_none_as_null = true)]
struct FactorRow {
    user_id: RowId,
    sealed: Vec<u8>,
    confirmed_at: Option<Micros>,
    last_step: i64,
    created_at: Micros,
}

impl FactorRow {
    fn model(self) -> Result<SecondFactor, StorageError> {
        let named = Named {
            table: "second_factors",
            id: self.user_id,
        };
        Ok(SecondFactor {
            user: self.user_id.into(),
            sealed: self.sealed,
            confirmed_at: named.some_instant("confirmed_at", self.confirmed_at)?,
            last_step: self.last_step,
            created_at: named.instant("created_at", self.created_at)?,
        })
    }
}

fn find(connection: &mut Connection, user: RowId) -> Result<Option<SecondFactor>, Failure> {
    let row: Option<FactorRow> = on_engine!(connection, |c| second_factors::table
        .find(user)
        .select(FactorRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(FactorRow::model).transpose()?)
}

/// Locked first and read then: what is read after the wait is what the other one left.
fn lock(connection: &mut Connection, user: RowId) -> Result<Option<SecondFactor>, Failure> {
    if let Connection::Postgres(c) = connection {
        second_factors::table
            .find(user)
            .select(second_factors::user_id)
            .for_update()
            .first::<RowId>(c)
            .optional()?;
    }
    find(connection, user)
}

fn put(connection: &mut Connection, factor: &SecondFactor) -> Result<(), Failure> {
    let row = FactorRow {
        user_id: factor.user.into(),
        sealed: factor.sealed.clone(),
        confirmed_at: factor.confirmed_at.map(Into::into),
        last_step: factor.last_step,
        created_at: factor.created_at.into(),
    };
    on_engine!(connection, |c| diesel::insert_into(second_factors::table)
        .values(&row)
        .on_conflict(second_factors::user_id)
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

/// Answers whether there was one.
pub(super) fn forget(connection: &mut Connection, user: RowId) -> Result<bool, Failure> {
    let deleted = on_engine!(connection, |c| {
        diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(c)?;
        diesel::delete(second_factors::table.find(user)).execute(c)
    })?;
    Ok(deleted == 1)
}

fn set_codes(connection: &mut Connection, user: RowId, codes: &[KeyDigest]) -> Result<(), Failure> {
    let rows: Vec<_> = codes
        .iter()
        .map(|code| {
            (
                recovery_codes::user_id.eq(user),
                recovery_codes::digest.eq(code.0.as_slice()),
            )
        })
        .collect();
    on_engine!(connection, |c| {
        diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(c)?;
        diesel::insert_into(recovery_codes::table)
            .values(&rows)
            .execute(c)
    })?;
    Ok(())
}

fn use_code(connection: &mut Connection, user: RowId, code: &KeyDigest, at: Micros) -> Result<bool, Failure> {
    let changed = on_engine!(connection, |c| diesel::update(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::digest.eq(code.0.as_slice()))
            .filter(recovery_codes::used_at.is_null())
    )
    .set(recovery_codes::used_at.eq(at))
    .execute(c))?;
    Ok(changed == 1)
}

fn count(connection: &mut Connection, user: RowId) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(c))?;
    Ok(total(count))
}

fn restrict(connection: &mut Connection, id: RowId, restricted: bool) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(sessions::table.find(id))
        .set(sessions::restricted.eq(i64::from(restricted)))
        .execute(c))?;
    Ok(())
}
