//! Configuration: read once from flags, environment and a file, checked, and given to everything else from here.
//!
//! A setting is one entry of the table in `config/table.rs`; its flag, its variable, its key in the file and its
//! place in `--help` follow from that.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use lettre::message::Mailbox;
use masthead_domain::locale::Locale;
use masthead_domain::rights::Role;
use masthead_openapi::forms::{Site, SiteLink};

use crate::limits::Quotas;
use crate::tagging::TagHeaders;
use crate::tls::TlsFiles;

mod arguments;
mod environment;
mod merge;
mod read;
mod table;

pub use arguments::{CommonFlags, Flags, ServiceFlags};
pub use environment::Environment;
pub use merge::{ConfigError, Loaded};

/// Everything that can be set, with a value for each.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database; `sqlite://<data_dir>/masthead.db` where nobody said.
    pub database_url: DatabaseUrl,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// Connections to the database, 1 to 512.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told to come back later.
    pub acquire_timeout: Duration,
    /// `HOST:PORT` to listen on; port 0 takes any that is free.
    pub listen: String,
    /// The certificate that clients are served with, over TLS; plain HTTP without one.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key.
    pub tls_key: Option<PathBuf>,
    /// Threads that serve requests, 1 to 512.
    pub workers: usize,
    /// How long a body may take to arrive, and an answer to be made.
    pub request_timeout: Duration,
    /// How long a stopping server waits for the requests that still run.
    pub shutdown_timeout: Duration,
    /// Connections that one address has open at once; 0 for as many as it likes.
    pub max_connections_per_address: u32,
    /// How often somebody may ask.
    pub quotas: Quotas,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Bytes in the body of a request.
    pub max_body_bytes: usize,
    /// What the hash of a password costs; nothing sets it but tests, which have many accounts and no secrets.
    pub password_cost: crate::credentials::Cost,
    /// Bytes of finished answers that are kept in memory; 0 keeps none.
    pub answer_cache_bytes: u64,
    /// Where caches find the tags of an answer.
    pub cache_tag_headers: TagHeaders,
    /// What signs cursors and tokens; kept in the database where nobody gave one.
    pub secret_key: Option<SecretKey>,
    /// What tokens and cursors were signed with before; they are good still.
    pub previous_secret_key: Option<SecretKey>,
    /// The locale of what says none.
    pub default_locale: Locale,
    /// Where readers find the site, without a slash at the end; for canonical links.
    pub site_url: Option<String>,
    /// Where readers reach this service, without a slash at the end; on the site where nobody said.
    pub api_url: Option<String>,
    /// The provider of single sign-on, by its exact name; none where nobody said.
    pub oidc_issuer: Option<String>,
    /// What this service is called there.
    pub oidc_client_id: Option<String>,
    /// What it proves that with; a public client has none.
    pub oidc_client_secret: Option<SecretText>,
    /// The page that the provider sends people back to.
    pub oidc_redirect_url: Option<String>,
    /// The claim that roles are made of; dots lead into it.
    pub oidc_role_claim: String,
    /// Which value of the claim gives which role; of several, the highest.
    pub oidc_roles: Vec<(String, Role)>,
    /// The role of those whom no value gives one; they stay out where nobody said.
    pub oidc_default_role: Option<Role>,
    /// What the provider is asked for.
    pub oidc_scopes: String,
    /// Where the links of mails lead: a page that takes a token behind `#`; the service's own where nobody said.
    pub account_url: Option<String>,
    /// The server that takes mail; none is sent without one.
    pub smtp_url: Option<SmtpUrl>,
    /// Whom mail is from.
    pub mail_from: Option<Mailbox>,
    /// What the site is called.
    pub site_title: String,
    /// What the site is about.
    pub site_description: Option<String>,
    /// Who publishes the site; its title where nobody said.
    pub publisher_name: Option<String>,
    /// The publisher's sign.
    pub publisher_logo_url: Option<String>,
    /// What the site's header and footer lead to.
    pub site_links: Vec<SiteLink>,
    /// Which other sites' scripts may call.
    pub cors_origins: CorsOrigins,
    /// Whether readers need a key too.
    pub delivery_requires_key: bool,
    /// Streams of events that a node keeps open at once.
    pub max_event_listeners: usize,
    /// How long a stream of events may be silent.
    pub event_heartbeat: Duration,
    /// For how many days entries of the change log are kept that readers who begin at the start can do without; for
    /// ever where nobody said.
    pub changes_keep_days: Option<u32>,
    /// For how many days things stay in the trash; until somebody purges them where nobody said.
    pub trash_keep_days: Option<u32>,
    /// How a line of the log is written.
    pub log_format: LogFormat,
    /// What is logged: `info`, or directives such as `warn,masthead_api=debug`.
    pub log_level: String,
}

