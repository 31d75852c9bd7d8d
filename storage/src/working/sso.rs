//! Logins at a provider, and whom it knows.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::KeyDigest;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::StorageError;
use masthead_domain::id::UserId;
use masthead_domain::repository::SsoRepository;
use masthead_domain::sso::PendingLogin;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{Named, position as count_of, total};
use crate::schema::{pending_logins, provider_identities};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl SsoRepository for Transaction<'_> {
    fn insert_pending_login(&mut self, pending: &PendingLogin) -> Result<()> {
        insert(self.connection, pending).map_err(during("keeping a login at the provider"))
    }

    fn take_pending_login(&mut self, state: &KeyDigest) -> Result<Option<PendingLogin>> {
        take(self.connection, state).map_err(during("taking a login at the provider"))
    }

    fn forget_pending_logins(&mut self, expired: Instant, limit: u32) -> Result<u64> {
        forget(self.connection, expired.into(), limit.into())
            .map_err(during("dropping logins at the provider"))
    }

    fn linked_user(&mut self, issuer: &str, subject: &str) -> Result<Option<UserId>> {
        linked(self.connection, issuer, subject)
            .map_err(during("looking for the account of somebody at the provider"))
    }

    fn link_user(&mut self, issuer: &str, subject: &str, user: UserId, at: Instant) -> Result<()> {
        link(self.connection, issuer, subject, user.into(), at.into())
            .map_err(during("tying an account to somebody at the provider"))?;
        self.touch(AuditResource::User, user, None, None);
        Ok(())
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pending_logins)]
struct PendingRow {
    state: Vec<u8>,
    binding: Vec<u8>,
    nonce: String,
    verifier: String,
    expires_at: Micros,
}

impl PendingRow {
    fn model(self) -> Result<PendingLogin, StorageError> {
        let named = Named {
            table: "pending_logins",
            id: RowId(uuid::Uuid::nil()),
        };
        let digest = |column, bytes: Vec<u8>| {
            let length = bytes.len();
            let exact = <[u8; 32]>::try_from(bytes).map_err(|_| StorageError::Corrupt {
                table: "pending_logins",
                column,
                id: String::new(),
                reason: format!("a digest has 32 bytes, this has {length}"),
            });
            exact.map(KeyDigest)
        };
        Ok(PendingLogin {
            state: digest("state", self.state)?,
            binding: digest("binding", self.binding)?,
            nonce: self.nonce,
            verifier: self.verifier,
            expires_at: named.instant("expires_at", self.expires_at)?,
        })
    }
}

fn insert(connection: &mut Connection, pending: &PendingLogin) -> Result<(), Failure> {
    let row = PendingRow {
        state: pending.state.0.to_vec(),
        binding: pending.binding.0.to_vec(),
        nonce: pending.nonce.clone(),
        verifier: pending.verifier.clone(),
        expires_at: pending.expires_at.into(),
    };
    on_engine!(connection, |c| diesel::insert_into(pending_logins::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

/// Whoever deletes the row has the login: of two at once, one.
fn take(connection: &mut Connection, state: &KeyDigest) -> Result<Option<PendingLogin>, Failure> {
    let row: Option<PendingRow> = on_engine!(connection, |c| pending_logins::table
        .find(state.0.as_slice())
        .select(PendingRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let deleted = on_engine!(connection, |c| diesel::delete(
        pending_logins::table.find(state.0.as_slice())
    )
    .execute(c))?;
    Ok((deleted == 1).then(|| row.model()).transpose()?)
}

fn forget(connection: &mut Connection, expired: Micros, limit: i64) -> Result<u64, Failure> {
    let old: Vec<Vec<u8>> = on_engine!(connection, |c| pending_logins::table
        .filter(pending_logins::expires_at.le(expired))
        .order(pending_logins::expires_at)
        .limit(limit)
        .select(pending_logins::state)
        .load(c))?;
    let dropped = on_engine!(connection, |c| diesel::delete(pending_logins::table)
        .filter(pending_logins::state.eq_any(&old))
        .execute(c))?;
    Ok(total(count_of(dropped)))
}

fn linked(connection: &mut Connection, issuer: &str, subject: &str) -> Result<Option<UserId>, Failure> {
    let id: Option<RowId> = on_engine!(connection, |c| provider_identities::table
        .find((issuer, subject))
        .select(provider_identities::user_id)
        .first(c)
        .optional())?;
    Ok(id.map(Into::into))
}

fn link(
    connection: &mut Connection,
    issuer: &str,
    subject: &str,
    user: RowId,
    at: Micros,
) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::insert_into(
        provider_identities::table
    )
    .values((
        provider_identities::issuer.eq(issuer),
        provider_identities::subject.eq(subject),
        provider_identities::user_id.eq(user),
        provider_identities::created_at.eq(at),
    ))
    // Of two first logins at once, the one that comes second finds what it wants.
    .on_conflict_do_nothing()
    .execute(c))?;
    Ok(())
}

/// Ties nobody to an account any more that is deleted.
pub(super) fn unlink(connection: &mut Connection, user: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(
        provider_identities::table.filter(provider_identities::user_id.eq(user))
    )
    .execute(c))?;
    Ok(())
}
