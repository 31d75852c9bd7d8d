//! Texts word by word: what differs between two, and what three make of each other.

use std::ops::Range;

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::rights::words;

words! {
    /// What became of a piece of a text.
    Op {
        /// It stayed.
        Equal = "equal",
        /// It was taken out.
        Delete = "delete",
        /// It was put in.
        Insert = "insert",
    }
}

/// A piece of two texts: all that are not inserted are the old one, all that are not deleted the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub op: Op,
    /// Its text.
    pub text: String,
}

/// A place where two people wrote different words instead of the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The words that both saw.
    pub base: String,
    /// What the other wrote instead.
    pub theirs: String,
    /// What the client wrote instead.
    pub yours: String,
}

/// What became of one text that two people changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woven {
    /// Both changes; where they clash, the other's.
    pub text: String,
    /// Where they clash.
    pub clashes: Vec<Clash>,
}

/// A word, or what stands between words.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    is_word: bool,
}

/// A run of tokens that became another.
#[derive(Debug, Clone)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// The words of a text and everything between them, as Unicode finds them; a dictionary divides Chinese and Japanese.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let segmenter = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
    let mut found = Vec::new();
    let mut begin = 0;
    for (end, kind) in segmenter.segment_str(text).iter_with_word_type() {
        let segment = &text[begin..end];
        if !segment.is_empty() {
            let is_word = kind.is_word_like() || segment.chars().any(char::is_alphanumeric);
            found.push(Token {
                text: segment,
                is_word,
            });
        }
        begin = end;
    }
    found
}

fn written(tokens: &[Token<'_>]) -> String {
    tokens.iter().map(|token| token.text).collect()
}

/// The changes between two texts. Those that no word stands between are one: a space that two sentences share says
/// nothing about them.
fn changes(old: &[Token<'_>], new: &[Token<'_>]) -> Vec<Change> {
    let texts =
        |tokens: &[Token<'_>]| -> Vec<String> { tokens.iter().map(|token| token.text.to_owned()).collect() };
    let mut found: Vec<Change> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(old), &texts(new)) {
        let (tag, old_range, new_range) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        match found.last_mut() {
            Some(last) if !holds_word(&old[last.old.end..old_range.start]) => {
                last.old.end = old_range.end;
                last.new.end = new_range.end;
            }
            _ => found.push(Change {
                old: old_range,
                new: new_range,
            }),
        }
    }
    found
}

fn holds_word(tokens: &[Token<'_>]) -> bool {
    tokens.iter().any(|token| token.is_word)
}

/// What differs between two texts, word by word, in the order of reading.
#[must_use]
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (tokens(before), tokens(after));
    let mut found = Vec::new();
    let mut add = |op, tokens: &[Token<'_>]| {
        if !tokens.is_empty() {
            let text = written(tokens);
            found.push(Piece { op, text });
        }
    };
    let mut at = 0;
    for change in changes(&old, &new) {
        add(Op::Equal, &old[at..change.old.start]);
        add(Op::Delete, &old[change.old.clone()]);
        add(Op::Insert, &new[change.new.clone()]);
        at = change.old.end;
    }
    add(Op::Equal, &old[at..]);
    found
}

/// Lays two changes of one text over each other. They clash where both changed the same words, or words that no
/// unchanged word stands between.
#[must_use]
pub fn weave(base: &str, theirs: &str, yours: &str) -> Woven {
    let (base, theirs, yours) = (tokens(base), tokens(theirs), tokens(yours));
    let (mut their, mut your) = (Side::new(&base, &theirs), Side::new(&base, &yours));
    let mut woven = Woven {
        text: String::new(),
        clashes: Vec::new(),
    };
    let mut at = 0;
    while let Some(start) = [&their, &your].iter().filter_map(|side| side.start()).min() {
        let mut stretch = start..start;
        while their.joins(&mut stretch) || your.joins(&mut stretch) {}
        woven.text.push_str(&written(&base[at..stretch.start]));
        let (before, other, own) = (
            written(&base[stretch.clone()]),
            their.take(&stretch),
            your.take(&stretch),
        );
        at = stretch.end;
        match (other, own) {
            (Some(other), Some(own)) if other != own => {
                woven.text.push_str(&other);
                woven.clashes.push(Clash {
                    base: before,
                    theirs: other,
                    yours: own,
                });
            }
            (Some(text), _) | (None, Some(text)) => woven.text.push_str(&text),
            (None, None) => woven.text.push_str(&before),
        }
    }
    woven.text.push_str(&written(&base[at..]));
    woven
}

/// One of the two who changed a text.
struct Side<'a> {
    base: &'a [Token<'a>],
    own: &'a [Token<'a>],
    changes: Vec<Change>,
    /// The first change that no stretch has yet.
    open: usize,
    /// The first change of the present stretch.
    first: usize,
}

