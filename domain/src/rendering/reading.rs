//! How long a text is, how long it takes to read, and how it begins.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{GraphemeClusterSegmenter, WordSegmenter};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Words read in a minute (Brysbaert 2019, English non-fiction).
const WORDS_A_MINUTE: u64 = 238;

/// Chinese, Japanese or Korean characters read in a minute.
const CHARACTERS_A_MINUTE: u64 = 500;

/// The length of a text, counted by script.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Words of scripts that are counted by words.
    pub words: u32,
    /// Characters of Chinese, Japanese and Korean: Han, Hiragana, Katakana and Hangul.
    pub characters: u32,
}

impl Add for Length {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            words: self.words.saturating_add(other.words),
            characters: self.characters.saturating_add(other.characters),
        }
    }
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::default(), Add::add)
    }
}

impl Length {
    /// The number an editor expects: words, and each Chinese, Japanese or Korean character as one,
    /// as word processors count.
    #[must_use]
    pub fn word_count(self) -> u32 {
        self.words.saturating_add(self.characters)
    }

    /// Minutes it takes to read: 238 words or 500 Chinese, Japanese or Korean characters each,
    /// rounded up, at least one.
    #[must_use]
    pub fn reading_time_minutes(self) -> u32 {
        // Over the common denominator, so that nothing is rounded before the end.
        let share = u64::from(self.words) * CHARACTERS_A_MINUTE + u64::from(self.characters) * WORDS_A_MINUTE;
        let minutes = share.div_ceil(WORDS_A_MINUTE * CHARACTERS_A_MINUTE).max(1);
        u32::try_from(minutes).unwrap_or(u32::MAX)
    }
}

/// Measures plain text. Punctuation counts nothing; scripts without spaces, such as Thai, are
/// divided into words by dictionary.
#[must_use]
pub fn measure(text: &str) -> Length {
    let segmenter = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
    let mut length = Length::default();
    let mut start = 0;
    for (end, kind) in segmenter.segment_str(text).iter_with_word_type() {
        if kind.is_word_like() {
            length += measure_word(&text[start..end]);
        }
        start = end;
    }
    length
}

fn measure_word(word: &str) -> Length {
    if !word.chars().any(is_cjk) {
        return Length {
            words: 1,
            characters: 0,
        };
    }
    // Composed, so that a Hangul syllable or a voiced kana counts once however it is encoded.
    let characters = word.nfc().filter(|character| is_cjk(*character)).count();
    // A segment can hold both ("API를"): Hangul are letters to the segmenter.
    let mixed = word
        .chars()
        .any(|character| character.is_alphanumeric() && !is_cjk(character));
    Length {
        words: u32::from(mixed),
        characters: u32::try_from(characters).unwrap_or(u32::MAX),
    }
}

/// Whether a character is Han, Hiragana, Katakana or Hangul.
pub(crate) fn is_cjk(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{11ff}' | '\u{3005}' | '\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3038}'..='\u{303b}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3131}'..='\u{318e}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7a3}' | '\u{d7b0}'..='\u{d7fb}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{ffa0}'..='\u{ffdc}'
        | '\u{20000}'..='\u{323af}')
}

/// The beginning of a plain text, white space folded, at most `max_characters` characters long
/// including the `…` that marks a cut. Cut between words where there are any, and never inside a
/// character a reader sees as one.
#[must_use]
pub fn excerpt(text: &str, max_characters: usize) -> String {
    // Segmenting all of a long text for its first lines would be a waste.
    let ahead = max_characters.saturating_mul(2).saturating_add(256);
    let folded = folded(text, ahead);
    if folded.chars().count() <= max_characters {
        return folded;
    }
    let Some(room) = max_characters.checked_sub(1) else {
        return String::new();
    };
    let limit = folded.char_indices().nth(room).map_or(folded.len(), |(at, _)| at);
    let mut kept = folded[..last_boundary(&folded, limit)]
        .trim_end_matches(is_loose)
        .to_owned();
    kept.push('…');
    kept
}

/// The first characters of a text, with one space for each run of white space.
fn folded(text: &str, most: usize) -> String {
    let mut folded = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        if count >= most {
            break;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().take(most));
        count += word.chars().take(most).count() + 1;
    }
    folded
}

