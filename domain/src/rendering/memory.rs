//! What was rendered lately: an edit changes one text of many, and all of them are rendered when they are published.
//!
//! The same text always renders to the same bytes, so nothing here is ever out of date.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, OnceLock};

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::anatomy::Anatomy;
use super::reading::{self, Length};
use super::warnings::RenderWarning;

/// Bytes of texts that were read, and again of their HTML.
const BYTES: u64 = 6 * 1024 * 1024;
/// Bytes of the longest text that is remembered: one alone must not make all others forgotten.
const LONGEST: usize = 128 * 1024;
/// Bytes of an ordinary text with what is made of it.
const ORDINARY: usize = 4 * 1024;

/// A text that was read: all that does not depend on where it stands.
#[derive(Debug)]
pub(super) struct Read {
    /// HTML that still has to pass the sanitiser, and the ids it defines; `None` where it could not be read.
    pub(super) page: Option<(String, BTreeSet<String>)>,
    /// Readable text.
    pub(super) text: String,
    /// What could not be carried over.
    pub(super) warnings: Vec<RenderWarning>,
    /// Its parts.
    pub(super) anatomy: Anatomy,
    length: OnceLock<Length>,
}

impl Read {
    pub(super) const fn new(
        page: Option<(String, BTreeSet<String>)>,
        text: String,
        warnings: Vec<RenderWarning>,
        anatomy: Anatomy,
    ) -> Self {
        Self {
            page,
            text,
            warnings,
            anatomy,
            length: OnceLock::new(),
        }
    }

    /// How long the readable text is.
    pub(super) fn length(&self) -> Length {
        *self.length.get_or_init(|| reading::measure(&self.text))
    }
}

/// Where a text stands, and the text.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Placed(String, String);

/// The same, borrowed.
#[derive(Hash)]
struct Asked<'a>(&'a str, &'a str);

impl Equivalent<Placed> for Asked<'_> {
    fn equivalent(&self, key: &Placed) -> bool {
        (self.0, self.1) == (key.0.as_str(), key.1.as_str())
    }
}

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<String, Arc<Read>> for Bytes {
    fn weight(&self, key: &String, read: &Arc<Read>) -> u64 {
        let html = read.page.as_ref().map_or(0, |(html, _)| html.len());
        (size_of::<Read>() + key.len() + html + read.text.len() + read.anatomy.bytes()) as u64
    }
}

impl Weighter<Placed, Arc<str>> for Bytes {
    fn weight(&self, Placed(at, text): &Placed, html: &Arc<str>) -> u64 {
        (size_of::<Placed>() + at.len() + text.len() + html.len()) as u64
    }
}

fn of_bytes<K: Eq + Hash, V: Clone>() -> Cache<K, V, Bytes>
where
    Bytes: Weighter<K, V>,
{
    let texts = usize::try_from(BYTES).unwrap_or(usize::MAX) / ORDINARY;
    Cache::with_weighter(texts, BYTES, Bytes)
}

static READ: LazyLock<Cache<String, Arc<Read>, Bytes>> = LazyLock::new(of_bytes);
static CLEAN: LazyLock<Cache<Placed, Arc<str>, Bytes>> = LazyLock::new(of_bytes);

/// What `read` makes of this text, or made of it before.
pub(super) fn read(markdown: &str, read: impl FnOnce(&str) -> Read) -> Arc<Read> {
    if let Some(known) = READ.get(markdown) {
        return known;
    }
    let made = Arc::new(read(markdown));
    if markdown.len() <= LONGEST {
        READ.insert(markdown.to_owned(), Arc::clone(&made));
    }
    made
}

/// The HTML that `clean` makes of this text where it stands at `prefix`, or made of it before.
pub(super) fn clean(markdown: &str, prefix: &str, clean: impl FnOnce() -> String) -> String {
    if let Some(known) = CLEAN.get(&Asked(prefix, markdown)) {
        return known.to_string();
    }
    let made = clean();
    if markdown.len() <= LONGEST {
        let key = Placed(prefix.to_owned(), markdown.to_owned());
        CLEAN.insert(key, made.as_str().into());
    }
    made
}

#[cfg(test)]
mod tests {
    use super::super::{markdown::render, plain_text};

    #[test]
    fn what_is_remembered_is_what_was_made() {
        let text = "## Remembered\n\nA [note](#remembered) with a footnote[^1].\n\n[^1]: Here.";
        for prefix in ["one", "two", "one"] {
            let (first, again) = (render(text, prefix), render(text, prefix));
            assert_eq!(first, again);
            assert!(first.html.contains(&format!("id=\"{prefix}-")), "{}", first.html);
            assert_eq!(first.text, plain_text(text));
        }
        // A boundary between where it stands and the text that is moved makes another text of it.
        assert_ne!(render("b c", "a").text, render("c", "a b").text);
    }

    #[test]
    fn a_text_that_is_too_long_to_remember_is_rendered_all_the_same() {
        let text = "word ".repeat(super::LONGEST / 4);
        assert_eq!(render(&text, "x"), render(&text, "x"));
        assert!(super::READ.get(text.as_str()).is_none());
    }
}
