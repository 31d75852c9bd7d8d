//! Empties the trash of what has been in it long enough, on every node, each thing once; and drops preview links that
//! stopped working.

use std::time::Duration;

use masthead_domain::rights::Actor;
use masthead_domain::trash::{Keeping, Trashed};
use masthead_domain::use_cases::{preview_links, trash};

use crate::service::Service;

/// Between two looks into the trash.
const BEAT: Duration = Duration::from_mins(10);
/// Things purged in one transaction at most; each takes its whole history with it.
const BATCH: u32 = 20;

/// Preview links dropped in one transaction at most.
const LINKS: u32 = 1000;
/// Counts of what was done that are dropped in one transaction.
const LIMITS: u32 = 1_000;

/// Purges what is due, for as long as the service runs.
pub async fn keep_purging(service: &Service, keeping: Keeping) {
    loop {
        purge(service, keeping).await;
        forget_links(service).await;
        forget_limits(service).await;
        forget_tickets(service).await;
        forget_pending_logins(service).await;
        tokio::time::sleep(BEAT).await;
    }
}

async fn purge(service: &Service, keeping: Keeping) {
    let Some(deleted) = keeping.since(service.now()) else {
        return;
    };
    loop {
        let purged = service
            .carry_out(Actor::scheduler(), "purge_trash", move |unit| {
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

async fn forget_links(service: &Service) {
    let expired = service.now();
    loop {
        let dropped = service
            .carry_out(Actor::scheduler(), "forget_preview_links", move |unit| {
                preview_links::forget(unit, expired, LINKS)
            })
            .await;
        match dropped {
            Ok(count) if count < u64::from(LINKS) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop preview links that stopped working"),
        }
    }
}

async fn forget_limits(service: &Service) {
    let paid = service.now();
    loop {
        let dropped = service
            .storage()
            .write(move |repository| repository.forget_limits(paid, LIMITS))
            .await;
        match dropped {
            Ok(count) if count < u64::from(LIMITS) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop what was counted long ago"),
        }
    }
}

async fn forget_tickets(service: &Service) {
    let expired = service.now();
    loop {
        let dropped = service
            .storage()
            .write(move |repository| repository.forget_tickets(expired, LIMITS))
            .await;
        match dropped {
            Ok(count) if count < u64::from(LIMITS) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop links of mails that stopped working"),
        }
    }
}

async fn forget_pending_logins(service: &Service) {
    let expired = service.now();
    loop {
        let dropped = service
            .storage()
            .write(move |repository| repository.forget_pending_logins(expired, LIMITS))
            .await;
        match dropped {
            Ok(count) if count < u64::from(LIMITS) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop logins that nobody finished"),
        }
    }
}

fn tell(thing: &Trashed) {
    let (kind, id, deleted_at) = (thing.kind, thing.id, thing.deleted_at);
    tracing::info!(%kind, %id, %deleted_at, "purged what had been in the trash long enough");
}
