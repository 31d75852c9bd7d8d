//! Streams of events: one task of a node reads the change log and hands each entry to all who listen.
//!
//! A listener reads what it has missed from the log itself, page by page, and then takes new entries from a short
//! queue of its own. Whoever does not take them in time is dropped, so that a slow reader costs nobody else memory;
//! with the id of the last event it goes on where it was.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::stream;
use masthead_domain::change;
use masthead_domain::following::{self, Followed, Since};
use masthead_openapi::delivery::Change;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::error::ApiError;
use crate::service::Service;

/// How often the log is looked at while somebody listens.
const TICK: Duration = Duration::from_millis(100);
/// Entries read from the log at once.
const PAGE: u32 = 200;
/// Batches of entries that wait for one listener; a batch is what was new at one look, and the same for everybody.
const QUEUE: usize = 64;
/// Heartbeats that a listener may let pass without taking anything.
const MISSED: u32 = 4;
/// Said first: how long a client waits before it comes back, in milliseconds.
const GREETING: &str = "retry: 2000\n\n";
/// Said while there is nothing to say.
const HEARTBEAT: &str = ":\n\n";
/// Said to a listener that was too slow, before the end.
const DROPPED: &str = "event: dropped\ndata: {\"code\":\"too_slow\",\"message\":\"You took events more slowly than they came. \
                       Connect again with the id of the last one in Last-Event-ID.\"}\n\n";

/// All who listen on this node.
pub struct Hub {
    most: usize,
    /// Ticks after which a listener that took nothing is dropped.
    patience: u64,
    listeners: Mutex<Vec<Listener>>,
    /// The newest entry that was handed out; `None` while nobody reads the log.
    position: watch::Sender<Option<i64>>,
    closed: watch::Sender<bool>,
    arrived: Notify,
    ticks: AtomicU64,
}

struct Listener {
    state: Arc<State>,
    queue: Option<mpsc::Sender<Batch>>,
}

/// What the hub and a stream know of each other.
#[derive(Default)]
struct State {
    dropped: AtomicBool,
    /// The tick at which the stream was last asked for something.
    asked: AtomicU64,
}

/// An entry as it goes out, the same bytes for everybody.
struct Entry {
    seq: i64,
    frame: Bytes,
}

/// What was new at one look, at most a page.
type Batch = Arc<[Entry]>;

impl Entry {
    fn new(change: change::Change) -> Self {
        let seq = change.seq;
        let json = serde_json::to_string(&Change::from(change)).unwrap_or_default();
        Self {
            seq,
            frame: format!("id: {seq}\nevent: change\ndata: {json}\n\n").into(),
        }
    }
}

impl Hub {
    /// A hub for so many listeners, each of which hears something at least this often.
    #[must_use]
    pub fn new(most: usize, heartbeat: Duration) -> Self {
        let patience = (heartbeat * MISSED).as_millis() / TICK.as_millis();
        Self {
            most,
            patience: u64::try_from(patience).unwrap_or(u64::MAX),
            listeners: Mutex::default(),
            position: watch::Sender::new(None),
            closed: watch::Sender::new(false),
            arrived: Notify::new(),
            ticks: AtomicU64::new(0),
        }
    }

    /// Ends every stream, and takes no more: the service stops.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// How many listen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.locked().len()
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody listens; the place in the log is then forgotten, and looked for again with the next listener.
    fn rests(&self) -> bool {
        let listeners = self.locked();
        // Under the lock: nobody comes in between and takes an old place for the present one.
        if listeners.is_empty() {
            self.position.send_replace(None);
        }
        listeners.is_empty()
    }

    /// Takes a place; `None` where all are taken.
    fn enter(&self) -> Option<Arc<State>> {
        let mut listeners = self.locked();
        if listeners.len() >= self.most {
            return None;
        }
        let state = Arc::new(State::default());
        state
            .asked
            .store(self.ticks.load(Ordering::Relaxed), Ordering::Relaxed);
        listeners.push(Listener {
            state: state.clone(),
            queue: None,
        });
        drop(listeners);
        self.arrived.notify_one();
        Some(state)
    }