impl Settings {
    /// Every default, with the files in `data_dir`.
    #[must_use]
    pub fn in_dir(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            database_url: DatabaseUrl::in_dir(&data_dir),
            data_dir,
            max_connections: 8,
            acquire_timeout: Duration::from_secs(3),
            listen: "127.0.0.1:8080".to_owned(),
            tls_certificate: None,
            tls_key: None,
            workers: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(512)),
            request_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(20),
            max_connections_per_address: 1_000,
            quotas: Quotas::default(),
            trusted_proxies: Vec::new(),
            max_body_bytes: 2 * 1024 * 1024,
            password_cost: crate::credentials::Cost::default(),
            answer_cache_bytes: 64 * 1024 * 1024,
            cache_tag_headers: TagHeaders::default(),
            secret_key: None,
            previous_secret_key: None,
            default_locale: Locale::parse("en").unwrap_or_else(|_| unreachable!("`en` is a locale")),
            site_url: None,
            api_url: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_redirect_url: None,
            oidc_role_claim: "roles".to_owned(),
            oidc_roles: Vec::new(),
            oidc_default_role: None,
            oidc_scopes: "openid email profile".to_owned(),
            account_url: None,
            smtp_url: None,
            mail_from: None,
            site_title: "Masthead".to_owned(),
            site_description: None,
            publisher_name: None,
            publisher_logo_url: None,
            site_links: Vec::new(),
            cors_origins: CorsOrigins::default(),
            delivery_requires_key: false,
            max_event_listeners: 256,
            event_heartbeat: Duration::from_secs(15),
            changes_keep_days: None,
            trash_keep_days: Some(30),
            log_format: LogFormat::Text,
            log_level: "info,actix_server=warn,actix_http=off".to_owned(),
        }
    }

    /// What the site says of itself; `address` is where the service listens, for a site that has no address yet.
    #[must_use]
    pub fn site(&self, address: SocketAddr) -> Site {
        let here = || {
            // Nobody can be sent to "every interface".
            let ip = match address.ip() {
                ip if !ip.is_unspecified() => ip,
                _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
            };
            let scheme = if self.tls_files().is_some() {
                "https"
            } else {
                "http"
            };
            format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
        };
        let url = self.site_url.clone().unwrap_or_else(here);
        Site {
            title: self.site_title.clone(),
            description: self.site_description.clone(),
            api_url: self.api_url.clone().unwrap_or_else(|| url.clone()),
            url,
            publisher: self.publisher_name.clone(),
            publisher_logo: self.publisher_logo_url.clone(),
            default_locale: self.default_locale.clone(),
            links: self.site_links.clone(),
        }
    }

    /// Where the links of mails lead, up to the `#`.
    #[must_use]
    pub fn account_page(&self, address: SocketAddr) -> String {
        let own = || format!("{}/account/", self.site(address).api_url);
        self.account_url.clone().unwrap_or_else(own)
    }

    /// The certificate and its key, where clients are served over TLS.
    #[must_use]
    pub fn tls_files(&self) -> Option<TlsFiles> {
        Some(TlsFiles {
            certificate: self.tls_certificate.clone()?,
            key: self.tls_key.clone()?,
        })
    }

    /// Whether the database is the file that stands in the data directory unless somebody says otherwise.
    #[must_use]
    pub fn keeps_database_in_data_dir(&self) -> bool {
        self.database_url == DatabaseUrl::in_dir(&self.data_dir)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::in_dir("data")
    }
}

