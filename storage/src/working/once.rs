//! Requests that were carried out once.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::clock::Instant;
use masthead_domain::error::StorageError;
use masthead_domain::once::{CarriedOut, Claim, Turn};
use masthead_domain::repository::OnceRepository;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{position, total};
use crate::schema::idempotency_keys as kept;
use crate::transaction::Transaction;
use crate::types::Micros;

impl OnceRepository for Transaction<'_> {
    fn take_turn(&mut self, claim: &Claim, forgotten: Instant) -> Result<Turn> {
        take_turn(self.connection, claim, forgotten.into()).map_err(during("taking the turn of a request"))
    }

    fn begin_joint(&mut self) -> Result<()> {
        begin_joint(self.connection).map_err(during("waiting for other batches"))
    }

    fn keep_answer(&mut self, claim: &Claim, answer: Option<&[u8]>, at: Instant) -> Result<()> {
        keep_answer(self.connection, claim, answer, at.into()).map_err(during("keeping an answer"))
    }

    fn carried_out(&mut self, claim: &Claim, forgotten: Instant) -> Result<Option<CarriedOut>> {
        carried_out(self.connection, claim, forgotten.into()).map_err(during("looking for a kept answer"))
    }

    fn forget_carried_out(&mut self, forgotten: Instant, limit: u32) -> Result<u64> {
        forget(self.connection, forgotten.into(), limit.into()).map_err(during("dropping old answers"))
    }
}

/// The one writer of SQLite has every turn. On PostgreSQL a lock is tried that ends with the transaction: an insert
/// would wait for whoever is about the same request.
fn take_turn(connection: &mut Connection, claim: &Claim, forgotten: Micros) -> Result<Turn, Failure> {
    if let Connection::Postgres(c) = connection {
        let mut number = [0; 8];
        number.copy_from_slice(&claim.id[..8]);
        let is_ours: bool =
            diesel::select(pg_try_advisory_xact_lock(i64::from_be_bytes(number))).get_result(c)?;
        if !is_ours {
            return Ok(Turn::Running);
        }
    }
    let done: i64 = on_engine!(connection, |c| kept::table
        .filter(kept::id.eq(claim.id.as_slice()))
        .filter(kept::created_at.gt(forgotten))
        .count()
        .get_result(c))?;
    Ok(if done == 0 { Turn::Free } else { Turn::Done })
}

diesel::define_sql_function! {
    /// Takes a lock until the transaction ends, if nobody else has it.
    fn pg_try_advisory_xact_lock(number: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Taken by transactions of several requests, for as long as they last.
const JOINT: &str = "select pg_advisory_xact_lock(5570193308531903602)";

/// SQLite has one writer anyway.
fn begin_joint(connection: &mut Connection) -> Result<(), Failure> {
    if let Connection::Postgres(c) = connection {
        c.batch_execute(JOINT)?;
    }
    Ok(())
}

/// A row that is forgotten but not yet dropped makes room.
fn keep_answer(
    connection: &mut Connection,
    claim: &Claim,
    answer: Option<&[u8]>,
    at: Micros,
) -> Result<(), Failure> {
    let credential = claim.credential.to_string();
    let row = (
        kept::credential.eq(&credential),
        kept::request.eq(claim.request.as_slice()),
        kept::answer.eq(answer),
        kept::created_at.eq(at),
    );
    on_engine!(connection, |c| diesel::insert_into(kept::table)
        .values((kept::id.eq(claim.id.as_slice()), row))
        .on_conflict(kept::id)
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

fn carried_out(
    connection: &mut Connection,
    claim: &Claim,
    forgotten: Micros,
) -> Result<Option<CarriedOut>, Failure> {
    let found: Option<(Vec<u8>, Option<Vec<u8>>)> = on_engine!(connection, |c| kept::table
        .filter(kept::id.eq(claim.id.as_slice()))
        .filter(kept::created_at.gt(forgotten))
        .select((kept::request, kept::answer))
        .first(c)
        .optional())?;
    let Some((request, answer)) = found else {
        return Ok(None);
    };
    let request = request
        .try_into()
        .map_err(|request: Vec<u8>| StorageError::Corrupt {
            table: "idempotency_keys",
            column: "request",
            id: claim.credential.to_string(),
            reason: format!("{} bytes are no digest", request.len()),
        })?;
    Ok(Some(CarriedOut { request, answer }))
}

fn forget(connection: &mut Connection, forgotten: Micros, limit: i64) -> Result<u64, Failure> {
    let old: Vec<Vec<u8>> = on_engine!(connection, |c| kept::table
        .filter(kept::created_at.le(forgotten))
        .order(kept::created_at)
        .limit(limit)
        .select(kept::id)
        .load(c))?;
    // One that was used anew since then is not old any more.
    let dropped = on_engine!(connection, |c| diesel::delete(kept::table)
        .filter(kept::id.eq_any(&old))
        .filter(kept::created_at.le(forgotten))
        .execute(c))?;
    Ok(total(position(dropped)))
}