    fn leave(&self, state: &Arc<State>) {
        self.locked().retain(|one| !Arc::ptr_eq(&one.state, state));
    }

    /// New entries from here on; `None` for somebody who was dropped already.
    fn listen(&self, state: &Arc<State>) -> Option<mpsc::Receiver<Batch>> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut listeners = self.locked();
        let place = listeners.iter_mut().find(|one| Arc::ptr_eq(&one.state, state))?;
        place.queue = Some(sender);
        Some(receiver)
    }

    /// Hands entries to everybody; who cannot take them is dropped.
    fn hand_out(&self, entries: Vec<Entry>) {
        let Some(last) = entries.last().map(|entry| entry.seq) else {
            return;
        };
        let batch: Batch = entries.into();
        let mut listeners = self.locked();
        // Under the lock: whoever begins to listen now gets what comes after this place.
        self.position.send_replace(Some(last));
        listeners.retain(|one| match &one.queue {
            None => true,
            Some(queue) => {
                let taken = queue.try_send(batch.clone());
                if let Err(TrySendError::Full(_)) = taken {
                    one.state.dropped.store(true, Ordering::Relaxed);
                }
                taken.is_ok()
            }
        });
    }

    /// Drops those who have taken nothing for long: their client reads no more, and is still there.
    fn drop_stalled(&self) {
        let now = self.ticks.fetch_add(1, Ordering::Relaxed);
        let mut listeners = self.locked();
        listeners.retain(|one| {
            let stalled = now.saturating_sub(one.state.asked.load(Ordering::Relaxed)) > self.patience;
            if stalled {
                one.state.dropped.store(true, Ordering::Relaxed);
            }
            !stalled
        });
    }
}

/// Reads the log for all who listen, as long as somebody does.
pub async fn watch(service: Service) {
    let hub = service.events().clone();
    loop {
        let arrived = hub.arrived.notified();
        if hub.rests() {
            arrived.await;
        }
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while hub.count() > 0 {
            ticks.tick().await;
            hub.drop_stalled();
            if let Err(error) = look(&service, &hub).await {
                tracing::warn!(?error, "cannot read the change log for those who listen");
            }
        }
    }
}

async fn look(service: &Service, hub: &Hub) -> Result<(), ApiError> {
    let Some(mut seen) = *hub.position.borrow() else {
        let newest = service.deliver(following::newest).await?;
        hub.position.send_replace(Some(newest));
        return Ok(());
    };
    loop {
        let changes = service.deliver(move |store| store.changes(seen, PAGE)).await?;
        let Some(last) = changes.last().map(|change| change.seq) else {
            return Ok(());
        };
        seen = last;
        hub.hand_out(changes.into_iter().map(Entry::new).collect());
    }
}

/// Where a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After this entry.
    After(i64),
    /// With the next entry there will be.
    Now,
}

/// Opens a stream; the outer refusal is for want of a place, the inner one for a start that cannot be.
pub async fn open(service: &Service, start: Start) -> Result<Result<EventStream, Followed>, ApiError> {
    let hub = service.events().clone();
    if *hub.closed.borrow() {
        return Err(ApiError::unavailable());
    }
    let state = hub.enter().ok_or_else(too_many)?;
    // From here on the place is given back whatever happens.
    let mut listening = Listening::new(service.clone(), hub, state);
    let since = match start {
        Start::After(seq) => seq,
        Start::Now => service.deliver(following::newest).await?,
    };
    let since = Since {
        seq: since,
        begun_above: 0,
    };
    match service
        .deliver(move |store| following::changes(store, since, 1))
        .await?
    {
        Followed::On(stretch) => {
            listening.since = Since {
                // Whoever may begin here may go on, whatever is dropped from the log meanwhile.
                begun_above: stretch.pruned_through,
                ..since
            };
            Ok(Ok(EventStream(listening)))
        }
        refused => Ok(Err(refused)),
    }
}

fn too_many() -> ApiError {
    let detail = "Too many streams of events are open here. Come back in a while, or poll the changes.";
    ApiError::new(masthead_openapi::problem::ProblemCode::Unavailable, detail)
}

/// 200 with events as they come.
pub struct EventStream(Listening);

