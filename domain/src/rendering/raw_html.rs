//! Reading raw HTML inside Markdown: tags, text between them, and what goes with its content.

use super::entities::decode;
use super::policy;

/// One piece of raw HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// Text as it was written, character references included; a lone `<` is text.
    Text(&'a str),
    /// A start tag.
    Start(Tag),
    /// The lower-case name of an end tag.
    End(String),
    /// The lower-case name of an element that is removed from here on, up to its end tag.
    Removed(String),
    /// A declaration, processing instruction or CDATA section. Comments are not reported:
    /// readers never see them.
    Declaration,
}

/// A start tag with lower-case names and decoded values; the first of equal attributes counts.
#[derive(Debug, PartialEq)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    closed: bool,
}

impl Tag {
    /// The value of an attribute, if it was written.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(written, _)| written == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads pieces of HTML one after the other and remembers an element that is being removed.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    removing: Option<String>,
}

impl Scanner {
    /// Whether what follows belongs to an element that goes with its content.
    pub(super) fn is_removing(&self) -> bool {
        self.removing.is_some()
    }

    /// Ends the removal although no end tag was found: the surrounding block has ended.
    pub(super) fn stop_removing(&mut self) {
        self.removing = None;
    }

    /// Hands every piece to `each`. Takes time proportional to the length.
    pub(super) fn scan<'a>(&mut self, html: &'a str, mut each: impl FnMut(Token<'a>)) {
        let mut rest = html;
        while !rest.is_empty() {
            if let Some(name) = &self.removing {
                let Some(end) = end_of_element(rest, name) else {
                    return;
                };
                rest = &rest[end..];
                self.removing = None;
                continue;
            }
            let start = rest.find('<').unwrap_or(rest.len());
            if start > 0 {
                each(Token::Text(&rest[..start]));
            }
            rest = &rest[start..];
            if rest.is_empty() {
                return;
            }
            let Some((token, length)) = markup(rest) else {
                // Unterminated, so nothing after it is a tag either: looking again at every
                // further `<` would take quadratic time.
                each(Token::Text(rest));
                return;
            };
            rest = &rest[length..];
            match token {
                Some(Token::Start(tag)) if policy::goes_with_content(&tag.name) => {
                    // Only SVG and MathML have self-closing tags; HTML ignores the slash.
                    if !(tag.closed && matches!(tag.name.as_str(), "svg" | "math")) {
                        self.removing = Some(tag.name.clone());
                    }
                    each(Token::Removed(tag.name));
                }
                Some(token) => each(token),
                None => {}
            }
        }
    }
}

/// Where the element ends: after its end tag, or nowhere in this text.
fn end_of_element(html: &str, name: &str) -> Option<usize> {
    for (at, _) in html.match_indices("</") {
        let after = at + 2 + name.len();
        let written = html.as_bytes().get(at + 2..after);
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        if written.is_some_and(|written| written.eq_ignore_ascii_case(name.as_bytes()))
            && html.as_bytes().get(after).is_none_or(ends)
        {
            return Some(html[at..].find('>').map_or(html.len(), |end| at + end + 1));
        }
    }
    None
}

