//! A database of its own for each test, on the engine that the environment names.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use masthead_storage::{Storage, StorageOptions};
use tempfile::TempDir;

/// The engine the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// `MASTHEAD_TEST_ENGINE`: `sqlite` (where it is missing) or `postgres`.
    pub fn of_environment() -> Self {
        match variable("MASTHEAD_TEST_ENGINE").as_deref() {
            None | Some("sqlite") => Self::Sqlite,
            Some("postgres") => Self::Postgres,
            Some(other) => panic!("MASTHEAD_TEST_ENGINE is sqlite or postgres, not {other}"),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the suite reads its environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number that the run was given under this name.
pub fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}"))
    })
}

/// A database that goes away with this value.
#[derive(Debug)]
pub struct Database {
    url: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(#[expect(dead_code, reason = "holds the folder as long as the database is used")] TempDir),
    Server { name: String },
}

impl Database {
    /// An empty database, without a schema.
    pub fn empty() -> Self {
        match Engine::of_environment() {
            Engine::Sqlite => Self::file(),
            Engine::Postgres => Self::server(None),
        }
    }

    /// A database with the schema in place.
    pub fn migrated() -> Self {
        match Engine::of_environment() {
            Engine::Sqlite => {
                let database = Self::file();
                database.storage().migrate().expect("the schema is made");
                database
            }
            Engine::Postgres => Self::server(Some(template())),
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let url = format!("sqlite://{}", folder.path().join("masthead.db").display());
        Self {
            url,
            kind: Kind::File(folder),
        }
    }

    fn server(template: Option<&str>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "masthead_test_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        let copied = template.map_or_else(String::new, |template| format!(" template {template}"));
        execute(&format!("create database {name}{copied}"));
        Self {
            url: url_of(&name),
            kind: Kind::Server { name },
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A store on it.
    pub fn storage(&self) -> Storage {
        Storage::open(&StorageOptions::new(&self.url)).expect("the database can be opened")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kind::Server { name } = &self.kind {
            execute(&format!("drop database if exists {name} with (force)"));
        }
    }
}

/// A database with the schema, made once for all tests.
fn template() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = format!("masthead_template_{}", std::process::id());
        execute(&format!("create database {name}"));
        let storage = Storage::open(&StorageOptions::new(url_of(&name))).expect("the template can be opened");
        storage.migrate().expect("the schema is made");
        drop(storage);
        // A database that somebody is connected to cannot be copied.
        execute(&format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
        ));
        name
    })
}

fn admin_url() -> String {
    variable("MASTHEAD_TEST_POSTGRES_URL")
        .expect("MASTHEAD_TEST_POSTGRES_URL names a server; ./scripts/test starts one")
}

fn url_of(name: &str) -> String {
    let admin = admin_url();
    let (server, _) = admin
        .rsplit_once('/')
        .expect("the address ends in a database's name");
    format!("{server}/{name}")
}

/// Runs a statement as the server's administrator.
pub(crate) fn execute(statement: &str) {
    let url = admin_url();
    let statement = statement.to_owned();
    // A thread of its own, for some callers stand inside a runtime.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
                .await
                .expect("the server can be reached");
            tokio::spawn(connection);
            client
                .batch_execute(&statement)
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        });
    })
    .join()
    .expect("the statement runs");
}
