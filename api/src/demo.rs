//! The demo: a database with sample articles and an admin, served, with addresses to try.

use std::net::{IpAddr, SocketAddr};

use anyhow::Context as _;
use masthead_domain::account::PasswordHash;
use masthead_domain::clock::Clock as _;
use masthead_domain::email::Email;
use masthead_domain::error::Error;
use masthead_domain::locale::Locale;
use masthead_domain::repository::Repository;
use masthead_domain::rights::{Actor, Role};
use masthead_domain::use_cases::accounts::{self, UserInput};
use masthead_domain::use_cases::{Unit, auditing};
use masthead_storage::Storage;

use crate::cli::{note, ready, say};
use crate::config::Settings;
use crate::credentials::{Cost, hash_password};
use crate::deeds;
use crate::import::{Importer, Outcome};
use crate::server;
use crate::system::{self, NoRandomness, RandomIds, SystemClock};

mod samples;

/// The folder of its own.
pub(crate) const DATA_DIR: &str = "masthead-demo";

/// Whom the demo's admin logs in as.
const ADMIN: &str = "admin@example.org";

/// What a database holds at the start of a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of a demo's, or a part of it.
    New,
    /// A demo was here.
    Known,
    /// Somebody's own accounts.
    Foreign,
}

/// Fills the database at the first start, and serves.
pub(crate) fn run(settings: Settings) -> anyhow::Result<()> {
    let storage = ready(&settings)?;
    let state = storage.read_blocking(state)?;
    let password = match state {
        State::Foreign => anyhow::bail!(
            "{} has accounts that are not the demo's, and the demo would write into it; use `masthead serve` for it, or \
             give the demo a database of its own",
            settings.database_url
        ),
        State::Known => None,
        State::New => {
            fill(&storage)?;
            Some(password()?)
        }
    };
    let hash = password.as_deref();
    let hash = hash
        .map(|text| hash_password(text, Cost::default()))
        .transpose()?;
    actix_web::rt::System::new().block_on(serve(settings, storage, password, hash))
}

async fn serve(
    settings: Settings,
    storage: Storage,
    password: Option<String>,
    hash: Option<PasswordHash>,
) -> anyhow::Result<()> {
    let place = settings.clone();
    // The password is shown once, so the admin is made when nothing can come between making and showing.
    let server = server::bind(settings, storage.clone()).await?;
    if let Some(hash) = hash {
        storage
            .write(move |repository| create_admin(repository, &hash))
            .await
            .context("the admin was not created")?;
    }
    say(&welcome(&place, server.local_addr(), password.as_deref()))?;
    server.run().await
}

fn state(repository: &mut dyn Repository) -> Result<State, Error> {
    let admin = match Email::parse(ADMIN) {
        Ok(email) => repository.user_by_email(&email)?,
        Err(_) => None,
    };
    Ok(match (admin, repository.count_users()?) {
        (Some(_), _) => State::Known,
        (None, 0) => State::New,
        (None, _) => State::Foreign,
    })
}

/// Brings the samples in. Only at the first start: whoever changed them since keeps what they changed.
fn fill(storage: &Storage) -> anyhow::Result<()> {
    let locale = Locale::parse("en")?;
    let mut importer = Importer::new(storage, locale);
    for (name, text) in samples::SAMPLES {
        importer
            .file(name, Ok(text.as_bytes().to_vec()))
            .context("the sample articles cannot be brought in")?;
    }
    let report = importer.finish();
    if report.count(Outcome::Failed) > 0 {
        note(&report.failures().to_string());
    }
    Ok(())
}

fn create_admin(repository: &mut dyn Repository, hash: &PasswordHash) -> Result<(), Error> {
    let actor = Actor::command_line();
    let mut unit = Unit {
        repository,
        now: SystemClock.now(),
        ids: &RandomIds,
        actor: &actor,
        acting: None,
        site: None,
    };
    let input = UserInput {
        email: ADMIN.to_owned(),
        name: "Demo admin".to_owned(),
        role: Role::Admin,
        author_id: None,
    };
    accounts::create_user(&mut unit, input, Ok(hash.clone()))?;
    auditing::settle(&mut unit, deeds::own("create_user", &actor))
}

/// Twenty letters and digits that nobody mistakes for each other, five bits each.
fn password() -> Result<String, NoRandomness> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 20] = system::random_bytes()?;
    let letters: Vec<_> = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    Ok(letters
        .chunks(5)
        .map(|part| part.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

fn welcome(settings: &Settings, address: SocketAddr, password: Option<&str>) -> String {
    let base = format!("http://{}", reachable(address));
    let admin = password.map_or_else(
        || format!("Admin     {ADMIN}, with the password that the first start printed"),
        |password| format!("Admin     {ADMIN}\nPassword  {password}   (shown this once)"),
    );
    let shown = password.unwrap_or("PASSWORD");
    let hint = if password.is_some() {
        String::new()
    } else {
        format!("{}\n\n", forgotten(settings))
    };
    format!(
        "
Masthead is running at {base}

Try       {base}/delivery/v1/articles/by-slug/why-tides-turn
          {base}/delivery/v1/articles
          {base}/docs

{admin}

Log in    curl -s {base}/management/v1/auth/login \\
            -H 'Content-Type: application/json' \\
            -d '{{\"email\":\"{ADMIN}\",\"password\":\"{shown}\"}}'

{hint}Database  {}
Stop with Ctrl-C.
",
        settings.database_url
    )
}

fn forgotten(settings: &Settings) -> String {
    let again = if settings.keeps_database_in_data_dir() {
        format!(
            "Or begin anew: remove {} and start again.",
            settings.data_dir.display()
        )
    } else {
        "Or begin anew with an empty database.".to_owned()
    };
    let url = &settings.database_url;
    format!(
        "Password forgotten? Make another admin:
          printf %s \"$PASSWORD\" | masthead user create --database-url {url} \\
            --email you@example.org --name You --role admin --password-stdin
          {again}"
    )
}

/// The address a browser on this machine can open: one that means every interface is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
#[path = "demo/tests.rs"]
mod tests;
