//! Opening the database for a command, and the migrations.

use anyhow::Context as _;
use clap::Subcommand;
use masthead_storage::{Storage, StorageOptions};

use super::{note, say};
use crate::config::Settings;

/// What to do with the migrations.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply what is missing; a new database is made
    Up,
    /// List what is applied and what is missing; changes nothing
    Status,
}

impl Migrate {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Up => up(settings),
            Self::Status => status(settings),
        }
    }
}

fn up(settings: &Settings) -> anyhow::Result<()> {
    let applied = migrate(&open(settings)?, settings)?;
    for name in &applied {
        say(&format!("applied  {name}"))?;
    }
    let url = &settings.database_url;
    say(&if applied.is_empty() {
        format!("{url} is up to date")
    } else {
        format!("{url} is up to date now")
    })?;
    Ok(())
}

fn status(settings: &Settings) -> anyhow::Result<()> {
    // Looking must not make a file.
    if let Some(path) = settings.database_url.sqlite_file()
        && !path.exists()
    {
        anyhow::bail!(
            "there is no database at {} yet; `masthead migrate up` or `masthead serve` makes it",
            path.display()
        );
    }
    let storage = open(settings)?;
    let states = storage
        .migration_status()
        .with_context(|| format!("cannot look into {}", settings.database_url))?;
    let missing = states.iter().filter(|state| !state.applied).count();
    for state in &states {
        say(&format!(
            "{}  {}",
            if state.applied { "applied" } else { "missing" },
            state.name
        ))?;
    }
    say(&match missing {
        0 => format!("{} is up to date", settings.database_url),
        _ => format!(
            "{} lacks {missing}; `masthead migrate up` or `masthead serve` applies them",
            settings.database_url
        ),
    })?;
    Ok(())
}

/// Opens the database that the settings name.
pub(crate) fn open(settings: &Settings) -> anyhow::Result<Storage> {
    let options = StorageOptions {
        max_connections: settings.max_connections,
        acquire_timeout: settings.acquire_timeout,
        ..StorageOptions::new(settings.database_url.expose())
    };
    Ok(Storage::open(&options)?)
}

/// Opens the database and brings it to this version; says so where it had to.
pub(crate) fn ready(settings: &Settings) -> anyhow::Result<Storage> {
    let storage = open(settings)?;
    let applied = migrate(&storage, settings)?.len();
    if applied > 0 {
        note(&format!(
            "{}: applied {applied} migrations",
            settings.database_url
        ));
    }
    Ok(storage)
}

fn migrate(storage: &Storage, settings: &Settings) -> anyhow::Result<Vec<String>> {
    storage
        .migrate()
        .with_context(|| format!("cannot migrate {}", settings.database_url))
}
