//! The variables of the process that are ours.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every one of our variables begins with.
pub(super) const PREFIX: &str = "MASTHEAD_";

/// Beginnings that are not ours although they look so: the tests' own, and what Kubernetes sets for a service
/// that is called masthead.
const OTHERS: &[&str] = &["MASTHEAD_TEST_", "MASTHEAD_SERVICE_", "MASTHEAD_PORT"];

/// The variables that begin with `MASTHEAD_`.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads the environment"
        )]
        let all = std::env::vars_os();
        Self::of(all.filter_map(|(name, value)| Some((name.into_string().ok()?, value))))
    }

    /// Given ones.
    pub fn of<N: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let ours = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self(ours.filter(|(name, _)| name.starts_with(PREFIX)).collect())
    }

    /// The value of a variable, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name)
    }

    /// Names that are set and that nobody knows.
    pub(super) fn unknown<'a>(&'a self, known: &'a [String]) -> impl Iterator<Item = &'a str> {
        let names = self.0.keys().map(String::as_str);
        names.filter(|name| {
            !known.iter().any(|known| known == name) && !OTHERS.iter().any(|other| name.starts_with(other))
        })
    }
}
