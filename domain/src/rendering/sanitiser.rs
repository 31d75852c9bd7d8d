//! The sanitiser, set up to enforce the policy on everything the renderer writes.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use ammonia::Builder;

use super::{links, policy};

/// Removes everything that is not on the list, and puts `prefix` in front of every id and of every
/// link to one of `ids`.
///
/// The renderer writes only what the list allows, so on a good day this changes nothing but the
/// ids. It is a second wall, built by other people on a browser's own parsing rules.
pub(super) fn sanitise(html: &str, prefix: &str, ids: BTreeSet<String>) -> String {
    let mut builder = Builder::empty();
    builder
        .tags(policy::ELEMENTS.into_iter().chain(["input"]).collect())
        .clean_content_tags(policy::WITH_CONTENT.into_iter().collect())
        .generic_attributes(policy::EVERYWHERE.into_iter().collect())
        .tag_attributes(every_attribute())
        .allowed_classes(HashMap::from([
            ("section", HashSet::from(["footnotes"])),
            ("sup", HashSet::from(["footnote-ref"])),
            ("a", HashSet::from(["footnote-backref"])),
        ]))
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "")
        .set_tag_attribute_value("img", "loading", "lazy")
        .url_schemes(links::LINK_SCHEMES.into_iter().collect())
        .link_rel(None);
    let prefix = prefix.to_owned();
    builder
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value, &prefix, &ids));
    builder.clean(&divided(html)).to_string()
}

/// The longest run of text the sanitiser gets in one piece, in bytes.
const LONGEST_RUN: usize = 1024;

/// No character reference is longer, so none is torn apart.
const LONGEST_REFERENCE: usize = 40;

/// Puts empty comments, which the sanitiser removes, into long runs of text.
///
/// Its serialiser takes quadratic time over the ampersands and no-break spaces of one run of text.
fn divided(html: &str) -> Cow<'_, str> {
    if html.split('<').all(|piece| piece.len() <= LONGEST_RUN) {
        return Cow::Borrowed(html);
    }
    let mut divided = String::with_capacity(html.len() + html.len() / 64);
    let (mut in_tag, mut run, mut since_ampersand) = (false, 0, 0);
    for character in html.chars() {
        let gap = character == '&' || since_ampersand > LONGEST_REFERENCE;
        if !in_tag && run >= LONGEST_RUN && gap {
            divided.push_str("<!---->");
            run = 0;
        }
        match character {
            '<' => (in_tag, run) = (true, 0),
            '>' if in_tag => (in_tag, run) = (false, 0),
            _ => run += character.len_utf8(),
        }
        since_ampersand = if character == '&' { 0 } else { since_ampersand + 1 };
        divided.push(character);
    }
    Cow::Owned(divided)
}

fn every_attribute() -> HashMap<&'static str, HashSet<&'static str>> {
    let mut every: HashMap<_, HashSet<_>> = policy::ELEMENTS
        .into_iter()
        .map(|element| (element, policy::attributes(element).iter().copied().collect()))
        .collect();
    let ours: [(&str, &[&str]); 3] = [
        ("section", &["data-footnotes"]),
        ("input", &["checked", "disabled", "type"]),
        (
            "a",
            &[
                "aria-label",
                "data-footnote-backref",
                "data-footnote-backref-idx",
                "data-footnote-ref",
            ],
        ),
    ];
    for (element, attributes) in ours {
        every.entry(element).or_default().extend(attributes);
    }
    every
}

/// Looks at one attribute the list allows by name.
fn filter<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    prefix: &str,
    ids: &BTreeSet<String>,
) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        (_, "id") => Some(Cow::Owned(format!("{prefix}-{value}"))),
        ("a", "href") => match value.strip_prefix('#') {
            Some(target) if ids.contains(target) => Some(Cow::Owned(format!("#{prefix}-{target}"))),
            _ => Some(Cow::Borrowed(value)),
        },
        ("code", "class") => policy::is_language(value).then_some(Cow::Borrowed(value)),
        ("input", _) => Some(Cow::Borrowed(value)),
        _ if policy::attributes(element).contains(&attribute) => {
            policy::allows(element, attribute, value).then_some(Cow::Borrowed(value))
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        sanitise(html, "s1", BTreeSet::from(["here".to_owned()]))
    }

    #[test]
    fn the_sanitiser_alone_stops_scripts() {
        for html in [
            "<script>alert(1)</script>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<a href=\"java\nscript:alert(1)\" onclick=alert(1)></a>",
            "<form action=javascript:alert(1)><input formaction=javascript:alert(1)>",
            "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
            "<p style=\"background:url(javascript:alert(1))\">",
        ] {
            let out = clean(html);
            assert!(!out.contains("alert"), "{out}");
        }
    }

    #[test]
    fn long_runs_of_text_come_out_whole() {
        for piece in ["&amp;", "&lt;", "a", "潮", "a &amp; b "] {
            let html = format!("<p>{}</p>", piece.repeat(5000));
            assert_eq!(clean(&html), html);
        }
    }

    #[test]
    fn ids_and_links_to_them_are_prefixed() {
        assert_eq!(
            clean("<p id=\"here\"></p><a href=\"#here\"></a><a href=\"#page\"></a>"),
            "<p id=\"s1-here\"></p><a href=\"#s1-here\"></a><a href=\"#page\"></a>"
        );
    }

    #[test]
    fn a_checkbox_can_only_be_a_disabled_one() {
        let out = clean("<input type=text name=x checked>");
        assert!(
            out.contains("type=\"checkbox\"") && out.contains("disabled"),
            "{out}"
        );
        assert!(!out.contains("name"), "{out}");
    }
}
