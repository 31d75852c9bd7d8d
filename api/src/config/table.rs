//! The table of settings: what each is called, what it means, and how its text is read.

use super::{DatabaseUrl, Settings, environment, read};

mod accounts;

/// Which commands have a flag for a setting; the variable and the key in the file are there for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    /// Every command.
    Everywhere,
    /// Those that serve.
    Service,
    /// None: what stands on a command line can be read by everybody on the machine.
    Nowhere,
}

/// What the text of a setting looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One value.
    One,
    /// Values separated by commas; a flag may be repeated, the file may have an array.
    Many,
    /// True or false; the flag alone says true.
    Switch,
    /// One value that errors do not repeat.
    Secret,
    /// A JSON array; the file has an array of tables instead.
    Json,
}

/// One setting.
pub(super) struct Setting {
    /// Its key in the file; the variable is made of it.
    pub key: &'static str,
    /// The key as a flag writes it.
    pub name: &'static str,
    /// What `--help` calls the value.
    pub value: &'static str,
    /// Under which heading `--help` shows it.
    pub heading: &'static str,
    /// Which commands have a flag for it.
    pub flag: Flag,
    /// What its text looks like.
    pub shape: Shape,
    /// The default as `--help` shows it.
    pub default: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Reads its text into the settings; an error says what is expected.
    pub read: fn(&mut Settings, &str) -> Result<(), String>,
}

impl Setting {
    /// `data_dir` is the variable `MASTHEAD_DATA_DIR`.
    pub fn variable(&self) -> String {
        format!("{}{}", environment::PREFIX, self.key.to_ascii_uppercase())
    }
}

const DATABASE: &str = "Database";
const SERVER: &str = "Server";
const SITE: &str = "Site";
const LOG: &str = "Log";

/// Every setting; `--help` shows them by their headings.
pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(accounts::SETTINGS)
}

