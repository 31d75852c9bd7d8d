//! Addresses of links and images: which are safe, which are external, what `rel` they carry.

use url::{ParseError, Url};

/// The schemes a link may use besides having none.
pub(super) const LINK_SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Whether an address may stand in `href` or `src`.
///
/// The judgement is the URL standard's own, so that tabs, newlines and capitals inside a scheme
/// hide nothing; it is also the one the sanitiser makes later.
pub(super) fn is_safe(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => LINK_SCHEMES.contains(&url.scheme()),
        Err(ParseError::RelativeUrlWithoutBase) => true,
        Err(_) => false,
    }
}

/// Whether an image may be loaded from the address: as [`is_safe`], but nothing a browser cannot show.
pub(super) fn is_safe_image(address: &str) -> bool {
    is_safe(address) && Url::parse(address).map_or(true, |url| url.scheme().starts_with("http"))
}

/// Whether the address leads to another site, as far as the text alone can tell.
pub(super) fn is_external(address: &str) -> bool {
    if let Ok(url) = Url::parse(address) {
        return url.scheme().starts_with("http");
    }
    // A browser reads a leading pair of slashes, of either kind, as "another host".
    let ignored = |byte: &u8| !matches!(byte, b'\t' | b'\n' | b'\r');
    let start = address.trim_start().bytes().filter(ignored).take(2);
    start.filter(|byte| matches!(byte, b'/' | b'\\')).count() == 2
}

/// What an author may say about a link; everything else in `rel` is dropped.
const AUTHORS_RELATIONS: [&str; 10] = [
    "author",
    "external",
    "license",
    "me",
    "nofollow",
    "noopener",
    "noreferrer",
    "sponsored",
    "tag",
    "ugc",
];

/// The `rel` of a link, or nothing.
///
/// External links get `noopener`, so that they stay safe when a frontend opens them in a new tab.
/// They do not get `noreferrer` or `nofollow`: a publication wants the sites it links to to see
/// where readers come from, and links its editors chose are endorsements. What an author wrote
/// (`sponsored`, `nofollow`, `ugc` …) is kept.
pub(super) fn relation(address: &str, written: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in written.split_ascii_whitespace() {
        let known = AUTHORS_RELATIONS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(word));
        if let Some(known) = known.filter(|known| !words.contains(known)) {
            words.push(known);
        }
    }
    if is_external(address) && !words.contains(&"noopener") {
        words.push("noopener");
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_any_disguise_are_not_safe() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            " \u{1}javascript:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "data:image/svg+xml,x",
            "file:///etc/passwd",
            "blob:https://a/b",
        ] {
            assert!(!is_safe(address), "{address:?}");
        }
    }

    #[test]
    fn ordinary_addresses_are_safe() {
        for address in [
            "https://a.b",
            "/a",
            "a?b#c",
            "#c",
            "",
            "mailto:a@b.c",
            "tel:+41",
            "//a.b",
        ] {
            assert!(is_safe(address), "{address:?}");
        }
    }

    #[test]
    fn only_other_sites_are_external() {
        assert!(is_external("https://a.b"));
        assert!(is_external("//a.b"));
        assert!(is_external("\\\\a.b"));
        assert!(is_external("/\t/a.b"));
        assert!(!is_external("/a"));
        assert!(!is_external("mailto:a@b.c"));
        assert!(!is_external("#a"));
    }

    #[test]
    fn an_authors_relation_is_kept() {
        assert_eq!(relation("https://a.b", "Sponsored evil"), "sponsored noopener");
        assert_eq!(relation("/a", ""), "");
    }
}