impl Responder for EventStream {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            // Proxies hold back and compress what they take for a page.
            .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
            .insert_header((header::CONTENT_ENCODING, "identity"));
        if crate::observe::wants_headers_only(request) {
            return response.finish();
        }
        let frames = stream::unfold(self.0, |mut listening| async move {
            let frame = listening.next().await?;
            Some((Ok::<_, actix_web::Error>(frame), listening))
        });
        response.streaming(Box::pin(frames))
    }
}

/// One listener.
pub struct Listening {
    service: Service,
    hub: Arc<Hub>,
    state: Arc<State>,
    since: Since,
    queue: Option<mpsc::Receiver<Batch>>,
    /// Whether everything from before the queue began was read.
    caught_up: bool,
    ready: VecDeque<Bytes>,
    ended: bool,
    beat: Interval,
    closed: watch::Receiver<bool>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.hub.leave(&self.state);
    }
}

/// What woke a stream.
enum Woken {
    Entries(Option<Batch>),
    Beat,
    Closed,
}

impl Listening {
    fn new(service: Service, hub: Arc<Hub>, state: Arc<State>) -> Self {
        let period = service.options().event_heartbeat;
        let mut beat = interval(period);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let closed = hub.closed.subscribe();
        Self {
            service,
            hub,
            state,
            since: Since::default(),
            queue: None,
            caught_up: false,
            ready: VecDeque::from([GREETING.into()]),
            ended: false,
            beat,
            closed,
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let now = self.hub.ticks.load(Ordering::Relaxed);
            self.state.asked.store(now, Ordering::Relaxed);
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.ended || *self.closed.borrow() {
                return None;
            }
            if self.caught_up {
                self.wait().await;
            } else {
                self.catch_up().await;
            }
        }
    }

    /// Takes the next entry from the queue, or a heartbeat.
    async fn wait(&mut self) {
        let Some(queue) = &mut self.queue else {
            self.ended = true;
            return;
        };
        let woken = tokio::select! {
            batch = queue.recv() => Woken::Entries(batch),
            _ = self.beat.tick() => Woken::Beat,
            _ = self.closed.changed() => Woken::Closed,
        };
        match woken {
            Woken::Entries(Some(batch)) => batch.iter().for_each(|entry| self.send(entry)),
            Woken::Entries(None) => self.end(),
            Woken::Beat => self.ready.push_back(HEARTBEAT.into()),
            Woken::Closed => self.ended = true,
        }
    }

    /// Reads a page of what came before the queue began; then begins the queue, and reads what came meanwhile.
    async fn catch_up(&mut self) {
        let since = self.since;
        let read = self
            .service
            .deliver(move |store| following::changes(store, since, PAGE))
            .await;
        // A database that is away, or a log that was cut short: the client comes back, and is told then.
        let Ok(Followed::On(stretch)) = read else {
            self.ended = true;
            return;
        };
        for change in stretch.changes {
            self.send(&Entry::new(change));
        }
        if stretch.has_more {
            return;
        }
        if self.queue.is_some() {
            self.caught_up = true;
            return;
        }
        self.queue = self.hub.listen(&self.state);
        if self.queue.is_none() {
            return self.end();
        }
        // Only what is read after the hub knows its place cannot leave a gap before the queue.
        let mut position = self.hub.position.subscribe();
        let known = async { position.wait_for(Option::is_some).await.is_ok() };
        let begun = tokio::select! {
            known = known => known,
            _ = self.closed.changed() => false,
            _ = self.beat.tick() => true,
        };
        self.ended = !begun;
        if begun && self.hub.position.borrow().is_none() {
            // Nobody could read the log so far: ask again.
            self.queue = None;
            self.ready.push_back(HEARTBEAT.into());
        }
    }

    fn send(&mut self, entry: &Entry) {
        if entry.seq > self.since.seq {
            self.since.seq = entry.seq;
            self.ready.push_back(entry.frame.clone());
            self.beat.reset();
        }
    }

    fn end(&mut self) {
        if self.state.dropped.load(Ordering::Relaxed) {
            self.ready.push_back(DROPPED.into());
        }
        self.ended = true;
    }
}
