//! Splitting one Markdown document into sections, for import.

use std::ops::Range;

use comrak::Node;
use comrak::nodes::NodeValue;

use super::definitions::Source;
use super::markdown::plain_text;
use super::warnings::{RenderWarning, Warnings};
use super::{faqs, text};

/// A document, divided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The text of a level-1 heading at the very start.
    pub title: Option<String>,
    /// The sections in their order.
    pub sections: Vec<DocumentSection>,
    /// Questions and answers of a section headed FAQ, FAQs or Frequently asked questions.
    pub faqs: Vec<DocumentFaq>,
    /// What could not be carried over as it was.
    pub warnings: Vec<RenderWarning>,
}

/// A heading and the text under it.
///
/// Images, quotes and tables stay inside the body: only the author knows whether one is an
/// illustration of the text or a section of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentSection {
    /// Plain text of the heading; none for text before the first heading.
    pub heading: Option<String>,
    /// The heading's level, 2 to 4; 2 without a heading.
    pub level: u8,
    /// Markdown, as it was written.
    pub body: String,
}

/// A question and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFaq {
    /// Plain text.
    pub question: String,
    /// Markdown, as it was written.
    pub answer: String,
}

/// A top-level block of the document.
pub(super) struct Block {
    /// Its lines, counted from 0.
    pub(super) lines: Range<usize>,
    pub(super) kind: Kind,
}

/// What splitting needs to know about a block.
pub(super) enum Kind {
    /// A heading, with its level and plain text.
    Heading(u8, String),
    /// A paragraph that is bold from end to end.
    Bold(String),
    /// A paragraph of one line that ends in a question mark.
    Question(String),
    /// Nothing a reader sees: a footnote's definition or a comment.
    Invisible,
    /// Any other block.
    Other,
}

/// Splits a document, without front matter, at its headings of levels 2 to 4.
///
/// A level-1 heading at the start is the title; further ones count as level 2. Headings of levels
/// 5 and 6, and those inside quotes, lists or code, stay in the text. Bodies are slices of the
/// source: nothing is written anew, except that definitions of links and footnotes that stand
/// elsewhere in the document are repeated below the text that uses them. A document that cannot be
/// rendered (see [`check`](super::check)) stays in one piece.
#[must_use]
pub fn split(markdown: &str) -> Document {
    let mut splitter = Splitter::default();
    let read = Source::read(markdown, |root| {
        root.children()
            .map(|node| block(node, &mut splitter.warnings))
            .collect::<Vec<_>>()
    });
    match read {
        Ok((source, blocks)) => splitter.split(&source, &blocks),
        Err(error) => {
            splitter
                .warnings
                .add("not_split", format!("The document stays in one section. {error}"));
            splitter.document.sections.push(DocumentSection {
                heading: None,
                level: 2,
                body: markdown.to_owned(),
            });
        }
    }
    Document {
        warnings: splitter.warnings.into_vec(),
        ..splitter.document
    }
}

fn block(node: Node<'_>, warnings: &mut Warnings) -> Block {
    let ast = node.data();
    let lines = ast.sourcepos.start.line.saturating_sub(1)..ast.sourcepos.end.line;
    let kind = match &ast.value {
        NodeValue::Heading(heading) => {
            let title = one_line(node);
            if node.descendants().any(is_more_than_text) {
                let message = format!(
                    "The heading \"{title}\" keeps its text only, without links, images and footnotes."
                );
                warnings.add("heading_simplified", message);
            }
            Kind::Heading(heading.level, title)
        }
        NodeValue::Paragraph => paragraph(node),
        NodeValue::FootnoteDefinition(_) => Kind::Invisible,
        NodeValue::HtmlBlock(html) if is_comment(&html.literal) => Kind::Invisible,
        _ => Kind::Other,
    };
    Block { lines, kind }
}

fn is_more_than_text(node: Node<'_>) -> bool {
    matches!(
        node.data().value,
        NodeValue::Link(_) | NodeValue::Image(_) | NodeValue::FootnoteReference(_)
    )
}

fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.find("-->").is_some_and(|end| end + 3 == html.len())
}

