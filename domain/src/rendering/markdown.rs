//! Body text: Markdown in, sanitised HTML, plain text and warnings out.

use std::collections::BTreeSet;

use comrak::Arena;

use super::anatomy::Anatomy;
use super::entities::escape;
use super::memory::{self, Read};
use super::reading::Length;
use super::warnings::{RenderWarning, Warnings};
use super::{html, sanitiser, syntax, text};

/// A rendered text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML, safe to put into a page as it is.
    pub html: String,
    /// The same as readable text, see [`plain_text`].
    pub text: String,
    /// What could not be carried over, in the order of the text.
    pub warnings: Vec<RenderWarning>,
}

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkdownError {
    /// Quotes, lists, emphases, links or images stand too deep inside each other.
    #[error("The text nests lists, quotes or emphasis deeper than {limit} levels; flatten it.")]
    TooDeep {
        /// The deepest nesting that is accepted.
        limit: usize,
    },
    /// The text has too many parts: blocks, table cells, links, emphasised words.
    #[error("The text has more than {limit} parts (blocks, table cells, links …); divide it.")]
    TooManyParts {
        /// The largest number of parts that is accepted.
        limit: usize,
    },
}

/// Whether a text can be rendered in full, so that it can be refused when it is written.
pub fn check(markdown: &str) -> Result<(), MarkdownError> {
    let arena = Arena::new();
    syntax::parse(&arena, markdown).map(|_| ())
}

/// Renders `CommonMark` with tables, footnotes, strikethrough, task lists and autolinks.
///
/// Raw HTML is reduced to an allow-list of elements and attributes; addresses may be `http`,
/// `https`, `mailto`, `tel` or relative. External links carry `rel="noopener"`, images
/// `loading="lazy"`. Every id gets `id_prefix` and a hyphen in front, and so does every link to an
/// id of this text; a link to an anchor elsewhere on the page, such as another section's heading,
/// stays as it is, because with a prefix it would lead nowhere.
///
/// Safe and fast on any input. A text that [`check`] refuses comes out preformatted, with a warning.
#[must_use]
pub fn render(markdown: &str, id_prefix: &str) -> Rendered {
    let read = memory::read(markdown, read);
    let html = memory::clean(markdown, id_prefix, || match &read.page {
        Some((html, ids)) => sanitiser::sanitise(html, id_prefix, ids.clone())
            .trim_end()
            .to_owned(),
        None => format!("<pre>{}</pre>", escape(markdown)),
    });
    Rendered {
        html,
        text: read.text.clone(),
        warnings: read.warnings.clone(),
    }
}

/// What [`render`] could not carry over, without rendering all of it.
#[must_use]
pub fn warnings(markdown: &str) -> Vec<RenderWarning> {
    memory::read(markdown, read).warnings.clone()
}

/// The parts of a text, and the ids that links within it can lead to.
#[must_use]
pub fn anatomy(markdown: &str) -> (Anatomy, BTreeSet<String>) {
    let read = memory::read(markdown, read);
    let ids = read.page.as_ref().map(|(_, ids)| ids.clone());
    (read.anatomy.clone(), ids.unwrap_or_default())
}

/// The length of [`plain_text`].
#[must_use]
pub fn length(markdown: &str) -> Length {
    memory::read(markdown, read).length()
}

fn read(markdown: &str) -> Read {
    let arena = Arena::new();
    let mut warnings = Warnings::default();
    match syntax::parse(&arena, markdown) {
        Ok(root) => {
            let text = text::document(root);
            let anatomy = Anatomy::of(root);
            let page = html::render(root, &mut warnings);
            Read::new(Some(page), text, warnings.into_vec(), anatomy)
        }
        Err(error) => {
            warnings.add(
                "not_rendered",
                format!("The text is shown as it was written. {error}"),
            );
            Read::new(None, markdown.to_owned(), warnings.into_vec(), Anatomy::default())
        }
    }
}

/// Readable text without markup: paragraphs separated by blank lines, list items on lines of their
/// own with `- ` or `1. `, table cells with ` | ` between them, footnotes numbered at the end. The
/// text of links, code and images (their alternative text) is kept.
#[must_use]
pub fn plain_text(markdown: &str) -> String {
    memory::read(markdown, read).text.clone()
}

/// [`plain_text`] on one line, white space folded.
#[must_use]
pub fn inline_text(markdown: &str) -> String {
    plain_text(markdown)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "safety_tests.rs"]
mod safety_tests;
