//! The connections of a store, and the queue of those who want one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use masthead_domain::Result;
use r2d2::{HandleError, ManageConnection, Pool, PooledConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::Connection;
use crate::error::unavailable;
use crate::group_commit::Queue;
use crate::options::{Address, Engine, OpenError, StorageOptions, address};
use crate::postgres::PostgresManager;
use crate::sqlite::{Purpose, SqliteManager, prepare};

/// Why a connection could not be made.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct ConnectError {
    reason: String,
    tls: bool,
}

impl ConnectError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            tls: false,
        }
    }

    pub(crate) fn tls(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            tls: true,
        }
    }

    pub(crate) const fn is_tls(&self) -> bool {
        self.tls
    }
}

/// A connection with what is known of its state.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    broken: bool,
}

impl Link {
    pub(crate) const fn new(connection: Connection) -> Self {
        Self {
            connection,
            broken: false,
        }
    }

    /// Keeps the connection from being used again.
    pub(crate) const fn discard(&mut self) {
        self.broken = true;
    }

    pub(crate) fn is_broken(&mut self) -> bool {
        self.broken
            || match &mut self.connection {
                Connection::Sqlite(connection) => {
                    AnsiTransactionManager::is_broken_transaction_manager(connection)
                }
                Connection::Postgres(_) => false,
            }
    }
}

/// Notes failed attempts to connect; whoever waits for the connection is told by the pool.
#[derive(Debug)]
struct Noted;

impl HandleError<ConnectError> for Noted {
    fn handle_error(&self, error: ConnectError) {
        tracing::warn!(%error, "the database could not be reached");
    }
}

/// Where a connection comes from.
#[derive(Clone)]
pub(crate) enum Source {
    Sqlite(Pool<SqliteManager>),
    Postgres(Pool<PostgresManager>),
}

/// A connection on loan.
pub(crate) enum Loan {
    Sqlite(PooledConnection<SqliteManager>),
    Postgres(PooledConnection<PostgresManager>),
}

impl Loan {
    pub(crate) fn link(&mut self) -> &mut Link {
        match self {
            Self::Sqlite(loan) => loan,
            Self::Postgres(loan) => loan,
        }
    }
}

impl Source {
    /// A connection; waits for one at most as long as the store was told.
    pub(crate) fn lend(&self) -> Result<Loan> {
        match self {
            Self::Sqlite(pool) => pool.get().map(Loan::Sqlite),
            Self::Postgres(pool) => pool.get().map(Loan::Postgres),
        }
        .map_err(|error| unavailable(error.to_string()))
    }

    /// How many there are at most.
    pub(crate) fn size(&self) -> u32 {
        match self {
            Self::Sqlite(pool) => pool.max_size(),
            Self::Postgres(pool) => pool.max_size(),
        }
    }
}

/// The queue before one source, first come first served.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    timeout: Duration,
}

/// Counts one who waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    fn new(places: u32, options: &StorageOptions) -> Self {
        let places = usize::try_from(places)
            .unwrap_or(1)
            .clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: AtomicUsize::new(0),
            max_waiting: options.max_waiting,
            timeout: options.acquire_timeout,
        }
    }

    /// How long one waits at most.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A place, which is kept as long as the answer lives. Threads are taken only by those who have one, so
    /// that a slow database does not fill the process with threads that wait.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        match self.try_enter() {
            Some(place) => Ok(place),
            None => self.wait().await,
        }
    }

    /// A place, where one is free.
    pub(crate) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A place, as soon as one is free.
    pub(crate) async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if others >= self.max_waiting {
            return Err(unavailable(format!(
                "{others} requests wait for the database already"
            )));
        }
        match tokio::time::timeout(self.timeout, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(closed)) => Err(unavailable(closed.to_string())),
            Err(_) => Err(unavailable(format!(
                "no connection was free within {:?}",
                self.timeout
            ))),
        }
    }
}

/// Everything a store keeps open.
pub(crate) struct Pools {
    pub(crate) engine: Engine,
    /// One connection that follows the change log.
    pub(crate) watching: Source,
    /// The newest entry of the change log that was written here and committed.
    pub(crate) newest_written: AtomicI64,
    pub(crate) reading: Source,
    pub(crate) readers: Gate,
    pub(crate) writing: Source,
    /// `None` where writers stand in the same queue as readers, and the engine itself commits many at once.
    pub(crate) writers: Option<Writers>,
}

/// Those who want the one connection that writes.
pub(crate) struct Writers {
    pub(crate) gate: Gate,
    pub(crate) queue: Arc<Queue>,
}

impl Pools {
    /// Chooses the engine by the address. A file is made and opened at once; a server may be away.
    pub(crate) fn open(options: &StorageOptions) -> Result<Self, OpenError> {
        match address(&options.url)? {
            Address::Sqlite(path) => {
                let path = prepare(&path)?;
                let manager = |purpose| SqliteManager::new(&path, purpose, options.acquire_timeout);
                let writer = manager(Purpose::Write);
                // The first connection turns the write-ahead log on, which readers cannot.
                writer.connect().map_err(|error| OpenError::File {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                let size = options.max_connections.max(1);
                Ok(Self {
                    engine: Engine::Sqlite,
                    watching: Source::Sqlite(pool(manager(Purpose::Read), 1, options)),
                    newest_written: AtomicI64::new(0),
                    reading: Source::Sqlite(pool(manager(Purpose::Read), size, options)),
                    readers: Gate::new(size, options),
                    writing: Source::Sqlite(pool(writer, 1, options)),
                    writers: Some(Writers {
                        gate: Gate::new(1, options),
                        queue: Arc::default(),
                    }),
                })
            }
            Address::Postgres(_) => {
                let size = options.max_connections.max(1);
                let source = Source::Postgres(pool(PostgresManager::new(options)?, size, options));
                Ok(Self {
                    engine: Engine::Postgres,
                    watching: Source::Postgres(pool(PostgresManager::new(options)?, 1, options)),
                    newest_written: AtomicI64::new(0),
                    reading: source.clone(),
                    readers: Gate::new(size, options),
                    writing: source,
                    writers: None,
                })
            }
        }
    }

    /// Notes an entry of the change log that was written here and is committed.
    pub(crate) fn note_written(&self, seq: Option<i64>) {
        if let Some(seq) = seq {
            self.newest_written.fetch_max(seq, Ordering::AcqRel);
        }
    }
}

fn pool<M: ManageConnection<Error = ConnectError>>(
    manager: M,
    size: u32,
    options: &StorageOptions,
) -> Pool<M> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        // A closed connection shows at `begin`, and another is taken; a question before each loan would cost
        // every request a round trip to find what is seldom so.
        .test_on_check_out(false)
        .connection_timeout(options.acquire_timeout)
        .error_handler(Box::new(Noted))
        .build_unchecked(manager)
}
