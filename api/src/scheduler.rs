//! Keeps the moments that editors set: on every node, each moment once, and what cannot be done is said once.

use std::collections::HashMap;
use std::time::Duration;

use masthead_domain::error::Error;
use masthead_domain::id::ArticleId;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::scheduling;
use masthead_domain::workflow::{Action, Due, ScheduleError};

use crate::service::Service;

/// Between two looks for what is due.
const BEAT: Duration = Duration::from_secs(1);
/// What is looked for at once; where there is more, the next look follows at once.
const DUE: u32 = 100;
/// How often something is tried that the store did not do. After each try twice as many beats pass as after the one
/// before, so that the last comes half a minute after the first.
const TRIES: u32 = 6;

/// Keeps every moment, for as long as the service runs.
pub async fn keep_time(service: &Service) {
    let mut scheduler = Scheduler::default();
    loop {
        scheduler.look(service).await;
        scheduler.beat += 1;
        tokio::time::sleep(BEAT).await;
    }
}

/// What was tried in vain: how often, and the beat of the next try.
#[derive(Default)]
struct Tries(HashMap<ArticleId, (Due, u32, u64)>);

impl Tries {
    /// How often it was tried in vain; `None` while it waits for its next try.
    fn before(&self, due: Due, beat: u64) -> Option<u32> {
        match self.0.get(&due.id) {
            Some((known, _, next)) if *known == due && *next > beat => None,
            Some((known, tries, _)) if *known == due => Some(*tries),
            _ => Some(0),
        }
    }

    /// Lets it wait; answers whether it was not tried too often for that.
    fn again(&mut self, due: Due, tries: u32, beat: u64) -> bool {
        if tries >= TRIES {
            return false;
        }
        self.0.insert(due.id, (due, tries, beat + (1 << (tries - 1))));
        true
    }
}

#[derive(Default)]
struct Scheduler {
    beat: u64,
    tries: Tries,
    /// Whether the store did not even say what is due.
    is_blind: bool,
}

impl Scheduler {
    async fn look(&mut self, service: &Service) {
        loop {
            let Some(due) = self.due(service).await else {
                return;
            };
            let is_all = due.len() < DUE as usize;
            if is_all {
                self.tries.0.retain(|_, (known, ..)| due.contains(known));
            }
            let mut done = false;
            for one in due {
                done |= self.keep(service, one).await;
            }
            if is_all || !done {
                return;
            }
        }
    }

    /// What is due; `None` where the store does not say, which is logged once for as long as it lasts.
    async fn due(&mut self, service: &Service) -> Option<Vec<Due>> {
        let found = service
            .read(Actor::scheduler(), |unit| scheduling::due(unit, DUE))
            .await;
        let was_blind = std::mem::replace(&mut self.is_blind, found.is_err());
        match found {
            Ok(due) => {
                if was_blind {
                    tracing::info!("what is scheduled can be seen again");
                }
                Some(due)
            }
            Err(error) => {
                if !was_blind {
                    tracing::warn!(%error, "cannot look for what is scheduled; trying until it works");
                }
                None
            }
        }
    }

    /// Tries to do what is due; answers whether it is settled.
    async fn keep(&mut self, service: &Service, due: Due) -> bool {
        let Some(tries) = self.tries.before(due, self.beat).map(|before| before + 1) else {
            return false;
        };
        let outcome = service
            .carry_out(Actor::scheduler(), action(due.action), move |unit| {
                scheduling::keep(unit, due)
            })
            .await;
        match outcome {
            Ok(true) => tracing::info!(article = %due.id, at = %due.at, "{}", done(due.action)),
            Ok(false) => {}
            Err(error) if error.is_transient() && self.tries.again(due, tries, self.beat) => {
                tracing::debug!(article = %due.id, %error, tries, "what is scheduled will be tried again");
                return false;
            }
            Err(error) => give_up(service, due, &error).await,
        }
        self.tries.0.remove(&due.id);
        true
    }
}

/// Whoever is first to note it, on whichever node, says it in the log.
async fn give_up(service: &Service, due: Due, error: &Error) {
    let why = ScheduleError::of(error, service.now());
    let noted = service
        .carry_out(Actor::scheduler(), "fail_schedule", move |unit| {
            scheduling::give_up(unit, due, &why)
        })
        .await;
    match noted {
        Ok(true) => {
            let action = due.action.as_str();
            tracing::error!(article = %due.id, at = %due.at, action, %error, "a schedule was not kept");
        }
        Ok(false) => {}
        Err(failed) => {
            tracing::warn!(article = %due.id, %error, %failed, "a schedule was not kept, nor could that be noted");
        }
    }
}

/// What the audit log calls it: as if somebody had asked for it.
const fn action(action: Action) -> &'static str {
    match action {
        Action::Unpublish => "unpublish_article",
        _ => "publish_article",
    }
}

const fn done(action: Action) -> &'static str {
    match action {
        Action::Unpublish => "unpublished as scheduled",
        _ => "published as scheduled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use masthead_domain::clock::Instant;
    use uuid::Uuid;

    fn due(at: i64) -> Due {
        Due {
            id: ArticleId::from_uuid(Uuid::from_u128(1)),
            action: Action::Publish,
            at: Instant::from_timestamp(at, 0).unwrap(),
        }
    }

    #[test]
    fn what_the_store_does_not_do_is_tried_a_few_times_ever_more_rarely() {
        let mut tries = Tries::default();
        let mut beats = Vec::new();
        for beat in 0..100 {
            let Some(before) = tries.before(due(1), beat) else {
                continue;
            };
            beats.push(beat);
            if !tries.again(due(1), before + 1, beat) {
                break;
            }
        }
        assert_eq!(beats, [0, 1, 3, 7, 15, 31]);
    }

    #[test]
    fn another_moment_is_tried_anew() {
        let mut tries = Tries::default();
        assert!(tries.again(due(1), 5, 0));
        assert_eq!(tries.before(due(1), 1), None);
        assert_eq!(tries.before(due(2), 1), Some(0));
        assert_eq!(tries.before(due(1), 16), Some(5));
    }
}
