//! The repositories of the domain on SQLite and PostgreSQL: one schema, every query written once.
//!
//! [`Storage`] is a store; its handles are the domain's traits. To add a thing:
//!
//! 1. its tables in both trees under `migrations/`, with the same stamp and name, up and down, a unique index
//!    named alike on both engines, and a line of `UNIQUE` in `error.rs` for it;
//! 2. its tables in `schema.rs`, or in `delivery/schema.rs` where readers see them;
//! 3. a file with its row, the way between row and model, and its queries, each a sentence in `on_engine!`;
//! 4. its contract in `contract_tests`, which runs on both engines.

mod among;
mod connection;
#[cfg(test)]
mod contract_tests;
mod delivery;
mod erased;
mod error;
mod group_commit;
mod kept;
mod keyset;
mod mapping;
mod migrations;
mod options;
mod pool;
mod postgres;
mod preparing;
mod publishing;
mod redirects;
mod row;
mod rows;
mod schema;
mod searching;
mod sqlite;
mod transaction;
mod types;
mod watching;
mod working;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use masthead_domain::Result;
use masthead_domain::error::StorageError;
use masthead_domain::repository::{Delivery, Repository};

pub use erased::Answer;
pub use migrations::MigrationState;
pub use options::{Engine, OpenError, StorageOptions};
pub use watching::{LogWatcher, Touched};

use connection::Connection;
use delivery::Window;
use pool::{Pools, Source};
use transaction::Transaction;

/// The migration before which the history was kept as texts.
const PACKED: &str = "packed_history";

/// A use case that writes, in a box.
type Writing = Box<dyn Fn(&mut Transaction<'_>) -> Result<()> + Send>;
/// A use case that reads, in a box.
type Reading = Box<dyn FnOnce(&mut Connection) -> Result<()> + Send>;
/// How something is read: in a transaction, or with one statement.
type Way = fn(&Source, Reading) -> Result<()>;

/// A store on one of the engines; clones share its connections.
#[derive(Clone)]
pub struct Storage {
    pools: Arc<Pools>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage")
            .field("engine", &self.pools.engine)
            .finish_non_exhaustive()
    }
}

impl Storage {
    /// Opens a store. A SQLite file is made where it is missing; a PostgreSQL server may be away, and is
    /// looked for whenever a connection is wanted.
    pub fn open(options: &StorageOptions) -> Result<Self, OpenError> {
        Ok(Self {
            pools: Arc::new(Pools::open(options)?),
        })
    }

