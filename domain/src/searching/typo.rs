//! How far what was typed is from a word.

use std::collections::BTreeSet;

/// Typing errors that are forgiven in a word of so many characters.
#[must_use]
pub const fn tolerance(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Errors between what was typed and a whole word: letters that are wrong, missing, too many, or two neighbours
/// exchanged.
#[must_use]
pub fn distance_to_whole(typed: &str, word: &str) -> usize {
    distances(typed, word).last().copied().unwrap_or_default()
}

/// Errors between what was typed and the beginning of a word that is nearest to it.
#[must_use]
pub fn distance_to_beginning(typed: &str, word: &str) -> usize {
    distances(typed, word).into_iter().min().unwrap_or_default()
}

/// Errors between what was typed and each beginning of a word, the empty one first.
fn distances(typed: &str, word: &str) -> Vec<usize> {
    let word: Vec<char> = word.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=word.len()).collect();
    let mut left = None;
    for (row, letter) in typed.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in word.iter().enumerate() {
            let wrong = above[column] + usize::from(letter != *other);
            let mut fewest = wrong.min(above[column + 1] + 1).min(current[column] + 1);
            let exchanged = column > 0 && left == Some(*other) && word[column - 1] == letter;
            if let (true, Some(two_back)) = (exchanged, before.get(column.wrapping_sub(1))) {
                fewest = fewest.min(two_back + 1);
            }
            current.push(fewest);
        }
        left = Some(letter);
        before = std::mem::replace(&mut above, current);
    }
    above
}

/// Pairs of neighbouring letters, each once, the first letter with the mark of a beginning. One error takes three of
/// them away at most.
#[must_use]
pub fn grams(word: &str) -> BTreeSet<String> {
    let mut before = '^';
    word.chars()
        .map(|letter| {
            let gram = format!("{before}{letter}");
            before = letter;
            gram
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_slip_is_one_error() {
        for typed in ["hrbour", "harbbour", "harboor", "harbuor", "ahrbour"] {
            assert_eq!(distance_to_whole(typed, "harbour"), 1, "{typed}");
        }
        assert_eq!(distance_to_whole("harbour", "harbour"), 0);
        assert_eq!(distance_to_whole("", "abc"), 3);
        assert_eq!(distance_to_whole("abc", ""), 3);
        assert_eq!(distance_to_whole("ca", "abc"), 3);
    }

    #[test]
    fn a_beginning_needs_no_end() {
        assert_eq!(distance_to_beginning("harb", "harbour"), 0);
        assert_eq!(distance_to_beginning("hrab", "harbour"), 1);
        assert_eq!(distance_to_beginning("harbx", "harbour"), 1);
        assert_eq!(distance_to_beginning("quartz", "qu"), 4);
    }

    #[test]
    fn an_error_leaves_enough_to_be_found_by() {
        for (typed, word) in [
            ("ahrb", "harbour"),
            ("xarb", "harb"),
            ("aharb", "harb"),
            ("abroadsied", "broadside"),
        ] {
            let length = typed.chars().count();
            let errors = distance_to_beginning(typed, word);
            assert!(errors <= tolerance(length), "{typed} {word} {errors}");
            let (typed, word) = (grams(typed), grams(word));
            let shared = typed.intersection(&word).count();
            assert!(
                shared + 3 * errors >= typed.len() && shared > 0,
                "{typed:?} {word:?}"
            );
        }
    }
}
