//! Locales: BCP 47 language tags in their canonical spelling.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Refused;

/// `language[-Script][-REGION][-variant…]`, at most 35 characters, in canonical case: `pt-BR`, `zh-Hant-TW`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

impl Locale {
    /// Reads a tag in any case.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        canonical(text).map(Self).ok_or_else(|| {
            Refused::new(
                "invalid_locale",
                "A locale is a language tag of BCP 47, such as `en`, `pt-BR` or `zh-Hant`.",
            )
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn canonical(text: &str) -> Option<String> {
    if text.len() > 35 || !text.is_ascii() {
        return None;
    }
    let mut parts = text.split('-');
    let language = parts
        .next()
        .filter(|p| (2..=3).contains(&p.len()) && letters(p))?;
    let mut out = language.to_ascii_lowercase();
    // Script, region and variants each stand after the one before: a part may only raise the stage.
    let mut stage = 0;
    for part in parts {
        let (next, spelled) = match part.len() {
            4 if letters(part) => (1, titlecase(part)),
            2 if letters(part) => (2, part.to_ascii_uppercase()),
            3 if part.bytes().all(|b| b.is_ascii_digit()) => (2, part.to_owned()),
            4 if part.as_bytes()[0].is_ascii_digit() && alphanumeric(part) => (3, part.to_ascii_lowercase()),
            5..=8 if alphanumeric(part) => (3, part.to_ascii_lowercase()),
            _ => return None,
        };
        if next < stage || (next == stage && next != 3) {
            return None;
        }
        stage = next;
        out.push('-');
        out.push_str(&spelled);
    }
    Some(out)
}

fn letters(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn alphanumeric(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn titlecase(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    let (first, rest) = lower.split_at(1);
    format!("{}{rest}", first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_gets_its_canonical_spelling() {
        for (given, kept) in [
            ("en", "en"),
            ("EN-us", "en-US"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
        ] {
            assert_eq!(Locale::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_language_tag_is_refused() {
        for bad in [
            "",
            "e",
            "english",
            "en_US",
            "en-",
            "-en",
            "en-US-Latn",
            "en-US-GB",
            "en us",
            "en/..",
            "ён",
            "en-x",
        ] {
            assert!(Locale::parse(bad).is_err(), "{bad}");
        }
    }
}
