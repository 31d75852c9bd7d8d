//! Mail that waits, and what its links are good for.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::KeyDigest;
use masthead_domain::clock::Instant;
use masthead_domain::email::Email;
use masthead_domain::error::StorageError;
use masthead_domain::id::{MailId, UserId};
use masthead_domain::mail::{Mail, MailKind, Ticket};
use masthead_domain::repository::MailRepository;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{Named, position as count_of, total};
use crate::schema::{mail, tickets};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl MailRepository for Transaction<'_> {
    fn insert_mail(&mut self, mail: &Mail) -> Result<()> {
        insert(self.connection, mail).map_err(during("letting a mail wait"))
    }

    fn count_mail(&mut self) -> Result<u64> {
        count(self.connection).map_err(during("counting the mail that waits"))
    }

    fn take_mail(&mut self, now: Instant, until: &dyn Fn(u32) -> Instant) -> Result<Option<Mail>> {
        take(self.connection, now.into(), until).map_err(during("taking a mail to send it"))
    }

    fn delete_mail(&mut self, id: MailId) -> Result<()> {
        delete(self.connection, id.into()).map_err(during("forgetting a mail"))
    }

    fn put_ticket(&mut self, digest: &KeyDigest, ticket: &Ticket) -> Result<()> {
        put(self.connection, digest, ticket).map_err(during("keeping what a link is good for"))
    }

    fn ticket(&mut self, digest: &KeyDigest) -> Result<Option<Ticket>> {
        find(self.connection, digest).map_err(during("looking what a link is good for"))
    }

    fn use_ticket(&mut self, digest: &KeyDigest) -> Result<bool> {
        use_up(self.connection, digest).map_err(during("using a link up"))
    }

    fn forget_tickets_of(&mut self, user: UserId, kind: MailKind) -> Result<()> {
        forget_of(self.connection, user.into(), kind).map_err(during("making links good for nothing"))
    }

    fn forget_tickets(&mut self, expired: Instant, limit: u32) -> Result<u64> {
        forget(self.connection, expired.into(), limit.into())
            .map_err(during("dropping links that stopped working"))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = mail)]
struct MailRow {
    id: RowId,
    kind: String,
    address: String,
    created_at: Micros,
    due_at: Micros,
    tries: i64,
}

impl MailRow {
    fn model(self) -> Result<Mail, StorageError> {
        let named = Named {
            table: "mail",
            id: self.id,
        };
        Ok(Mail {
            id: self.id.into(),
            kind: named.word("kind", &self.kind, MailKind::parse)?,
            address: named.word("address", &self.address, Email::parse)?,
            created_at: named.instant("created_at", self.created_at)?,
            due_at: named.instant("due_at", self.due_at)?,
            tries: named.count("tries", self.tries)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tickets)]
struct TicketRow {
    digest: Vec<u8>,
    kind: String,
    user_id: RowId,
    address: String,
    expires_at: Micros,
}

impl TicketRow {
    fn model(self) -> Result<Ticket, StorageError> {
        let named = Named {
            table: "tickets",
            id: self.user_id,
        };
        Ok(Ticket {
            kind: named.word("kind", &self.kind, MailKind::parse)?,
            user: self.user_id.into(),
            address: named.word("address", &self.address, Email::parse)?,
            expires_at: named.instant("expires_at", self.expires_at)?,
        })
    }
}

fn insert(connection: &mut Connection, new: &Mail) -> Result<(), Failure> {
    let row = MailRow {
        id: new.id.into(),
        kind: new.kind.as_str().to_owned(),
        address: new.address.as_str().to_owned(),
        created_at: new.created_at.into(),
        due_at: new.due_at.into(),
        tries: new.tries.into(),
    };
    on_engine!(connection, |c| diesel::insert_into(mail::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn count(connection: &mut Connection) -> Result<u64, Failure> {
    let waiting: i64 = on_engine!(connection, |c| mail::table.count().get_result(c))?;
    Ok(total(waiting))
}

/// On PostgreSQL, what another node is taking at this moment is passed over.
fn take(
    connection: &mut Connection,
    now: Micros,
    until: &dyn Fn(u32) -> Instant,
) -> Result<Option<Mail>, Failure> {
    let due = mail::table
        .filter(mail::due_at.le(now))
        .order((mail::due_at, mail::id))
        .limit(1);
    let found: Option<MailRow> = match connection {
        Connection::Postgres(c) => due
            .select(MailRow::as_select())
            .for_update()
            .skip_locked()
            .first(c)
            .optional()?,
        Connection::Sqlite(c) => due.select(MailRow::as_select()).first(c).optional()?,
    };
    let Some(mut taken) = found.map(MailRow::model).transpose()? else {
        return Ok(None);
    };
    taken.tries = taken.tries.saturating_add(1);
    taken.due_at = until(taken.tries);
    on_engine!(connection, |c| diesel::update(
        mail::table.find(RowId::from(taken.id))
    )
    .set((
        mail::tries.eq(i64::from(taken.tries)),
        mail::due_at.eq(Micros::from(taken.due_at)),
    ))
    .execute(c))?;
    Ok(Some(taken))
}

fn delete(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(mail::table.find(id)).execute(c))?;
    Ok(())
}

fn put(connection: &mut Connection, digest: &KeyDigest, ticket: &Ticket) -> Result<(), Failure> {
    let row = TicketRow {
        digest: digest.0.to_vec(),
        kind: ticket.kind.as_str().to_owned(),
        user_id: ticket.user.into(),
        address: ticket.address.as_str().to_owned(),
        expires_at: ticket.expires_at.into(),
    };
    on_engine!(connection, |c| diesel::insert_into(tickets::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn find(connection: &mut Connection, digest: &KeyDigest) -> Result<Option<Ticket>, Failure> {
    let row: Option<TicketRow> = on_engine!(connection, |c| tickets::table
        .find(digest.0.as_slice())
        .select(TicketRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(TicketRow::model).transpose()?)
}

fn use_up(connection: &mut Connection, digest: &KeyDigest) -> Result<bool, Failure> {
    let used = on_engine!(connection, |c| diesel::delete(
        tickets::table.find(digest.0.as_slice())
    )
    .execute(c))?;
    Ok(used == 1)
}

fn forget_of(connection: &mut Connection, user: RowId, kind: MailKind) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(
        tickets::table
            .filter(tickets::user_id.eq(user))
            .filter(tickets::kind.eq(kind.as_str()))
    )
    .execute(c))?;
    Ok(())
}

/// All tickets of an account that is deleted.
pub(super) fn forget_all_of(connection: &mut Connection, user: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(
        tickets::table.filter(tickets::user_id.eq(user))
    )
    .execute(c))?;
    Ok(())
}

fn forget(connection: &mut Connection, expired: Micros, limit: i64) -> Result<u64, Failure> {
    let old: Vec<Vec<u8>> = on_engine!(connection, |c| tickets::table
        .filter(tickets::expires_at.le(expired))
        .order(tickets::expires_at)
        .limit(limit)
        .select(tickets::digest)
        .load(c))?;
    let dropped = on_engine!(connection, |c| diesel::delete(tickets::table)
        .filter(tickets::digest.eq_any(&old))
        .execute(c))?;
    Ok(total(count_of(dropped)))
}
