//! What handlers are given: the store, the clock, ids and keys, and the way to run a use case.

use std::sync::{Arc, OnceLock};

use ipnet::IpNet;
use masthead_domain::account::ApiKey;
use masthead_domain::audit::Deed;
use masthead_domain::clock::{Clock, Instant};
use masthead_domain::error::StorageError;
use masthead_domain::id::Ids;
use masthead_domain::limit::{LimitKey, Rule, Spent};
use masthead_domain::locale::Locale;
use masthead_domain::once::{Turn, forgotten};
use masthead_domain::preflight::SiteAddress;
use masthead_domain::prepared::{Named, Prepared};
use masthead_domain::repository::{Delivery, Repository};
use masthead_domain::rights::Actor;
use masthead_domain::slug::Slug;
use masthead_domain::trash::Keeping;
use masthead_domain::use_cases::{Unit, auditing, keys};
use masthead_openapi::forms::Site;
use masthead_openapi::problem::ProblemCode;
use masthead_storage::{Answer, Storage};

use crate::answer::Render;
use crate::cache::Answers;
use crate::credentials::Cost;
use crate::deeds;
use crate::error::ApiError;
use crate::events::Hub;
use crate::finished::{self, Preparer};
use crate::hashing::Hashing;
use crate::joint;
use crate::keys::Keys;
use crate::limits::{Counted, Quotas};
use crate::mailing::Mailer;
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::once::{self, Held, Running};
use crate::tagging::TagHeaders;

mod noted;

use noted::Noted;

/// Everything that requests share; cheap to clone.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

struct Shared {
    storage: Storage,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    keys: OnceLock<Keys>,
    options: Options,
    hashing: Hashing,
    events: Arc<Hub>,
    answers: Arc<Answers>,
    preparer: Preparer,
    maker: String,
    metrics: Metrics,
    running: Arc<Running>,
    noted: Noted,
    counted: Counted,
    post: tokio::sync::Notify,
    joint: tokio::sync::Mutex<()>,
}

impl Shared {
    /// What a use case that changes nothing works with.
    fn reading<'a>(&'a self, repository: &'a mut dyn Repository, actor: &'a Actor) -> Unit<'a> {
        Unit {
            repository,
            now: self.clock.now(),
            ids: &*self.ids,
            actor,
            acting: None,
            site: Some(&self.options.site_address),
        }
    }
}

/// Settings that handlers look at.
#[derive(Debug, Clone)]
pub struct Options {
    /// The locale of what says none.
    pub default_locale: Locale,
    /// Whether readers need a key too.
    pub delivery_requires_key: bool,
    /// Bytes in the body of a request.
    pub max_body_bytes: usize,
    /// What the hash of a password costs.
    pub password_cost: Cost,
    /// Whether the site has an address of its own.
    pub has_site: bool,
    /// What the site says of itself.
    pub site: Site,
    /// Where links within the site lead.
    pub site_address: SiteAddress,
    /// How long things stay in the trash.
    pub trash: Keeping,
    /// How long a body may take to arrive, and an answer to be made.
    pub request_timeout: std::time::Duration,
    /// Streams of events that are open at once.
    pub max_event_listeners: usize,
    /// How long a stream of events may be silent.
    pub event_heartbeat: std::time::Duration,
    /// Bytes of finished answers that are kept in memory; 0 keeps none.
    pub answer_cache_bytes: u64,
    /// Where caches find the tags of an answer.
    pub tag_headers: TagHeaders,
    /// How often somebody may ask.
    pub quotas: Quotas,
    /// The provider of single sign-on, where there is one.
    pub provider: Option<Arc<Provider>>,
    /// Who sends mail; nobody where no server for it is set.
    pub mailer: Option<Arc<Mailer>>,
    /// Whether clients come over TLS to the service itself.
    pub has_tls: bool,
    /// Proxies whose word on where a request comes from is taken.
    pub trusted_proxies: Vec<IpNet>,
}

impl Options {
    /// Where readers find an article, where the site's address is known.
    #[must_use]
    pub fn canonical_url(&self, locale: &Locale, slug: &Slug) -> Option<String> {
        self.has_site.then(|| self.site.page(locale, slug))
    }
}