impl<'a> Side<'a> {
    fn new(base: &'a [Token<'a>], own: &'a [Token<'a>]) -> Self {
        Self {
            base,
            own,
            changes: changes(base, own),
            open: 0,
            first: 0,
        }
    }

    fn start(&self) -> Option<usize> {
        self.changes.get(self.open).map(|change| change.old.start)
    }

    /// Takes the next change into the stretch if nothing but what stands between words divides them.
    fn joins(&mut self, stretch: &mut Range<usize>) -> bool {
        let Some(change) = self.changes.get(self.open) else {
            return false;
        };
        let start = change.old.start.max(stretch.end);
        if holds_word(&self.base[stretch.end..start]) {
            return false;
        }
        stretch.end = stretch.end.max(change.old.end);
        self.open += 1;
        true
    }

    /// What this side has instead of the stretch; `None` where it changed nothing in it.
    fn take(&mut self, stretch: &Range<usize>) -> Option<String> {
        let taken = &self.changes[self.first..self.open];
        self.first = self.open;
        let mut at = stretch.start;
        let mut text = String::new();
        for change in taken {
            text.push_str(&written(&self.base[at..change.old.start]));
            text.push_str(&written(&self.own[change.new.clone()]));
            at = change.old.end;
        }
        text.push_str(&written(&self.base[at..stretch.end]));
        (!taken.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Vec<String> {
        pieces(before, after)
            .into_iter()
            .map(|piece| {
                let sign = match piece.op {
                    Op::Equal => '=',
                    Op::Delete => '-',
                    Op::Insert => '+',
                };
                format!("{sign}{}", piece.text)
            })
            .collect()
    }

    #[test]
    fn words_differ_and_not_letters() {
        assert_eq!(
            shown("The sea is never still.", "The sea is seldom still."),
            ["=The sea is ", "-never", "+seldom", "= still."]
        );
        assert_eq!(shown("a b", "a b"), ["=a b"]);
        assert_eq!(shown("", "New."), ["+New."]);
        assert!(shown("", "").is_empty());
    }

    #[test]
    fn changes_that_no_word_divides_are_one() {
        assert_eq!(
            shown("ebb and flow", "high water and flow"),
            ["-ebb", "+high water", "= and flow"]
        );
        assert_eq!(shown("one two", "three four"), ["-one two", "+three four"]);
    }

    #[test]
    fn chinese_differs_by_words_too() {
        assert_eq!(
            shown("我们今天去北京大学学习。", "我们明天去北京大学学习。"),
            ["=我们", "-今天", "+明天", "=去北京大学学习。"]
        );
    }

    #[test]
    fn both_changes_are_kept_where_a_word_stands_between_them() {
        let woven = weave(
            "The sea is never still and never silent.",
            "The ocean is never still and never silent.",
            "The sea is never still and seldom silent.",
        );
        assert_eq!(woven.text, "The ocean is never still and seldom silent.");
        assert!(woven.clashes.is_empty());
        let woven = weave(
            "潮汐每天两次。我们去看海。",
            "潮汐每日两次。我们去看海。",
            "潮汐每天两次。他们去看海。",
        );
        assert_eq!(woven.text, "潮汐每日两次。他们去看海。");
        assert!(woven.clashes.is_empty());
    }

    #[test]
    fn the_same_words_changed_twice_clash_and_show_both() {
        let woven = weave(
            "One. The sea is never still. Two.",
            "One. The sea is seldom still. Two.",
            "Zero. The sea is hardly still. Two.",
        );
        assert_eq!(woven.text, "Zero. The sea is seldom still. Two.");
        let clash = Clash {
            base: "never".into(),
            theirs: "seldom".into(),
            yours: "hardly".into(),
        };
        assert_eq!(woven.clashes, [clash]);
    }

    #[test]
    fn what_both_add_at_one_place_clashes_unless_it_is_the_same() {
        let woven = weave("The end.", "The end. Mine.", "The end. Yours.");
        assert_eq!((woven.text.as_str(), woven.clashes.len()), ("The end. Mine.", 1));
        let woven = weave("The end.", "The end. Same.", "The end. Same.");
        assert_eq!((woven.text.as_str(), woven.clashes.len()), ("The end. Same.", 0));
        let woven = weave("a b", "", "a b c");
        assert_eq!((woven.text.as_str(), woven.clashes.len()), ("", 1));
    }

    #[test]
    fn two_books_without_a_common_word_are_told_apart_in_time() {
        let text = |from: u32| {
            (from..from + 15_000)
                .map(|n| format!("w{n} "))
                .collect::<Vec<_>>()
                .concat()
        };
        let (one, other) = (text(0), text(20_000));
        assert!(pieces(&one, &other).len() <= 3);
        let mut shuffled: Vec<_> = one.split_inclusive(' ').collect();
        shuffled.sort_by_key(|word| word.bytes().rev().map(u64::from).fold(7, |a, b| a * 31 + b));
        let shuffled = shuffled.concat();
        let back: String = pieces(&one, &shuffled)
            .into_iter()
            .filter(|piece| piece.op != Op::Delete)
            .map(|piece| piece.text)
            .collect();
        assert_eq!(back, shuffled);
    }
}
