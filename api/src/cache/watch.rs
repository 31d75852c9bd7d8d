//! Following the change log on a thread of its own, which a crowd of requests cannot hold up.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Answers;
use crate::system;

/// How often the log is read.
pub const PERIOD: Duration = Duration::from_millis(40);
/// How long after it was read the log still counts as known.
pub const TRUST: Duration = Duration::from_millis(150);

/// Keeps a cache up to date until nobody holds it any more.
pub fn follow(answers: &Arc<Answers>) -> std::io::Result<()> {
    let answers = Arc::downgrade(answers);
    std::thread::Builder::new()
        .name("change-log".to_owned())
        .spawn(move || run(&answers))
        .map(drop)
}

fn run(answers: &Weak<Answers>) {
    let mut lost = false;
    loop {
        let begun = system::stopwatch();
        let Some(answers) = answers.upgrade() else { return };
        let outcome = answers.catch_up();
        if let (Err(error), false) = (&outcome, lost) {
            tracing::warn!(%error, "the change log cannot be read; no kept answer is given until it can");
        } else if outcome.is_ok() && lost {
            tracing::info!("the change log can be read again; kept answers are given again");
        }
        lost = outcome.is_err();
        drop(answers);
        std::thread::sleep(PERIOD.saturating_sub(begun.elapsed()));
    }
}