fn paragraph(node: Node<'_>) -> Kind {
    let mut children = node.children();
    let is_bold = |child: Node<'_>| matches!(child.data().value, NodeValue::Strong);
    if children.next().is_some_and(is_bold) && children.next().is_none() {
        return Kind::Bold(one_line(node));
    }
    let breaks = |child: Node<'_>| matches!(child.data().value, NodeValue::SoftBreak | NodeValue::LineBreak);
    if !node.descendants().any(breaks) {
        let line = one_line(node);
        if line.ends_with(['?', '？', '؟']) {
            return Kind::Question(line);
        }
    }
    Kind::Other
}

fn one_line(node: Node<'_>) -> String {
    text::inline(node)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The level and text of a heading that starts a section.
fn heading(block: &Block) -> Option<(u8, String)> {
    match &block.kind {
        Kind::Heading(level, title) if *level <= 4 => Some(((*level).max(2), title.clone())),
        _ => None,
    }
}

#[derive(Default)]
struct Splitter {
    document: Document,
    warnings: Warnings,
}

impl Splitter {
    fn split(&mut self, source: &Source<'_>, blocks: &[Block]) {
        let mut rest = blocks;
        let mut start = 0;
        let visible = blocks
            .iter()
            .position(|block| !matches!(block.kind, Kind::Invisible));
        if let Some((first, Kind::Heading(1, title))) = visible.map(|at| (at, &blocks[at].kind)) {
            self.document.title = Some(title.clone());
            start = blocks[first].lines.end;
            rest = &blocks[first + 1..];
        }
        let preface = rest
            .iter()
            .position(|block| heading(block).is_some())
            .unwrap_or(rest.len());
        let end = rest
            .get(preface)
            .map_or(source.line_count(), |block| block.lines.start);
        let body = source.body(start..end);
        let visible = |block: &Block| !matches!(block.kind, Kind::Invisible);
        if rest[..preface].iter().any(visible) || !plain_text(&body).is_empty() {
            self.section(None, 2, body);
        }
        rest = &rest[preface..];
        while let Some((level, title)) = rest.first().and_then(heading) {
            if matches!(rest[0].kind, Kind::Heading(1, _)) {
                let message = format!("The heading \"{title}\" moved from level 1 to level 2.");
                self.warnings.add("heading_level_changed", message);
            }
            let is_faq = faqs::is_title(&title);
            let ends = |block: &Block| match heading(block) {
                Some((next, _)) => !is_faq || next <= level,
                None => false,
            };
            let length = rest[1..].iter().position(ends).map_or(rest.len(), |at| at + 1);
            let end = rest
                .get(length)
                .map_or(source.line_count(), |block| block.lines.start);
            if is_faq {
                self.faqs(source, &title, level, &rest[..length], end);
            } else {
                self.section(Some(title), level, source.body(rest[0].lines.end..end));
            }
            rest = &rest[length..];
        }
        let sections = self.document.sections.iter_mut().map(|section| &mut section.body);
        let answers = self.document.faqs.iter_mut().map(|faq| &mut faq.answer);
        source.repeat_definitions(sections.chain(answers).collect(), &mut self.warnings);
    }

    fn section(&mut self, heading: Option<String>, level: u8, body: String) {
        self.document
            .sections
            .push(DocumentSection { heading, level, body });
    }

    fn faqs(&mut self, source: &Source<'_>, title: &str, level: u8, blocks: &[Block], end: usize) {
        let found = faqs::divide(&blocks[1..], blocks[0].lines.end..end);
        let leading = source.body(found.leading);
        if found.questions.is_empty() {
            let message = format!("The section \"{title}\" holds no questions and stays a section.");
            self.warnings.add("faq_without_questions", message);
            self.section(Some(title.to_owned()), level, leading);
        } else if !leading.is_empty() {
            let message =
                format!("Text of the section \"{title}\" belongs to no question and stays a section.");
            self.warnings.add("faq_text_kept", message);
            self.section(Some(title.to_owned()), level, leading);
        }
        for (question, lines) in found.questions {
            let answer = source.body(lines);
            if answer.is_empty() {
                let message = format!("\"{question}\" has no answer and stays a heading.");
                self.warnings.add("faq_unanswered", message);
                self.section(Some(question), (level + 1).min(4), answer);
            } else {
                self.document.faqs.push(DocumentFaq { question, answer });
            }
        }
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
