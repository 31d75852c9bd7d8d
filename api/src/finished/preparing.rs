//! Making finished answers in the background, a few at a time.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use masthead_domain::change::story_tag;
use masthead_domain::clock::Instant;
use masthead_domain::delivering::{self, Delivered};
use masthead_domain::id::ArticleId;
use masthead_domain::prepared::NewPrepared;
use masthead_openapi::delivery::{Formats, FoundArticle};
use tokio::sync::mpsc;

use super::{Text, card, stamp};
use crate::delivery::{at_home, distinct, tags_of};
use crate::error::ApiError;
use crate::service::Service;

/// Articles that wait; whoever asks for one more will ask again.
const WAITING: usize = 10_000;
/// Articles that are read and kept at once.
const BATCH: usize = 64;
/// Articles that are kept in one transaction: whoever publishes waits for it.
const KEPT: usize = 16;
/// Between two batches, so that many who ask at once are answered by one, and writers come in between.
const PAUSE: Duration = Duration::from_millis(25);

/// The queue of articles that were asked for and are not finished.
pub struct Preparer {
    sender: mpsc::Sender<ArticleId>,
    receiver: Mutex<Option<mpsc::Receiver<ArticleId>>>,
    waiting: Mutex<HashSet<ArticleId>>,
    was_asked: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

impl Preparer {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            waiting: Mutex::default(),
            was_asked: AtomicBool::new(false),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Has an article finished some time soon; nothing where too many wait.
    pub fn ask(&self, id: ArticleId) {
        self.was_asked.store(true, Ordering::Relaxed);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.insert(id) && self.sender.try_send(id).is_err() {
            waiting.remove(&id);
        }
    }

    /// Whether any article was asked for, since this was last asked, that was not finished.
    pub(super) fn was_asked(&self) -> bool {
        self.was_asked.swap(false, Ordering::Relaxed)
    }

    fn forget(&self, ids: &[ArticleId]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            waiting.remove(id);
        }
    }
}

impl Default for Preparer {
    fn default() -> Self {
        Self::new()
    }
}

/// Finishes what is asked for, as long as the service runs.
pub async fn keep_preparing(service: Service) {
    let taken = service
        .preparer()
        .receiver
        .lock()
        .map_or(None, |mut it| it.take());
    let Some(mut receiver) = taken else { return };
    let mut failing = false;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if receiver.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let outcome = prepare(&service, &batch).await;
        service.preparer().forget(&batch);
        if let (Err(error), false) = (&outcome, failing) {
            // Nothing is lost: answers are made one by one until this works again.
            tracing::warn!(code = ?error.0.code, detail = %error.0.detail, "answers cannot be kept finished");
        }
        failing = outcome.is_err();
        tokio::time::sleep(PAUSE).await;
    }
}

/// Makes the answers about these articles, and keeps them.
pub(super) async fn prepare(service: &Service, ids: &[ArticleId]) -> Result<(), ApiError> {
    // Two at once would often make the same ones.
    let _turn = service.preparer().turn.lock().await;
    let asked = ids.to_vec();
    // All at once: where many read, each look at the store has to wait for its turn.
    let found = service
        .deliver(move |store| delivering::whole_articles(store, &asked))
        .await?;
    let Some(head) = found.head else { return Ok(()) };
    let articles = found.value.into_iter();
    let finished: Result<Vec<_>, ApiError> = articles.map(|found| finish(service, found, head)).collect();
    let mut left = finished?;
    while !left.is_empty() {
        let few = left.split_off(left.len().saturating_sub(KEPT));
        let storage = service.storage();
        storage
            .write(move |repository| repository.keep_prepared(&few))
            .await?;
    }
    Ok(())
}

fn finish(
    service: &Service,
    delivered: Delivered,
    (seq, at): (i64, Instant),
) -> Result<NewPrepared, ApiError> {
    let site = &service.options().site;
    let delivered = at_home(service, delivered);
    let id = delivered.article.id;
    let mut cache_tags = Vec::new();
    tags_of(&delivered, &mut cache_tags);
    cache_tags.push(story_tag(delivered.article.story_id()));
    let text = Text::of(delivered.clone(), Formats::new(None), site)?;
    let hit = FoundArticle::from(delivered.clone());
    let hit = serde_json::to_string(&hit).map_err(ApiError::internal)?;
    let card = card(delivered, site)?;
    Ok(NewPrepared {
        id,
        made_by: service.maker().to_owned(),
        stamp: text.stamp,
        cache_tags: distinct(cache_tags),
        card_stamp: stamp(card.as_bytes()),
        card,
        hit,
        whole: text.data,
        seq,
        at,
    })
}
