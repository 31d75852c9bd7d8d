//! E-mail addresses, as far as a login needs them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Refused;

/// `local@domain`, at most 254 characters, kept in lower case so that one person has one account.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || {
            Refused::new(
                "invalid_email",
                "Give an e-mail address such as `name@example.org`.",
            )
        };
        let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
        let label = |l: &str| {
            !l.is_empty()
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let fits = text.len() <= 254 && (1..=64).contains(&local.len()) && local.chars().all(plain);
        if !fits || local.starts_with('.') || local.ends_with('.') || !domain.split('.').all(label) {
            return Err(refused());
        }
        Ok(Self(text.to_lowercase()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for good in ["a@b", "ada@example.org", "Ada.L+x@Example.org", "ü@exämple.de"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "a", "@b", "a@", "a b@c", "a@b@c", "a@-b", "a@b..c", "a\0@b", ".a@b",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Email::parse("Ada@Example.ORG").unwrap().as_str(),
            "ada@example.org"
        );
    }
}
