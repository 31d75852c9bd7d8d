//! Three ways into one, case by case.

use serde_json::{Value, json};

use super::samples::{article, with_body};
use super::{Document, Field, conflicts, merge};
use crate::article::Article;

fn of(article: &Article) -> Document {
    article.into()
}

#[test]
fn two_sections_never_clash_and_one_shows_both() {
    let base = article(&["The sea is never still.", "It never was."]);
    let theirs = with_body(&base, 0, "The ocean is never still.");
    let merged = merge(&of(&base), &of(&theirs), &of(&with_body(&base, 1, "It was.")));
    assert!(merged.conflicts.is_empty());
    assert_eq!(
        merged.document.sections[0].get("body"),
        "The ocean is never still."
    );
    assert_eq!(merged.document.sections[1].get("body"), "It was.");
    assert_eq!(merged.applied.len(), 1);
    assert_eq!(merged.applied[0].pointer, "/sections/1/body");

    let yours = with_body(&base, 0, "The lake is never still.");
    let merged = merge(&of(&base), &of(&theirs), &of(&yours));
    let [conflict] = merged.conflicts.as_slice() else {
        panic!("{:?}", merged.conflicts)
    };
    assert_eq!(conflict.place.pointer, "/sections/0/body");
    assert_eq!(conflict.place.section, Some(base.sections[0].id));
    assert_eq!(conflict.base, "The sea is never still.");
    assert_eq!(conflict.theirs, "The ocean is never still.");
    assert_eq!(conflict.yours, "The lake is never still.");
    assert_eq!(conflict.words[0].yours, "lake");
    assert_eq!(merged.document, of(&theirs));
}

#[test]
fn a_stale_write_lists_what_both_changed_and_nothing_else() {
    let base = article(&["One two three four five.", "Six."]);
    let mut theirs = with_body(&base, 0, "Zero two three four five.");
    theirs.title = "Theirs".into();
    theirs.dek = Some("Theirs".into());
    let mut yours = with_body(&base, 0, "One two three four six.");
    yours.title = "Yours".into();
    yours.excerpt = Some("Yours".into());
    let found = conflicts(&of(&base), &of(&theirs), &of(&yours));
    let pointers: Vec<_> = found
        .iter()
        .map(|conflict| conflict.place.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/title", "/sections/0/body"]);
    // Their words go together, so merging leaves the title alone.
    let merged = merge(&of(&base), &of(&theirs), &of(&yours));
    assert_eq!(merged.conflicts.len(), 1);
    assert_eq!(
        merged.document.sections[0].get("body"),
        "Zero two three four six."
    );
    assert_eq!(merged.document.fields[&Field::Excerpt], "Yours");
}

#[test]
fn objects_go_together_key_by_key() {
    let mut base = article(&[]);
    base.metadata.0 = json!({ "a": 1, "b": { "c": 1 } }).as_object().unwrap().clone();
    let (mut theirs, mut yours) = (base.clone(), base.clone());
    theirs.metadata.0 = json!({ "a": 2, "b": { "c": 1, "d/e": 2 } })
        .as_object()
        .unwrap()
        .clone();
    theirs.seo.title = Some("Theirs".into());
    yours.metadata.0 = json!({ "b": { "c": 3, "d/e": 3 } }).as_object().unwrap().clone();
    yours.seo.no_index = true;
    let merged = merge(&of(&base), &of(&theirs), &of(&yours));
    let pointers: Vec<_> = merged
        .conflicts
        .iter()
        .map(|one| one.place.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/metadata/a", "/metadata/b/d~1e"]);
    assert_eq!(
        merged.document.fields[&Field::Metadata],
        json!({ "a": 2, "b": { "c": 3, "d/e": 2 } })
    );
    assert_eq!(merged.document.fields[&Field::Seo]["no_index"], true);
    assert_eq!(merged.document.fields[&Field::Seo]["title"], "Theirs");
}

#[test]
fn what_one_takes_away_and_the_other_changes_is_told() {
    let base = article(&["One.", "Two."]);
    let mut without = base.clone();
    without.sections.remove(0);
    let changed = with_body(&base, 0, "Other.");
    let merged = merge(&of(&base), &of(&without), &of(&changed));
    assert_eq!(merged.document, of(&without));
    assert_eq!(merged.conflicts[0].place.pointer, "/sections/0");
    assert_eq!(merged.conflicts[0].theirs, Value::Null);
    assert_eq!(merged.conflicts[0].yours["body"], "Other.");
    let merged = merge(&of(&base), &of(&changed), &of(&without));
    assert_eq!(merged.document, of(&changed));
    assert_eq!(merged.conflicts[0].place.pointer, "/sections");
    assert_eq!(merged.conflicts[0].yours, Value::Null);
    assert_eq!(
        merge(&of(&base), &of(&base), &of(&without)).document,
        of(&without)
    );
}

#[test]
fn two_orders_that_differ_are_told_and_one_is_taken() {
    let base = article(&["One.", "Two.", "Three."]);
    let turned = |by: usize| {
        let mut turned = base.clone();
        turned.sections.rotate_left(by);
        turned
    };
    let merged = merge(&of(&base), &of(&base), &of(&turned(1)));
    assert_eq!(merged.document, of(&turned(1)));
    assert_eq!(merged.applied[0].pointer, "/sections");
    let merged = merge(&of(&base), &of(&turned(1)), &of(&turned(2)));
    assert_eq!(merged.document, of(&turned(1)));
    assert_eq!(merged.conflicts.len(), 1);
    assert_eq!(merged.conflicts[0].place.pointer, "/sections");
    let one = with_body(&turned(1), 0, "Other.");
    let merged = merge(&of(&base), &of(&one), &of(&with_body(&base, 0, "Uno.")));
    assert!(merged.conflicts.is_empty());
    assert_eq!(merged.document.sections[2].get("body"), "Uno.");
}

#[test]
fn a_text_that_cannot_stand_is_no_text() {
    let mut base = article(&[]);
    base.title = "Ebb, and flow".into();
    let (mut theirs, mut yours) = (base.clone(), base.clone());
    theirs.title = format!("{} and flow", "x".repeat(250));
    yours.title = format!("Ebb, and {}", "y".repeat(250));
    let merged = merge(&of(&base), &of(&theirs), &of(&yours));
    assert_eq!(merged.document.fields[&Field::Title], theirs.title.as_str());
    assert_eq!(merged.conflicts.len(), 1);
}

#[test]
fn a_heading_comes_and_goes_whole() {
    let base = article(&["One."]);
    let (mut without, mut reworded) = (base.clone(), base.clone());
    without.sections[0].heading = None;
    reworded.sections[0].heading.as_mut().unwrap().text = "Other".into();
    for (theirs, yours) in [(&without, &reworded), (&reworded, &without)] {
        let merged = merge(&of(&base), &of(theirs), &of(yours));
        assert_eq!(merged.document, of(theirs));
        assert_eq!(merged.conflicts[0].place.pointer, "/sections/0/heading");
    }
    assert_eq!(
        merge(&of(&base), &of(&base), &of(&without)).document,
        of(&without)
    );
}
