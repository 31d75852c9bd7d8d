//! Migrations.

use super::*;
use crate::connection::Connection;
use diesel::{QueryableByName, RunQueryDsl};

/// What is left in a database besides the list of migrations.
fn left(database: &Database) -> Vec<String> {
    let names = crate::transaction::read(&database.storage.pools.reading, |connection| {
        let sql = match connection {
            Connection::Sqlite(_) => "select name from sqlite_master where name not like 'sqlite_%'",
            Connection::Postgres(_) => {
                "select relname::text as name from pg_class \
                 where relnamespace = (select oid from pg_namespace where nspname = 'public')"
            }
        };
        Ok(on_engine!(connection, |c| diesel::sql_query(sql).load::<Name>(c)).unwrap())
    });
    names
        .unwrap()
        .into_iter()
        .map(|row| row.name)
        .filter(|name| !name.starts_with("__diesel"))
        .collect()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[test]
fn what_is_applied_can_be_reverted_to_nothing() {
    for database in empty() {
        let storage = &database.storage;
        assert!(
            storage
                .migration_status()
                .unwrap()
                .iter()
                .all(|state| !state.applied)
        );
        let names = storage.migrate().unwrap();
        assert!(names.len() >= 3 && names.is_sorted(), "{names:?}");
        assert!(storage.migrate().unwrap().is_empty());
        assert!(
            storage
                .migration_status()
                .unwrap()
                .iter()
                .all(|state| state.applied)
        );
        full_article(storage);
        for name in names.iter().rev() {
            assert_eq!(storage.revert_last().unwrap().as_ref(), Some(name));
        }
        assert_eq!(storage.revert_last().unwrap(), None);
        assert_eq!(left(&database), [""; 0]);
        assert_eq!(storage.migrate().unwrap(), names);
        full_article(storage);
    }
}

#[test]
fn several_nodes_may_migrate_at_once() {
    for database in empty() {
        let applied: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| open(&database.url).migrate().unwrap().len()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(applied, database.storage.migration_status().unwrap().len());
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    for database in stores() {
        raw(
            &database,
            "insert into __diesel_schema_migrations (version) values ('99990101000000')",
        );
        let error = database.storage.migrate().unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.contains("99990101000000") && source.contains("newer"),
            "{error}: {source}"
        );
    }
}
