//! Which database, and how much of it may be used.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A file, opened by this process.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// Its name as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How to open a store.
#[derive(Clone)]
pub struct StorageOptions {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// Readers on SQLite, which has one writer besides; all connections on PostgreSQL.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told to come back later.
    pub acquire_timeout: Duration,
    /// How long one statement may run on PostgreSQL.
    pub statement_timeout: Duration,
    /// How long setting up one connection to PostgreSQL may take.
    pub connect_timeout: Duration,
    /// How many requests may wait for a connection; further ones are told to come back later at once.
    pub max_waiting: usize,
}

impl StorageOptions {
    /// The usual options for a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(3),
            max_waiting: 1_024,
        }
    }
}

impl fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("StorageOptions")
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("max_waiting", &self.max_waiting)
            .finish_non_exhaustive()
    }
}

/// Why a store could not be opened; says what to write instead, and never shows a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address names no engine.
    #[error("the database URL {found}; write sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE")]
    Scheme {
        /// What is the matter with it.
        found: String,
    },
    /// The address names SQLite and no file that can be kept.
    #[error(
        "the SQLite URL {found}; write sqlite://PATH, such as sqlite://data/masthead.db or sqlite:///var/lib/masthead/masthead.db"
    )]
    SqlitePath {
        /// What is the matter with it.
        found: String,
    },
    /// The address names PostgreSQL and cannot be read.
    #[error(
        "the PostgreSQL URL cannot be read ({found}); write postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require, with special characters of the password percent-encoded"
    )]
    PostgresUrl {
        /// What is the matter with it.
        found: String,
    },
    /// The file or its directory cannot be made or opened.
    #[error("the database file {path} cannot be opened: {reason}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What an address names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The file's path.
    Sqlite(PathBuf),
    /// The whole address.
    Postgres(String),
}

/// Chooses the engine by the address's scheme; nothing is guessed, or a typing error would make a file.
pub(crate) fn address(url: &str) -> Result<Address, OpenError> {
    let scheme = |found: &str| OpenError::Scheme {
        found: found.to_owned(),
    };
    if url.trim().is_empty() {
        return Err(scheme("is empty"));
    }
    let Some((name, rest)) = url.split_once("://") else {
        return Err(scheme("has no scheme"));
    };
    match name {
        "sqlite" => sqlite_path(rest).map(Address::Sqlite),
        "postgres" | "postgresql" => Ok(Address::Postgres(url.to_owned())),
        // A name with other characters is no scheme but the beginning of something else, perhaps a secret.
        _ if name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Err(scheme(&format!("begins with {name}://")))
        }
        _ => Err(scheme("has no scheme that is known")),
    }
}

fn sqlite_path(path: &str) -> Result<PathBuf, OpenError> {
    let refused = |found: &str| {
        Err(OpenError::SqlitePath {
            found: found.to_owned(),
        })
    };
    if path.is_empty() {
        return refused("names no file");
    }
    if path.contains(":memory:") || path.starts_with("file:") {
        return refused("does not name a plain file, and what is in memory is gone with its connection");
    }
    if path.contains(['?', '#', '\0']) {
        return refused("holds parameters, of which there are none");
    }
    if path.ends_with('/') {
        return refused("names a directory");
    }
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_engine() {
        assert_eq!(
            address("sqlite://a/b.db").unwrap(),
            Address::Sqlite("a/b.db".into())
        );
        assert_eq!(
            address("sqlite:///a/b.db").unwrap(),
            Address::Sqlite("/a/b.db".into())
        );
        for url in ["postgres://h/d", "postgresql://h/d"] {
            assert_eq!(address(url).unwrap(), Address::Postgres(url.to_owned()));
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for url in [
            "",
            " ",
            "masthead.db",
            "/a/b.db",
            "sqlite:a.db",
            "mysql://h/d",
            "Postgres://h/d",
            "://x",
        ] {
            let error = address(url).unwrap_err().to_string();
            assert!(
                error.contains("sqlite://PATH") && error.contains("postgres://"),
                "{error}"
            );
        }
        for url in [
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://a.db?mode=ro",
            "sqlite://data/",
            "sqlite://file:a",
        ] {
            assert!(matches!(address(url), Err(OpenError::SqlitePath { .. })), "{url}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let options = StorageOptions::new("postgres://me:hunter2@host/db");
        assert!(!format!("{options:?}").contains("hunter2"));
        assert!(
            !address("me:hunter2@host://db")
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}
