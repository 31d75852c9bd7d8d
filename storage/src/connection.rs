//! One connection to either engine, and the macro that writes a query once for both.

use std::cell::Cell;
use std::future::Future;

use diesel::SqliteConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use tokio::runtime::{Builder, Runtime};

/// A synchronous connection to PostgreSQL that carries its own runtime.
pub(crate) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

/// A connection to either engine.
#[expect(
    clippy::large_enum_variant,
    reason = "a pool holds a handful, and a box would hide the connection from diesel"
)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Writes an expression once and compiles it for each engine.
macro_rules! on_engine {
    ($connection:expr, |$c:ident| $query:expr) => {
        match $connection {
            $crate::connection::Connection::Sqlite($c) => $query,
            $crate::connection::Connection::Postgres($c) => $query,
        }
    };
}
pub(crate) use on_engine;

/// Keeps a row from being changed by others until the transaction ends. SQLite has one writer anyway.
macro_rules! lock_row {
    ($connection:expr, $table:ident, $id:expr) => {
        if let $crate::connection::Connection::Postgres(c) = $connection {
            $table::table
                .find($id)
                .select($table::id)
                .for_update()
                .first::<$crate::types::RowId>(c)
                .optional()?;
        }
    };
}
pub(crate) use lock_row;

thread_local! {
    /// The runtime of the connection that this thread is just wrapping.
    static WRAPPING: Cell<Option<OwnRuntime>> = const { Cell::new(None) };
}

/// Makes a connection synchronous on the runtime that drives it.
pub(crate) fn wrapped(connection: AsyncPgConnection, runtime: OwnRuntime) -> PgConnection {
    // The wrapper asks for a runtime without a word about which; another than this one would wait for ever
    // for a socket that nobody reads.
    WRAPPING.set(Some(runtime));
    PgConnection::from(connection)
}

/// A runtime for one connection: a query is driven by the thread that asks it, without a hop to another.
pub(crate) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    /// A runtime of one connection.
    pub(crate) fn new() -> std::io::Result<Self> {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }
}

impl BlockOn for OwnRuntime {
    #[expect(clippy::expect_used, reason = "the runtime is taken by `drop` alone")]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0
            .as_ref()
            .expect("a runtime until it is dropped")
            .block_on(future)
    }

    #[expect(clippy::expect_used, reason = "the trait leaves no other way to refuse")]
    fn get_runtime() -> Self {
        WRAPPING
            .take()
            .expect("connections are wrapped by `wrapped` alone")
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        // A plain drop panics inside async code, where the last handle of a pool may well be dropped.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