/// The last place up to `limit` where the text can be cut: between words, else between graphemes.
fn last_boundary(text: &str, limit: usize) -> usize {
    let graphemes: Vec<usize> = GraphemeClusterSegmenter::new()
        .segment_str(text)
        .take_while(|boundary| *boundary <= limit)
        .collect();
    let words = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
    words
        .segment_str(text)
        .take_while(|boundary| *boundary <= limit)
        .filter(|boundary| graphemes.binary_search(boundary).is_ok())
        .filter(|boundary| !text[..*boundary].trim_end_matches(is_loose).is_empty())
        .last()
        .or(graphemes.last().copied())
        .unwrap_or_default()
}

/// What looks wrong right before an ellipsis.
fn is_loose(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            ',' | ';' | ':' | '.' | '…' | '-' | '–' | '—' | '(' | '[' | '“' | '«'
        )
        || matches!(
            character,
            '，' | '、' | '；' | '：' | '。' | '（' | '「' | '『' | '《'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(words: u32, characters: u32) -> Length {
        Length { words, characters }
    }

    #[test]
    fn words_are_counted_and_punctuation_is_not() {
        assert_eq!(measure("Don't count — punctuation, 3.14!"), length(4, 0));
        assert_eq!(measure(""), length(0, 0));
        assert_eq!(measure("ภาษาไทยง่าย").characters, 0);
        assert!(measure("ภาษาไทยง่าย").words >= 2);
    }

    #[test]
    fn chinese_japanese_and_korean_are_counted_by_characters() {
        assert_eq!(measure("我们今天去北京大学学习。"), length(0, 11));
        assert_eq!(measure("コーヒーを飲む"), length(0, 7));
        assert_eq!(measure("한국어 문장입니다."), length(0, 8));
        assert_eq!(measure("\u{1112}\u{1161}\u{11ab}"), length(0, 1));
        assert_eq!(measure("使用 Rust 语言"), length(1, 4));
        assert_eq!(measure("API를 3월에"), length(2, 3));
    }

    #[test]
    fn the_word_count_counts_characters_as_word_processors_do() {
        assert_eq!(length(10, 5).word_count(), 15);
    }

    #[test]
    fn reading_time_is_rounded_up_once() {
        assert_eq!(length(0, 0).reading_time_minutes(), 1);
        assert_eq!(length(238, 0).reading_time_minutes(), 1);
        assert_eq!(length(239, 0).reading_time_minutes(), 2);
        assert_eq!(length(119, 250).reading_time_minutes(), 1);
        assert_eq!(length(119, 251).reading_time_minutes(), 2);
        assert_eq!(length(u32::MAX, u32::MAX).reading_time_minutes(), 26_636_016);
    }

    #[test]
    fn lengths_add_up() {
        let sum: Length = [length(1, 2), length(3, 4)].into_iter().sum();
        assert_eq!(sum, length(4, 6));
        assert_eq!(length(u32::MAX, 0) + length(1, 0), length(u32::MAX, 0));
    }

    #[test]
    fn a_short_text_is_its_own_excerpt() {
        assert_eq!(excerpt(" Tides \n turn. ", 12), "Tides turn.");
        assert_eq!(excerpt("Tides turn.", 11), "Tides turn.");
        assert_eq!(excerpt("", 10), "");
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        assert_eq!(excerpt("Tides turn, twice a day.", 14), "Tides turn…");
        assert_eq!(excerpt("Tides turn, twice a day.", 18), "Tides turn, twice…");
        assert_eq!(excerpt("Tides turn", 1), "…");
        assert_eq!(excerpt("Tides turn", 0), "");
        let cut = excerpt("我们今天去北京大学学习，然后回家。", 7);
        assert_eq!(cut, "我们今天去…");
    }

    #[test]
    fn a_grapheme_is_never_split() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(excerpt(&family.repeat(3), 10), format!("{family}…"));
        assert_eq!(excerpt(&family.repeat(3), 5), "…");
        let accented = "e\u{301}".repeat(30);
        for most in 0..20 {
            let cut = excerpt(&accented, most);
            assert!(cut.chars().count() <= most);
            assert!(!cut.contains("e…"), "{cut}");
        }
    }

    #[test]
    fn a_long_text_is_measured_and_cut_quickly() {
        let text = "潮汐".repeat(50_000);
        assert_eq!(measure(&text).characters, 100_000);
        assert_eq!(excerpt(&text, 300).chars().count(), 299);
        assert_eq!(excerpt(&"x".repeat(1_000_000), 300).chars().count(), 300);
    }
}
