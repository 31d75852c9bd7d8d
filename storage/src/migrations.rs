//! Migrations: compiled in, applied in one transaction that one node at a time can hold.

use std::error::Error as StdError;

use diesel::connection::{Connection as _, SimpleConnection};
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use masthead_domain::Result;
use masthead_domain::error::{Error, StorageError};

use crate::connection::Connection;
use crate::pool::Source;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that others do not take for a lock of theirs.
const LOCK: &str = "set local statement_timeout = 0; select pg_advisory_xact_lock(5570193308531903600)";

type Outcome<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Its stamp and name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// What is done with the migrations, on either engine.
#[derive(Clone, Copy)]
enum Task {
    Apply,
    List,
    Revert,
}

/// Applies what is missing; answers the names.
pub(crate) fn migrate(source: &Source) -> Result<Vec<String>> {
    let states = run(source, Task::Apply, "applying migrations")?;
    Ok(states.into_iter().map(|state| state.name).collect())
}

/// All that this binary knows.
pub(crate) fn status(source: &Source) -> Result<Vec<MigrationState>> {
    run(source, Task::List, "listing migrations")
}

/// Takes the newest back; answers its name.
pub(crate) fn revert_last(source: &Source) -> Result<Option<String>> {
    let mut states = run(source, Task::Revert, "reverting a migration")?;
    Ok(states.pop().map(|state| state.name))
}

/// The newest that the database has.
pub(crate) fn next_to_revert(source: &Source) -> Result<Option<String>> {
    let mut states = status(source)?;
    states.retain(|state| state.applied);
    Ok(states.pop().map(|state| state.name))
}

fn run(source: &Source, task: Task, context: &str) -> Result<Vec<MigrationState>> {
    let mut loan = source.lend()?;
    let link = loan.link();
    let outcome: Outcome<_> = match &mut link.connection {
        // The lock of writers keeps other nodes out; each migration is a savepoint within.
        Connection::Sqlite(connection) => {
            connection.immediate_transaction(|connection| on(connection, SQLITE, task))
        }
        Connection::Postgres(connection) => connection.transaction(|connection| {
            connection.batch_execute(LOCK)?;
            on(connection, POSTGRES, task)
        }),
    };
    outcome.map_err(|source| {
        // Statements prepared before would meet other tables.
        link.discard();
        Error::Storage(StorageError::Database {
            context: context.to_owned(),
            source,
        })
    })
}

/// Does the task on one engine, within a transaction.
fn on<DB, C>(connection: &mut C, known: EmbeddedMigrations, task: Task) -> Outcome<Vec<MigrationState>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut migrations: Vec<Box<dyn Migration<DB>>> = known.migrations()?;
    migrations.sort_by_key(|migration| migration.name().version().as_owned().to_string());
    let versions: Vec<_> = migrations
        .iter()
        .map(|migration| migration.name().version().as_owned())
        .collect();
    let applied = connection.applied_migrations()?;
    refuse_unknown(&applied, &versions)?;
    let done = |name: String| MigrationState { name, applied: true };
    match task {
        Task::List => Ok(migrations
            .iter()
            .zip(&versions)
            .map(|(migration, version)| MigrationState {
                name: migration.name().to_string(),
                applied: applied.contains(version),
            })
            .collect()),
        Task::Apply => {
            let mut states = Vec::new();
            for (migration, _) in migrations
                .iter()
                .zip(&versions)
                .filter(|(_, version)| !applied.contains(version))
            {
                connection.run_migration(migration.as_ref())?;
                states.push(done(migration.name().to_string()));
            }
            Ok(states)
        }
        Task::Revert => {
            let Some(at) = versions.iter().rposition(|version| applied.contains(version)) else {
                return Ok(Vec::new());
            };
            connection.revert_migration(migrations[at].as_ref())?;
            Ok(vec![done(migrations[at].name().to_string())])
        }
    }
}

/// A database that a newer version has changed is not touched by an older one.
fn refuse_unknown(applied: &[MigrationVersion<'_>], known: &[MigrationVersion<'_>]) -> Outcome<()> {
    let Some(unknown) = applied.iter().find(|version| !known.contains(version)) else {
        return Ok(());
    };
    Err(format!(
        "the database has the migration {unknown}, which this version of Masthead does not know; \
         start the version that applied it or a newer one"
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::pg::Pg;
    use diesel::sqlite::Sqlite;

    #[test]
    fn both_engines_have_the_same_migrations() {
        let names = |list: Vec<String>| list;
        let sqlite = MigrationSource::<Sqlite>::migrations(&SQLITE).unwrap();
        let postgres = MigrationSource::<Pg>::migrations(&POSTGRES).unwrap();
        let mut sqlite = names(
            sqlite
                .iter()
                .map(|migration| migration.name().to_string())
                .collect(),
        );
        let mut postgres = names(
            postgres
                .iter()
                .map(|migration| migration.name().to_string())
                .collect(),
        );
        sqlite.sort();
        postgres.sort();
        assert_eq!(sqlite, postgres);
        assert!(!sqlite.is_empty());
    }
}
