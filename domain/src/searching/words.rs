//! From a text to the words it is found by.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use unicode_normalization::UnicodeNormalization;

use crate::rendering::reading::is_cjk;

/// Characters of a word that are kept; what goes beyond does not tell words apart.
pub const TERM_LENGTH: usize = 40;

/// What a word is in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// A word of a script that separates words, or that a dictionary divides.
    Whole,
    /// Two neighbouring characters of Chinese, Japanese or Korean.
    Pair,
    /// The last character of a run of Chinese, Japanese or Korean, or its only one.
    Last,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it is compared: in lower case, without accents, in one form of each character.
    pub term: String,
    /// Where it begins, in Unicode scalar values.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it is.
    pub kind: WordKind,
}

/// A text as it is kept for searching: white space folded, characters composed.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !cleaned.is_empty() {
            cleaned.push(' ');
        }
        cleaned.extend(word.nfc());
    }
    cleaned
}

/// The words of a text, in order.
///
/// Scripts that separate words, and those that a dictionary divides, give words as Unicode finds them, divided further
/// at apostrophes and dots. A run of Chinese, Japanese or Korean gives each pair of neighbours and its last character:
/// so two characters are found wherever they stand side by side, and one as the beginning of a pair.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < text.len() {
        let dense = text[at..].chars().next().is_some_and(is_dense);
        let length = text[at..]
            .char_indices()
            .find(|(_, character)| is_dense(*character) != dense)
            .map_or(text.len() - at, |(end, _)| end);
        let run = &text[at..at + length];
        if dense {
            add_pairs(run, start, &mut found);
        } else {
            add_words(run, start, &mut found);
        }
        start += run.chars().count();
        at += length;
    }
    found
}

/// Whether a character belongs to a script whose words stand without spaces or carry particles.
fn is_dense(character: char) -> bool {
    // The marks of voiced kana, in their narrow forms too, belong to what stands before them.
    is_cjk(character) || matches!(character, '\u{3099}' | '\u{309a}' | '\u{ff9e}' | '\u{ff9f}')
}

fn add_pairs(run: &str, start: usize, found: &mut Vec<Word>) {
    let mut units: Vec<(String, usize, usize)> = Vec::new();
    for (index, character) in run.chars().enumerate() {
        let at = start + index;
        let folded: String = character.nfkc().flat_map(char::to_lowercase).collect();
        match units.last_mut() {
            Some((unit, _, end)) if folded.starts_with(['\u{3099}', '\u{309a}']) => {
                unit.push_str(&folded);
                *unit = unit.nfc().collect();
                *end = at + 1;
            }
            _ => units.push((folded, at, at + 1)),
        }
    }
    for (index, (unit, start, end)) in units.iter().enumerate() {
        let word = match units.get(index + 1) {
            Some((next, _, end)) => Word {
                term: format!("{unit}{next}"),
                start: *start,
                end: *end,
                kind: WordKind::Pair,
            },
            None => Word {
                term: unit.clone(),
                start: *start,
                end: *end,
                kind: WordKind::Last,
            },
        };
        found.push(word);
    }
}

fn add_words(run: &str, start: usize, found: &mut Vec<Word>) {
    let segmenter = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
    let (mut begin, mut at) = (0, start);
    for (end, kind) in segmenter.segment_str(run).iter_with_word_type() {
        let segment = &run[begin..end];
        let length = segment.chars().count();
        if kind.is_word_like() || segment.chars().any(char::is_alphanumeric) {
            add_parts(segment, at, found);
        }
        at += length;
        begin = end;
    }
}

