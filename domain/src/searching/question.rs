//! What a search asks: words, "phrases", beginnings* and -exclusions.

use crate::error::Refused;

use super::words::{WordKind, clean, words};

/// Words, phrases and exclusions in one search.
pub const TERMS: usize = 12;
/// What these become in the index: a run of Chinese, Japanese or Korean is one for each pair of neighbours.
pub const INDEX_TERMS: usize = 32;
/// Characters before a `*`.
const PREFIX_LENGTH: usize = 2;

/// What a word of the index is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// The whole word.
    Exact(String),
    /// Its beginning.
    Prefix(String),
}

impl Term {
    /// The text that is compared.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Prefix(text) => text,
        }
    }

    /// Whether a word of the index is meant.
    #[must_use]
    pub fn fits(&self, word: &str) -> bool {
        match self {
            Self::Exact(text) => word == text,
            Self::Prefix(text) => word.starts_with(text),
        }
    }
}

/// One thing that is asked for: a word, or several that stand side by side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought(Vec<Term>);

impl Sought {
    /// At least one, in order.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// Whether it is more than one word.
    #[must_use]
    pub fn is_phrase(&self) -> bool {
        self.0.len() > 1
    }
}

/// A search that can be carried out: at least one thing is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    wanted: Vec<Sought>,
    unwanted: Vec<Sought>,
}

/// A piece of what was typed.
struct Piece {
    text: String,
    is_quoted: bool,
    is_excluded: bool,
}

impl Question {
    /// Reads what was typed. A quotation mark that is not closed reaches to the end.
    pub fn parse(typed: &str) -> Result<Self, Refused> {
        let pieces = pieces(typed);
        let mut question = Self {
            wanted: Vec::new(),
            unwanted: Vec::new(),
        };
        let mut count = 0;
        for piece in &pieces {
            let terms = terms(piece)?;
            if terms.is_empty() {
                continue;
            }
            count += 1;
            if piece.is_excluded {
                add(&mut question.unwanted, Sought(terms));
            } else if piece.is_quoted {
                add(&mut question.wanted, Sought(terms));
            } else {
                for term in terms {
                    add(&mut question.wanted, Sought(vec![term]));
                }
            }
        }
        if question.wanted.is_empty() {
            return Err(if question.unwanted.is_empty() {
                Refused::new(
                    "no_words",
                    "There is no word to look for; give letters or digits.",
                )
            } else {
                let message = "This only excludes; give at least one word to look for.";
                Refused::new("only_exclusions", message)
            });
        }
        let parts = question.wanted.iter().chain(&question.unwanted);
        let indexed: usize = parts.map(|sought| sought.0.len()).sum();
        if count > TERMS || indexed > INDEX_TERMS {
            let message = format!(
                "This asks for {count} words and phrases, {indexed} words of the index; at most {TERMS} and \
                 {INDEX_TERMS} are taken."
            );
            return Err(Refused::new("too_many", message));
        }
        Ok(question)
    }

    /// What must be there.
    #[must_use]
    pub fn wanted(&self) -> &[Sought] {
        &self.wanted
    }

    /// What must not be there.
    #[must_use]
    pub fn unwanted(&self) -> &[Sought] {
        &self.unwanted
    }

    /// All words that must be there, each once, those of phrases too: what a hit is ranked by.
    #[must_use]
    pub fn terms(&self) -> Vec<&Term> {
        let mut terms = Vec::new();
        for term in self.wanted.iter().flat_map(|sought| &sought.0) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }

    /// How many words of the index have to be looked at, unwanted ones too.
    #[must_use]
    pub fn size(&self) -> u32 {
        let sought = self.wanted.iter().chain(&self.unwanted);
        let size: usize = sought.map(|sought| sought.0.len()).sum();
        u32::try_from(size).unwrap_or(u32::MAX)
    }

    /// The phrases among what must be there.
    pub fn phrases(&self) -> impl Iterator<Item = &Sought> {
        self.wanted.iter().filter(|sought| sought.is_phrase())
    }
}

fn add(all: &mut Vec<Sought>, sought: Sought) {
    if !all.contains(&sought) {
        all.push(sought);
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '＂')
}

fn pieces(typed: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = typed;
    loop {
        rest = rest.trim_start();
        let is_excluded = rest.starts_with('-');
        if is_excluded {
            rest = &rest[1..];
        }
        let Some(first) = rest.chars().next() else {
            return pieces;
        };
        let is_quoted = is_quote(first);
        if is_quoted {
            rest = &rest[first.len_utf8()..];
        }
        let ends = |character: char| is_quote(character) || (!is_quoted && character.is_whitespace());
        let end = rest.find(ends).unwrap_or(rest.len());
        let text = clean(&rest[..end]);
        rest = &rest[end..];
        if let (true, Some(closing)) = (is_quoted, rest.chars().next()) {
            rest = &rest[closing.len_utf8()..];
        }
        pieces.push(Piece {
            text,
            is_quoted,
            is_excluded,
        });
    }
}

