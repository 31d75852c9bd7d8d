//! One transaction that several requests share, each sent through the whole application: what they change is there for
//! all of them, and for everybody else at once or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use masthead_domain::audit::{Deed, Touched};
use masthead_domain::clock::Instant;
use masthead_domain::error::{Error, Refused, StorageError};
use masthead_domain::id::Ids;
use masthead_domain::once::{Claim, Turn, forgotten};
use masthead_domain::preflight::SiteAddress;
use masthead_domain::repository::Repository;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::{Unit, auditing};
use tokio::sync::{mpsc, oneshot};

use crate::auth;
use crate::error::ApiError;
use crate::once;
use crate::service::Service;

tokio::task_local! {
    /// The transaction that the present request is a part of.
    static OPEN: Joint;
}

/// The transaction that the present request is a part of, where it is one of several.
pub fn current() -> Option<Joint> {
    OPEN.try_with(Clone::clone).ok()
}

/// A way into a transaction that runs on another thread.
#[derive(Clone)]
pub struct Joint(mpsc::UnboundedSender<Message>);

enum Message {
    /// Run this.
    Do(Job),
    /// Commit, and keep this answer for whoever sends the whole again.
    Finish(Option<Vec<u8>>),
    /// Roll back.
    Undo,
}

type Job = Box<dyn FnOnce(&mut Shared<'_>) + Send>;

/// What the parts have in common.
struct Shared<'a> {
    repository: &'a mut dyn Repository,
    now: Instant,
    ids: &'a dyn Ids,
    site: &'a SiteAddress,
    /// What was done so far, for the audit log.
    deeds: Vec<(Deed, Vec<Touched>)>,
    /// Why it cannot go on: the store failed, or a part was refused and what it had written stands there.
    broken: Option<Error>,
}

impl Joint {
    /// Runs a use case as a part of the transaction. With a deed it changes something.
    pub async fn run<T: Send + 'static>(
        &self,
        actor: Actor,
        deed: Option<Deed>,
        use_case: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> masthead_domain::Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |shared| {
            // Whoever asked may be gone; the transaction ends for another reason then.
            let _ = answer.send(shared.run(&actor, deed, use_case));
        });
        if self.0.send(Message::Do(job)).is_err() {
            return Err(over());
        }
        answered.await.unwrap_or_else(|_| Err(over()))
    }
}

/// What a part is told when its transaction is no more: it is sent anew, or the whole has failed.
fn over() -> Error {
    StorageError::Unavailable("the transaction is over".to_owned()).into()
}

impl Shared<'_> {
    fn run<T>(
        &mut self,
        actor: &Actor,
        deed: Option<Deed>,
        use_case: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T>,
    ) -> masthead_domain::Result<T> {
        let changes = deed.is_some();
        let mut unit = Unit {
            repository: &mut *self.repository,
            now: self.now,
            ids: self.ids,
            actor,
            acting: None,
            site: Some(self.site),
        };
        match use_case(&mut unit) {
            Ok(value) => {
                let touched = self.repository.take_touched();
                self.deeds.extend(deed.map(|deed| (deed, touched)));
                Ok(value)
            }
            Err(error @ Error::Storage(_)) => {
                // The store decides whether all of it is run again.
                self.broken = Some(error);
                Err(over())
            }
            Err(error) => {
                if changes {
                    self.broken = Some(spoiled());
                }
                Err(error)
            }
        }
    }

    fn finish(self, actor: &Actor, held: Option<&Claim>, kept: Option<&[u8]>) -> masthead_domain::Result<()> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        if let Some(claim) = held {
            self.repository.keep_answer(claim, kept, self.now)?;
        }
        let mut unit = Unit {
            repository: self.repository,
            now: self.now,
            ids: self.ids,
            actor,
            acting: None,
            site: Some(self.site),
        };
        auditing::append(&mut unit, self.deeds)
    }
}

