//! The command line: what can be asked of the binary, and what is said when it goes wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{CommonFlags, Environment, Flags, ServiceFlags, Settings};
use crate::{demo, server};

mod accounts;
mod audit;
mod contract;
mod database;
mod failure;
mod health;
mod import;
mod logging;
mod terminal;

pub(crate) use database::{open, ready};
pub(crate) use terminal::{note, say};

/// What the command line says.
#[derive(Debug, Parser)]
#[command(
    name = "masthead",
    version,
    about = "Masthead, a headless CMS: articles in, JSON out; one binary, SQLite or PostgreSQL.",
    after_help = FIRST_STEPS,
    max_term_width = 110,
    propagate_version = true
)]
struct CommandLine {
    #[command(flatten)]
    common: CommonFlags,
    #[command(subcommand)]
    command: Command,
}

const FIRST_STEPS: &str = "\
First steps:
  masthead demo                        sample articles, an admin and a server in its own folder

For keeps (SQLite in ./data, or set MASTHEAD_DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME):
  printf %s \"$PASSWORD\" | masthead user create --email you@example.org --name You \\
    --role admin --password-stdin
  masthead import markdown ./articles  a folder of Markdown becomes articles
  masthead serve                       then open http://127.0.0.1:8080/docs

Every setting is a flag, a variable MASTHEAD_… and a key of the file that --config names:
see `masthead serve --help`.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the APIs until SIGTERM or Ctrl-C; migrates the database first
    #[command(after_help = "\
Examples:
  masthead serve
  masthead serve --listen 0.0.0.0:8080 --database-url postgres://masthead@db/masthead
  MASTHEAD_LOG_FORMAT=json masthead serve --config /etc/masthead.toml

An empty or older database is migrated. While the database is away, requests are answered 503
and the server keeps looking for it.")]
    Serve(ServiceFlags),
    /// Try Masthead: sample articles, an admin and a server, in a folder of its own
    #[command(after_help = "\
Examples:
  masthead demo
  masthead demo --listen 127.0.0.1:9000 --data-dir /tmp/masthead-demo

The admin's password is printed at the first start, and only then. To begin anew, remove the folder.")]
    Demo(ServiceFlags),
    /// Bring the database to this version, or see where it stands
    #[command(
        subcommand,
        after_help = "Examples:\n  masthead migrate status\n  masthead migrate up"
    )]
    Migrate(database::Migrate),
    /// Bring content in
    #[command(subcommand)]
    Import(import::Import),
    /// Write the OpenAPI documents, or check that they are up to date
    #[command(
        after_help = "Examples:\n  masthead openapi\n  masthead openapi --check\n  masthead openapi --dir /tmp/contract"
    )]
    Openapi(contract::Openapi),
    /// Manage accounts
    #[command(subcommand)]
    User(accounts::User),
    /// Manage API keys
    #[command(subcommand)]
    Key(accounts::Key),
    /// Verify or export the log of who changed what
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Ask a running server whether it is ready; exits with 0 if it is and 1 if not
    #[command(after_help = "Example:\n  masthead health --url http://127.0.0.1:8080")]
    Health(health::Health),
}

/// Does what the command line says: 0 is done, 1 went wrong, 2 was not understood.
#[must_use]
pub fn run() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // The exit code is all that is left if this cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match catch_unwind(AssertUnwindSafe(|| line.run())) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => failure::report(&error),
        Err(_) => {
            note(
                "error: this is a mistake in Masthead, not in what you did; please report it with the lines above",
            );
            ExitCode::from(101)
        }
    }
}

impl CommandLine {
    fn run(self) -> anyhow::Result<ExitCode> {
        let common = &self.common.0;
        let done = |()| ExitCode::SUCCESS;
        match self.command {
            Command::Serve(flags) => serve(settings(Settings::default(), &flags.0.and(common))?).map(done),
            Command::Demo(flags) => {
                let settings = settings(Settings::in_dir(demo::DATA_DIR), &flags.0.and(common))?;
                logging::start(&settings)?;
                demo::run(settings).map(done)
            }
            Command::Migrate(task) => task.run(&quiet(common)?).map(done),
            Command::Import(import::Import::Markdown(task)) => task.run(&quiet(common)?),
            Command::Openapi(task) => task.run().map(done),
            Command::User(accounts::User::Create(task)) => task.run(&quiet(common)?).map(done),
            Command::User(accounts::User::DisableSecondFactor(task)) => task.run(&quiet(common)?).map(done),
            Command::Key(accounts::Key::Create(task)) => task.run(&quiet(common)?).map(done),
            Command::Audit(task) => task.run(&quiet(common)?),
            Command::Health(task) => task.run().map(done),
        }
    }
}

fn serve(settings: Settings) -> anyhow::Result<()> {
    logging::start(&settings)?;
    let storage = open(&settings)?;
    actix_web::rt::System::new().block_on(server::serve(settings, storage))
}

/// Settings of a command that does one thing and is read by a person: its log is short.
fn quiet(flags: &Flags) -> anyhow::Result<Settings> {
    let settings = settings(
        Settings {
            log_level: "error".to_owned(),
            ..Settings::default()
        },
        flags,
    )?;
    logging::start(&settings)?;
    Ok(settings)
}

fn settings(defaults: Settings, flags: &Flags) -> anyhow::Result<Settings> {
    let loaded = Settings::load(defaults, flags, &Environment::of_process())?;
    for notice in &loaded.notices {
        note(&format!("warning: {notice}"));
    }
    Ok(loaded.settings)
}

#[cfg(test)]
#[path = "cli/tests.rs"]
mod tests;
