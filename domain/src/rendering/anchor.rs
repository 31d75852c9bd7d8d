//! Anchors of headings and slugs of things.

use std::collections::BTreeSet;

use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest anchor, in characters.
const LONGEST_ANCHOR: usize = 80;

/// The longest slug, in characters.
const LONGEST_SLUG: usize = 96;

/// How much of a text is read for a slug or an anchor, in characters.
const LONGEST_READ: usize = 1000;

/// The anchor of a heading: its letters and digits in lower case and any script, hyphens between
/// words, at most 80 characters, `section` if nothing is left.
#[must_use]
pub fn anchor(heading: &str) -> String {
    let lower = heading
        .chars()
        .take(LONGEST_READ)
        .nfkc()
        .collect::<String>()
        .to_lowercase();
    let words = hyphenated(lower.nfkc(), |c| c.is_alphanumeric() || is_combining_mark(c));
    let cut = shortened(&words, LONGEST_ANCHOR);
    if cut.is_empty() { "section".to_owned() } else { cut }
}

/// The anchor of a heading, with `-2`, `-3` … appended if it is taken.
#[must_use]
pub fn unique_anchor(heading: &str, taken: &BTreeSet<String>) -> String {
    let wanted = anchor(heading);
    let mut unique = wanted.clone();
    let mut number: usize = 1;
    while taken.contains(&unique) {
        number += 1;
        let suffix = format!("-{number}");
        unique = shortened(&wanted, LONGEST_ANCHOR - suffix.len()) + &suffix;
    }
    unique
}

/// A slug of a title or a name: transliterated to `a-z`, `0-9` and hyphens, at most 96 characters,
/// cut between words. Empty if nothing is left.
#[must_use]
pub fn slugify(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_READ).nfkc().collect();
    let latin = deunicode(&start).to_ascii_lowercase();
    shortened(
        &hyphenated(latin.chars(), |c| c.is_ascii_alphanumeric()),
        LONGEST_SLUG,
    )
}

/// Keeps some characters and puts one hyphen for each run of others, except at the ends.
fn hyphenated(text: impl Iterator<Item = char>, keeps: impl Fn(char) -> bool) -> String {
    let mut result = String::new();
    let mut gap = false;
    for character in text.filter(|c| !joins(*c)) {
        if keeps(character) {
            if gap && !result.is_empty() {
                result.push('-');
            }
            result.push(character);
            gap = false;
        } else {
            gap = true;
        }
    }
    result
}

/// Characters that stand inside a word without being part of it: "don't" is one word.
fn joins(character: char) -> bool {
    matches!(
        character,
        '\'' | '’' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

/// At most `longest` characters, cut at a hyphen where there is one.
fn shortened(words: &str, longest: usize) -> String {
    let Some((end, next)) = words.char_indices().nth(longest) else {
        return words.to_owned();
    };
    let head = &words[..end];
    let cut = match head.rfind('-') {
        _ if next == '-' => head,
        Some(hyphen) => &head[..hyphen],
        // One long word: no cut between a letter and its marks.
        None if is_combining_mark(next) => head
            .trim_end_matches(is_combining_mark)
            .char_indices()
            .next_back()
            .map_or(head, |(last, _)| &head[..last]),
        None => head,
    };
    cut.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_keeps_letters_of_any_script() {
        assert_eq!(anchor("Why tides turn?"), "why-tides-turn");
        assert_eq!(anchor("  Straße & Élan — №5  "), "straße-élan-no5");
        assert_eq!(anchor("为什么 潮汐？"), "为什么-潮汐");
        assert_eq!(anchor("हिन्दी में"), "हिन्दी-में");
        assert_eq!(anchor("Don’t don't"), "dont-dont");
        assert_eq!(anchor("ＡＢＣ１２"), "abc12");
    }

    #[test]
    fn an_anchor_is_never_empty() {
        for nothing in ["", " ", "---", "?!", "🎉"] {
            assert_eq!(anchor(nothing), "section", "{nothing:?}");
        }
    }

    #[test]
    fn an_anchor_of_an_anchor_is_itself() {
        for heading in ["Why tides turn?", "İstanbul", "ΑΣ", "ﬁn ½", "हिन्दी"] {
            let once = anchor(heading);
            assert_eq!(anchor(&once), once, "{heading:?}");
        }
    }

    #[test]
    fn a_long_anchor_is_cut_between_words() {
        let cut = anchor(&"tide ".repeat(100));
        assert_eq!(cut.len(), 79);
        assert!(cut.ends_with("-tide"));
        assert_eq!(anchor(&"字".repeat(500)).chars().count(), 80);
    }

    #[test]
    fn a_taken_anchor_is_numbered() {
        let taken = ["tides", "tides-2"].map(str::to_owned).into();
        assert_eq!(unique_anchor("Tides", &taken), "tides-3");
        assert_eq!(unique_anchor("Turn", &taken), "turn");
        let long = "字".repeat(90);
        let taken = [anchor(&long)].into();
        assert_eq!(unique_anchor(&long, &taken).chars().count(), 80);
    }

    #[test]
    fn slugs_are_transliterated() {
        assert_eq!(slugify("Straße"), "strasse");
        assert_eq!(slugify("Привет"), "privet");
        assert_eq!(slugify("你好"), "ni-hao");
        assert_eq!(slugify("It's 5 o’clock, C++!"), "its-5-oclock-c");
        assert_eq!(slugify("?!"), "");
    }

    #[test]
    fn a_long_slug_is_cut_between_words() {
        assert!(slugify(&"tide ".repeat(500)).len() <= 96);
        assert!(slugify(&"tide ".repeat(500)).ends_with("-tide"));
        assert_eq!(slugify(&"a".repeat(100_000)).len(), 96);
    }
}
