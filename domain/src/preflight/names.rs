//! A name that is spelled in two ways, a letter apart, in one article.
//!
//! Most words that are a letter apart are two words. A pair is told only where both stand inside a sentence with a
//! capital, neither is ever written small, neither is an inflection of the other, and either they have the same name
//! beside them (`Antony Blinken`, `Antony Blinker`) or are so long that it can hardly be chance.

use std::collections::{BTreeMap, BTreeSet};

/// Letters of a name that has the same name beside it.
const SHORT: usize = 4;
/// Letters of a name that stands alone.
const LONG: usize = 7;
/// Different names that are compared; an article with more is an index.
const MOST: usize = 600;
/// Pairs that are told.
const PAIRS: usize = 10;

/// How often a word was met, and how.
#[derive(Debug, Default)]
struct Met {
    count: usize,
    /// Inside a sentence, where only names have capitals.
    inside: usize,
    beside: BTreeSet<String>,
}

/// Two spellings, the rarer first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub rare: String,
    pub rare_count: usize,
    pub usual: String,
    pub usual_count: usize,
}

/// The words of an article.
#[derive(Debug, Default)]
pub(super) struct Words {
    capital: BTreeMap<String, Met>,
    small: BTreeSet<String>,
}

impl Words {
    /// Takes in a text: sentences, or with `is_title` words that may all have capitals for no reason.
    pub(super) fn take(&mut self, text: &str, is_title: bool) {
        let mut begins = true;
        let mut before: Option<String> = None;
        for token in text.split_whitespace() {
            let ends = token.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
            let ends = ends.ends_with(['.', '!', '?', ':', ';', '…', '|']) || token == "-";
            let word = word(token);
            let whole = !token.contains(['@', '/', '_', '#', '=']) && word.chars().all(char::is_alphabetic);
            let is_capital = word.chars().next().is_some_and(char::is_uppercase);
            let is_name = whole && is_capital && !word.chars().skip(1).any(char::is_uppercase);
            if is_name {
                let met = self.capital.entry(word.to_owned()).or_default();
                met.count += 1;
                met.inside += usize::from(!begins && !is_title);
                if let Some(before) = &before {
                    met.beside.insert(before.clone());
                    if let Some(met) = self.capital.get_mut(before.as_str()) {
                        met.beside.insert(word.to_owned());
                    }
                }
            } else if whole && !word.is_empty() {
                self.small.insert(word.to_lowercase());
            }
            // A comma parts two names.
            before = (is_name && !ends && !token.ends_with(',')).then(|| word.to_owned());
            begins = ends;
        }
    }

    /// Pairs of spellings that look like one name.
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let names: Vec<_> = self
            .capital
            .iter()
            .filter(|(word, _)| word.chars().count() >= SHORT && !self.small.contains(&word.to_lowercase()))
            .map(|(word, met)| (word.as_str(), met))
            .take(MOST)
            .collect();
        let mut pairs = Vec::new();
        // Two that are a letter apart have the same first or the same last letters; most begin alike.
        for (at, (one, met)) in names.iter().enumerate() {
            let first = one.chars().next();
            for (other, other_met) in &names[at + 1..] {
                if other.chars().next() != first {
                    break;
                }
                if is_one_name((one, met), (other, other_met)) {
                    pairs.push(pair((one, met), (other, other_met)));
                }
            }
        }
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.usual_count));
        pairs.truncate(PAIRS);
        pairs
    }
}

fn is_one_name((one, met): (&str, &Met), (other, other_met): (&str, &Met)) -> bool {
    if !is_a_letter_apart(one, other) || is_inflected(one, other) {
        return false;
    }
    if met.beside.iter().any(|beside| other_met.beside.contains(beside)) {
        return met.inside + other_met.inside > 0;
    }
    let shorter = one.chars().count().min(other.chars().count());
    shorter >= LONG && met.inside > 0 && other_met.inside > 0
}

fn pair((one, met): (&str, &Met), (other, other_met): (&str, &Met)) -> Pair {
    let (rare, usual) = if met.count <= other_met.count {
        ((one, met), (other, other_met))
    } else {
        ((other, other_met), (one, met))
    };
    Pair {
        rare: rare.0.to_owned(),
        rare_count: rare.1.count,
        usual: usual.0.to_owned(),
        usual_count: usual.1.count,
    }
}

/// The word in a token, without what stands around it and without the mark of possession.
fn word(token: &str) -> &str {
    let word = token.trim_matches(|c: char| !c.is_alphanumeric());
    let word = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("’s"))
        .unwrap_or(word);
    word.trim_end_matches(['\'', '’'])
}

/// Whether one letter more, less, other, or two that changed places make one of the other.
fn is_a_letter_apart(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let (long, short) = if one.len() >= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let same = long.iter().zip(&short).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => {
            long[same + 1..] == short[same + 1..]
                || (same + 1 < long.len()
                    && long[same] == short[same + 1]
                    && long[same + 1] == short[same]
                    && long[same + 2..] == short[same + 2..])
        }
        1 => long[same + 1..] == short[same..],
        _ => false,
    }
}

/// A word without its last letter.
fn chop(word: &str) -> &str {
    let last = word.char_indices().next_back().map_or(0, |(at, _)| at);
    &word[..last]
}

/// Whether one is a form of the other: a plural (`Korea`, `Koreas`), who lives there (`Korea`, `Korean`), or the two
/// endings of one word (`German`, `Germany`).
fn is_inflected(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() >= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let added = long.strip_prefix(short);
    if added.is_some_and(|end| ["s", "n", "y", "i", "e", "r", "d"].contains(&end)) {
        return true;
    }
    // `Germans` and `Germany`.
    let stems = (chop(long), chop(short));
    if stems.0 == stems.1 && (long.ends_with('s') || short.ends_with('s')) {
        return true;
    }
    // `Woman` and `Women`, `Analysis` and `Analyses`.
    [
        ("an", "en"),
        ("is", "es"),
        ("us", "ui"),
        ("um", "us"),
        ("on", "ns"),
    ]
    .iter()
    .any(|(a, b)| {
        let (stem, rest) = (long.strip_suffix(a), short.strip_suffix(b));
        let turned = (long.strip_suffix(b), short.strip_suffix(a));
        (stem.is_some() && stem == rest) || (turned.0.is_some() && turned.0 == turned.1)
    })
}
