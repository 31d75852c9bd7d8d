//! Connecting to PostgreSQL: the address, TLS, and what each session is set to.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::BlockOn;
use r2d2::ManageConnection;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::{Connection, OwnRuntime, wrapped};
use crate::options::{OpenError, StorageOptions};
use crate::pool::{ConnectError, Link};

/// Makes connections to one server.
pub(crate) struct PostgresManager {
    config: Config,
    connect_timeout: Duration,
    statement_timeout: Duration,
    /// Made when the first connection needs it: a server nearby without TLS needs no certificates.
    tls: LazyLock<Result<MakeRustlsConnect, String>>,
}

impl PostgresManager {
    /// Reads the address; nothing is connected.
    pub(crate) fn new(options: &StorageOptions) -> Result<Self, OpenError> {
        let mut config: Config = understood(&options.url)
            .parse()
            .map_err(|error| unreadable(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(OpenError::PostgresUrl {
                found: "it names no host".to_owned(),
            });
        }
        if config.get_application_name().is_none() {
            config.application_name("masthead");
        }
        // A peer that vanished without a word is noticed within half a minute, not after two hours.
        config
            .connect_timeout(options.connect_timeout)
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(30));
        Ok(Self {
            config,
            connect_timeout: options.connect_timeout,
            statement_timeout: options.statement_timeout,
            tls: LazyLock::new(trusting_this_machine),
        })
    }

    async fn establish(&self) -> Result<AsyncPgConnection, ConnectError> {
        if self.config.get_ssl_mode() == SslMode::Disable || self.is_local() {
            return self.establish_plain(&self.config).await;
        }
        match self.establish_tls().await {
            // `prefer` promises nothing: where TLS does not come about, the server is asked without it.
            Err(error) if error.is_tls() && self.config.get_ssl_mode() == SslMode::Prefer => {
                tracing::warn!(%error, "PostgreSQL is reached without TLS; sslmode=require would refuse that");
                let mut plain = self.config.clone();
                self.establish_plain(plain.ssl_mode(SslMode::Disable)).await
            }
            other => other,
        }
    }

    async fn establish_plain(&self, config: &Config) -> Result<AsyncPgConnection, ConnectError> {
        let (client, connection) = config.connect(NoTls).await.map_err(|error| refused(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection)
            .await
            .map_err(|error| ConnectError::new(error.to_string()))
    }

    async fn establish_tls(&self) -> Result<AsyncPgConnection, ConnectError> {
        let tls = LazyLock::force(&self.tls)
            .as_ref()
            .map_err(|reason| ConnectError::tls(reason))?
            .clone();
        let (client, connection) = self.config.connect(tls).await.map_err(|error| refused(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection)
            .await
            .map_err(|error| ConnectError::new(error.to_string()))
    }

    /// Sockets of the file system have no TLS.
    fn is_local(&self) -> bool {
        let mut hosts = self.config.get_hosts().iter();
        self.config.get_hostaddrs().is_empty() && hosts.all(|host| !matches!(host, Host::Tcp(_)))
    }
}

impl ManageConnection for PostgresManager {
    type Connection = Link;
    type Error = ConnectError;

    fn connect(&self) -> Result<Link, ConnectError> {
        let runtime = OwnRuntime::new().map_err(|error| ConnectError::new(error.to_string()))?;
        let connected =
            runtime.block_on(async { tokio::time::timeout(self.connect_timeout, self.establish()).await });
        let connection = connected.map_err(|_| ConnectError::new("the server did not answer in time"))??;
        let mut connection = wrapped(connection, runtime);
        let milliseconds = self.statement_timeout.as_millis();
        connection
            .batch_execute(&format!(
                "set statement_timeout = {milliseconds}; set idle_in_transaction_session_timeout = {milliseconds}"
            ))
            .map_err(|error| ConnectError::new(error.to_string()))?;
        Ok(Link::new(Connection::Postgres(connection)))
    }

    fn is_valid(&self, _: &mut Link) -> Result<(), ConnectError> {
        Ok(())
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        link.is_broken()
    }
}

/// The address in the words of the driver. Every certificate is checked in full, so the two stricter modes
/// of other clients are `require`.
fn understood(url: &str) -> String {
    ["verify-full", "verify-ca"]
        .iter()
        .fold(url.to_owned(), |url, mode| {
            url.replace(&format!("sslmode={mode}"), "sslmode=require")
        })
}

/// Options of other clients, which may be named: anything else that looks like an option may be the rest of
/// a password with a `?` in it.
const FOREIGN: &[&str] = &[
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "schema",
    "pgbouncer",
];

/// What cannot be read, in the driver's words where they are known to hold nothing of the address.
fn unreadable(error: &tokio_postgres::Error) -> OpenError {
    let reason = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let option = FOREIGN.iter().find(|name| reason.contains(&format!("`{name}`")));
    let found = match option {
        Some(name) => format!("it has the option {name}, which is not known here"),
        None if reason.starts_with("invalid value for option") => reason,
        None => "a part of it is malformed, or an option is not known".to_owned(),
    };
    OpenError::PostgresUrl { found }
}

fn refused(error: &tokio_postgres::Error) -> ConnectError {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    // The driver keeps the kinds of its errors to itself.
    if reason.starts_with("error performing TLS handshake") {
        ConnectError::tls(&reason)
    } else {
        ConnectError::new(reason)
    }
}

/// Checks servers against the certificates this machine trusts.
fn trusting_this_machine() -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        tracing::warn!(errors = ?loaded.errors, "this machine trusts no certificate; TLS to PostgreSQL will fail");
    }
    // Named here and not taken from the process, which may have chosen none or another.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str) -> Result<PostgresManager, OpenError> {
        PostgresManager::new(&StorageOptions::new(url))
    }

    #[test]
    fn the_stricter_modes_of_other_clients_are_understood() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let manager = open(&format!("postgres://h/d?sslmode={mode}")).unwrap();
            assert_eq!(manager.config.get_ssl_mode(), SslMode::Require);
        }
        assert_eq!(
            open("postgres://h/d?sslmode=disable")
                .unwrap()
                .config
                .get_ssl_mode(),
            SslMode::Disable
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_without_the_password() {
        for url in [
            "postgres://me:hunter2@h/d?sslmode=maybe",
            "postgres://me:hunter2@h:port/d",
            "postgres://me:hun/ter2@h/d",
            "postgres://me:hunter2@/d",
            "postgres://me:%zzhunter2@h/d",
            "postgres://me:hunter2@h/d?hunter2=1",
            "postgres://me:hun?ter2@h/d",
            "postgres://me:hun?ter2=@h/d",
        ] {
            let Err(error) = open(url) else { continue };
            assert!(!format!("{error} {error:?}").contains("ter2"), "{url}: {error}");
        }
    }
}
