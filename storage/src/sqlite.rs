//! Opening SQLite: the file with its directory, and what each connection is set to.

use std::fs::{DirBuilder, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection};
use r2d2::ManageConnection;

use crate::connection::Connection;
use crate::options::OpenError;
use crate::pool::{ConnectError, Link};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The one that writes.
    Write,
    /// One of those that read, and can do nothing else.
    Read,
}

/// Makes connections to one file.
#[derive(Debug)]
pub(crate) struct SqliteManager {
    path: PathBuf,
    purpose: Purpose,
    busy_timeout: Duration,
}

impl SqliteManager {
    pub(crate) fn new(path: &Path, purpose: Purpose, busy_timeout: Duration) -> Self {
        Self {
            path: path.to_owned(),
            purpose,
            busy_timeout,
        }
    }
}

impl ManageConnection for SqliteManager {
    type Connection = Link;
    type Error = ConnectError;

    fn connect(&self) -> Result<Link, ConnectError> {
        let path = self
            .path
            .to_str()
            .ok_or_else(|| ConnectError::new("the path of the database is not UTF-8"))?;
        let mut connection = SqliteConnection::establish(&existing(path))
            .map_err(|error| ConnectError::new(error.to_string()))?;
        // Before anything else, so that the next statements wait for others instead of failing.
        let wait = format!("pragma busy_timeout = {}", self.busy_timeout.as_millis());
        // FULL: an acknowledged write must outlast a power cut, which NORMAL does not promise in WAL mode.
        let mode = match self.purpose {
            Purpose::Write => {
                // The one that writes reads what it changes from 8 MiB of pages it keeps, and 16 MiB of changes are
                // gathered before they are brought into the file: pages that everybody changes are brought once.
                // What a statement or a savepoint would take back is kept in memory and not in a file of its own.
                "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
                 pragma cache_size = -8192; pragma wal_autocheckpoint = 4096; pragma temp_store = memory"
            }
            // Mapped pages are read without a call and without a copy; the bound keeps the process small, as each reader
            // maps its own.
            Purpose::Read => "pragma query_only = on; pragma mmap_size = 33554432",
        };
        connection
            .batch_execute(&wait)
            .and_then(|()| connection.batch_execute(mode))
            .map_err(|error| ConnectError::new(error.to_string()))?;
        Ok(Link::new(Connection::Sqlite(connection)))
    }

    fn is_valid(&self, _: &mut Link) -> Result<(), ConnectError> {
        Ok(())
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        link.is_broken()
    }
}

/// The address of a file that has to be there: a volume that went away must not be answered from a new, empty file.
fn existing(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file://{escaped}?mode=rw")
}

/// Makes the file and its directory, where they are missing, for their owner alone; answers the whole path,
/// which SQLite cannot take for anything but a path.
pub(crate) fn prepare(path: &Path) -> Result<PathBuf, OpenError> {
    let failed = |error: std::io::Error| OpenError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let whole = std::path::absolute(path).map_err(failed)?;
    if let Some(directory) = whole.parent().filter(|directory| !directory.exists()) {
        private_directory().create(directory).map_err(failed)?;
    }
    // SQLite gives the files beside it the permissions of this one.
    private_file().open(&whole).map_err(failed)?;
    Ok(whole)
}

fn private_directory() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
