//! The settings as flags of the command line, with their documentation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::table::{Flag, Setting, Shape, settings};

/// The flags that were given, as text.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    config: Option<PathBuf>,
    given: BTreeMap<&'static str, String>,
}

impl Flags {
    /// The text given for a setting.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }

    /// The configuration file.
    pub(super) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Adds those of another group.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.given
            .extend(other.given.iter().map(|(key, text)| (*key, text.clone())));
        Self {
            config: self.config.or_else(|| other.config.clone()),
            ..self
        }
    }

    /// One more, as if it stood on the command line.
    #[cfg(test)]
    pub(super) fn with(mut self, key: &'static str, text: &str) -> Self {
        self.given.insert(key, text.to_owned());
        self
    }

    /// As if a file were named on the command line.
    #[cfg(test)]
    pub(super) fn in_file(self, path: &Path) -> Self {
        Self {
            config: Some(path.to_owned()),
            ..self
        }
    }

    fn of(flag: Flag, matches: &ArgMatches) -> Self {
        let settings = settings().filter(|setting| setting.flag == flag);
        let given = settings.filter_map(|setting| {
            let values = matches.get_many::<String>(setting.key)?;
            Some((setting.key, values.cloned().collect::<Vec<_>>().join(",")))
        });
        Self {
            config: None,
            given: given.collect(),
        }
    }
}

/// Flags that every command has.
#[derive(Debug, Clone, Default)]
pub struct CommonFlags(pub Flags);

/// Flags of the commands that serve.
#[derive(Debug, Clone, Default)]
pub struct ServiceFlags(pub Flags);

impl Args for CommonFlags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .global(true)
            .help_heading("Configuration")
            .help(
                "A TOML file with settings by their keys; unknown keys are refused. A flag goes before the \
                 environment, the environment before the file.\n[env: MASTHEAD_CONFIG] [default: none]",
            );
        arguments(Flag::Everywhere).fold(command.arg(config), |command, argument| {
            command.arg(argument.global(true))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CommonFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let config = matches.get_one::<PathBuf>("config").cloned();
        Ok(Self(Flags {
            config,
            ..Flags::of(Flag::Everywhere, matches)
        }))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for ServiceFlags {
    fn augment_args(command: Command) -> Command {
        arguments(Flag::Service).fold(command, Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServiceFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(Flags::of(Flag::Service, matches)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn arguments(flag: Flag) -> impl Iterator<Item = Arg> {
    settings()
        .filter(move |setting| setting.flag == flag)
        .map(argument)
}

/// Values stay texts here: the one place that reads them knows where each came from.
fn argument(setting: &Setting) -> Arg {
    let default = Some(setting.default).filter(|text| !text.is_empty());
    let argument = Arg::new(setting.key)
        .long(setting.name)
        .value_name(setting.value)
        .help_heading(setting.heading)
        .help(format!(
            "{}.\n[env: {}] [file: {}] [default: {}]",
            setting.help,
            setting.variable(),
            setting.key,
            default.unwrap_or("none")
        ));
    match setting.shape {
        Shape::One | Shape::Secret | Shape::Json => argument,
        Shape::Many => argument.action(ArgAction::Append),
        Shape::Switch => argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
    }
}
