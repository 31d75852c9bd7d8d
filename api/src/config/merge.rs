//! Flags over environment over file over defaults; everything that is wrong is said at once.

use std::ffi::OsStr;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::Value;

use super::table::{self, Setting, Shape};
use super::{DatabaseUrl, Environment, Flags, SecretKey, SecretText, Settings, SmtpUrl};

/// The variable that names the file.
const CONFIG: &str = "MASTHEAD_CONFIG";

/// Bytes of a configuration file.
const FILE_LIMIT: u64 = 1024 * 1024;

/// What came of reading the configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// What looks like a slip and is none for certain.
    pub notices: Vec<String>,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// One sentence for each, with the place and what to do.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n       "))
    }
}

impl Settings {
    /// Merges what was given over `defaults`.
    pub fn load(defaults: Self, flags: &Flags, environment: &Environment) -> Result<Loaded, ConfigError> {
        let mut problems = Vec::new();
        let file = File::find(flags, environment, &mut problems);
        let mut settings = Self {
            secret_key: None,
            ..defaults
        };
        let default_url = settings.database_url.clone();
        let mut from = Vec::new();
        for setting in table::settings() {
            let Some(given) = given(setting, flags, environment, &file, &mut problems) else {
                continue;
            };
            from.push(setting.key);
            if let Err(expected) = (setting.read)(&mut settings, &given.text) {
                problems.push(given.refused(setting, &expected));
            }
        }
        if from.contains(&"secret_key") && from.contains(&"secret_key_file") {
            problems.push("secret_key and secret_key_file are both given; give one of them.".to_owned());
        }
        if from.contains(&"oidc_client_secret") && from.contains(&"oidc_client_secret_file") {
            problems.push(
                "oidc_client_secret and oidc_client_secret_file are both given; give one of them.".to_owned(),
            );
        }
        if settings.oidc_issuer.is_some()
            && (settings.oidc_client_id.is_none() || settings.oidc_redirect_url.is_none())
        {
            problems
                .push("oidc_issuer needs oidc_client_id and oidc_redirect_url; give all three.".to_owned());
        }
        if settings.oidc_issuer.is_some()
            && settings.oidc_roles.is_empty()
            && settings.oidc_default_role.is_none()
        {
            problems.push(
                "nobody whom oidc_issuer knows would have a role; give oidc_roles or oidc_default_role."
                    .to_owned(),
            );
        }
        if from.contains(&"smtp_url") && from.contains(&"smtp_url_file") {
            problems.push("smtp_url and smtp_url_file are both given; give one of them.".to_owned());
        }
        if settings.smtp_url.is_some() && settings.mail_from.is_none() {
            problems.push("mail_from is missing; give whom mail is from.".to_owned());
        }
        if settings.tls_certificate.is_some() != settings.tls_key.is_some() {
            problems.push("tls_certificate and tls_key go together; give both or none of them.".to_owned());
        }
        if settings.database_url == default_url && !from.contains(&"database_url") {
            settings.database_url = DatabaseUrl::in_dir(&settings.data_dir);
        }
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        Ok(Loaded {
            settings,
            notices: notices(environment),
        })
    }
}

/// The text of a setting and where it stood.
struct Given {
    text: String,
    place: String,
}

impl Given {
    fn refused(&self, setting: &Setting, expected: &str) -> String {
        if setting.shape == Shape::Secret {
            format!("{}: {expected}.", self.place)
        } else {
            format!("{} is `{}`: {expected}.", self.place, self.text)
        }
    }
}

/// The foremost place that names a setting.
fn given(
    setting: &Setting,
    flags: &Flags,
    environment: &Environment,
    file: &File,
    problems: &mut Vec<String>,
) -> Option<Given> {
    if let Some(text) = flags.get(setting.key) {
        return Some(Given {
            text: text.to_owned(),
            place: format!("--{}", setting.name),
        });
    }
    match environment.get(&setting.variable()) {
        Some(value) => in_environment(setting, value, problems),
        None => in_file(setting, file, problems),
    }
}

fn in_environment(setting: &Setting, value: &OsStr, problems: &mut Vec<String>) -> Option<Given> {
    let place = setting.variable();
    match value.to_str() {
        Some("") => problems.push(format!("{place} is set and empty: give it a value, or unset it.")),
        Some(text) => {
            return Some(Given {
                text: text.to_owned(),
                place,
            });
        }
        None => problems.push(format!("{place} is not UTF-8: write it anew.")),
    }
    None
}

