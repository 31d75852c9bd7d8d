//! Making finished answers that nobody has asked for yet, while nothing is published.
//!
//! A search shows any article there is, so it is only as fast as the least of them is finished. This takes its time: it
//! stands back for whoever publishes, and leaves the processors to those who read. A node that nobody asks for anything,
//! and to which nothing happens, does nothing.

use std::time::Duration;

use masthead_domain::following;
use masthead_domain::id::ArticleId;

use super::preparing::prepare;
use crate::error::ApiError;
use crate::service::Service;
use crate::system;

/// For this long nothing may have been published; then whoever publishes is done for now.
const QUIET: Duration = Duration::from_secs(2);
/// Between two looks at the change log, and after a look for articles that failed.
const LOOK: Duration = Duration::from_secs(1);
/// Articles that are looked through at once.
const STRETCH: u32 = 500;
/// Articles that are finished at once: so few that nobody who wants to write waits long.
const BATCH: usize = 16;
/// Rests between two batches, in times of what the batch took: of one processor it takes a quarter.
const REST: u32 = 3;
/// The same while this node is busy, which is when it gives more than so many answers a second: a twentieth.
const REST_WHEN_BUSY: u32 = 19;
const BUSY: f64 = 100.0;

/// Finishes everything that is published, as long as the service runs: once somebody has asked for something that is
/// not finished, and again after each change.
pub async fn keep_ahead(service: Service) {
    let mut log = Log::default();
    let mut done = None;
    let mut failing = false;
    loop {
        let outcome = match log.quiet(&service).await {
            Ok(newest) => {
                let is_done = *done.get_or_insert(newest) == newest;
                if service.preparer().was_asked() || !is_done {
                    walk(&service, &mut log).await.map(|()| done = Some(newest))
                } else {
                    Ok(())
                }
            }
            Err(error) => Err(error),
        };
        if let (Err(error), false) = (&outcome, failing) {
            tracing::warn!(code = ?error.0.code, detail = %error.0.detail, "answers cannot be finished ahead");
        }
        failing = outcome.is_err();
        tokio::time::sleep(LOOK).await;
    }
}

/// Looks through everything once.
async fn walk(service: &Service, log: &mut Log) -> Result<(), ApiError> {
    let mut before: Option<ArticleId> = None;
    let mut failed = false;
    loop {
        let maker = service.maker().to_owned();
        let stretch = service
            .deliver(move |store| store.unfinished(&maker, before, STRETCH))
            .await?;
        for batch in stretch.ids.chunks(BATCH) {
            log.quiet(service).await?;
            let (begun, answered) = (system::stopwatch(), service.metrics().total());
            // One that cannot be finished is made anew for each who asks, and is no reason to leave out the others.
            if let (Err(error), false) = (prepare(service, batch).await, failed) {
                tracing::warn!(code = ?error.0.code, detail = %error.0.detail, "some answers cannot be finished ahead");
                failed = true;
            }
            tokio::time::sleep(rest(begun.elapsed(), service.metrics().total() - answered)).await;
        }
        before = stretch.last;
        if before.is_none() {
            return Ok(());
        }
    }
}

/// How long to rest after a batch that took so long, while so many answers were given.
fn rest(took: Duration, answers: u64) -> Duration {
    let is_busy = u32::try_from(answers).map_or(f64::INFINITY, f64::from) > BUSY * took.as_secs_f64();
    // A few answers in the few milliseconds of a batch are no crowd.
    let is_busy = is_busy && answers > 10;
    took * if is_busy { REST_WHEN_BUSY } else { REST }
}

/// What was last seen of the change log.
#[derive(Default)]
struct Log {
    newest: Option<i64>,
}

impl Log {
    /// Waits until nothing is published; answers the newest entry. Where nothing was since the last time, that is now.
    async fn quiet(&mut self, service: &Service) -> Result<i64, ApiError> {
        loop {
            let newest = service.deliver(following::newest).await?;
            if self.newest == Some(newest) {
                return Ok(newest);
            }
            self.newest = Some(newest);
            tokio::time::sleep(QUIET).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_node_is_left_to_its_readers() {
        let second = Duration::from_secs(1);
        assert_eq!(rest(second, 0), second * 3);
        assert_eq!(rest(second, 100), second * 3);
        assert_eq!(rest(second, 101), second * 19);
        assert_eq!(rest(Duration::from_millis(10), 10), Duration::from_millis(30));
        assert_eq!(rest(Duration::from_millis(10), 11), Duration::from_millis(190));
    }
}
