//! Character references of HTML (`&amp;`, `&#233;`, `&eacute;`) and escaping.

use std::borrow::Cow;
use std::collections::BTreeMap;

use comrak::{Arena, Options, parse_document};

/// The longest name of a character reference, with `&` and `;`.
const LONGEST: usize = 33;

/// The text a piece of HTML text stands for; unknown references stay as they are.
pub(super) fn decode(html: &str) -> Cow<'_, str> {
    if !html.contains('&') {
        return Cow::Borrowed(html);
    }
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('&') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = reference_end(rest);
        let (reference, after) = rest.split_at(end);
        if reference.len() > 2 {
            text.push_str(known.entry(reference).or_insert_with(|| lookup(reference)));
        } else {
            text.push_str(reference);
        }
        rest = after;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Where the reference at the start ends; 1 (only the `&`) if none stands there.
fn reference_end(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let length = bytes[1..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| name(byte))
        .count();
    if length > 0 && bytes.get(length + 1) == Some(&b';') {
        length + 2
    } else {
        1
    }
}

/// What one reference stands for. Markdown reads the same references as HTML, so the Markdown
/// parser's table answers.
fn lookup(reference: &str) -> String {
    let arena = Arena::new();
    let text = parse_document(&arena, reference, &Options::default()).collect_text();
    if text.is_empty() {
        reference.to_owned()
    } else {
        text
    }
}

/// Escapes a text for use as HTML text or inside a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape_into(&mut html, text, true);
    html
}

/// Escapes a piece of HTML whose character references are to be kept.
pub(super) fn escape_markup(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    escape_into(&mut escaped, html, false);
    escaped
}

fn escape_into(html: &mut String, text: &str, ampersands: bool) {
    for character in text.chars() {
        match character {
            '&' if ampersands => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded() {
        assert_eq!(
            decode("a &amp; b &eacute; &#x6a;&colon; &nope; & &;"),
            "a & b é j: &nope; & &;"
        );
        assert_eq!(decode("&nbsp;x"), "\u{a0}x");
    }

    #[test]
    fn endless_references_are_decoded_quickly() {
        assert_eq!(decode(&"&eacute;".repeat(50_000)).chars().count(), 50_000);
        assert_eq!(decode(&"&".repeat(200_000)).len(), 200_000);
    }
}
