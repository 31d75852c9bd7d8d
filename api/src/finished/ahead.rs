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
            let begun = system::stopwatch();
            // One that cannot be finished is made anew for each who asks, and is no reason to leave out the others.
            if let (Err(error), false) = (prepare(service, batch).await, failed) {
                tracing::warn!(code = ?error.0.code, detail = %error.0.detail, "some answers cannot be finished ahead");
                failed = true;
            }
            tokio::time::sleep(begun.elapsed() * REST).await;
        }
        before = stretch.last;
        if before.is_none() {
            return Ok(());
        }
    }
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
