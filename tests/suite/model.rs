//! Random edits of several editors who see different things, held against a simple model in memory.
//!
//! After every step: what was acknowledged is there and nothing else, what was refused changed nothing, ids stay,
//! the order has no holes, a tag changes exactly with what it stands for, and readers get the bytes of the last
//! publication. `MASTHEAD_TEST_SEQUENCES` sets how many sequences are played, `MASTHEAD_TEST_SEED` where they begin.

mod dice;
mod editors;
mod mirror;

use std::sync::atomic::{AtomicU64, Ordering};

use masthead_domain::rights::Role;
use masthead_tests::App;

use dice::Dice;
use editors::Play;

/// Sequences in an ordinary run; thousands are asked for by name.
const SEQUENCES: u64 = 60;
/// Steps of one sequence.
const STEPS: usize = 14;
/// Sequences that are played at the same time, on the same service.
const TABLES: usize = 3;

/// Sequences to play: where they begin and how many there are.
fn asked_for() -> (u64, u64) {
    (
        masthead_tests::number("MASTHEAD_TEST_SEED").unwrap_or(0),
        masthead_tests::number("MASTHEAD_TEST_SEQUENCES").unwrap_or(SEQUENCES),
    )
}

#[test]
fn whatever_several_editors_do_no_edit_is_lost() {
    let app = App::start();
    let editors = ["ada", "bob", "eve"]
        .map(|name| app.user(Role::Editor, &format!("{name}@example.org")).unchecked())
        .to_vec();
    let reader = app.anonymous().unchecked();
    let (first, count) = asked_for();
    let next = AtomicU64::new(first);
    let tally = editors::Tally::default();
    std::thread::scope(|scope| {
        for _ in 0..TABLES {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let mut play = Play::begin(&editors, &reader, Dice::new(seed), &tally);
                    for _ in 0..STEPS {
                        play.step();
                    }
                    play.end();
                }
            });
        }
    });
    println!("{count} sequences from {first}: {tally:?}");
    // A run that never met a refusal or a conflict has shown nothing.
    tally.insist_on_variety(count);
}