fn terms(piece: &Piece) -> Result<Vec<Term>, Refused> {
    let mut terms: Vec<Term> = Vec::new();
    let found = words(&piece.text);
    // Its words stand side by side; those of other pieces may stand anywhere.
    let in_order = piece.is_quoted || piece.is_excluded;
    let mut before: Option<(WordKind, usize)> = None;
    for (index, word) in found.iter().enumerate() {
        let is_last = index + 1 == found.len();
        let ends_its_pair = before == Some((WordKind::Pair, word.end));
        before = Some((word.kind, word.end));
        terms.push(match word.kind {
            // In a text the run may go on, unless something follows here that has to follow there.
            WordKind::Last if ends_its_pair && (is_last || !in_order) => continue,
            // A character alone begins a pair, or stands at the end of a run.
            WordKind::Last if !ends_its_pair && (is_last || !in_order) => Term::Prefix(word.term.clone()),
            _ => Term::Exact(word.term.clone()),
        });
    }
    let is_whole = found.last().is_some_and(|word| word.kind == WordKind::Whole);
    if !piece.is_quoted && is_whole && piece.text.ends_with('*') {
        terms = beginning(terms)?;
    }
    Ok(terms)
}

/// The last of these as the beginning of a word.
fn beginning(mut terms: Vec<Term>) -> Result<Vec<Term>, Refused> {
    if let Some(last) = terms.pop() {
        let text = last.text();
        if text.chars().count() < PREFIX_LENGTH {
            let message =
                format!("`{text}*` is too short; give at least {PREFIX_LENGTH} letters before a `*`.");
            return Err(Refused::new("prefix_too_short", message));
        }
        terms.push(Term::Prefix(text.to_owned()));
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Term {
        Term::Exact(text.to_owned())
    }

    fn prefix(text: &str) -> Term {
        Term::Prefix(text.to_owned())
    }

    fn asked(typed: &str) -> (Vec<Vec<Term>>, Vec<Vec<Term>>) {
        let question = Question::parse(typed).unwrap();
        let plain = |all: &[Sought]| all.iter().map(|sought| sought.0.clone()).collect();
        (plain(&question.wanted), plain(&question.unwanted))
    }

    fn refused(typed: &str) -> String {
        Question::parse(typed).unwrap_err().code.to_owned()
    }

    #[test]
    fn words_phrases_beginnings_and_exclusions_are_told_apart() {
        let (wanted, unwanted) = asked(r#"Tides "moon and SEA" harb* -storm -"low water""#);
        assert_eq!(
            wanted,
            [
                vec![exact("tides")],
                vec![exact("moon"), exact("and"), exact("sea")],
                vec![prefix("harb")]
            ]
        );
        assert_eq!(
            unwanted,
            [vec![exact("storm")], vec![exact("low"), exact("water")]]
        );
    }

    #[test]
    fn a_hyphen_within_a_word_excludes_nothing() {
        assert_eq!(asked("well-known").0, [[exact("well")], [exact("known")]]);
        assert_eq!(asked("a -well-known").1, [vec![exact("well"), exact("known")]]);
        assert_eq!(asked("sea - moon").0, [[exact("sea")], [exact("moon")]]);
    }

    #[test]
    fn quotes_may_be_typographic_or_open() {
        let phrase = [vec![exact("low"), exact("water")]];
        for typed in [
            r#""low water""#,
            "“low water”",
            "„low water“",
            r#""low  water"#,
            r#""low_water*""#,
        ] {
            assert_eq!(asked(typed).0, phrase, "{typed}");
        }
        assert_eq!(
            asked(r#"sea"low water""#).0,
            [vec![exact("sea")], phrase[0].clone()]
        );
    }

    #[test]
    fn chinese_is_asked_in_pairs_and_one_character_as_a_beginning() {
        assert_eq!(asked("北京").0, [[exact("北京")]]);
        assert_eq!(
            asked("北京大学").0,
            [[exact("北京")], [exact("京大")], [exact("大学")]]
        );
        assert_eq!(asked("潮").0, [[prefix("潮")]]);
        assert_eq!(asked("潮*").0, [[prefix("潮")]]);
        assert_eq!(asked("北京*").0, [[exact("北京")]]);
        assert_eq!(
            asked("\"使用 rust 语言\"").0,
            [vec![exact("使用"), exact("用"), exact("rust"), exact("语言")]]
        );
        assert_eq!(asked("\"rust 语\"").0, [vec![exact("rust"), prefix("语")]]);
    }

    #[test]
    fn each_word_is_asked_once() {
        assert_eq!(asked("sea SEA séa").0, [[exact("sea")]]);
        assert_eq!(Question::parse(r#"sea "sea moon""#).unwrap().terms().len(), 2);
    }

    #[test]
    fn what_asks_nothing_or_too_much_is_refused() {
        for typed in ["", "  ", "-", "*", "\"\"", "!?", "- -", "% _ ; --"] {
            assert_eq!(refused(typed), "no_words", "{typed}");
        }
        assert_eq!(refused("-storm -\"low water\""), "only_exclusions");
        assert_eq!(refused("a*"), "prefix_too_short");
        assert_eq!(refused("tides -a*"), "prefix_too_short");
        let many: Vec<_> = (0..=TERMS).map(|number| format!("w{number}")).collect();
        assert_eq!(refused(&many.join(" ")), "too_many");
        assert!(Question::parse(&many[1..].join(" ")).is_ok());
        let run: String = ('\u{4e00}'..).take(INDEX_TERMS + 2).collect();
        assert_eq!(refused(&run), "too_many");
        assert!(Question::parse(&"潮汐".repeat(50)).is_ok());
    }
}
