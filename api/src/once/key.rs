//! The value of `Idempotency-Key`: a text in quotes (RFC 9651), or the bare text.

use actix_web::http::header::HeaderMap;
use masthead_openapi::problem::ProblemCode;

use super::about_key;
use crate::error::ApiError;

/// The header.
pub const HEADER: &str = "idempotency-key";
/// Characters in a key.
const LONGEST: usize = 255;

/// The key that a request carries.
pub fn read(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut given = headers.get_all(HEADER);
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(malformed("duplicate"));
    };
    let text = value.to_str().ok().map(str::trim);
    let key = text.and_then(|text| match text.strip_prefix('"') {
        Some(rest) => unquoted(rest),
        None => bare(text),
    });
    key.filter(|key| (1..=LONGEST).contains(&key.len()))
        .ok_or_else(|| malformed("invalid_format"))
}

fn is_printable(letter: char) -> bool {
    matches!(letter, ' '..='~')
}

/// Two headers that something on the way has joined are two keys.
fn bare(text: &str) -> Option<String> {
    let is_one = text
        .chars()
        .all(|letter| is_printable(letter) && !matches!(letter, '"' | ','));
    is_one.then(|| text.to_owned())
}

/// The rest of a text whose first quote was read.
fn unquoted(rest: &str) -> Option<String> {
    let mut key = String::new();
    let mut letters = rest.chars();
    loop {
        match letters.next()? {
            '"' => return letters.as_str().is_empty().then_some(key),
            '\\' => key.push(letters.next().filter(|letter| matches!(letter, '"' | '\\'))?),
            letter if is_printable(letter) => key.push(letter),
            _ => return None,
        }
    }
}

fn malformed(word: &str) -> ApiError {
    let message = "`Idempotency-Key` is one text of 1 to 255 printable characters of ASCII, such as a UUID; in quotes \
                   where it holds a comma or a quote.";
    about_key(ProblemCode::InvalidHeader, word, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn read_from(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(HEADER), value);
        }
        read(&headers).ok()
    }

    #[test]
    fn a_key_is_a_quoted_text_or_a_bare_one() {
        let long = "k".repeat(255);
        for (value, key) in [
            ("abc", "abc"),
            (
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
            ),
            (r#""abc""#, "abc"),
            (r#"  "a, \"b\" \\"  "#, r#"a, "b" \"#),
            ("a b/c:d=e;f", "a b/c:d=e;f"),
            (&long, &long),
        ] {
            assert_eq!(read_from(&[value]).as_deref(), Some(key), "{value}");
        }
    }

    #[test]
    fn what_is_no_one_key_is_refused() {
        let (long, quoted) = ("k".repeat(256), format!("\"{}\"", "k".repeat(256)));
        for value in [
            "", " ", "\"\"", "\"", "\"a", "a\"", "\"a\"b", "\"a\\b\"", "a,b", "a, b", "ü", "a\tb", &long,
            &quoted,
        ] {
            assert_eq!(read_from(&[value]), None, "{value}");
        }
        assert_eq!(read_from(&["a", "a"]), None);
        assert_eq!(read_from(&[]), None);
    }
}
