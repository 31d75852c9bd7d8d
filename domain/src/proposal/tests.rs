//! Operations on small articles, alone, together and after others wrote.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::history::samples::{article, with_body};

fn operation(number: u128, change: Change) -> Operation {
    Operation {
        id: OperationId::from_uuid(Uuid::from_u128(900 + number)),
        change,
        decision: Decision::Waiting,
    }
}

fn proposal(base: &Article, changes: Vec<Change>) -> Proposal {
    let operations = changes.into_iter().zip(0..);
    Proposal {
        outline: Outline {
            id: ProposalId::from_uuid(Uuid::from_u128(800)),
            article: base.id,
            base_revision: base.revision,
            message: None,
            status: ProposalStatus::Open,
            counts: Counts::default(),
            revision: 0,
            created_at: base.created_at,
            created_by: base.created_by,
            updated_at: base.created_at,
        },
        operations: operations
            .map(|(change, number)| operation(number, change))
            .collect(),
    }
    .settled(base.created_at)
}

fn replace(base: &Article, index: usize, body: &str) -> Change {
    let section = with_body(base, index, body).sections[index].clone();
    Change::Replace { section }
}

/// A section that no sample has.
fn insert(number: usize, body: &str, place: Spot) -> Change {
    let bodies = vec![body; number + 1];
    let section = article(&bodies).sections[number].clone();
    Change::Insert { section, place }
}

fn bodies(article: &Article) -> Vec<&str> {
    let sections = article.sections.iter();
    sections.filter_map(|section| section.content.body()).collect()
}

/// What is there after these operations, by their numbers.
fn after(proposal: &Proposal, base: &Article, theirs: &Article, numbers: &[usize]) -> Article {
    let chosen: HashSet<_> = numbers.iter().map(|n| proposal.operations[*n].id).collect();
    let merged = proposal.merged(base, theirs, &chosen);
    assert_eq!(merged.conflicts, []);
    history::applied(theirs, &merged.yours, &merged.document, base.created_at).unwrap()
}

fn accept(proposal: &mut Proposal, base: &Article, number: usize) {
    proposal.operations[number].decision = Decision::Accepted {
        by: base.created_by,
        at: base.created_at,
        revision: 2,
    };
}

#[test]
fn operations_go_in_one_by_one_or_together_in_any_order() {
    let base = article(&["One.", "Two.", "Three."]);
    let ids: Vec<_> = base.sections.iter().map(|section| section.id).collect();
    let first = insert(3, "New.", Spot::After(ids[0]));
    let Change::Insert { section, .. } = &first else {
        unreachable!()
    };
    let next = insert(4, "Newer.", Spot::After(section.id));
    let last = Change::Move {
        section: ids[2],
        place: Spot::Before(ids[0]),
    };
    let changes = vec![first, next, last, Change::Remove { section: ids[0] }];
    let mut made = proposal(&base, changes);
    let all = ["Three.", "New.", "Newer.", "Two."];
    assert_eq!(bodies(&after(&made, &base, &base, &[0, 1, 2, 3])), all);
    // The second without the first stands where the first would.
    assert_eq!(
        bodies(&after(&made, &base, &base, &[1])),
        ["One.", "Newer.", "Two.", "Three."]
    );
    let mut theirs = base.clone();
    for number in [3, 1, 2, 0] {
        theirs = after(&made, &base, &theirs, &[number]);
        accept(&mut made, &base, number);
    }
    assert_eq!(bodies(&theirs), all);
}

#[test]
fn words_that_others_wrote_go_together_or_clash_with_their_place_told() {
    let base = article(&["The sea is never still.", "Two."]);
    let ids: Vec<_> = base.sections.iter().map(|section| section.id).collect();
    let made = proposal(
        &base,
        vec![
            replace(&base, 0, "The sea is seldom still."),
            Change::Remove { section: ids[1] },
            Change::Set {
                fields: BTreeMap::from([(Field::Title, json!("Why the tides turn"))]),
            },
        ],
    );
    let clashes = |theirs: &Article, number: usize| made.clashes(&base, theirs, &made.operations[number]);
    let friendly = with_body(&base, 0, "The cold sea is never still.");
    assert_eq!(clashes(&friendly, 0), []);
    assert_eq!(
        bodies(&after(&made, &base, &friendly, &[0])),
        ["The cold sea is seldom still.", "Two."]
    );
    let hostile = with_body(&base, 0, "The sea is hardly still.");
    let found = clashes(&hostile, 0);
    assert_eq!(found[0].place.pointer, "/operations/0/section/body");
    assert_eq!(found[0].place.section, Some(ids[0]));
    assert_eq!(
        (&found[0].words[0].theirs, &found[0].words[0].yours),
        (&"hardly".to_owned(), &"seldom".to_owned())
    );
    assert_eq!(clashes(&hostile, 1), [], "the other operations go in");
    let changed = with_body(&base, 1, "Two and a half.");
    assert_eq!(clashes(&changed, 1)[0].place.pointer, "/operations/1");
    let mut gone = base.clone();
    gone.sections.remove(0);
    let found = clashes(&gone, 0);
    assert_eq!(found[0].place.pointer, "/operations/0/section");
    assert!(found[0].theirs.is_null());
    // Taken away by both is no clash, and neither is the same title.
    let mut same = base.clone();
    same.sections.remove(1);
    same.title = "Why the tides turn".into();
    assert!(clashes(&same, 1).is_empty() && clashes(&same, 2).is_empty());
    assert_eq!(after(&made, &base, &same, &[1, 2]), same);
    let mut titled = base.clone();
    titled.title = "Tides".into();
    assert_eq!(clashes(&titled, 2).len(), 1);
    assert_eq!(clashes(&titled, 2)[0].place.pointer, "/operations/2/title");
}

