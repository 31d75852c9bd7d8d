//! Making accounts and keys from the command line: whoever holds the database may do everything.

use std::io::{self, IsTerminal as _, Read as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use masthead_domain::clock::Clock as _;
use masthead_domain::email::Email;
use masthead_domain::rights::{Actor, Permission, Role};
use masthead_domain::use_cases::accounts::{self, UserInput};
use masthead_domain::use_cases::keys::{self, KeyInput};
use masthead_domain::use_cases::{Unit, auditing, second_factors};

use super::{note, ready, say};
use crate::config::Settings;
use crate::credentials::{Cost, NewKey};
use crate::deeds;
use crate::passwords;
use crate::system::{RandomIds, SystemClock};

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Create an account that can log in
    #[command(after_help = "\
Example:
  printf %s \"$PASSWORD\" | masthead user create --email ada@example.org --name Ada \\
    --role editor --password-stdin

Roles: reader has no rights in management, viewer reads it, author writes own articles, editor
does everything to content, admin also users, keys and settings.")]
    Create(CreateUser),
    /// Take an account's second factor away, for whoever has lost it and the recovery codes
    #[command(after_help = "\
Example:
  masthead user disable-second-factor --email ada@example.org

The account logs in with its password alone from then on, and sets another one up where its
role requires it.")]
    DisableSecondFactor(DisableSecondFactor),
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Create an API key; it is printed once, alone on standard output
    #[command(after_help = "\
Examples:
  KEY=$(masthead key create --name importer --scopes content:read,articles:write)
  curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/management/v1/articles

Scopes: content:read, content:preview, articles:propose, articles:write, articles:publish,
trash:purge, users:manage, keys:manage, settings:manage, audit:read.")]
    Create(CreateKey),
}

#[derive(Debug, Args)]
pub(super) struct CreateUser {
    /// What they log in with
    #[arg(long)]
    email: String,
    /// What others call them
    #[arg(long)]
    name: String,
    /// What they may do: reader, viewer, author, editor or admin
    #[arg(long, value_parser = role)]
    role: Role,
    /// Read the password, 12 to 1024 characters, from standard input; there is no other way to give it
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct DisableSecondFactor {
    /// What the account logs in with
    #[arg(long)]
    email: String,
}

#[derive(Debug, Args)]
pub(super) struct CreateKey {
    /// What people call it
    #[arg(long)]
    name: String,
    /// What it may do: scopes separated by commas, or the flag again
    #[arg(long, required = true, value_delimiter = ',', value_name = "SCOPES", value_parser = scope)]
    pub(super) scopes: Vec<Permission>,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|refused| refused.message)
}

fn scope(text: &str) -> Result<Permission, String> {
    Permission::parse(text.trim()).map_err(|refused| refused.message)
}

impl CreateUser {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        if !self.password_stdin {
            anyhow::bail!(
                "the password is missing; give it on standard input: \
                 printf %s \"$PASSWORD\" | masthead user create … --password-stdin"
            );
        }
        // What can be refused without the database is refused before anything is made.
        Email::parse(&self.email).map_err(|refused| refused.at("/email"))?;
        let password = password()?;
        let hash = passwords::hash(&password, &self.email, &self.name, Cost::default())??;
        let storage = ready(settings)?;
        let input = UserInput {
            email: self.email,
            name: self.name,
            role: self.role,
            author_id: None,
        };
        let actor = Actor::command_line();
        let user = storage
            .write_blocking(|repository| {
                let mut unit = Unit {
                    repository,
                    now: SystemClock.now(),
                    ids: &RandomIds,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                let user = accounts::create_user(&mut unit, input.clone(), Ok(hash.clone()))?;
                auditing::settle(&mut unit, deeds::own("create_user", &actor))?;
                Ok(user)
            })
            .context("the account was not created")?;
        say(&format!(
            "created {} {} ({}) in {}",
            user.role, user.email, user.id, settings.database_url
        ))?;
        Ok(())
    }
}

impl DisableSecondFactor {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let email = Email::parse(&self.email).map_err(|refused| refused.at("/email"))?;
        let storage = ready(settings)?;
        let actor = Actor::command_line();
        storage
            .write_blocking(|repository| {
                let mut unit = Unit {
                    repository,
                    now: SystemClock.now(),
                    ids: &RandomIds,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                second_factors::remove_of(&mut unit, &email)?;
                auditing::settle(&mut unit, deeds::own("delete_user_second_factor", &actor))
            })
            .context("nothing was changed")?;
        say(&format!(
            "{email} logs in without a code in {}",
            settings.database_url
        ))?;
        Ok(())
    }
}

/// One line of standard input.
fn password() -> anyhow::Result<String> {
    const LIMIT: u64 = 16 * 1024;
    if io::stdin().is_terminal() {
        note("Type the password and end with Enter and Ctrl-D; it will be visible.");
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LIMIT)
        .read_to_end(&mut bytes)
        .context("standard input cannot be read")?;
    let text = String::from_utf8(bytes).context("the password on standard input is not UTF-8")?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\n', '\r', '\0']) {
        anyhow::bail!(
            "standard input has several lines; give the password alone: printf %s \"$PASSWORD\" | masthead …"
        );
    }
    Ok(line.to_owned())
}

impl CreateKey {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let mut scopes = self.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let storage = ready(settings)?;
        let made = NewKey::generate()?;
        let actor = Actor::command_line();
        let key = storage
            .write_blocking(|repository| {
                let mut unit = Unit {
                    repository,
                    now: SystemClock.now(),
                    ids: &RandomIds,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                let input = KeyInput {
                    name: self.name.clone(),
                    scopes: scopes.clone(),
                    ..KeyInput::default()
                };
                let key = keys::create(&mut unit, input, &made.prefix, &made.digest)?;
                auditing::settle(&mut unit, deeds::own("create_api_key", &actor))?;
                Ok(key)
            })
            .context("the key was not created")?;
        let words: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        note(&format!(
            "created key \"{}\" ({}…) with {} in {}\nIt is shown this once; send it as `Authorization: Bearer KEY`.",
            key.name,
            made.prefix,
            words.join(", "),
            settings.database_url
        ));
        say(&made.text)?;
        Ok(())
    }
}