/// The address of a database, which may hold a password: shown without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes an address as it is; opening the store checks it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The SQLite file in a data directory.
    #[must_use]
    pub fn in_dir(data_dir: &Path) -> Self {
        Self(format!("sqlite://{}", data_dir.join("masthead.db").display()))
    }

    /// The file, where it names one.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.0.strip_prefix("sqlite://").map(Path::new)
    }

    /// The whole address, password and all.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Without user, password and parameters, any of which may be a secret.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("(no scheme)");
        };
        if scheme == "sqlite" {
            return f.write_str(&self.0);
        }
        let plain = rest.split(['?', '#']).next().unwrap_or_default();
        match (plain.rsplit_once('@'), rest.contains('@')) {
            (Some((_, place)), _) => write!(f, "{scheme}://…@{place}"),
            (None, false) => write!(f, "{scheme}://{plain}"),
            // A password with a question mark in it, or a parameter with an @: nobody knows where the host begins.
            (None, true) => write!(f, "{scheme}://…"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The address of a server that takes mail, which may hold a password: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// Takes an address that a connection can be made of: `smtps://USER:PASSWORD@HOST`, or
    /// `smtp://USER:PASSWORD@HOST:587?tls=required`; one that would tell a password to the network is none.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        let parsed = url::Url::parse(url).ok()?;
        let host = parsed.host_str()?.trim_matches(['[', ']']);
        let is_here =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        // A password goes to another machine over TLS, or not at all.
        let is_safe = parsed.scheme() == "smtps"
            || parsed.query_pairs().any(|(name, _)| name == "tls")
            || parsed.password().is_none()
            || is_here;
        let url = Self(url.to_owned());
        (is_safe && crate::mailing::is_good(&url)).then_some(url)
    }

    /// The whole address, password and all.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(…)")
    }
}

/// A secret that is a text; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Takes a text that is not empty and has at most 4096 bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (1..=4_096).contains(&text.len()).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// The bytes that keys are derived from; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// Bytes at least.
    pub const LEAST: usize = 32;
    /// Bytes at most.
    pub const MOST: usize = 4096;

    /// Takes bytes of a good length.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (Self::LEAST..=Self::MOST)
            .contains(&bytes.len())
            .then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Which other sites' scripts may call the service from a browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsOrigins {
    /// Any site may read delivery; management never takes part in this.
    pub any_for_delivery: bool,
    /// These may call both surfaces: `https://admin.example.org`, in lower case, without a slash at the end.
    pub exact: Vec<String>,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_ever_shown() {
        let database_url =
            DatabaseUrl::new("postgres://me:hunter@2@db.example/masthead?password=hunter@2#hunter@2");
        let secret_key = SecretKey::new(b"hunter@2".repeat(5));
        let smtp_url = SmtpUrl::new("smtps://hunter:hunter%402@mail.example");
        assert!(smtp_url.is_some());
        let settings = Settings {
            database_url,
            secret_key,
            smtp_url,
            oidc_client_secret: SecretText::new("hunter@2"),
            ..Settings::default()
        };
        let shown = format!("{settings:?} {settings:#?} {}", settings.database_url);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("postgres://…@db.example/masthead"), "{shown}");
    }

    #[test]
    fn no_password_of_a_mail_server_is_told_to_the_network() {
        for good in [
            "smtps://me:pw@mail.example",
            "smtp://me:pw@mail.example:587?tls=required",
            "smtp://me:pw@127.0.0.1:25",
            "smtp://me:pw@[::1]",
            "smtp://localhost",
            "smtp://mail.example",
        ] {
            assert!(SmtpUrl::new(good).is_some(), "{good}");
        }
        for bad in [
            "smtp://me:pw@mail.example",
            "http://mail.example",
            "mail.example",
            "",
        ] {
            assert!(SmtpUrl::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_site_without_an_address_stands_where_the_service_listens() {
        let site = |listen: &str| Settings::default().site(listen.parse().unwrap());
        assert_eq!(site("0.0.0.0:81").url, "http://127.0.0.1:81");
        assert_eq!(site("[::]:81").url, "http://127.0.0.1:81");
        assert_eq!(site("[::1]:81").api_url, "http://[::1]:81");
        let settings = Settings {
            site_url: Some("https://a.example".into()),
            ..Settings::default()
        };
        let site = settings.site(([127, 0, 0, 1], 81).into());
        assert_eq!(
            (site.url, site.api_url),
            ("https://a.example".into(), "https://a.example".into())
        );
    }

    #[test]
    fn a_database_url_that_is_no_url_is_not_shown() {
        for url in [
            "me:hunter2@host/db",
            "postgres://me:hunter2?x@host/db",
            "postgres://me:hunter2#@host/db",
        ] {
            assert!(!DatabaseUrl::new(url).to_string().contains("hunter2"), "{url}");
        }
    }

    #[test]
    fn a_secret_key_has_at_least_32_bytes() {
        assert!(SecretKey::new(vec![7; 31]).is_none());
        assert!(SecretKey::new(vec![7; 32]).is_some());
        assert!(SecretKey::new(vec![7; 4097]).is_none());
    }

    #[test]
    fn the_database_stands_in_the_data_directory() {
        let settings = Settings::in_dir("/srv/m");
        assert_eq!(settings.database_url.expose(), "sqlite:///srv/m/masthead.db");
        assert!(settings.keeps_database_in_data_dir());
    }
}
