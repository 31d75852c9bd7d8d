//! Which of the forms on offer a client likes best, from its `Accept` (RFC 9110, section 12.5.1).

use std::borrow::Cow;

use masthead_openapi::forms;

/// A form that an answer can have, as the contract names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(Cow<'static, str>);

impl MediaType {
    /// The default of every operation that has more than one form.
    pub const JSON: Self = Self::of("application/json");
    /// A whole document as text.
    pub const MARKDOWN: Self = Self::of(forms::MARKDOWN);
    /// What search engines read.
    pub const JSON_LD: Self = Self::of(forms::JSON_LD);

    /// A form by its whole name.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A form by the name that a document gives it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// Its name with all parameters, as `Content-Type` carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its name without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        self.0.split(';').next().unwrap_or_default().trim()
    }
}

/// The form that fits best; `None` where the client takes none of them. `offered` stands in our own order, which
/// decides between forms that the client likes alike and names alike. No header, or one that says nothing, takes
/// everything.
#[must_use]
pub fn best<'a>(accept: impl IntoIterator<Item = &'a [u8]>, offered: &[MediaType]) -> Option<MediaType> {
    let mut ranges = Vec::new();
    let mut given = false;
    for value in accept {
        // Bytes that are no text name nothing that we have.
        let text = std::str::from_utf8(value).unwrap_or("?");
        for part in split(text, ',').filter(|part| !part.is_empty()) {
            given = true;
            ranges.extend(Range::parse(part));
        }
    }
    if !given {
        return offered.first().cloned();
    }
    let mut found: Option<(Liking, &MediaType)> = None;
    for media in offered {
        let Some(liking) = liking(&ranges, media) else {
            continue;
        };
        if found.is_none_or(|(most, _)| liking > most) {
            found = Some((liking, media));
        }
    }
    found.map(|(_, media)| media.clone())
}

/// How much a form is liked: the weight first, then how closely it was named.
type Liking = (u16, u8);

/// What the closest of the ranges says of a form; `None` where it is not wanted.
fn liking(ranges: &[Range<'_>], media: &MediaType) -> Option<Liking> {
    let fitting = ranges
        .iter()
        .filter_map(|range| Some((range.closeness(media)?, range.weight)));
    let (closeness, weight) = fitting.max()?;
    (weight > 0).then_some((weight, closeness))
}

/// One member of an `Accept` header.
#[derive(Debug)]
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    /// Thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    /// `None` for what is no range: it names nothing, and the others still count.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = split(text, ';');
        let name = parts.next()?;
        // Some old clients write a lone star.
        let (kind, subtype) = if name == "*" {
            ("*", "*")
        } else {
            name.split_once('/')?
        };
        let token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        if !token(kind) || !token(subtype) || (kind == "*" && subtype != "*") {
            return None;
        }
        let (mut parameters, mut weight) = (Vec::new(), 1000);
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case("q") {
                weight = thousandths(value)?;
                // What follows the weight was once for extensions, and says nothing of the form.
                break;
            }
            parameters.push((name, unquoted(value)));
        }
        Some(Self {
            kind,
            subtype,
            parameters,
            weight,
        })
    }

    /// How closely this names a form: 1 by everything, 2 by its first half, more by its name and its parameters.
    fn closeness(&self, media: &MediaType) -> Option<u8> {
        let (kind, subtype) = media.essence().split_once('/')?;
        if self.kind == "*" {
            return Some(1);
        }
        if !self.kind.eq_ignore_ascii_case(kind) {
            return None;
        }
        if self.subtype == "*" {
            return Some(2);
        }
        if !self.subtype.eq_ignore_ascii_case(subtype) {
            return None;
        }
        let mut closeness = 3_u8;
        for (name, value) in &self.parameters {
            let own = split(media.as_str(), ';')
                .skip(1)
                .filter_map(|part| part.split_once('='))
                .find(|(own, _)| own.trim().eq_ignore_ascii_case(name));
            match own {
                Some((_, own)) if unquoted(own.trim()).eq_ignore_ascii_case(value) => {
                    closeness = closeness.saturating_add(1);
                }
                // Another variant or another encoding than ours.
                Some(_) => return None,
                // Many clients say `charset=utf-8` of everything; what a form does not have does not matter.
                None => {}
            }
        }
        Some(closeness)
    }
}

