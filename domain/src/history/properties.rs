//! What holds for any three states of an article, tried on many.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::samples::{article, section};
use super::{Document, Op, conflicts, diff, merge, pieces, weave};
use crate::article::Article;
use crate::section::SectionContent;

const VOCABULARY: [&str; 12] = [
    "ebb", "flow", "sea", "moon", "the", "a", "turns", "潮汐", "大海", "still.", "never", "Größe",
];

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec(select(VOCABULARY.as_slice()), 0..12).prop_map(|words| words.join(" "))
}

/// A text made of another: words taken out, put in, and changed.
fn edited(base: String) -> impl Strategy<Value = String> {
    prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            0..4u8,
            select(VOCABULARY.as_slice()),
        ),
        0..4,
    )
    .prop_map(move |edits| {
        let mut words: Vec<String> = base.split(' ').map(str::to_owned).collect();
        for (at, how, word) in edits {
            let at = at.index(words.len());
            match how {
                0 if words.len() > 1 => drop(words.remove(at)),
                1 => words.insert(at, word.to_owned()),
                2 => words.push(word.to_owned()),
                _ => words[at] = word.to_owned(),
            }
        }
        words.join(" ")
    })
}

fn base() -> impl Strategy<Value = Article> {
    prop::collection::vec(body(), 1..5).prop_map(|bodies| {
        let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
        article(&bodies)
    })
}

/// A state made of another; `new` numbers the section that it may add.
fn state(base: Article, new: u128) -> impl Strategy<Value = Article> {
    let bodies: Vec<_> = base
        .sections
        .iter()
        .map(|section| edited(section.content.body().unwrap_or_default().to_owned()))
        .collect();
    let kept = subsequence(
        (0..base.sections.len()).collect::<Vec<_>>(),
        0..=base.sections.len(),
    );
    let title = prop_oneof![Just(base.title.clone()), edited(base.title.clone())];
    (bodies, kept.prop_shuffle(), prop::option::of(body()), title).prop_map(
        move |(bodies, kept, added, title)| {
            let mut made = base.clone();
            made.title = title;
            made.sections = kept
                .into_iter()
                .map(|index| {
                    let mut kept = base.sections[index].clone();
                    kept.content = SectionContent::Text {
                        body: bodies[index].clone(),
                    };
                    kept
                })
                .collect();
            made.sections.extend(added.map(|body| section(new, &body)));
            made
        },
    )
}

fn three() -> impl Strategy<Value = (Document, Document, Document)> {
    base()
        .prop_flat_map(|base| (Just(base.clone()), state(base.clone(), 50), state(base, 60)))
        .prop_map(|(base, theirs, yours)| ((&base).into(), (&theirs).into(), (&yours).into()))
}

fn texts() -> impl Strategy<Value = (String, String, String)> {
    body().prop_flat_map(|base| (Just(base.clone()), edited(base.clone()), edited(base)))
}

/// How often a word stands in a text, whatever mark follows it.
fn count(text: &str, word: &str) -> usize {
    let word = word.trim_end_matches('.');
    text.split([' ', '.']).filter(|found| *found == word).count()
}

