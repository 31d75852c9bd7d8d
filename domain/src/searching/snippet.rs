//! What is shown of a text that was found: a piece of it, and where the words stand in that.

use super::document::places;
use super::question::Question;

/// Characters of a text that are shown, without the `…` where it was cut.
pub const SNIPPET: usize = 200;
/// Characters before the first word that was found.
const LEAD: usize = 60;

/// A range in a text, in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Where it begins.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Plain text.
    pub text: String,
    /// In order, apart from each other.
    pub marks: Vec<Mark>,
}

/// Where something that is wanted stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// Where.
    pub mark: Mark,
    /// Which of the things that are wanted.
    pub wanted: usize,
}

/// Everything that is wanted and stands in a text, from its words and their places.
#[must_use]
pub fn occurrences(question: &Question, kept: &str, spans: &[u8]) -> Vec<Occurrence> {
    let kept: Vec<&str> = kept.split(' ').filter(|word| !word.is_empty()).collect();
    let mut hits = Vec::new();
    for (wanted, sought) in question.wanted().iter().enumerate() {
        let terms = sought.terms();
        for (at, window) in kept.windows(terms.len()).enumerate() {
            if terms.iter().zip(window).all(|(term, word)| term.fits(word)) {
                hits.push((at, at + terms.len() - 1, wanted));
            }
        }
    }
    if hits.is_empty() {
        return Vec::new();
    }
    let places: Vec<(usize, usize)> = places(spans).collect();
    let mut found: Vec<_> = hits
        .into_iter()
        .filter_map(|(first, last, wanted)| {
            let (start, end) = (places.get(first)?.0, places.get(last)?.1);
            let mark = Mark { start, end };
            Some(Occurrence { mark, wanted })
        })
        .collect();
    found.sort_unstable();
    found
}

/// The piece of a text that shows most of what is wanted; the earliest of several.
#[must_use]
pub fn snippet(text: &str, occurrences: &[Occurrence]) -> Snippet {
    let length = text.chars().count();
    let (from, to) = if length <= SNIPPET {
        (0, length)
    } else {
        window(text, length, best(occurrences))
    };
    let (begin, end) = (byte(text, from), byte(text, to));
    let before = if from > 0 { "…" } else { "" };
    let after = if to < length { "…" } else { "" };
    let shift = usize::from(from > 0);
    let mut marks: Vec<Mark> = Vec::new();
    for Occurrence { mark, .. } in occurrences {
        if mark.start < from || mark.start >= to {
            continue;
        }
        // A word that is longer than what is shown is marked as far as it is shown.
        let mark = Mark {
            start: mark.start - from + shift,
            end: mark.end.min(to) - from + shift,
        };
        match marks.last_mut() {
            Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
            _ => marks.push(mark),
        }
    }
    Snippet {
        text: format!("{before}{}{after}", text[begin..end].trim_end()),
        marks,
    }
}

/// The first word of the piece that shows most.
fn best(occurrences: &[Occurrence]) -> Mark {
    let room = SNIPPET - LEAD;
    let mut best = (0, Mark { start: 0, end: 0 });
    for (index, first) in occurrences.iter().enumerate() {
        let shown = occurrences[index..]
            .iter()
            .take_while(|other| other.mark.end <= first.mark.start + room);
        let mut wanted: Vec<usize> = shown.map(|other| other.wanted).collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.len().max(1) > best.0 {
            best = (wanted.len().max(1), first.mark);
        }
    }
    best.1
}

/// Where a piece around a word begins and ends; between words, where there are spaces.
fn window(text: &str, length: usize, word: Mark) -> (usize, usize) {
    let from = word.start.saturating_sub(LEAD).min(length - SNIPPET);
    let to = from + SNIPPET;
    let spaces = text
        .chars()
        .enumerate()
        .skip(from)
        .take(SNIPPET)
        .filter(|(_, character)| *character == ' ')
        .map(|(at, _)| at);
    let (mut first, mut last) = (None, None);
    for space in spaces {
        if space < word.start && first.is_none() {
            first = Some(space + 1);
        }
        if space >= word.end {
            last = Some(space);
        }
    }
    let from = if from == 0 { 0 } else { first.unwrap_or(from) };
    let to = if to == length { length } else { last.unwrap_or(to) };
    (from, to)
}

/// The byte at which a character begins.
fn byte(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::searching::{clean, index};

    fn shown(typed: &str, text: &str) -> (String, Vec<String>) {
        let question = Question::parse(typed).unwrap();
        let text = clean(text);
        let kept = index(&text);
        let snippet = snippet(&text, &occurrences(&question, &kept.words, &kept.spans));
        let characters: Vec<char> = snippet.text.chars().collect();
        let marked = snippet
            .marks
            .iter()
            .map(|mark| characters[mark.start..mark.end].iter().collect());
        (snippet.text.clone(), marked.collect())
    }

    #[test]
    fn marks_lie_on_the_words() {
        let (text, marked) = shown("sea moon", "The Séa, the moon — and 🎉 the SEA.");
        assert_eq!(text, "The Séa, the moon — and 🎉 the SEA.");
        assert_eq!(marked, ["Séa", "moon", "SEA"]);
        assert_eq!(
            shown("har* -storm", "Harbour and harp, hard by.").1,
            ["Harbour", "harp", "hard"]
        );
        assert_eq!(
            shown("\"low water\"", "Low tide, low\nwater, water low").1,
            ["low water"]
        );
    }

    #[test]
    fn pairs_of_one_run_are_one_mark() {
        assert_eq!(shown("北京大学", "我们今天去北京大学学习。").1, ["北京大学"]);
        assert_eq!(shown("北京 学习", "我们今天去北京大学学习。").1, ["北京", "学习"]);
        assert_eq!(shown("潮", "看潮，潮汐").1, ["潮", "潮汐"]);
    }

    #[test]
    fn a_long_text_is_cut_around_what_was_found() {
        let filler = "lorem ipsum dolor sit amet ".repeat(40);
        let (text, marked) = shown(
            "sea moon",
            &format!("{filler} sea {filler} the sea, the moon, {filler}"),
        );
        assert!(text.starts_with('…') && text.ends_with('…'), "{text}");
        assert!(text.chars().count() <= SNIPPET + 2, "{text}");
        assert_eq!(marked, ["sea", "moon"]);
        let inner = text.trim_matches('…');
        assert!(
            inner
                .split(' ')
                .all(|word| filler.contains(word.trim_end_matches(','))
                    || ["sea,", "moon,", "the"].contains(&word)),
            "{text}"
        );
        let (text, marked) = shown("sea", &format!("sea {filler}"));
        assert!(text.starts_with("sea lorem") && text.ends_with('…'));
        assert_eq!(marked, ["sea"]);
        let (text, marked) = shown("sea", &format!("{filler} sea"));
        assert!(text.starts_with('…') && text.ends_with(" sea"));
        assert_eq!(marked, ["sea"]);
    }

    #[test]
    fn a_text_without_spaces_is_cut_too() {
        let (text, marked) = shown(
            "北京",
            &format!("{}北京{}", "潮汐".repeat(500), "大学".repeat(500)),
        );
        assert_eq!(text.chars().count(), SNIPPET + 2);
        assert_eq!(marked, ["北京"]);
        let endless = "x".repeat(1_000);
        let (text, marked) = shown(&"x".repeat(100), &endless);
        assert_eq!(text.chars().count(), SNIPPET + 1);
        assert_eq!(marked, ["x".repeat(SNIPPET)]);
    }
}
