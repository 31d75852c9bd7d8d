//! Finding questions and answers in a section of a document.

use std::ops::Range;

use super::document::{Block, Kind};

/// Headings that announce questions and answers.
const TITLES: [&str; 3] = ["faq", "faqs", "frequently asked questions"];

/// Whether a heading announces questions and answers.
pub(super) fn is_title(heading: &str) -> bool {
    let bare = heading
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    TITLES.contains(&bare.as_str())
}

/// What a section of questions consists of, in lines of the source.
pub(super) struct Found {
    /// Text before the first question.
    pub(super) leading: Range<usize>,
    /// Each question with the lines of its answer.
    pub(super) questions: Vec<(String, Range<usize>)>,
}

/// Divides a section into questions and answers.
///
/// Deeper headings are the questions; where there are none, bold paragraphs; where there are none
/// either, paragraphs of one line that end in a question mark. An answer reaches to the next
/// question.
pub(super) fn divide(blocks: &[Block], lines: Range<usize>) -> Found {
    let mut found = questions(blocks, |kind| match kind {
        Kind::Heading(_, text) => Some(text),
        _ => None,
    });
    if found.is_empty() {
        found = questions(blocks, |kind| match kind {
            Kind::Bold(text) => Some(text),
            _ => None,
        });
    }
    if found.is_empty() {
        found = questions(blocks, |kind| match kind {
            Kind::Question(text) => Some(text),
            _ => None,
        });
    }
    let starts: Vec<usize> = found.iter().map(|(_, block)| block.lines.start).collect();
    let end_of = |index: usize| starts.get(index).copied().unwrap_or(lines.end);
    let answers = found.iter().enumerate();
    let answers = answers.map(|(index, (text, block))| ((*text).clone(), block.lines.end..end_of(index + 1)));
    Found {
        leading: lines.start..end_of(0),
        questions: answers.collect(),
    }
}

fn questions<'b>(
    blocks: &'b [Block],
    text: impl Fn(&'b Kind) -> Option<&'b String>,
) -> Vec<(&'b String, &'b Block)> {
    blocks
        .iter()
        .filter_map(|block| Some((text(&block.kind)?, block)))
        .collect()
}