/// How often a word was taken out of a text, also where the same word was put in elsewhere.
fn taken(before: &str, after: &str, word: &str) -> usize {
    let pieces = pieces(before, after).into_iter();
    let gone = pieces.filter(|piece| piece.op == Op::Delete);
    gone.map(|piece| count(&piece.text, word)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn one_who_changed_alone_gets_what_they_wrote((base, theirs, yours) in three()) {
        let merged = merge(&base, &base, &yours);
        prop_assert!(merged.conflicts.is_empty());
        prop_assert_eq!(&merged.document, &yours);
        let merged = merge(&base, &theirs, &base);
        prop_assert!(merged.conflicts.is_empty() && merged.applied.is_empty());
        prop_assert_eq!(&merged.document, &theirs);
        let merged = merge(&base, &theirs, &theirs);
        prop_assert!(merged.conflicts.is_empty() && merged.applied.is_empty());
        prop_assert_eq!(&merged.document, &theirs);
    }

    #[test]
    fn nothing_of_yours_is_neither_there_nor_told((base, theirs, yours) in three()) {
        let merged = merge(&base, &theirs, &yours);
        for part in &yours.sections {
            let told = merged.conflicts.iter().any(|one| one.place.section == Some(part.id));
            let changed = base.section(part.id) != Some(part);
            let there = merged.document.section(part.id).is_some();
            prop_assert!(told || there || !changed, "{:?}", part);
        }
        // Merging what came out again changes nothing more.
        let again = merge(&theirs, &merged.document, &merged.document);
        prop_assert_eq!(again.document, merged.document);
    }

    #[test]
    fn whatever_does_not_go_together_is_what_both_changed((base, theirs, yours) in three()) {
        let listed = conflicts(&base, &theirs, &yours);
        for conflict in &listed {
            prop_assert_ne!(&conflict.base, &conflict.theirs);
            prop_assert_ne!(&conflict.theirs, &conflict.yours);
            prop_assert_ne!(&conflict.base, &conflict.yours);
        }
        for conflict in merge(&base, &theirs, &yours).conflicts {
            prop_assert!(listed.iter().any(|one| one.place == conflict.place), "{:?}", conflict);
        }
    }

    #[test]
    fn different_sections_never_clash(base in base(), at in any::<prop::sample::Index>(), one in body(), other in body()) {
        let first = at.index(base.sections.len());
        let second = (first + 1) % base.sections.len();
        prop_assume!(first != second);
        let change = |index: usize, body: &String| {
            let mut changed = base.clone();
            changed.sections[index].content = SectionContent::Text { body: body.clone() };
            Document::from(&changed)
        };
        let merged = merge(&(&base).into(), &change(first, &one), &change(second, &other));
        prop_assert!(merged.conflicts.is_empty());
        prop_assert_eq!(&merged.document.sections[first].fields["body"], &one);
        prop_assert_eq!(&merged.document.sections[second].fields["body"], &other);
    }

    #[test]
    fn no_word_is_lost_where_nothing_clashes((base, theirs, yours) in texts()) {
        let woven = weave(&base, &theirs, &yours);
        if woven.clashes.is_empty() {
            for word in VOCABULARY {
                let taken = taken(&base, &theirs, word) + taken(&base, &yours, word);
                for side in [&theirs, &yours] {
                    prop_assert!(
                        count(&woven.text, word) + taken >= count(side, word),
                        "{:?} {:?} {:?} became {:?} without {}", base, theirs, yours, woven.text, word
                    );
                }
            }
        }
        prop_assert_eq!(weave(&base, &base, &yours).text, yours.clone());
        prop_assert_eq!(weave(&base, &theirs, &base).text, theirs);
        prop_assert!(weave(&base, &yours, &yours).clashes.is_empty());
    }

    #[test]
    fn a_difference_holds_both_texts((before, after, _) in texts()) {
        let of = |but: Op| -> String {
            let kept = pieces(&before, &after).into_iter().filter(|piece| piece.op != but);
            kept.map(|piece| piece.text).collect()
        };
        prop_assert_eq!(of(Op::Insert), before.clone());
        prop_assert_eq!(of(Op::Delete), after.clone());
    }

    #[test]
    fn nothing_differs_from_itself_and_a_reorder_only_moves(base in base(), turn in any::<prop::sample::Index>()) {
        let document = Document::from(&base);
        prop_assert_eq!(diff(&document, &document), super::Diff::default());
        let mut turned = base.clone();
        let by = turn.index(turned.sections.len());
        turned.sections.rotate_left(by);
        let found = diff(&document, &Document::from(&turned));
        prop_assert_eq!(found.moved.is_empty(), by == 0);
        prop_assert!(found.fields.is_empty() && found.added.is_empty());
        prop_assert!(found.removed.is_empty() && found.changed.is_empty());
    }
}
