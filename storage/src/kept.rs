//! Statements that a connection keeps prepared although diesel would have them prepared anew each time.
//!
//! diesel cannot know of an update, an upsert or a query in SQL that its text is the same every time, so each costs one
//! more way to the server, and being planned again. Here is said of which ones it is.

use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sqlite::Sqlite;

use crate::connection::PgConnection;

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

/// A connection that runs statements that answer no rows and are kept.
pub(crate) trait Runs<Q> {
    /// Runs it; answers how many rows it changed.
    fn run(&mut self, statement: Kept<Q>) -> QueryResult<usize>;
}

impl<Q> Kept<Q> {
    /// Runs it; answers how many rows it changed.
    pub(crate) fn execute<C: Runs<Q>>(self, connection: &mut C) -> QueryResult<usize> {
        connection.run(self)
    }
}

impl<Q> Runs<Q> for PgConnection
where
    Q: QueryFragment<Pg> + Send + Sync,
    Kept<Q>: QueryFragment<Pg>,
{
    fn run(&mut self, statement: Kept<Q>) -> QueryResult<usize> {
        RunQueryDsl::execute(statement, self)
    }
}

diesel::define_sql_function! {
    /// How many rows the last statement of a connection to SQLite changed.
    fn changes() -> diesel::sql_types::BigInt;
}

impl<Q: QueryFragment<Sqlite>> Runs<Q> for SqliteConnection {
    fn run(&mut self, statement: Kept<Q>) -> QueryResult<usize> {
        // What diesel does for statements without rows hands on a reference to the statement, and a reference does not
        // say whether its statement can be kept. What it does for those with rows takes the statement itself.
        for row in LoadConnection::load(self, Rows(statement))? {
            row?;
        }
        let changed: i64 = diesel::select(changes()).get_result(self)?;
        Ok(usize::try_from(changed).unwrap_or_default())
    }
}

/// A statement that answers no rows, run as if it did.
struct Rows<Q>(Kept<Q>);

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Rows<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Sqlite) -> QueryResult<bool> {
        self.0.is_safe_to_cache_prepared(backend)
    }
}

impl<Q> QueryId for Rows<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Rows<Q> {
    type SqlType = diesel::sql_types::Integer;
}

/// Inserts several rows. SQLite takes them one by one, with a statement that it keeps anyway.
macro_rules! insert_rows {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::connection::Connection::Sqlite(c) => $rows.iter().try_fold(0, |done, row| {
                let one = diesel::insert_into($table).values(row).execute(c);
                one.map(|inserted| done + inserted)
            }),
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use diesel::connection::{InstrumentationEvent, SimpleConnection as _};

    use super::*;

    diesel::table! {
        things (id) {
            id -> BigInt,
            name -> Text,
        }
    }

    #[test]
    fn sqlite_keeps_what_diesel_would_prepare_anew() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection
            .batch_execute("create table things (id integer primary key, name text); insert into things values (1, 'a'), (2, 'b')")
            .unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&kept);
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { sql, .. } = event {
                seen.lock().unwrap().push(sql.to_owned());
            }
        });
        for (name, from) in [("c", 1), ("d", 2), ("e", 3)] {
            let renamed = diesel::update(things::table)
                .filter(things::id.ge(from))
                .set(things::name.eq(name));
            assert_eq!(
                renamed.kept().execute(&mut connection).unwrap(),
                usize::try_from(3 - from).unwrap()
            );
            let added = (things::id.eq(1), things::name.eq(name));
            let put = diesel::insert_into(things::table)
                .values(added)
                .on_conflict(things::id)
                .do_update()
                .set(things::name.eq(name));
            assert_eq!(put.kept().execute(&mut connection).unwrap(), 1);
        }
        let names: Vec<String> = things::table
            .select(things::name)
            .order(things::id)
            .load(&mut connection)
            .unwrap();
        assert_eq!(names, ["e", "d"]);
        let kept = kept.lock().unwrap();
        for beginning in ["UPDATE", "INSERT"] {
            assert_eq!(
                kept.iter().filter(|sql| sql.starts_with(beginning)).count(),
                1,
                "{kept:?}"
            );
        }
    }
}