/// What changes something, in a box; whether its answer is to be kept, and what is.
type Changing = Box<dyn Fn(&mut Unit<'_>, bool) -> masthead_domain::Result<Option<Vec<u8>>> + Send>;
/// A use case in a box.
type Part = Box<dyn FnOnce(&mut Unit<'_>) -> masthead_domain::Result<()> + Send>;
/// A look at what readers may see, in a box.
type Look = Box<dyn FnOnce(&mut dyn Delivery) -> masthead_domain::Result<()> + Send>;

/// Puts what changes something into a box; what it gives is left for whoever asked.
fn boxed<T: Send + 'static>(
    left: Answer<T>,
    work: impl Fn(&mut Unit<'_>, bool) -> masthead_domain::Result<(T, Option<Vec<u8>>)> + Send + 'static,
) -> Changing {
    Box::new(move |unit, is_kept| {
        let (value, kept) = work(unit, is_kept)?;
        left.put(value);
        Ok(kept)
    })
}

/// What a request that changes something ends with.
enum Done<T, R> {
    /// What is sent out.
    Answered(R),
    /// What that is to be made of.
    Plain(T),
}

impl Service {
    /// A service that answers 503 until its keys are there.
    pub fn new(storage: Storage, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, options: Options) -> Self {
        let events = Arc::new(Hub::new(options.max_event_listeners, options.event_heartbeat));
        let maker = finished::maker(&options);
        let answers = Arc::new(Answers::new(&storage, options.answer_cache_bytes));
        Self {
            shared: Arc::new(Shared {
                storage,
                clock,
                ids,
                keys: OnceLock::new(),
                options,
                hashing: Hashing::new(),
                events,
                answers,
                preparer: Preparer::new(),
                maker,
                metrics: Metrics::new(),
                running: Arc::default(),
                noted: Noted::default(),
                counted: Counted::default(),
                post: tokio::sync::Notify::new(),
                joint: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Lets the service begin: the schema is there, and so is the installation's secret; what was signed with one of
    /// those before is good still.
    pub fn begin(&self, secret: &[u8], before: &[&[u8]]) -> Result<(), jsonwebtoken::errors::Error> {
        // A second call finds the keys there; every node derives the same.
        let _ = self.shared.keys.set(Keys::derive(secret, before)?);
        Ok(())
    }

    /// The keys, once the service has begun.
    pub fn keys(&self) -> Result<&Keys, ApiError> {
        self.shared.keys.get().ok_or_else(ApiError::unavailable)
    }

    /// The store.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.shared.storage
    }

    /// The answers that are kept.
    #[must_use]
    pub fn answers(&self) -> &Arc<Answers> {
        &self.shared.answers
    }

    /// The queue of articles whose answers are to be kept finished.
    #[must_use]
    pub fn preparer(&self) -> &Preparer {
        &self.shared.preparer
    }

    /// Who finishes answers here.
    #[must_use]
    pub fn maker(&self) -> &str {
        &self.shared.maker
    }

    /// The finished answer about an article, if there is one; with its text, or only what it is.
    pub async fn prepared(&self, named: Named, text: bool) -> Result<Option<Prepared>, ApiError> {
        let service = self.clone();
        self.glance(move |store| store.prepared_article(service.maker(), &named, text))
            .await
    }

    /// What one statement tells of what readers may see.
    pub async fn glance<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut dyn Delivery) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.keys()?;
        self.in_time(self.shared.storage.glance(f)).await
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Notes that a key was used, at most once a minute and node, and without anybody waiting for it.
    pub fn note_use(&self, key: &ApiKey) {
        let now = self.now();
        let noted = key.last_used_at.is_some_and(|at| now - at < keys::NOTED);
        if noted || !self.shared.noted.is_first(key.id, now) {
            return;
        }
        let (service, id) = (self.clone(), key.id);
        tokio::spawn(async move {
            let storage = service.storage().clone();
            let noted = storage
                .write(move |repository| repository.touch_key(id, now))
                .await;
            if let Err(error) = noted {
                tracing::debug!(%error, "the use of an API key was not noted");
            }
        });
    }

    /// The requests with an `Idempotency-Key` that this node is about.
    #[must_use]
    pub fn running(&self) -> &Arc<Running> {
        &self.shared.running
    }

    /// Rung when a mail waits, so that it is not sent only at the next look.
    pub(crate) fn post(&self) -> &tokio::sync::Notify {
        &self.shared.post
    }

    /// Whose turn it is, of transactions that several requests share.
    pub(crate) fn joint_turn(&self) -> &tokio::sync::Mutex<()> {
        &self.shared.joint
    }

    /// What this process counts by itself.
    #[must_use]
    pub fn counted(&self) -> &Counted {
        &self.shared.counted
    }

    /// Does things once more that have a limit, on all nodes together; up to the first that may not be done, where what
    /// was done for those before it is taken back.
    pub async fn spend(&self, asked: Vec<(LimitKey, Rule)>) -> Result<Vec<Spent>, ApiError> {
        self.keys()?;
        let now = self.now();
        let spent = self.shared.storage.write(move |repository| {
            let mut all: Vec<Spent> = Vec::new();
            for (key, rule) in &asked {
                let spent = repository.spend(key, *rule, now)?;
                all.push(spent);
                if !spent.allowed {
                    for (key, rule) in &asked[..all.len() - 1] {
                        repository.refund(key, *rule)?;
                    }
                    break;
                }
            }
            Ok(all)
        });
        self.in_time(spent).await
    }

    /// Settings.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// All who listen on this node.
    #[must_use]
    pub fn events(&self) -> &Arc<Hub> {
        &self.shared.events
    }

    /// What a unit of work is given besides the store and whoever asks.
    pub(crate) fn surroundings(&self) -> (Arc<dyn Clock>, Arc<dyn Ids>, SiteAddress) {
        let shared = &self.shared;
        let site = shared.options.site_address.clone();
        (Arc::clone(&shared.clock), Arc::clone(&shared.ids), site)
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn next_id(&self) -> uuid::Uuid {
        self.shared.ids.next()
    }

    /// Runs a use case that changes something, in one transaction; it may be run again from the start.
    ///
    /// A `POST` takes [`Self::answer`] instead, unless its answer holds a secret: it is then carried out once for an
    /// `Idempotency-Key` as well, and whoever repeats it is told that the answer was not kept.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl Fn(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.request(actor, move |unit, _| Ok((use_case(unit)?, None)))
            .await
    }

    /// The same for a `POST`: `answer` makes what is sent out of what the use case gives, within the transaction, so
    /// that the answer to a request with an `Idempotency-Key` is kept if and only if the request is carried out.
    pub async fn answer<T: Send + 'static, R: Render + Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl Fn(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
        answer: impl Fn(T) -> R + Send + Sync + 'static,
    ) -> Result<R, ApiError> {
        let answer = Arc::new(answer);
        let within = Arc::clone(&answer);
        let done = self.request(actor, move |unit, is_kept| {
            let value = use_case(unit)?;
            if !is_kept {
                return Ok((Done::Plain(value), None));
            }
            let answer = within(value);
            let kept = once::kept(&answer)?;
            Ok((Done::Answered(answer), kept))
        });
        Ok(match done.await? {
            Done::Answered(answer) => answer,
            // Nobody keeps it, so nobody who wants to write has to wait until it is made.
            Done::Plain(value) => answer(value),
        })
    }

    /// Runs a use case that changes something to its end, however long that takes, for callers that are no request;
    /// the audit log calls it `action`.
    pub async fn carry_out<T: Send + 'static>(
        &self,
        actor: Actor,
        action: &str,
        use_case: impl Fn(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> masthead_domain::Result<T> {
        let deed = deeds::own(action, &actor);
        let answer = Answer::default();
        let work = boxed(answer.clone(), move |unit, _| Ok((use_case(unit)?, None)));
        let done = self.change(actor, deed, None, work).await?;
        // Nobody else can have the turn of what holds none.
        done.map_err(|_| {
            let context = "a change waited for a turn that it had not asked for".to_owned();
            let source = context.clone().into();
            StorageError::Database { context, source }
        })?;
        answer.take()
    }

    /// Carries out a request that changes something: `work` gives a value, and what is kept of the answer where the
    /// request is to be carried out once.
    async fn request<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl Fn(&mut Unit<'_>, bool) -> masthead_domain::Result<(T, Option<Vec<u8>>)> + Send + 'static,
    ) -> Result<T, ApiError> {
        let answer = Answer::default();
        let left = answer.clone();
        let requesting = self.requesting(actor, boxed(left, work));
        requesting.await?;
        Ok(answer.take()?)
    }

    async fn requesting(&self, actor: Actor, work: Changing) -> Result<(), ApiError> {
        self.keys()?;
        let (held, deed) = (once::current()?, deeds::current(&actor)?);
        self.in_time(self.change(actor, deed, held.clone(), work))
            .await?
            .map_err(|turn| once::not_ours(held.as_deref(), turn))
    }

    /// Changes something in one transaction, unless it is another's turn.
    async fn change(
        &self,
        actor: Actor,
        deed: Deed,
        holding: Option<Arc<Held>>,
        work: Changing,
    ) -> masthead_domain::Result<Result<(), Turn>> {
        if let Some(joint) = joint::current() {
            let part: Part = Box::new(move |unit| work(unit, false).map(drop));
            return joint.run(actor, Some(deed), part).await.map(Ok);
        }
        let (clock, ids) = (self.shared.clock.clone(), self.shared.ids.clone());
        let (storage, shared) = (self.shared.storage.clone(), Arc::clone(&self.shared));
        let done = async move {
            storage
                .write(move |repository| {
                    let now = clock.now();
                    if let Some(held) = &holding {
                        let turn = repository.take_turn(held.claim(), forgotten(now))?;
                        if turn != Turn::Free {
                            return Ok(Err(turn));
                        }
                    }
                    let mut unit = Unit {
                        repository,
                        now,
                        ids: &*ids,
                        actor: &actor,
                        acting: None,
                        site: Some(&shared.options.site_address),
                    };
                    let kept = work(&mut unit, holding.is_some())?;
                    if let Some(held) = &holding {
                        unit.repository.keep_answer(held.claim(), kept.as_deref(), now)?;
                    }
                    auditing::settle(&mut unit, deed.clone())?;
                    Ok(Ok(()))
                })
                .await
        };
        // What was begun goes on to its end, and what it touched is forgotten, whether or not anybody waits.
        let service = self.clone();
        let done = tokio::spawn(async move {
            let value = done.await;
            service.forget_what_was_touched().await;
            value
        });
        done.await.unwrap_or_else(|failed| {
            let context = "a change was not finished".to_owned();
            Err(StorageError::Database {
                context,
                source: Box::new(failed),
            }
            .into())
        })
    }

    /// Before a change is acknowledged, no answer is kept here that it made untrue.
    pub(crate) async fn forget_what_was_touched(&self) {
        let answers = self.answers();
        if !answers.is_on() || self.storage().newest_written() <= answers.applied() {
            return;
        }
        let reading = Arc::clone(answers);
        let read = tokio::task::spawn_blocking(move || reading.catch_up()).await;
        if !matches!(read, Ok(Ok(()))) {
            answers.distrust();
        }
    }

    /// Runs a use case that changes nothing.
    pub async fn read<T: Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let answer = Answer::default();
        let left = answer.clone();
        let reading = self.reading(
            actor,
            Box::new(move |unit| {
                left.put(use_case(unit)?);
                Ok(())
            }),
        );
        reading.await?;
        Ok(answer.take()?)
    }

    async fn reading(&self, actor: Actor, use_case: Part) -> Result<(), ApiError> {
        self.keys()?;
        if let Some(joint) = joint::current() {
            return self.in_time(joint.run(actor, None, use_case)).await;
        }
        let shared = Arc::clone(&self.shared);
        let done = self.shared.storage.read(move |repository| {
            let mut unit = shared.reading(repository, &actor);
            use_case(&mut unit)
        });
        self.in_time(done).await
    }

    /// The same for one that asks the store one thing: without a transaction, which has two ways to go of its own.
    pub async fn look<T: Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T> + Copy + Send + 'static,
    ) -> Result<T, ApiError> {
        self.keys()?;
        if joint::current().is_none() {
            let (shared, actor) = (Arc::clone(&self.shared), actor.clone());
            let done = self.shared.storage.look(move |repository| {
                let mut unit = shared.reading(repository, &actor);
                use_case(&mut unit)
            });
            if let Ok(found) = self.in_time(done).await {
                return Ok(found);
            }
            // A connection that was closed meanwhile is made good for below.
        }
        self.read(actor, use_case).await
    }

    /// Reads what readers may see.
    pub async fn deliver<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Delivery) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let answer = Answer::default();
        let left = answer.clone();
        let delivering = self.delivering(Box::new(move |store| {
            left.put(read(store)?);
            Ok(())
        }));
        delivering.await?;
        Ok(answer.take()?)
    }

    async fn delivering(&self, read: Look) -> Result<(), ApiError> {
        self.keys()?;
        self.in_time(self.shared.storage.deliver(read)).await
    }

    /// Waits for the store as long as an answer may take. A change that has begun goes on to its end, whatever the
    /// client is told.
    async fn in_time<T>(
        &self,
        done: impl Future<Output = masthead_domain::Result<T>>,
    ) -> Result<T, ApiError> {
        match tokio::time::timeout(self.options().request_timeout, done).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(ApiError::new(
                ProblemCode::Unavailable,
                "This took too long. Look whether it was done before you try again.",
            )),
        }
    }

    /// Runs a hash on a blocking thread, a few at a time; 503 where too many wait.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        self.shared.hashing.run(work).await
    }
}
