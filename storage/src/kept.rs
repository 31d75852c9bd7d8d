//! Statements that a connection keeps prepared although diesel would have them prepared anew each time.
//!
//! diesel cannot know of an update, an upsert or a query in SQL that its text is the same every time, so each costs one
//! more way to the server, and being planned again. Here is said of which ones it is.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// Rows of a statement that inserts several, of which as many shapes are kept for each table; more come seldom.
const ROWS: usize = 12;

/// A statement that is kept prepared, by its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<Q> {
    statement: Q,
    is_kept: bool,
}

/// Statements that can be kept.
pub(crate) trait Keep: Sized {
    /// Keeps it. Its text must be one of a handful: connections forget none.
    fn kept(self) -> Kept<Self> {
        Kept {
            statement: self,
            is_kept: true,
        }
    }

    /// Keeps one that inserts this many rows, where they are few.
    fn kept_with(self, rows: usize) -> Kept<Self> {
        Kept {
            statement: self,
            is_kept: rows <= ROWS,
        }
    }
}

impl<Q> Keep for Q {}

impl<Q, DB> QueryFragment<DB> for Kept<Q>
where
    Q: QueryFragment<DB>,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        if self.is_kept {
            return Ok(true);
        }
        self.statement.is_safe_to_cache_prepared(backend)
    }
}

// By its text, of which there is more than one where rows are inserted.
impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Kept<Q> {}

/// Inserts several rows. SQLite takes them one by one, with a statement that it keeps anyway.
macro_rules! insert_rows {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::connection::Connection::Sqlite(c) => diesel::insert_into($table).values($rows).execute(c),
            $crate::connection::Connection::Postgres(c) => {
                use $crate::kept::Keep as _;
                diesel::insert_into($table)
                    .values($rows)
                    .kept_with($rows.len())
                    .execute(c)
            }
        }
    };
}
pub(crate) use insert_rows;