/// Those of the service itself.
const SETTINGS: &[Setting] = &[
    Setting {
        key: "database_url",
        name: "database-url",
        value: "URL",
        heading: DATABASE,
        flag: Flag::Everywhere,
        shape: Shape::Secret,
        default: "sqlite://<data-dir>/masthead.db",
        help: "The database: sqlite://PATH (from the current directory; sqlite:///PATH from the root) or \
               postgres://USER:PASSWORD@HOST:PORT/NAME. A password is safer in the variable or the file",
        read: |settings, text| {
            if text.trim().is_empty() {
                return Err("give sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME".to_owned());
            }
            settings.database_url = DatabaseUrl::new(text);
            Ok(())
        },
    },
    Setting {
        key: "data_dir",
        name: "data-dir",
        value: "DIR",
        heading: DATABASE,
        flag: Flag::Everywhere,
        shape: Shape::One,
        default: "data; demo: masthead-demo",
        help: "Where files are kept; made if it is missing",
        read: |settings, text| {
            if text.is_empty() {
                return Err("give a directory".to_owned());
            }
            settings.data_dir = text.into();
            Ok(())
        },
    },
    Setting {
        key: "max_connections",
        name: "max-connections",
        value: "N",
        heading: DATABASE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "8",
        help: "Connections to the database, 1 to 512 (SQLite: readers; one writer comes on top)",
        read: |settings, text| read::number(text, 1, 512).map(|n| settings.max_connections = n),
    },
    Setting {
        key: "acquire_timeout_seconds",
        name: "acquire-timeout-seconds",
        value: "N",
        heading: DATABASE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "3",
        help: "How long a request waits for a connection before it is answered 503, 1 to 300",
        read: |settings, text| read::seconds(text, 1, 300).map(|span| settings.acquire_timeout = span),
    },
    Setting {
        key: "listen",
        name: "listen",
        value: "HOST:PORT",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "127.0.0.1:8080",
        help: "Where to listen; 0.0.0.0:8080 is every interface, port 0 any that is free",
        read: |settings, text| read::listen(text).map(|listen| settings.listen = listen),
    },
    Setting {
        key: "tls_certificate",
        name: "tls-certificate",
        value: "FILE",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "Serve HTTPS instead of HTTP, with this certificate, in PEM with those between it and a root; it goes with --tls-key. \
               Both files are read again when they change, within ten seconds or on SIGHUP",
        read: |settings, text| read::file(text).map(|path| settings.tls_certificate = Some(path)),
    },
    Setting {
        key: "tls_key",
        name: "tls-key",
        value: "FILE",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "The private key of the certificate, in PEM",
        read: |settings, text| read::file(text).map(|path| settings.tls_key = Some(path)),
    },
    Setting {
        key: "workers",
        name: "workers",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "the number of cores",
        help: "Threads that serve requests, 1 to 512",
        read: |settings, text| read::number(text, 1, 512).map(|n| settings.workers = n),
    },
    Setting {
        key: "max_connections_per_address",
        name: "max-connections-per-address",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "1000",
        help: "Connections that one address may have open at once, 0 to 65536; one more is closed, 0 closes none",
        read: |settings, text| {
            read::number(text, 0, 65_536).map(|n| settings.max_connections_per_address = n)
        },
    },
    Setting {
        key: "trusted_proxies",
        name: "trusted-proxies",
        value: "NETWORK,…",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::Many,
        default: "none",
        help: "Addresses or networks of the proxies in front, whose X-Forwarded-For says where a request comes from;                nobody else's is believed",
        read: |settings, text| read::networks(text).map(|networks| settings.trusted_proxies = networks),
    },
    Setting {
        key: "rate_limit_address",
        name: "rate-limit-address",
        value: "N/SECONDS",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "no limit",
        help: "Requests of one address within so many seconds, such as 600/60; answers that are kept in memory are not                counted, attempts to log in have limits of their own in any case",
        read: |settings, text| read::quota(text).map(|quota| settings.quotas.address = quota),
    },
    Setting {
        key: "rate_limit_account",
        name: "rate-limit-account",
        value: "N/SECONDS",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "no limit",
        help: "Requests of one account, likewise",
        read: |settings, text| read::quota(text).map(|quota| settings.quotas.account = quota),
    },
    Setting {
        key: "rate_limit_key",
        name: "rate-limit-key",
        value: "N/SECONDS",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "no limit",
        help: "Requests of one API key, likewise",
        read: |settings, text| read::quota(text).map(|quota| settings.quotas.key = quota),
    },
    Setting {
        key: "request_timeout_seconds",
        name: "request-timeout-seconds",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "30",
        help: "How long a body may take to arrive, and an answer to be made, 1 to 3600",
        read: |settings, text| read::seconds(text, 1, 3600).map(|span| settings.request_timeout = span),
    },
    Setting {
        key: "shutdown_timeout_seconds",
        name: "shutdown-timeout-seconds",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "20",
        help: "How long a stopping server waits for the requests that still run, 0 to 3600",
        read: |settings, text| read::seconds(text, 0, 3600).map(|span| settings.shutdown_timeout = span),
    },
    Setting {
        key: "max_body_bytes",
        name: "max-body-bytes",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "2097152",
        help: "Bytes in the body of a request, 1024 to 67108864; a larger one is answered 413",
        read: |settings, text| read::number(text, 1024, 64 << 20).map(|n| settings.max_body_bytes = n),
    },
    Setting {
        key: "answer_cache_bytes",
        name: "answer-cache-bytes",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "67108864",
        help: "Bytes of finished answers to readers that are kept in memory, 1048576 to 68719476736; 0 keeps none",
        read: |settings, text| {
            let bytes = if text.trim() == "0" {
                Ok(0)
            } else {
                read::number(text, 1 << 20, 64 << 30)
            };
            bytes.map(|bytes| settings.answer_cache_bytes = bytes)
        },
    },
    Setting {
        key: "cache_tag_headers",
        name: "cache-tag-headers",
        value: "NAME,…",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::Many,
        default: "none",
        help: "Headers beside Cache-Tag in which answers to readers carry their tags, for content networks that look \
               elsewhere: cache-groups, surrogate-key, edge-cache-tag, netlify-cache-tag, vercel-cache-tag",
        read: |settings, text| read::tag_headers(text).map(|headers| settings.cache_tag_headers = headers),
    },
    Setting {
        key: "secret_key",
        name: "secret-key",
        value: "TEXT",
        heading: SERVER,
        flag: Flag::Nowhere,
        shape: Shape::Secret,
        default: "made at the first start and kept in the database",
        help: "What tokens and cursors are signed with, 32 to 4096 bytes",
        read: |settings, text| {
            let expected = "give 32 to 4096 bytes, such as the output of `openssl rand -hex 32`";
            let key = super::SecretKey::new(text.as_bytes().to_vec()).ok_or(expected)?;
            settings.secret_key = Some(key);
            Ok(())
        },
    },
    Setting {
        key: "secret_key_file",
        name: "secret-key-file",
        value: "FILE",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "A file that holds the secret key (32 to 4096 bytes; a line end at its end does not count). \
               The key itself can be given as MASTHEAD_SECRET_KEY, never as a flag. Without either, one is made \
               at the first start and kept in the database",
        read: |settings, text| super::merge::secret_key_file(text).map(|key| settings.secret_key = Some(key)),
    },
    Setting {
        key: "previous_secret_key",
        name: "previous-secret-key",
        value: "TEXT",
        heading: SERVER,
        flag: Flag::Nowhere,
        shape: Shape::Secret,
        default: "none",
        help: "The secret key before the present one: what it signed is good still, so that changing the key logs \
               nobody out. After a quarter of an hour only second factors whose owners have not logged in since need it",
        read: |settings, text| {
            let expected = "give the 32 to 4096 bytes that the secret key was before";
            let key = super::SecretKey::new(text.as_bytes().to_vec()).ok_or(expected)?;
            settings.previous_secret_key = Some(key);
            Ok(())
        },
    },
    Setting {
        key: "previous_secret_key_file",
        name: "previous-secret-key-file",
        value: "FILE",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "A file that holds the secret key before the present one (MASTHEAD_PREVIOUS_SECRET_KEY); what it signed \
               is good still, so that changing the key logs nobody out",
        read: |settings, text| {
            super::merge::secret_key_file(text).map(|key| settings.previous_secret_key = Some(key))
        },
    },
    Setting {
        key: "default_locale",
        name: "default-locale",
        value: "TAG",
        heading: SITE,
        flag: Flag::Everywhere,
        shape: Shape::One,
        default: "en",
        help: "The locale of what names none: a language tag such as en or pt-BR",
        read: |settings, text| read::locale(text).map(|locale| settings.default_locale = locale),
    },
    Setting {
        key: "site_url",
        name: "site-url",
        value: "URL",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "Where readers find the site: https://www.example.org. Canonical links are this, the locale unless it is the default one, and the slug",
        read: |settings, text| read::site_url(text).map(|url| settings.site_url = Some(url)),
    },
    Setting {
        key: "api_url",
        name: "api-url",
        value: "URL",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "the site-url",
        help: "Where readers reach this service, for the links of feeds and sitemaps to themselves, if that is not \
               under the address of the site",
        read: |settings, text| read::site_url(text).map(|url| settings.api_url = Some(url)),
    },
    Setting {
        key: "site_title",
        name: "site-title",
        value: "TEXT",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "Masthead",
        help: "What the site is called, in feeds and link previews; at most 300 characters",
        read: |settings, text| read::line(text, 300).map(|title| settings.site_title = title),
    },
    Setting {
        key: "site_description",
        name: "site-description",
        value: "TEXT",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "",
        help: "What the site is about, in a line of at most 1000 characters",
        read: |settings, text| read::line(text, 1000).map(|line| settings.site_description = Some(line)),
    },
    Setting {
        key: "publisher_name",
        name: "publisher-name",
        value: "TEXT",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "",
        help: "Who publishes the site, if that is not its title; at most 300 characters",
        read: |settings, text| read::line(text, 300).map(|name| settings.publisher_name = Some(name)),
    },
    Setting {
        key: "publisher_logo_url",
        name: "publisher-logo-url",
        value: "URL",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "The publisher's logo: an absolute address, or a path of the site",
        read: |settings, text| read::address(text).map(|url| settings.publisher_logo_url = Some(url)),
    },
    Setting {
        key: "site_links",
        name: "site-links",
        value: "JSON",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::Json,
        default: "[]",
        help: "What the site's header and footer lead to, at most 50 links, as JSON: \
               [{\"label\":\"Contact\",\"url\":\"/contact\",\"rel\":\"contact\"}], where rel is optional. In the file it is an \
               array of tables",
        read: |settings, text| read::site_links(text).map(|links| settings.site_links = links),
    },
    Setting {
        key: "cors_origins",
        name: "cors-origins",
        value: "ORIGIN,…",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::Many,
        default: "none",
        help: "Sites whose scripts may call from a browser: exact origins, separated by commas or given one by one. \
               * lets every site read delivery, and never management",
        read: |settings, text| read::origins(text).map(|origins| settings.cors_origins = origins),
    },
    Setting {
        key: "delivery_requires_key",
        name: "delivery-requires-key",
        value: "BOOL",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::Switch,
        default: "false",
        help: "Whether readers need an API key too",
        read: |settings, text| read::switch(text).map(|on| settings.delivery_requires_key = on),
    },
    Setting {
        key: "max_event_listeners",
        name: "max-event-listeners",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "256",
        help: "Streams of events open at once, 0 to 65536; one more is answered 503",
        read: |settings, text| read::number(text, 0, 65_536).map(|n| settings.max_event_listeners = n),
    },
    Setting {
        key: "event_heartbeat_seconds",
        name: "event-heartbeat-seconds",
        value: "N",
        heading: SERVER,
        flag: Flag::Service,
        shape: Shape::One,
        default: "15",
        help: "How long a stream of events may be silent before a comment is sent, 1 to 300",
        read: |settings, text| read::seconds(text, 1, 300).map(|span| settings.event_heartbeat = span),
    },
    Setting {
        key: "changes_keep_days",
        name: "changes-keep-days",
        value: "DAYS",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "for ever",
        help: "How long the log of changes keeps entries that a later one supersedes or that tell of something gone, \
               1 to 36500; reading it from the beginning gives all that is published in any case",
        read: |settings, text| read::number(text, 1, 36_500).map(|n| settings.changes_keep_days = Some(n)),
    },
    Setting {
        key: "trash_keep_days",
        name: "trash-keep-days",
        value: "DAYS",
        heading: SITE,
        flag: Flag::Service,
        shape: Shape::One,
        default: "30",
        help: "How long what was deleted stays in the trash before it is purged, 1 to 36500; 0 purges nothing by itself",
        read: |settings, text| {
            read::number(text, 0, 36_500).map(|n| settings.trash_keep_days = Some(n).filter(|days| *days > 0))
        },
    },
    Setting {
        key: "log_format",
        name: "log-format",
        value: "FORMAT",
        heading: LOG,
        flag: Flag::Everywhere,
        shape: Shape::One,
        default: "text",
        help: "text for people, json for machines; the log goes to standard error",
        read: |settings, text| read::log_format(text).map(|format| settings.log_format = format),
    },
    Setting {
        key: "log_level",
        name: "log-level",
        value: "LEVEL",
        heading: LOG,
        flag: Flag::Everywhere,
        shape: Shape::One,
        default: "info,actix_server=warn,actix_http=off; error for commands that do not serve",
        help: "off, error, warn, info, debug or trace, or directives such as warn,masthead_api=debug",
        read: |settings, text| read::log_level(text).map(|level| settings.log_level = level),
    },
];

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