    /// The engine it is on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.pools.engine
    }

    /// Applies the migrations that are missing, in one transaction, and answers their names; several nodes may
    /// start at once. What older ones left empty is filled in, and everything published can be found afterwards. Blocks
    /// the thread.
    pub fn migrate(&self) -> Result<Vec<String>> {
        let applied = migrations::migrate(&self.pools.writing)?;
        let newest = migrations::next_to_revert(&self.pools.writing)?.unwrap_or_default();
        // Looking whether anything is missing takes the longer the more there is, and a start is not to.
        if applied.is_empty() && self.filled_through()? == newest {
            return Ok(applied);
        }
        let filling = "filling in what older versions did not keep";
        transaction::write(&self.pools.writing, |connection| {
            working::filling::fill(connection).map_err(error::during(filling))
        })?;
        searching::fill(&self.pools.writing)?;
        transaction::write(&self.pools.writing, |connection| {
            working::filling::set_through(connection, &newest).map_err(error::during(filling))
        })?;
        Ok(applied)
    }

    /// The migration that was the newest when everything was filled in.
    fn filled_through(&self) -> Result<String> {
        transaction::read(&self.pools.reading, |connection| {
            working::filling::through(connection)
                .map_err(error::during("reading what older versions did not keep"))
        })
    }

    /// All migrations this binary knows, in order. Blocks the thread.
    pub fn migration_status(&self) -> Result<Vec<MigrationState>> {
        migrations::status(&self.pools.writing)
    }

    /// Takes the newest migration back and answers its name; `None` when there is none. Blocks the thread.
    pub fn revert_last(&self) -> Result<Option<String>> {
        if migrations::next_to_revert(&self.pools.writing)?.is_some_and(|name| name.ends_with(PACKED)) {
            transaction::write(&self.pools.writing, |connection| {
                working::history::unpack_all(connection).map_err(error::during("unpacking the history"))
            })?;
        }
        migrations::revert_last(&self.pools.writing)
    }

    /// Runs a use case, all or nothing, on a thread of its own: committed before the answer on `Ok`, rolled back on
    /// `Err` and on a panic. Once begun it runs to its end, whether or not anybody waits for the answer. `f` may run
    /// more than once, when another transaction was in its way, so it must do nothing besides.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut dyn Repository) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = Answer::default();
        let left = answer.clone();
        let writing = self.writing(Box::new(move |transaction| {
            left.put(f(transaction)?);
            Ok(())
        }));
        writing.await?;
        answer.take()
    }

    async fn writing(&self, f: Writing) -> Result<()> {
        if let Some(writers) = &self.pools.writers {
            return group_commit::write_together(&self.pools, &writers.gate, &writers.queue, f).await;
        }
        let pools = Arc::clone(&self.pools);
        self.on_a_thread(Box::new(move || group_commit::write(&pools, f)))
            .await
    }

    /// The number of the newest entry of the change log that this process has written and committed.
    #[must_use]
    pub fn newest_written(&self) -> i64 {
        self.pools.newest_written.load(Ordering::Acquire)
    }

    /// Follows the change log, whoever writes it.
    #[must_use]
    pub fn watch_log(&self) -> LogWatcher {
        LogWatcher::new(self.pools.watching.clone())
    }

    /// Reads one state of the whole store; whatever would write fails.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut dyn Repository) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(transaction::read, move |connection| {
            f(&mut Transaction::new(connection))
        })
        .await
    }

    /// Reads one state of what readers may see, and cannot reach anything else.
    pub async fn deliver<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut dyn Delivery) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(transaction::read, move |connection| f(&mut Window { connection }))
            .await
    }

    /// Reads what readers may see with one statement, which needs no transaction to see one state.
    pub async fn glance<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut dyn Delivery) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(transaction::glance, move |connection| {
            f(&mut Window { connection })
        })
        .await
    }

    /// The same for what one statement tells of the whole store.
    pub async fn look<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut dyn Repository) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(transaction::glance, move |connection| {
            f(&mut Transaction::new(connection))
        })
        .await
    }

    /// [`Storage::write`] for the command line. Blocks the thread.
    pub fn write_blocking<T>(&self, f: impl Fn(&mut dyn Repository) -> Result<T>) -> Result<T> {
        group_commit::write(&self.pools, |transaction| f(transaction))
    }

    /// [`Storage::read`] for the command line. Blocks the thread.
    pub fn read_blocking<T>(&self, f: impl FnOnce(&mut dyn Repository) -> Result<T>) -> Result<T> {
        transaction::read(&self.pools.reading, |connection| {
            f(&mut Transaction::new(connection))
        })
    }

    /// Whether the database answers; says so within the time a request waits for a connection.
    pub async fn ping(&self) -> Result<()> {
        let asked = self.reading(transaction::read, |_| Ok(()));
        match tokio::time::timeout(self.pools.readers.timeout(), asked).await {
            Ok(answer) => answer,
            Err(_) => Err(error::unavailable("the database did not answer in time")),
        }
    }

    async fn reading<T: Send + 'static>(
        &self,
        way: Way,
        f: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = Answer::default();
        let (left, pools) = (answer.clone(), Arc::clone(&self.pools));
        let f: Reading = Box::new(move |connection| {
            left.put(f(connection)?);
            Ok(())
        });
        self.on_a_thread(Box::new(move || way(&pools.reading, f))).await?;
        answer.take()
    }

    /// Runs blocking work on a thread that may block. The place in the queue goes with the work and not with
    /// the future, which the caller may drop at any moment.
    async fn on_a_thread(&self, work: Box<dyn FnOnce() -> Result<()> + Send>) -> Result<()> {
        let place = self.pools.readers.enter().await?;
        let done = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(place);
            answer
        });
        done.await.unwrap_or_else(|failed| {
            let context = "a transaction was not finished".to_owned();
            Err(StorageError::Database {
                context,
                source: Box::new(failed),
            }
            .into())
        })
    }
}
