//! From the tree of a Markdown text to plain text.

use comrak::Node;
use comrak::nodes::{ListType, NodeList, NodeValue};

use super::entities::decode;
use super::raw_html::{Scanner, Token};

/// The whole text; paragraphs are separated by blank lines.
pub(super) fn document(root: Node<'_>) -> String {
    blocks(root).join("\n\n")
}

/// The text of a node's inline content.
pub(super) fn inline(node: Node<'_>) -> String {
    let mut text = String::new();
    add_inline(node, &mut text);
    text.trim().to_owned()
}

/// The texts of the blocks inside a node. The tree's depth is limited, so recursion is.
fn blocks(parent: Node<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    let mut scanner = Scanner::default();
    let mut footnotes = 0;
    for node in parent.children() {
        match &node.data().value {
            NodeValue::HtmlBlock(block) => texts.push(html_text(&mut scanner, &block.literal)),
            _ if scanner.is_removing() => {}
            NodeValue::Paragraph | NodeValue::Heading(_) => texts.push(inline(node)),
            NodeValue::CodeBlock(code) => texts.push(code.literal.trim_end().to_owned()),
            NodeValue::List(list) => texts.push(list_text(node, list)),
            NodeValue::Table(_) => texts.push(table_text(node)),
            NodeValue::FootnoteDefinition(_) => {
                footnotes += 1;
                texts.push(item_text(node, &format!("{footnotes}. ")));
            }
            _ => texts.extend(blocks(node)),
        }
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

fn list_text(node: Node<'_>, list: &NodeList) -> String {
    let mut items = Vec::new();
    for (number, item) in (list.start..).zip(node.children()) {
        let mut marker = match list.list_type {
            ListType::Bullet => "- ".to_owned(),
            ListType::Ordered => format!("{number}. "),
        };
        if let NodeValue::TaskItem(task) = &item.data().value {
            marker.push_str(if task.symbol.is_some() { "[x] " } else { "[ ] " });
        }
        items.push(item_text(item, &marker));
    }
    items.join("\n")
}

/// The blocks of a list item or footnote, the further lines indented under the first.
fn item_text(item: Node<'_>, marker: &str) -> String {
    let indent = " ".repeat(marker.find('[').unwrap_or(marker.len()));
    let text = blocks(item).join("\n");
    let mut lines = text.lines();
    let mut result = format!("{marker}{}", lines.next().unwrap_or_default());
    for line in lines {
        result.push('\n');
        if !line.is_empty() {
            result.push_str(&indent);
            result.push_str(line);
        }
    }
    result.trim_end().to_owned()
}

fn table_text(table: Node<'_>) -> String {
    let row_text = |row: Node<'_>| row.children().map(inline).collect::<Vec<_>>().join(" | ");
    table.children().map(row_text).collect::<Vec<_>>().join("\n")
}

fn add_inline(parent: Node<'_>, text: &mut String) {
    let mut scanner = Scanner::default();
    for node in parent.children() {
        match &node.data().value {
            NodeValue::HtmlInline(literal) => add_html(&mut scanner, literal, text),
            _ if scanner.is_removing() => {}
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak => text.push(' '),
            NodeValue::LineBreak => text.push('\n'),
            _ => add_inline(node, text),
        }
    }
}

/// The text of a block of HTML, without its empty lines.
fn html_text(scanner: &mut Scanner, html: &str) -> String {
    let mut text = String::new();
    add_html(scanner, html, &mut text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn add_html(scanner: &mut Scanner, html: &str, text: &mut String) {
    scanner.scan(html, |token| match token {
        Token::Text(written) => text.push_str(&decode(written)),
        Token::Start(tag) if tag.name == "img" => {
            text.push_str(tag.attribute("alt").unwrap_or_default());
        }
        Token::Start(tag) => text.push_str(gap(&tag.name)),
        Token::End(name) => text.push_str(gap(&name)),
        Token::Removed(_) | Token::Declaration => {}
    });
}

/// What stands in plain text where an element starts or ends.
fn gap(element: &str) -> &'static str {
    match element {
        "a" | "abbr" | "b" | "bdi" | "bdo" | "cite" | "code" | "data" | "del" | "dfn" | "em" | "font"
        | "i" | "ins" | "kbd" | "mark" | "q" | "rp" | "rt" | "ruby" | "s" | "samp" | "small" | "span"
        | "strong" | "sub" | "sup" | "time" | "u" | "var" | "wbr" => "",
        "td" | "th" => " ",
        _ => "\n",
    }
}
