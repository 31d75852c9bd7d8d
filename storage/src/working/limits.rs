//! How often things were done: one moment for each subject.

use std::net::IpAddr;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::clock::Instant;
use masthead_domain::id::UserId;
use masthead_domain::limit::{LimitKey, Rule, Spent};
use masthead_domain::repository::LimitRepository;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{Named, position as count_of, total};
use crate::schema::{limits, sessions};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl LimitRepository for Transaction<'_> {
    fn spend(&mut self, key: &LimitKey, rule: Rule, now: Instant) -> Result<Spent> {
        spend(self.connection, key, rule, now).map_err(during("counting how often something was done"))
    }

    fn refund(&mut self, key: &LimitKey, rule: Rule) -> Result<()> {
        refund(self.connection, key, rule).map_err(during("taking back that something was done"))
    }

    fn forgive(&mut self, key: &LimitKey) -> Result<()> {
        forgive(self.connection, key).map_err(during("forgetting how often something was done"))
    }

    fn forget_limits(&mut self, paid: Instant, limit: u32) -> Result<u64> {
        forget(self.connection, paid.into(), limit.into())
            .map_err(during("dropping what nobody has to know any more"))
    }

    fn is_known_address(&mut self, user: UserId, address: IpAddr) -> Result<bool> {
        is_known(self.connection, user.into(), address).map_err(during("looking for a known address"))
    }
}

fn paid(connection: &mut Connection, key: &LimitKey) -> Result<Option<Instant>, Failure> {
    let found: Option<Micros> = match connection {
        Connection::Postgres(c) => limits::table
            .find(key.0.as_slice())
            .select(limits::paid_at)
            .for_update()
            .first(c)
            .optional()?,
        Connection::Sqlite(c) => limits::table
            .find(key.0.as_slice())
            .select(limits::paid_at)
            .first(c)
            .optional()?,
    };
    let named = Named {
        table: "limits",
        id: RowId(uuid::Uuid::nil()),
    };
    Ok(named.some_instant("paid_at", found)?)
}

fn spend(connection: &mut Connection, key: &LimitKey, rule: Rule, now: Instant) -> Result<Spent, Failure> {
    let mut known = paid(connection, key)?;
    if known.is_none() {
        let (spent, then) = rule.spend(None, now);
        let added = on_engine!(connection, |c| diesel::insert_into(limits::table)
            .values((
                limits::key.eq(key.0.as_slice()),
                limits::paid_at.eq(Micros::from(then))
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        if added == 1 {
            return Ok(spent);
        }
        // Somebody else was first, and is over by now.
        known = paid(connection, key)?;
    }
    let (spent, then) = rule.spend(known, now);
    if spent.allowed {
        set(connection, key, then.into())?;
    }
    Ok(spent)
}

fn set(connection: &mut Connection, key: &LimitKey, paid_at: Micros) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(
        limits::table.find(key.0.as_slice())
    )
    .set(limits::paid_at.eq(paid_at))
    .execute(c))?;
    Ok(())
}

fn refund(connection: &mut Connection, key: &LimitKey, rule: Rule) -> Result<(), Failure> {
    match paid(connection, key)? {
        Some(paid) => set(connection, key, rule.refund(paid).into()),
        None => Ok(()),
    }
}

fn forgive(connection: &mut Connection, key: &LimitKey) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(
        limits::table.find(key.0.as_slice())
    )
    .execute(c))?;
    Ok(())
}

fn forget(connection: &mut Connection, paid_at: Micros, limit: i64) -> Result<u64, Failure> {
    let old: Vec<Vec<u8>> = on_engine!(connection, |c| limits::table
        .filter(limits::paid_at.le(paid_at))
        .order(limits::paid_at)
        .limit(limit)
        .select(limits::key)
        .load(c))?;
    let dropped = on_engine!(connection, |c| diesel::delete(limits::table)
        .filter(limits::key.eq_any(&old))
        // What was spent meanwhile stays.
        .filter(limits::paid_at.le(paid_at))
        .execute(c))?;
    Ok(total(count_of(dropped)))
}

fn is_known(connection: &mut Connection, user: RowId, address: IpAddr) -> Result<bool, Failure> {
    let known: i64 = on_engine!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::address.eq(address.to_string()))
        .limit(1)
        .count()
        .get_result(c))?;
    Ok(known > 0)
}
