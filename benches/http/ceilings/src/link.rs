//! One database connection, on whichever engine its address names.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Double, Nullable, Text};

use crate::arguments::{Doing as _, Outcome};

/// A value as it is bound.
#[derive(Debug, Clone)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text. On PostgreSQL everything is text, and the statement casts it.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A connection.
pub enum Link {
    /// A SQLite file.
    Sqlite(SqliteConnection),
    /// PostgreSQL through libpq.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// The same for both engines.
macro_rules! on {
    ($link:expr, $connection:ident => $body:expr) => {
        match $link {
            Link::Sqlite($connection) => $body,
            #[cfg(feature = "postgres")]
            Link::Postgres($connection) => $body,
        }
    };
}

impl Link {
    /// Opens `sqlite://PATH` or `postgres://…`. A write on SQLite is on the disk when it is acknowledged, as with
    /// Masthead; on PostgreSQL the server's own settings hold.
    pub fn open(url: &str) -> Outcome<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let mut connection = SqliteConnection::establish(path).doing(path)?;
            connection
                .batch_execute(
                    "pragma busy_timeout = 30000; pragma journal_mode = wal; pragma synchronous = full; \
                     pragma foreign_keys = on",
                )
                .doing(path)?;
            return Ok(Self::Sqlite(connection));
        }
        #[cfg(feature = "postgres")]
        if url.starts_with("postgres://") {
            return Ok(Self::Postgres(PgConnection::establish(url).doing("PostgreSQL")?));
        }
        Err(format!("{url} is no address for this build"))
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// All rows of a query whose one column is a text called `line`.
    pub fn lines(&mut self, sql: &str) -> Outcome<Vec<String>> {
        let found: QueryResult<Vec<Line>> = on!(self, connection => sql_query(sql).load(connection));
        Ok(found.doing(sql)?.into_iter().map(|row| row.line).collect())
    }

    /// The number in the column `number` of a statement's first row.
    pub fn number(&mut self, sql: &str) -> QueryResult<i64> {
        on!(self, connection => sql_query(sql).get_result::<Number>(connection)).map(|row| row.number)
    }

    /// A statement with values for its placeholders.
    pub fn execute(&mut self, sql: &str, values: Vec<Value>) -> QueryResult<usize> {
        match self {
            Self::Sqlite(connection) => {
                let mut query = sql_query(sql).into_boxed::<diesel::sqlite::Sqlite>();
                for value in values {
                    query = match value {
                        Value::Null => query.bind::<Nullable<Text>, _>(None::<String>),
                        Value::Integer(number) => query.bind::<diesel::sql_types::BigInt, _>(number),
                        Value::Real(number) => query.bind::<Double, _>(number),
                        Value::Text(text) => query.bind::<Text, _>(text),
                        Value::Blob(bytes) => query.bind::<Binary, _>(bytes),
                    };
                }
                query.execute(connection)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                let mut query = sql_query(sql).into_boxed::<diesel::pg::Pg>();
                for value in values {
                    let text = match value {
                        Value::Null => None,
                        Value::Integer(number) => Some(number.to_string()),
                        Value::Real(number) => Some(number.to_string()),
                        Value::Text(text) => Some(text),
                        Value::Blob(bytes) => Some(uuid(&bytes)),
                    };
                    query = query.bind::<Nullable<Text>, _>(text);
                }
                query.execute(connection)
            }
        }
    }

    /// Brings everything that was written to where it stays, so that what comes next does not pay for it.
    pub fn settle(&mut self) -> QueryResult<()> {
        let sql = if self.is_sqlite() {
            "pragma wal_checkpoint(truncate)"
        } else {
            "checkpoint"
        };
        on!(self, connection => connection.batch_execute(sql))
    }

    /// All or nothing. On SQLite the write lock is taken at the beginning.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        let begin = if self.is_sqlite() {
            "begin immediate"
        } else {
            "begin"
        };
        on!(self, connection => connection.batch_execute(begin))?;
        let done = work(self);
        let end = if done.is_ok() { "commit" } else { "rollback" };
        on!(self, connection => connection.batch_execute(end))?;
        done
    }
}

/// Bytes of an id as text.
#[cfg(feature = "postgres")]
fn uuid(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