fn in_file(setting: &Setting, file: &File, problems: &mut Vec<String>) -> Option<Given> {
    let value = file.table.get(setting.key)?;
    let place = format!("`{}` in {}", setting.key, file.path.display());
    let text = text_of(value, setting.shape);
    if text.is_none() {
        let expected = match setting.shape {
            Shape::Many => "a text or an array of texts",
            Shape::Json => "an array of tables",
            Shape::One | Shape::Switch | Shape::Secret => "one value",
        };
        problems.push(format!("{place} is {}: give {expected}.", value.type_str()));
    }
    text.map(|text| Given { text, place })
}

fn text_of(value: &Value, shape: Shape) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(on) => Some(on.to_string()),
        Value::Array(items) if shape == Shape::Many => items
            .iter()
            .map(Value::as_str)
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(",")),
        Value::Array(_) if shape == Shape::Json => serde_json::to_string(value).ok(),
        _ => None,
    }
}

/// The configuration file, empty where there is none.
#[derive(Default)]
struct File {
    path: PathBuf,
    table: toml::Table,
}

impl File {
    fn find(flags: &Flags, environment: &Environment, problems: &mut Vec<String>) -> Self {
        let named = flags
            .config()
            .map(Path::to_owned)
            .or_else(|| environment.get(CONFIG).map(PathBuf::from));
        let Some(path) = named else { return Self::default() };
        match Self::read(&path) {
            Ok(file) => {
                problems.extend(file.unknown_keys());
                file
            }
            Err(problem) => {
                problems.push(problem);
                Self::default()
            }
        }
    }

    fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let bytes = read_limited(path, FILE_LIMIT).map_err(|error| {
            format!("The configuration file {shown} cannot be read ({error}): give the path of a file.")
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| format!("The configuration file {shown} is not UTF-8: save it as UTF-8."))?;
        let table = text.parse::<toml::Table>().map_err(|error| {
            // The message alone: an excerpt of the file could show a secret.
            let line = error
                .span()
                .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            format!(
                "{shown}, line {line}: {}; the file is TOML, `key = \"value\"` on each line.",
                error.message()
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            table,
        })
    }

    fn unknown_keys(&self) -> impl Iterator<Item = String> {
        let known: Vec<_> = table::settings().map(|setting| setting.key).collect();
        let unknown = self
            .table
            .keys()
            .filter(|key| !table::settings().any(|setting| setting.key == *key));
        unknown.map(move |key| {
            let list = known.join(", ");
            format!(
                "`{key}` in {} is no setting; the settings are {list}.",
                self.path.display()
            )
        })
    }
}

/// The whole of a file that is not too large.
fn read_limited(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(std::io::Error::other(format!("it has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// The key in a file, without the line end that editors put there.
pub(super) fn secret_key_file(path: &str) -> Result<SecretKey, String> {
    let limit = SecretKey::MOST as u64 + 2;
    let mut bytes =
        read_limited(Path::new(path), limit).map_err(|error| format!("it cannot be read ({error})"))?;
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    SecretKey::new(bytes).ok_or_else(|| {
        "it must hold 32 to 4096 bytes, such as the output of `openssl rand -hex 32`".to_owned()
    })
}

/// A secret from a file that holds nothing else.
pub(super) fn secret_text_file(path: &str) -> Result<SecretText, String> {
    let bytes =
        read_limited(Path::new(path), 8_192).map_err(|error| format!("it cannot be read ({error})"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it must hold a text in UTF-8".to_owned())?;
    SecretText::new(text.trim()).ok_or_else(|| "it must hold 1 to 4096 bytes".to_owned())
}

/// The address of a mail server from a file that holds nothing else.
pub(super) fn smtp_url_file(path: &str) -> Result<SmtpUrl, String> {
    let bytes =
        read_limited(Path::new(path), 4_096).map_err(|error| format!("it cannot be read ({error})"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it must hold an address in UTF-8".to_owned())?;
    smtp_url(text.trim())
}

/// The address of a mail server.
pub(super) fn smtp_url(text: &str) -> Result<SmtpUrl, String> {
    SmtpUrl::new(text).ok_or_else(|| {
        "give smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST:587?tls=required, or smtp://localhost for a \
         relay on this machine; special characters of the password percent-encoded"
            .to_owned()
    })
}

fn notices(environment: &Environment) -> Vec<String> {
    let known: Vec<_> = table::settings()
        .map(Setting::variable)
        .chain([CONFIG.to_owned()])
        .collect();
    let unknown = environment.unknown(&known);
    unknown
        .map(|name| format!("{name} is set and is no setting; see `masthead serve --help`."))
        .collect()
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
