//! Slugs: the part of an address that names a thing in words.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::error::Refused;

/// Lower-case letters and digits of any script, joined by single hyphens; 1 to 96 characters, NFKC.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Characters in a slug.
    pub const LIMIT: usize = 96;

    /// Reads a slug; a refusal offers the nearest text that would be one.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let count = text.chars().count();
        if count == 0 || count > Self::LIMIT {
            return Err(Refused::new(
                "invalid_slug",
                format!("A slug has 1 to {} characters, this has {count}.", Self::LIMIT),
            ));
        }
        if is_slug(text) {
            return Ok(Self(text.to_owned()));
        }
        let near = crate::rendering::slugify(text);
        let hint = if near.is_empty() {
            String::new()
        } else {
            format!(" `{near}` would do.")
        };
        Err(Refused::new(
            "invalid_slug",
            format!("A slug is made of lower-case letters and digits, joined by single hyphens.{hint}"),
        ))
    }

    /// The slug a title suggests; `fallback` where nothing of the title can stand in one.
    #[must_use]
    pub fn suggest(title: &str, fallback: &str) -> Self {
        let made = crate::rendering::slugify(title);
        Self(if is_slug(&made) { made } else { fallback.to_owned() })
    }

    /// The same with a number behind it, cut where it would get too long: `tides-2`.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let tail = format!("-{number}");
        let head: String = self.0.chars().take(Self::LIMIT - tail.len()).collect();
        Self(format!("{}{tail}", head.trim_end_matches('-')))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c == '-' || is_slug_letter(c))
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        // What is ASCII has one form only.
        && (text.is_ascii() || text.nfkc().eq(text.chars()))
        && text.chars().count() <= Slug::LIMIT
}

/// Letters, digits and the marks that scripts like Devanagari write vowels with.
fn is_slug_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    (c.is_alphanumeric() && c.to_lowercase().eq([c])) || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_words_joined_by_hyphens() {
        for good in ["why-tides-turn", "a", "2024", "été", "你好-世界", "हिन्दी"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "A", "a b", "a/b", "..", "a--b", "-a", "a-", "a_b", "a%2fb", "ﬁ", "a\u{0}", "a.b", "É",
        ] {
            assert_eq!(Slug::parse(bad).unwrap_err().code, "invalid_slug", "{bad}");
        }
        assert!(Slug::parse(&"a".repeat(97)).is_err());
    }

    #[test]
    fn a_refusal_offers_a_slug() {
        assert!(
            Slug::parse("Why Tides Turn")
                .unwrap_err()
                .message
                .contains("`why-tides-turn`")
        );
    }

    #[test]
    fn a_number_keeps_a_long_slug_within_its_limit() {
        let long = Slug::parse(&"a".repeat(96)).unwrap().numbered(12);
        assert_eq!(long.as_str().len(), 96);
        assert!(long.as_str().ends_with("a-12"));
    }
}
