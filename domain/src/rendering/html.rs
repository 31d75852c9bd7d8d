//! From the tree of a Markdown text to HTML, with raw HTML reduced to the allowed list and balanced.
//!
//! Raw elements are opened and closed within the Markdown block they were opened in, and only a
//! few may be open at once. The sanitiser behind this stage parses as a browser does, and a browser
//! takes quadratic time over thousands of unclosed tags; it never gets to see any.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use comrak::Node;
use comrak::html::{ChildRendering, Context, format_document_with_formatter, format_node_default};
use comrak::nodes::NodeValue;
use comrak::options::Plugins;

use super::page::Page;
use super::warnings::Warnings;
use super::{syntax, text};

/// Renders the tree. Returns HTML that still has to pass the sanitiser, and the ids it defines.
pub(super) fn render(root: Node<'_>, warnings: &mut Warnings) -> (String, BTreeSet<String>) {
    let mut html = String::new();
    let page = Page::new(number_footnotes(root), std::mem::take(warnings));
    let (options, plugins) = (syntax::options(), Plugins::default());
    // Writing to a string cannot fail.
    let page = format_document_with_formatter(root, &options, &mut html, &plugins, write_node, page)
        .unwrap_or_default();
    let ids;
    (ids, *warnings) = page.finish();
    (html, ids)
}

/// Names footnotes by their number instead of their label, which may hold any character and may
/// look like another footnote's id. Returns the ids they get.
fn number_footnotes(root: Node<'_>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut definitions = 0;
    for node in root.descendants() {
        match &mut node.data_mut().value {
            NodeValue::FootnoteDefinition(definition) => {
                definitions += 1;
                definition.name = definitions.to_string();
                ids.insert(format!("fn-{definitions}"));
            }
            NodeValue::FootnoteReference(reference) => {
                reference.name = reference.ix.to_string();
                ids.insert(match reference.ref_num {
                    1 => format!("fnref-{}", reference.ix),
                    number => format!("fnref-{}-{number}", reference.ix),
                });
            }
            _ => {}
        }
    }
    ids
}

type Written = Result<ChildRendering, fmt::Error>;

fn write_node(context: &mut Context<'_, '_, Page>, node: Node<'_>, entering: bool) -> Written {
    if entering {
        enter(context, node)
    } else {
        leave(context, node)
    }
}

fn enter(context: &mut Context<'_, '_, Page>, node: Node<'_>) -> Written {
    match &node.data().value {
        NodeValue::HtmlInline(literal) => {
            let html = context.user.raw(literal);
            context.write_str(&html)?;
            return Ok(ChildRendering::HTML);
        }
        NodeValue::HtmlBlock(block) => {
            context.cr()?;
            let html = context.user.raw(&block.literal);
            context.write_str(&html)?;
            context.cr()?;
            return Ok(ChildRendering::HTML);
        }
        _ if context.user.skips() => return Ok(ChildRendering::Skip),
        NodeValue::Link(link) => {
            let html = context.user.start_link(link);
            context.write_str(&html)?;
            return Ok(ChildRendering::HTML);
        }
        NodeValue::Image(image) => {
            let html = context.user.image(image, &text::inline(node));
            context.write_str(&html)?;
            return Ok(ChildRendering::Skip);
        }
        value => {
            let html = context.user.before(value);
            context.write_str(&html)?;
        }
    }
    context.user.start_frame();
    format_node_default(context, node, true)
}

fn leave(context: &mut Context<'_, '_, Page>, node: Node<'_>) -> Written {
    if context.user.has_skipped() {
        return Ok(ChildRendering::HTML);
    }
    match &node.data().value {
        NodeValue::HtmlInline(_) | NodeValue::HtmlBlock(_) | NodeValue::Image(_) => {}
        NodeValue::Link(link) => {
            let html = context.user.end_link(link);
            context.write_str(&html)?;
        }
        _ => {
            let html = context.user.end_frame();
            context.write_str(&html)?;
            return format_node_default(context, node, false);
        }
    }
    Ok(ChildRendering::HTML)
}
