//! The Markdown that Masthead reads, and the limits that keep reading it cheap.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;
use comrak::{Arena, Node, Options, parse_document};

use super::markdown::MarkdownError;

/// How many quotes, lists, emphases, links and images may stand inside each other.
pub(super) const DEEPEST: usize = 50;

/// How many parts (blocks, words in emphasis, table cells, breaks …) one text may have.
pub(super) const MOST_PARTS: usize = 100_000;

/// A footnote reference renders to some three hundred bytes of links, so it weighs more.
const FOOTNOTE_PARTS: usize = 10;

/// `CommonMark` with tables, footnotes, strikethrough, task lists and autolinks.
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    // Everything that comes out goes through the sanitiser.
    options.render.r#unsafe = true;
    options
}

/// Reads a text, or says why it is refused.
pub(super) fn parse<'a>(arena: &'a Arena<'a>, markdown: &str) -> Result<Node<'a>, MarkdownError> {
    parse_with(arena, markdown, options())
}

/// As [`parse`], with options of the caller's.
pub(super) fn parse_with<'a>(
    arena: &'a Arena<'a>,
    markdown: &str,
    mut options: Options<'_>,
) -> Result<Node<'a>, MarkdownError> {
    options.extension.autolink = autolinks_are_cheap(markdown);
    let root = read(arena, markdown, &options);
    let (mut depth, mut parts) = (0, 0);
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => {
                parts += weight(node);
                depth += usize::from(nests(node));
            }
            NodeEdge::End(node) => depth -= usize::from(nests(node)),
        }
        if depth > DEEPEST {
            return Err(MarkdownError::TooDeep { limit: DEEPEST });
        }
        if parts > MOST_PARTS {
            return Err(MarkdownError::TooManyParts { limit: MOST_PARTS });
        }
    }
    Ok(root)
}

/// Reads a text without looking at the limits.
///
/// The parser takes a definition `[a]: <b>` on a last line without a line end for text, so there
/// always is one.
pub(super) fn read<'a>(arena: &'a Arena<'a>, markdown: &str, options: &Options<'_>) -> Node<'a> {
    if markdown.is_empty() || markdown.ends_with('\n') {
        parse_document(arena, markdown, options)
    } else {
        parse_document(arena, &format!("{markdown}\n"), options)
    }
}

fn nests(node: Node<'_>) -> bool {
    matches!(
        node.data().value,
        NodeValue::BlockQuote
            | NodeValue::List(_)
            | NodeValue::FootnoteDefinition(_)
            | NodeValue::Emph
            | NodeValue::Strong
            | NodeValue::Strikethrough
            | NodeValue::Link(_)
            | NodeValue::Image(_)
    )
}

fn weight(node: Node<'_>) -> usize {
    match node.data().value {
        NodeValue::FootnoteReference(_) => FOOTNOTE_PARTS,
        _ => 1,
    }
}

/// Whether looking for bare addresses takes reasonable time.
///
/// At each start of an address the parser looks ahead to the next white space. In ordinary text
/// that is near; a text made of nothing but starts of addresses takes quadratic time, and keeps
/// its addresses as plain text instead.
fn autolinks_are_cheap(markdown: &str) -> bool {
    const MOST_STEPS: usize = 20_000_000;
    let starts =
        |run: &str| run.matches("://").count() + run.matches("www.").count() + run.matches('@').count();
    let runs = markdown.split(|character: char| character.is_ascii_whitespace());
    let steps = runs.map(|run| run.len().saturating_mul(starts(run)));
    steps.fold(0, usize::saturating_add) <= MOST_STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_keeps_its_autolinks() {
        assert!(autolinks_are_cheap(
            &"See https://example.com, or a@b.c. ".repeat(10_000)
        ));
        assert!(autolinks_are_cheap(&format!(
            "![](data:image/png;base64,{})",
            "A".repeat(5_000_000)
        )));
        assert!(!autolinks_are_cheap(&"ftp://a<".repeat(25_000)));
    }

    #[test]
    fn a_definition_may_end_the_text() {
        let arena = Arena::new();
        let root = read(&arena, "[a]\n\n[a]: <b>", &options());
        assert_eq!(root.children().count(), 1);
    }

    #[test]
    fn the_deepest_allowed_nesting_is_read() {
        let arena = Arena::new();
        assert!(parse(&arena, &format!("{}a", "> ".repeat(DEEPEST))).is_ok());
        let refused = parse(&arena, &format!("{}a", "> ".repeat(DEEPEST + 1)));
        assert_eq!(refused.err(), Some(MarkdownError::TooDeep { limit: DEEPEST }));
    }
}