/// The parts of a list, trimmed; a separator within quotes is none.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |c: char| {
        let is_end = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        is_end
    });
    parts.map(str::trim)
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

/// A weight from 0 to 1 with three digits at most; `.2` is understood too.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if text.is_empty() || text == "." || rest.len() > 3 || !digits(rest) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match (whole, rest) {
        ("0" | "", rest) => Some(rest),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [MediaType; 3] = [MediaType::JSON, MediaType::JSON_LD, MediaType::MARKDOWN];

    fn chosen(accept: &str) -> Option<&'static str> {
        let found = best([accept.as_bytes()], &OFFERED)?;
        OFFERED
            .iter()
            .position(|media| *media == found)
            .map(|at| ["json", "ld", "md"][at])
    }

    #[test]
    fn the_closest_and_heaviest_range_wins() {
        for (accept, expected) in [
            ("", "json"),
            (" , ,", "json"),
            ("*/*", "json"),
            ("*", "json"),
            ("application/json", "json"),
            ("APPLICATION/JSON", "json"),
            ("application/json; charset=utf-8", "json"),
            ("application/*", "json"),
            ("text/*", "md"),
            ("text/markdown", "md"),
            ("text/markdown;variant=GFM", "md"),
            ("text/markdown; charset=\"UTF-8\"", "md"),
            ("text/markdown, text/html, */*", "md"),
            ("text/html, */*;q=0.1", "json"),
            ("application/ld+json", "ld"),
            (
                "application/ld+json;profile=\"a,b;c\", application/json;q=0.9",
                "ld",
            ),
            ("application/json;q=0.2, text/markdown;q=0.3", "md"),
            ("application/json, text/markdown", "json"),
            ("text/markdown;q=0, */*", "json"),
            ("application/json;q=0, */*;q=0.5", "ld"),
            ("application/*;q=0, */*", "md"),
            ("application/json;q=0.1, application/*;q=0.9", "ld"),
            ("text/markdown;q=1.5, application/json;q=0.1", "json"),
            ("text/markdown;q=.2, application/json;q=0.1", "md"),
            ("nonsense, application/json;q=0.001", "json"),
            ("text/html, image/gif, *; q=.2, */*; q=.2", "json"),
        ] {
            assert_eq!(chosen(accept), Some(expected), "{accept}");
        }
    }

    #[test]
    fn what_is_refused_or_nonsense_is_not_made() {
        for accept in [
            "text/html",
            "image/*",
            "*/json",
            "application/json;q=0",
            "application/json; q=0.000",
            "*/*;q=0",
            "text/markdown;variant=CommonMark",
            "text/markdown;charset=latin1",
            "nonsense",
            "application/",
            "/json",
            "application/json;q=",
            "application/json;q=2",
            "application/json;q=0.1234",
            "application/json;q=-1",
            "application/json;garbage",
            "\"application/json\"",
            "a,b;\"",
        ] {
            assert_eq!(chosen(accept), None, "{accept}");
        }
        assert_eq!(best([&b"\xff\xfe"[..]], &OFFERED), None);
    }

    #[test]
    fn several_headers_are_one_and_none_takes_everything() {
        let two: [&[u8]; 2] = [b"text/markdown;q=0.5", b"application/ld+json"];
        assert_eq!(best(two, &OFFERED), Some(MediaType::JSON_LD));
        assert_eq!(best([], &OFFERED), Some(MediaType::JSON));
        assert_eq!(best([], &[]), None);
    }
}