/// Nobody is shown this: it ends a transaction that is not to be committed.
fn spoiled() -> Error {
    Refused::new("undone", "A part was refused.").at("")
}

/// Runs `requests` in one transaction and commits what they did where they answer `Ok`; from the start, where the store
/// could not order it among others. `kept` is what whoever sends the whole again under its `Idempotency-Key` gets.
pub async fn run<T, F>(
    service: &Service,
    requests: impl Fn() -> F,
    kept: impl Fn(&T) -> masthead_domain::Result<Option<Vec<u8>>>,
) -> Result<Result<T, T>, ApiError>
where
    F: Future<Output = Result<T, T>>,
{
    let held = once::current()?;
    // Those that wait for their turn hold no connection meanwhile.
    let _turn = service.joint_turn().lock().await;
    let (attempts, mut begun) = mpsc::unbounded_channel();
    let was_undone = Arc::new(AtomicBool::new(false));
    let transaction = {
        let (service, held) = (service.clone(), held.clone());
        let was_undone = Arc::clone(&was_undone);
        // What is committed is forgotten by those who keep answers, whether or not anybody waits.
        tokio::spawn(async move {
            let claim = held.as_ref().map(|held| held.claim().clone());
            let (clock, ids, site) = service.surroundings();
            let ended = service
                .storage()
                .write(move |repository| {
                    let now = clock.now();
                    if let Some(claim) = &claim {
                        let turn = repository.take_turn(claim, forgotten(now))?;
                        if turn != Turn::Free {
                            return Ok(Err(turn));
                        }
                    }
                    repository.begin_joint()?;
                    let (sender, receiver) = mpsc::unbounded_channel();
                    if attempts.send(Joint(sender)).is_err() {
                        return Err(spoiled());
                    }
                    let shared = Shared {
                        repository,
                        now,
                        ids: &*ids,
                        site: &site,
                        deeds: Vec::new(),
                        broken: None,
                    };
                    serve(shared, receiver, claim.as_ref(), &was_undone).map(Ok)
                })
                .await;
            service.forget_what_was_touched().await;
            ended
        })
    };
    let mut last = None;
    while let Some(joint) = begun.recv().await {
        let answered = OPEN.scope(joint.clone(), requests()).await;
        let message = match &answered {
            Ok(answer) => Message::Finish(kept(answer)?),
            Err(_) => Message::Undo,
        };
        // A transaction that is over by itself has begun anew, or has failed.
        let _ = joint.0.send(message);
        last = Some(answered);
    }
    let ended = transaction.await.map_err(ApiError::internal)?;
    match (ended, last) {
        (Ok(Ok(())), Some(Ok(done))) => Ok(Ok(done)),
        (Err(_), Some(Err(refused))) if was_undone.load(Ordering::SeqCst) => Ok(Err(refused)),
        (Ok(Err(turn)), _) => Err(once::not_ours(held.as_deref(), turn)),
        (Ok(Ok(())), _) => Err(ApiError::internal("a transaction of several requests had no end")),
        (Err(error), _) => Err(error.into()),
    }
}

/// Does what it is told, on the thread of the transaction, until it is over. Whoever asked being gone ends it as well.
fn serve(
    mut shared: Shared<'_>,
    mut receiver: mpsc::UnboundedReceiver<Message>,
    claim: Option<&Claim>,
    was_undone: &AtomicBool,
) -> masthead_domain::Result<()> {
    loop {
        match receiver.blocking_recv() {
            Some(Message::Do(job)) => {
                job(&mut shared);
                if matches!(shared.broken, Some(Error::Storage(_)))
                    && let Some(error) = shared.broken.take()
                {
                    return Err(error);
                }
            }
            Some(Message::Finish(kept)) => return shared.finish(&auth::nobody(), claim, kept.as_deref()),
            Some(Message::Undo) => {
                was_undone.store(true, Ordering::SeqCst);
                return Err(spoiled());
            }
            None => return Err(spoiled()),
        }
    }
}
