//! The one list of HTML that may leave the renderer.

use super::links;

/// Elements an author may write as raw HTML inside Markdown.
pub(super) const ELEMENTS: [&str; 65] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
    "data",
    "section",
    "aside",
];

/// Elements that go together with everything inside them.
pub(super) const WITH_CONTENT: [&str; 17] = [
    "applet", "audio", "canvas", "iframe", "math", "noembed", "noframes", "noscript", "object", "script",
    "select", "style", "svg", "template", "textarea", "title", "video",
];

/// Elements that have neither content nor an end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Elements a `p` cannot hold: their start ends it.
const ENDS_PARAGRAPH: [&str; 23] = [
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
    "li",
    "dd",
];

/// Attributes of every element.
pub(super) const EVERYWHERE: [&str; 4] = ["dir", "id", "lang", "title"];

/// The listed spelling of an element an author may write, or nothing.
pub(super) fn element(name: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|known| *known == name)
}

/// Whether the element is removed together with its content.
pub(super) fn goes_with_content(name: &str) -> bool {
    WITH_CONTENT.contains(&name)
}

/// Whether the element has no end tag.
pub(super) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Whether the start of `next` ends an open `open` of itself, as in HTML where `</li>` is optional.
pub(super) fn ends_implicitly(open: &str, next: &str) -> bool {
    match open {
        "p" => ENDS_PARAGRAPH.contains(&next),
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "tbody" | "tfoot" | "thead"),
        "tr" => matches!(next, "tr" | "tbody" | "tfoot" | "thead"),
        "thead" | "tbody" | "tfoot" => matches!(next, "tbody" | "tfoot" | "thead"),
        "caption" | "colgroup" => matches!(next, "thead" | "tbody" | "tfoot" | "tr" | "colgroup"),
        "rt" | "rp" => matches!(next, "rt" | "rp"),
        _ => false,
    }
}

/// Attributes of one element, besides those of every element.
pub(super) fn attributes(element: &str) -> &'static [&'static str] {
    match element {
        "a" => &["href", "hreflang", "rel"],
        "img" => &["alt", "height", "src", "width"],
        "td" => &["align", "colspan", "rowspan"],
        "th" => &["align", "colspan", "rowspan", "scope"],
        "col" | "colgroup" => &["span"],
        "ol" => &["reversed", "start", "type"],
        "li" | "data" => &["value"],
        "time" => &["datetime"],
        "del" | "ins" => &["cite", "datetime"],
        "blockquote" | "q" => &["cite"],
        "code" => &["class"],
        "details" => &["open"],
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &["align"],
        _ => &[],
    }
}

/// The longest value of an attribute, in bytes. The sanitiser takes quadratic time over one value.
pub(super) const LONGEST_VALUE: usize = 4096;

/// Whether an author may write this attribute with this value.
pub(super) fn allows(element: &str, attribute: &str, value: &str) -> bool {
    if value.len() > LONGEST_VALUE {
        return false;
    }
    if !EVERYWHERE.contains(&attribute) && !attributes(element).contains(&attribute) {
        return false;
    }
    match (element, attribute) {
        ("data", "value") => true,
        ("img", "src") => links::is_safe_image(value),
        (_, "href" | "cite") => links::is_safe(value),
        (_, "dir") => is_word_of(value, &["auto", "ltr", "rtl"]),
        (_, "align") => is_word_of(value, &["center", "justify", "left", "right"]),
        (_, "scope") => is_word_of(value, &["col", "colgroup", "row", "rowgroup"]),
        (_, "type") => ["1", "a", "A", "i", "I"].contains(&value),
        (_, "class") => is_language(value),
        (_, "colspan" | "rowspan" | "span") => is_number(value, 3),
        (_, "width" | "height") => is_number(value.strip_suffix('%').unwrap_or(value), 5),
        (_, "start" | "value") => is_number(value.strip_prefix('-').unwrap_or(value), 9),
        (_, "id") => !value.is_empty() && !value.contains(char::is_whitespace),
        _ => true,
    }
}

fn is_word_of(value: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_number(value: &str, digits: usize) -> bool {
    (1..=digits).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a class names the language of a code block.
pub(super) fn is_language(class: &str) -> bool {
    class.starts_with("language-") && !class.contains(char::is_whitespace)
}
