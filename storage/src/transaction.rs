//! Transactions: where they begin and end, and when one is run again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as QueryError, QueryResult};
use masthead_domain::Result;
use masthead_domain::audit::{AuditResource, Touched};
use masthead_domain::error::{Error, StorageError};

use crate::connection::Connection;
use crate::error::{Again, Retryable, Subject, query_error, unavailable};
use crate::pool::{Link, Loan, Source};

/// How often a transaction that was in others' way is run.
const ATTEMPTS: u32 = 6;

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
}

/// Everything a use case may ask for, on one open transaction.
pub(crate) struct Transaction<'a> {
    pub(crate) connection: &'a mut Connection,
    /// The number of the last entry that it wrote to the change log.
    pub(crate) appended: Option<i64>,
    /// What it changed, for the audit log.
    pub(crate) touched: Vec<Touched>,
}

impl<'a> Transaction<'a> {
    pub(crate) const fn new(connection: &'a mut Connection) -> Self {
        Self {
            connection,
            appended: None,
            touched: Vec::new(),
        }
    }

    /// Notes that a thing was changed, with its revisions before and after.
    pub(crate) fn touch(
        &mut self,
        resource: AuditResource,
        id: impl std::fmt::Display,
        before: Option<u32>,
        after: Option<u32>,
    ) {
        self.touched.push(Touched::new(resource, id, before, after));
    }
}

/// Runs a transaction that writes; again when the engine could not order it among others, and once more when
/// it met what another had just written.
pub(crate) fn write<T>(source: &Source, f: impl Fn(&mut Connection) -> Result<T>) -> Result<T> {
    let mut met = 0;
    for attempt in 1.. {
        let error = match run(source, Kind::Write, &f) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let again = match Retryable::of(&error) {
            Some(Again::Contended) => attempt < ATTEMPTS,
            Some(Again::Once) => {
                met += 1;
                met == 1
            }
            None => false,
        };
        if !again {
            return Err(Retryable::settle(error));
        }
        tracing::debug!(%error, attempt, "the transaction is run again");
        if matches!(Retryable::of(&error), Some(Again::Contended)) {
            // Lets the other one finish; those who collide spread over the attempts they have made.
            std::thread::sleep(std::time::Duration::from_millis(u64::from(attempt * attempt)));
        }
    }
    Err(unavailable("the transaction could not be run"))
}

/// Runs a transaction that reads one state of the store.
pub(crate) fn read<T>(source: &Source, f: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    run(source, Kind::Read, f).map_err(Retryable::settle)
}

/// Runs one statement that reads, which sees one state without a transaction around it.
pub(crate) fn glance<T>(source: &Source, f: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    let mut loan = source.lend()?;
    let link = loan.link();
    match catch_unwind(AssertUnwindSafe(|| f(&mut link.connection))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            // Whatever was wrong, the next one gets a connection that is known to work.
            link.discard();
            Err(Retryable::settle(error))
        }
        Err(panic) => {
            link.discard();
            let error = StorageError::Database {
                context: "a query was given up because its code panicked".to_owned(),
                source: said(panic.as_ref()).into(),
            };
            Err(error.into())
        }
    }
}

fn run<T>(source: &Source, kind: Kind, f: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    let mut loan = begun(source, kind)?;
    let link = loan.link();
    match catch_unwind(AssertUnwindSafe(|| f(&mut link.connection))) {
        Ok(Ok(value)) => match commit(&mut link.connection, kind) {
            Ok(()) => Ok(value),
            Err(error) => Err(given_up(
                link,
                query_error(error, "committing", Subject::default()),
            )),
        },
        Ok(Err(error)) => Err(given_up(link, error)),
        Err(panic) => Err(given_up(link, panicked(panic.as_ref()))),
    }
}

/// What is said of a transaction whose code panicked.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    StorageError::Database {
        context: "a transaction was rolled back because its code panicked".to_owned(),
        source: said(panic).into(),
    }
    .into()
}

/// A connection with an open transaction. One that was closed while nobody used it shows here, before any
/// work is done, and the next is taken: after a restart of the server every idle one is like that.
pub(crate) fn begun(source: &Source, kind: Kind) -> Result<Loan> {
    for _ in 0..=source.size() {
        let mut loan = source.lend()?;
        let link = loan.link();
        match begin(&mut link.connection, kind) {
            Ok(()) => return Ok(loan),
            Err(error) if is_closed(&error) => link.discard(),
            Err(error) => {
                link.discard();
                // Whoever has waited for the lock as long as a request waits is told so, and does not wait again.
                return Err(Retryable::settle(query_error(
                    error,
                    "beginning a transaction",
                    Subject::default(),
                )));
            }
        }
    }
    Err(unavailable("every connection was closed by the database"))
}

fn is_closed(error: &QueryError) -> bool {
    let QueryError::DatabaseError(kind, information) = error else {
        return false;
    };
    matches!(
        kind,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection
    ) || information.message().starts_with("terminating connection")
}

fn begin(connection: &mut Connection, kind: Kind) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => {
            // A plain `begin` takes the lock at the first write, when it is too late to wait for it.
            let sql = if kind == Kind::Write {
                "begin immediate"
            } else {
                "begin"
            };
            AnsiTransactionManager::begin_transaction_sql(connection, sql)
        }
        Connection::Postgres(connection) => connection.batch_execute(match kind {
            Kind::Write => "begin isolation level read committed read write",
            Kind::Read => "begin isolation level repeatable read read only",
        }),
    }
}

pub(crate) fn commit(connection: &mut Connection, kind: Kind) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection),
        Connection::Postgres(connection) => connection.batch_execute(match kind {
            Kind::Read => "commit",
            // After an error that somebody swallowed, `commit` alone rolls back and calls it a success; the
            // question before it fails then.
            Kind::Write => "select 1; commit",
        }),
    }
}

fn rollback(connection: &mut Connection) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => match AnsiTransactionManager::rollback_transaction(connection) {
            // A failed commit has rolled back already.
            Err(QueryError::NotInTransaction) => Ok(()),
            other => other,
        },
        Connection::Postgres(connection) => connection.batch_execute("rollback"),
    }
}

/// Rolls back; a connection that cannot even do that is closed.
pub(crate) fn roll_back(link: &mut Link) {
    if rollback(&mut link.connection).is_err() {
        link.discard();
    }
}

/// Rolls back and answers why; a connection that cannot even do that is closed, and that is then the reason.
fn given_up(link: &mut Link, error: Error) -> Error {
    let Err(failed) = rollback(&mut link.connection) else {
        return error;
    };
    link.discard();
    match error {
        Error::Storage(StorageError::Database { context, .. }) if is_closed(&failed) => {
            unavailable(format!("{context}: the connection was closed"))
        }
        other => other,
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}