/// What stands at a `<`, and its length in bytes. `None` if it never ends.
fn markup(html: &str) -> Option<(Option<Token<'_>>, usize)> {
    let until = |start: usize, end: &str| {
        html.get(start..)
            .and_then(|rest| rest.find(end))
            .map_or(html.len(), |at| start + at + end.len())
    };
    let bytes = html.as_bytes();
    if html.starts_with("<!-->") || html.starts_with("<!--->") {
        return Some((None, until(4, ">")));
    }
    if html.starts_with("<!--") {
        return Some((None, until(4, "-->")));
    }
    if html.starts_with("<![CDATA[") {
        return Some((Some(Token::Declaration), until(9, "]]>")));
    }
    match (bytes.get(1), bytes.get(2)) {
        (Some(b'!' | b'?'), _) => Some((Some(Token::Declaration), until(2, ">"))),
        (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => {
            let (tag, length) = tag(html, 2)?;
            Some((Some(Token::End(tag.name)), length))
        }
        (Some(letter), _) if letter.is_ascii_alphabetic() => {
            let (tag, length) = tag(html, 1)?;
            Some((Some(Token::Start(tag)), length))
        }
        _ => Some((Some(Token::Text(&html[..1])), 1)),
    }
}

/// Reads a tag whose name starts at `start`, by the rules of the HTML standard's tokeniser.
fn tag(html: &str, start: usize) -> Option<(Tag, usize)> {
    let bytes = html.as_bytes();
    let stop = |from: usize, ends: &dyn Fn(u8) -> bool| {
        bytes[from..]
            .iter()
            .position(|byte| ends(*byte))
            .map(|length| from + length)
    };
    let space = |byte: u8| byte.is_ascii_whitespace();
    let name_end = stop(start, &|byte| space(byte) || matches!(byte, b'/' | b'>'))?;
    let name = html[start..name_end].to_ascii_lowercase();
    let mut tag = Tag {
        name,
        attributes: Vec::new(),
        closed: false,
    };
    let mut at = name_end;
    loop {
        at = stop(at, &|byte| !space(byte) && byte != b'/')?;
        if bytes[at] == b'>' {
            tag.closed = bytes[at - 1] == b'/';
            return Some((tag, at + 1));
        }
        // A leading `=` belongs to the name.
        let end = stop(at + 1, &|byte| space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let end = end.filter(|_| html.is_char_boundary(at))?;
        let name = html[at..end].to_ascii_lowercase();
        at = stop(end, &|byte| !space(byte))?;
        let mut value = "";
        if bytes[at] == b'=' {
            at = stop(at + 1, &|byte| !space(byte))?;
            let quote = bytes[at];
            if matches!(quote, b'"' | b'\'') {
                let close = stop(at + 1, &|byte| byte == quote)?;
                value = &html[at + 1..close];
                at = close + 1;
            } else {
                let close = stop(at, &|byte| space(byte) || byte == b'>')?;
                value = &html[at..close];
                at = close;
            }
        }
        if tag.attribute(&name).is_none() && tag.attributes.len() < MOST_ATTRIBUTES {
            tag.attributes.push((name, decode(value).into_owned()));
        }
    }
}

/// How many attributes of one tag are read; more would be compared with each other in vain.
const MOST_ATTRIBUTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(html: &str) -> Vec<Token<'_>> {
        let mut tokens = Vec::new();
        Scanner::default().scan(html, |token| tokens.push(token));
        tokens
    }

    #[test]
    fn tags_and_text_are_told_apart() {
        let found = tokens("a < b <I Title = 'x > y' lang=en>c</I >");
        assert_eq!(found.len(), 6);
        assert_eq!(found[1], Token::Text("<"));
        let Token::Start(tag) = &found[3] else {
            panic!("{found:?}")
        };
        assert_eq!((tag.name.as_str(), tag.attribute("title")), ("i", Some("x > y")));
        assert_eq!(tag.attribute("lang"), Some("en"));
        assert_eq!(found[5], Token::End("i".to_owned()));
    }

    #[test]
    fn scripts_are_removed_up_to_their_end_tag() {
        let found = tokens("a<SCRIPT>if (a</b>c) {}</scripty></script >b");
        let removed = Token::Removed("script".to_owned());
        assert_eq!(found, [Token::Text("a"), removed, Token::Text("b")]);
    }

    #[test]
    fn a_script_can_end_in_a_later_piece() {
        let mut scanner = Scanner::default();
        scanner.scan("<style>", |_| ());
        assert!(scanner.is_removing());
        scanner.scan("a {}</style>", |token| panic!("{token:?}"));
        assert!(!scanner.is_removing());
    }

    #[test]
    fn comments_vanish_and_declarations_are_reported() {
        assert_eq!(tokens("<!-- a > b --><!--><!DOCTYPE html>"), [Token::Declaration]);
    }

    #[test]
    fn values_are_decoded_before_anybody_judges_them() {
        let found = tokens("<a href=\"&#106;ava&Tab;script&colon;x\">");
        let Token::Start(tag) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(tag.attribute("href"), Some("java\tscript:x"));
    }

    #[test]
    fn unterminated_markup_is_text_and_is_read_once() {
        assert_eq!(tokens("<a href='x"), [Token::Text("<a href='x")]);
        for piece in [
            "<a '",
            "<a b='",
            "<",
            "</",
            "<!--",
            "<?",
            "<![CDATA[",
            "<svg>",
            "<a b>",
        ] {
            tokens(&piece.repeat(200_000 / piece.len()));
        }
    }
}
