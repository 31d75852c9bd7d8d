//! Limits and shapes of the texts that people type.

use crate::error::{Refused, Violations};

/// Characters in a title, heading or name.
pub const TITLE_LIMIT: usize = 300;
/// Characters in a dek, excerpt, caption, description or alternative text.
pub const LINE_LIMIT: usize = 1_000;
/// Characters in a question.
pub const QUESTION_LIMIT: usize = 500;
/// Characters in an author's bio.
pub const BIO_LIMIT: usize = 5_000;
/// Characters in what is said with an act.
pub const NOTE_LIMIT: usize = 2_000;
/// Characters in an answer.
pub const ANSWER_LIMIT: usize = 20_000;
/// Characters in the body of one section.
pub const BODY_LIMIT: usize = 100_000;
/// Characters in an address.
pub const URL_LIMIT: usize = 2_000;

/// One line of text that says something: not blank, no control characters, at most `limit` characters.
pub fn line(text: String, limit: usize) -> Result<String, Refused> {
    if text.trim().is_empty() {
        return Err(Refused::new(
            "blank",
            "This must hold some text; leave the key out if there is none.",
        ));
    }
    if let Some(found) = text
        .chars()
        .find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(Refused::new(
            "invalid_character",
            format!(
                "This is one line of text; remove the character U+{:04X}.",
                u32::from(found)
            ),
        ));
    }
    within(text, limit)
}

/// Text of several lines: control characters other than tab and line ends are refused.
pub fn lines(text: String, limit: usize) -> Result<String, Refused> {
    if let Some(found) = text
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Refused::new(
            "invalid_character",
            format!("Remove the control character U+{:04X}.", u32::from(found)),
        ));
    }
    within(text, limit)
}

fn within(text: String, limit: usize) -> Result<String, Refused> {
    let length = text.chars().count();
    if length > limit {
        return Err(Refused::new(
            "too_long",
            format!("This has {length} characters; at most {limit} are kept."),
        ));
    }
    Ok(text)
}

/// Markdown of several lines that nests no deeper than rendering follows.
pub fn markdown(text: String, limit: usize) -> Result<String, Refused> {
    let text = lines(text, limit)?;
    crate::rendering::check(&text).map_err(|error| Refused::new("too_deep", error.to_string()))?;
    Ok(text)
}

/// An absolute `http` or `https` address, or a path on the site itself (`/…`).
pub fn address(text: String) -> Result<String, Refused> {
    let text = line(text, URL_LIMIT)?;
    let on_site = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    let spaced = text.contains(char::is_whitespace);
    let absolute = url::Url::parse(&text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty())
    });
    if spaced || !(on_site || absolute) {
        return Err(Refused::new(
            "invalid_url",
            "Give an absolute address that begins with https:// or http://, or a path that begins with one slash.",
        ));
    }
    Ok(text)
}

/// Applies a parser to a text that may be missing.
pub(crate) fn optional<T>(
    violations: &mut Violations,
    pointer: &str,
    text: Option<String>,
    parse: impl FnOnce(String) -> Result<T, Refused>,
) -> Option<T> {
    violations.take(pointer, parse(text?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_or_a_path_of_the_site() {
        for good in [
            "https://example.org/a?b#c",
            "http://localhost:8080/",
            "/media/a.jpg",
        ] {
            assert!(address(good.into()).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "ftp://x",
            "x",
            "https://",
            "https://a b",
            "",
        ] {
            assert!(address(bad.into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn nul_and_line_ends_do_not_pass_as_one_line() {
        assert_eq!(line("a\0b".into(), 10).unwrap_err().code, "invalid_character");
        assert_eq!(line("a\nb".into(), 10).unwrap_err().code, "invalid_character");
        assert_eq!(line(" \t".into(), 10).unwrap_err().code, "blank");
        assert_eq!(lines("a\0".into(), 10).unwrap_err().code, "invalid_character");
        assert!(lines("a\r\n\tb".into(), 10).is_ok());
    }

    #[test]
    fn limits_count_characters_and_not_bytes() {
        assert!(line("é".repeat(10), 10).is_ok());
        assert_eq!(line("é".repeat(11), 10).unwrap_err().code, "too_long");
    }
}