/// Divides a word at what joins words: `l'eau`, `example.org`, `snake_case`; a number stays whole.
fn add_parts(segment: &str, start: usize, found: &mut Vec<Word>) {
    let characters: Vec<char> = segment.chars().collect();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| characters.get(index))
            .is_some_and(char::is_ascii_digit)
    };
    let mut from = 0;
    for index in 0..=characters.len() {
        let divides = characters.get(index).is_none_or(|character| {
            let in_number = matches!(character, '.' | ',')
                && is_digit(index.checked_sub(1))
                && is_digit(index.checked_add(1));
            is_joint(*character) && !in_number
        });
        if !divides {
            continue;
        }
        let term = fold(&characters[from..index]);
        if !term.is_empty() {
            found.push(Word {
                term,
                start: start + from,
                end: start + index,
                kind: WordKind::Whole,
            });
        }
        from = index + 1;
    }
}

fn is_joint(character: char) -> bool {
    matches!(
        character,
        '\'' | '’' | '＇' | '.' | '．' | ',' | ':' | '·' | '‧' | '_' | '＿'
    )
}

/// A word as it is compared.
fn fold(characters: &[char]) -> String {
    let mut folded = String::new();
    let lower = characters.iter().copied().nfkc().flat_map(char::to_lowercase);
    for character in lower.nfd().filter(|character| !is_accent(*character)) {
        match character {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            // A space divides the words of a kept text.
            other if other.is_whitespace() => {}
            other => folded.push(other),
        }
    }
    folded.nfc().take(TERM_LENGTH).collect()
}

/// Marks above and below letters that people leave out when they search: of Latin, Greek and Cyrillic, the vowels of
/// Hebrew and Arabic, and what joins emoji and letters unseen.
fn is_accent(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{640}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{ad}' | '\u{200c}'..='\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.term).collect()
    }

    #[test]
    fn case_accents_and_widths_do_not_tell_words_apart() {
        assert_eq!(terms("Größe GROSSE grosse"), ["grosse", "grosse", "grosse"]);
        assert_eq!(terms("café cafe\u{301} ＣＡＦÉ"), ["cafe", "cafe", "cafe"]);
        assert_eq!(terms("Ødegård İstanbul Łódź"), ["odegard", "istanbul", "lodz"]);
        assert_eq!(terms("ΟΔΟΣ οδός"), ["οδοσ", "οδοσ"]);
        assert_eq!(terms("ﬁne"), ["fine"]);
    }

    #[test]
    fn words_are_divided_where_people_would_search_for_a_part() {
        assert_eq!(terms("the harbour's l’eau"), ["the", "harbour", "s", "l", "eau"]);
        assert_eq!(terms("well-known snake_case"), ["well", "known", "snake", "case"]);
        assert_eq!(
            terms("example.org, 3.14 and 1,000."),
            ["example", "org", "3.14", "and", "1,000"]
        );
        assert_eq!(terms("… — !? 🎉"), [""; 0]);
    }

    #[test]
    fn neighbours_of_dense_scripts_are_pairs() {
        assert_eq!(terms("北京大学"), ["北京", "京大", "大学", "学"]);
        assert_eq!(terms("使用 Rust 语言"), ["使用", "用", "rust", "语言", "言"]);
        assert_eq!(terms("API를"), ["api", "를"]);
        assert_eq!(terms("ﾊﾞｽ"), terms("バス"));
        assert_eq!(terms("潮"), ["潮"]);
    }

    #[test]
    fn a_word_knows_its_place_in_scalar_values() {
        let text = "Ça: 潮汐 e\u{301}té — 🎉 fin";
        let characters: Vec<char> = text.chars().collect();
        let shown: Vec<String> = words(text)
            .iter()
            .map(|word| characters[word.start..word.end].iter().collect())
            .collect();
        assert_eq!(shown, ["Ça", "潮汐", "汐", "e\u{301}té", "fin"]);
    }

    #[test]
    fn white_space_is_folded_and_characters_are_composed() {
        assert_eq!(clean(" e\u{301}té \n\n- deux\t"), "été - deux");
        assert_eq!(clean("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn an_endless_word_is_cut() {
        assert_eq!(terms(&"x".repeat(10_000)), ["x".repeat(TERM_LENGTH)]);
    }
}
