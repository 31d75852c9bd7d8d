//! The command line: `--name value`, each known, none twice.

use std::collections::BTreeMap;
use std::str::FromStr;

/// What goes wrong here is told to a person, in a sentence.
pub type Outcome<T> = Result<T, String>;

/// The flags of one command.
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Reads flags; one that is not in `known` is refused.
    pub fn read(given: impl Iterator<Item = String>, known: &[&str]) -> Outcome<Self> {
        let mut flags = BTreeMap::new();
        let mut given = given.into_iter();
        while let Some(flag) = given.next() {
            let name = flag
                .strip_prefix("--")
                .filter(|name| known.contains(name))
                .ok_or_else(|| format!("{flag} is not one of: --{}", known.join(" --")))?;
            let value = given.next().ok_or_else(|| format!("{flag} needs a value"))?;
            if flags.insert(name.to_owned(), value).is_some() {
                return Err(format!("{flag} stands twice"));
            }
        }
        Ok(Self(flags))
    }

    /// A flag that may be left out.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A flag that has to be there.
    pub fn need(&self, name: &str) -> Outcome<&str> {
        self.get(name).ok_or_else(|| format!("--{name} is missing"))
    }

    /// A number, or what it is where nobody said.
    pub fn number<N: FromStr>(&self, name: &str, otherwise: N) -> Outcome<N> {
        match self.get(name) {
            None => Ok(otherwise),
            Some(text) => text
                .parse()
                .map_err(|_| format!("--{name} is {text}, which is no number for it")),
        }
    }
}

/// Turns any error into a sentence that says what was being done.
pub trait Doing<T> {
    /// `doing` is what the sentence begins with.
    fn doing(self, doing: &str) -> Outcome<T>;
}

impl<T, E: std::fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, doing: &str) -> Outcome<T> {
        self.map_err(|error| format!("{doing}: {error}"))
    }
}