#[test]
fn what_was_accepted_and_changed_since_is_left_alone() {
    let base = article(&["One.", "Two."]);
    let mut made = proposal(
        &base,
        vec![replace(&base, 0, "One more."), replace(&base, 1, "Two more.")],
    );
    let accepted = after(&made, &base, &base, &[0]);
    accept(&mut made, &base, 0);
    let theirs = with_body(&accepted, 0, "One again.");
    assert_eq!(made.clashes(&base, &theirs, &made.operations[1]), []);
    assert_eq!(
        bodies(&after(&made, &base, &theirs, &[1])),
        ["One again.", "Two more."]
    );
}

#[test]
fn a_difference_is_told_of_each_operation_alone() {
    let base = article(&["The sea is never still.", "Two.", "Three."]);
    let ids: Vec<_> = base.sections.iter().map(|section| section.id).collect();
    let made = proposal(
        &base,
        vec![
            replace(&base, 0, "The sea is seldom still."),
            insert(3, "New.", Spot::Last),
            Change::Remove { section: ids[1] },
            Change::Move {
                section: ids[2],
                place: Spot::Before(ids[0]),
            },
        ],
    );
    let found: Vec<_> = made
        .operations
        .iter()
        .map(|operation| made.difference(&base, operation))
        .collect();
    let pieces = &found[0].changed[0].fields[0].pieces;
    assert!(pieces.iter().any(|piece| piece.text == "seldom"), "{pieces:?}");
    assert_eq!((found[1].added.len(), found[1].added[0].0), (1, 3));
    assert_eq!(found[1].added[0].1.object()["body"], "New.");
    assert_eq!(found[2].removed[0].1.id, ids[1]);
    assert_eq!((found[3].moved[0].from, found[3].moved[0].to), (2, 0));
    assert!(found.iter().all(|diff| diff.fields.is_empty()));
}

#[test]
fn two_who_move_differently_clash() {
    let base = article(&["One.", "Two.", "Three."]);
    let ids: Vec<_> = base.sections.iter().map(|section| section.id).collect();
    let made = proposal(
        &base,
        vec![Change::Move {
            section: ids[2],
            place: Spot::Before(ids[0]),
        }],
    );
    let mut theirs = base.clone();
    theirs.sections.swap(0, 1);
    let found = made.clashes(&base, &theirs, &made.operations[0]);
    assert_eq!(found[0].place.pointer, "/operations/0");
    // A new section elsewhere is no move.
    let mut longer = base.clone();
    longer
        .sections
        .insert(0, article(&["", "", "", "Four."]).sections[3].clone());
    assert_eq!(
        bodies(&after(&made, &base, &longer, &[0])),
        ["Four.", "Three.", "One.", "Two."]
    );
}

#[test]
fn a_proposal_is_closed_when_everything_in_it_is_decided() {
    let base = article(&["One.", "Two."]);
    let mut made = proposal(&base, vec![replace(&base, 0, "1"), replace(&base, 1, "2")]);
    assert_eq!(
        (made.outline.status, made.outline.revision),
        (ProposalStatus::Open, 1)
    );
    accept(&mut made, &base, 0);
    let made = made.settled(base.created_at);
    assert_eq!(
        (made.outline.status, made.outline.counts.accepted),
        (ProposalStatus::Open, 1)
    );
    let mut taken_back = made.clone();
    taken_back.operations[1].decision = Decision::Withdrawn { at: base.created_at };
    assert_eq!(
        taken_back.settled(base.created_at).outline.status,
        ProposalStatus::Withdrawn
    );
    let mut rejected = made;
    rejected.operations[1].decision = Decision::Rejected {
        by: base.created_by,
        at: base.created_at,
        reason: Some("No.".into()),
    };
    let text = serde_json::to_string(&rejected.operations).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<Operation>>(&text).unwrap(),
        rejected.operations
    );
    assert_eq!(
        rejected.settled(base.created_at).outline.status,
        ProposalStatus::Closed
    );
}
