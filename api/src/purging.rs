//! Empties the trash of what has been in it long enough: on every node, each thing once.

use std::time::Duration;

use masthead_domain::rights::Actor;
use masthead_domain::trash::{Keeping, Trashed};
use masthead_domain::use_cases::trash;

use crate::service::Service;

/// Between two looks into the trash.
const BEAT: Duration = Duration::from_mins(10);
/// Things purged in one transaction at most; each takes its whole history with it.
const BATCH: u32 = 20;

/// Purges what is due, for as long as the service runs.
pub async fn keep_purging(service: &Service, keeping: Keeping) {
    while keeping.0.is_some() {
        purge(service, keeping).await;
        tokio::time::sleep(BEAT).await;
    }
}

async fn purge(service: &Service, keeping: Keeping) {
    let Some(deleted) = keeping.since(service.now()) else {
        return;
    };
    loop {
        let purged = service
            .carry_out(Actor::scheduler(), move |unit| {
                trash::purge_expired(unit, deleted, BATCH)
            })
            .await;
        match purged {
            Ok(things) => {
                things.iter().for_each(tell);
                if things.len() < BATCH as usize {
                    return;
                }
            }
            Err(error) => {
                return tracing::warn!(%error, "cannot purge what has been in the trash long enough");
            }
        }
    }
}

fn tell(thing: &Trashed) {
    let (kind, id, deleted_at) = (thing.kind, thing.id, thing.deleted_at);
    tracing::info!(%kind, %id, %deleted_at, "purged what had been in the trash long enough");
}
