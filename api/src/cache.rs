//! Finished answers of the delivery surface, kept in memory and forgotten by what the change log says.
//!
//! An answer is kept under its address, its form and its encoding, with the cache tags of everything it shows. An
//! entry of the log makes every answer forgotten that shares a tag with it, but for articles that only carry the same
//! tags and authors as the one it speaks of. The node that writes reads its own entries before it acknowledges, every
//! other within [`watch::PERIOD`]. A node that has not read the log for [`watch::TRUST`] answers from the database
//! until it has.

mod encode;
mod front;
mod kept;
mod lull;
mod watch;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use masthead_domain::change::ChangeType;
use masthead_storage::{LogWatcher, Storage, Touched};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use tokio::sync::watch as signal;

pub use encode::Encoding;
pub use front::Front;
pub use kept::{Keepable, Kept};
pub use watch::follow;

use crate::system;

/// Tags that are remembered as touched before everything that was computed until then is distrusted.
const TOUCHED_LIMIT: usize = 100_000;
/// An answer takes at most this part of the cache.
const LARGEST: u64 = 16;

/// What an answer is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    form: u8,
    encoding: Encoding,
    address: Box<str>,
}

/// A key that is looked up without being made.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Which of the forms of an address.
    pub form: u8,
    /// In which encoding.
    pub encoding: Encoding,
    /// Path and query as they were sent.
    pub address: &'a str,
}

impl Asked<'_> {
    /// The same in another encoding.
    #[must_use]
    pub fn encoded(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    fn key(self) -> Key {
        Key {
            form: self.form,
            encoding: self.encoding,
            address: self.address.into(),
        }
    }
}

impl Key {
    fn asked(&self) -> Asked<'_> {
        Asked {
            form: self.form,
            encoding: self.encoding,
            address: &self.address,
        }
    }
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(self.form);
        state.write_u8(self.encoding as u8);
        state.write(self.address.as_bytes());
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.asked().hash(state);
    }
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.form == key.form && self.encoding == key.encoding && *self.address == *key.address
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Kept>> for Bytes {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        kept.weight() + key.address.len() as u64
    }
}

/// A tag as the index knows it. Two tags of one number forget more than they must, never less.
type TagHash = u64;

/// Which answers show what, and what was touched of late.
#[derive(Default)]
struct Index {
    answers: HashMap<TagHash, Vec<Arc<Key>>>,
    entries: usize,
    touched: HashMap<TagHash, i64>,
    /// What was computed before this entry cannot be judged any more.
    floor: i64,
}

/// The answers that a node keeps.
pub struct Answers {
    kept: Cache<Key, Arc<Kept>, Bytes>,
    capacity: u64,
    index: Mutex<Index>,
    hasher: std::hash::RandomState,
    /// Reads the log; whoever holds it brings the cache up to date.
    log: Mutex<LogWatcher>,
    applied: AtomicI64,
    started: std::time::Instant,
    trusted_until: AtomicU64,
    flights: Mutex<HashMap<Key, signal::Receiver<()>>>,
}

/// Whether somebody computes an answer already.
enum Turn {
    /// Nobody: the guard says so to others until it is dropped.
    Mine(Flight),
    /// Somebody: the receiver is told when they have finished.
    Theirs(signal::Receiver<()>),
}

/// The right to compute an answer.
struct Flight {
    answers: Arc<Answers>,
    key: Key,
    _done: signal::Sender<()>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        // The sender goes with it, which wakes all who wait.
        locked(&self.answers.flights).remove(&self.key);
    }
}

impl Answers {
    /// Room for this many bytes; none at all where that is 0.
    #[must_use]
    pub fn new(storage: &Storage, capacity: u64) -> Self {
        let items = usize::try_from(capacity / 8_192).unwrap_or(usize::MAX).max(16);
        Self {
            kept: Cache::with_weighter(items, capacity, Bytes),
            capacity,
            index: Mutex::default(),
            hasher: std::hash::RandomState::new(),
            log: Mutex::new(storage.watch_log()),
            applied: AtomicI64::new(-1),
            started: system::stopwatch(),
            trusted_until: AtomicU64::new(0),
            flights: Mutex::default(),
        }
    }

    /// Whether anything is kept at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.capacity > 0
    }

    /// Bytes and number of the answers that are kept.
    #[must_use]
    pub fn size(&self) -> (u64, usize) {
        (self.kept.weight(), self.kept.len())
    }

    /// An answer, while the log is known to this node.
    fn get(&self, asked: Asked<'_>, now: std::time::Instant) -> Option<Arc<Kept>> {
        if self.since_start(now) > self.trusted_until.load(Ordering::Acquire) {
            return None;
        }
        self.kept.get(&asked)
    }

    /// Keeps an answer, unless something that it shows has changed since it was computed.
    fn keep(&self, asked: Asked<'_>, kept: &Arc<Kept>) {
        if kept.weight() > self.capacity / LARGEST {
            return;
        }
        let mut index = locked(&self.index);
        let stale = |tag| index.touched.get(tag).is_some_and(|seq| *seq > kept.seq());
        if kept.seq() < index.floor || kept.tags().iter().any(stale) {
            return;
        }
        let key = Arc::new(asked.key());
        for tag in kept.tags() {
            index.answers.entry(*tag).or_default().push(Arc::clone(&key));
        }
        index.entries += kept.tags().len();
        self.kept.insert((*key).clone(), Arc::clone(kept));
        if index.entries > 64 * (self.kept.len() + 1_024) {
            self.sweep(&mut index);
        }
    }

    /// Forgets in the index what the cache has given up for room.
    fn sweep(&self, index: &mut Index) {
        index.entries = 0;
        let mut entries = 0;
        index.answers.retain(|_, keys| {
            keys.sort_unstable_by(|a, b| {
                (a.form, a.encoding as u8, &a.address).cmp(&(b.form, b.encoding as u8, &b.address))
            });
            keys.dedup();
            keys.retain(|key| self.kept.contains_key(&key.asked()));
            entries += keys.len();
            !keys.is_empty()
        });
        index.entries = entries;
    }

    /// The number that stands for a tag.
    pub fn tag(&self, tag: &str) -> TagHash {
        self.hasher.hash_one(tag)
    }

    /// The newest entry of the log that the cache knows.
    #[must_use]
    pub fn applied(&self) -> i64 {
        self.applied.load(Ordering::Acquire)
    }

    /// Reads what the log has got since, and forgets what it touches. Blocks the thread.
    pub fn catch_up(&self) -> masthead_domain::Result<()> {
        let log = locked(&self.log);
        let begun = system::stopwatch();
        let known = self.applied();
        if known < 0 {
            // Nothing was kept before the log was first read.
            let head = log.head()?;
            self.applied.store(head, Ordering::Release);
            locked(&self.index).floor = head;
            self.trust(begun);
            return Ok(());
        }
        let mut from = known;
        loop {
            let entries = log.touched_from(from)?;
            match entries.first() {
                Some(first) if first.seq == from => {}
                None if from == 0 => {}
                Some(first) if from == 0 && first.seq == 1 => {}
                _ => {
                    // Another log than before: of a restored database, say.
                    let head = log.head()?;
                    tracing::warn!(
                        known,
                        head,
                        "the change log is another one; every kept answer is forgotten"
                    );
                    self.forget_all(head);
                    self.applied.store(head, Ordering::Release);
                    self.trust(begun);
                    return Ok(());
                }
            }
            let newest = entries.last().map_or(from, |entry| entry.seq);
            self.touch(entries.iter().filter(|entry| entry.seq > from));
            self.applied.store(newest, Ordering::Release);
            if newest == from {
                self.trust(begun);
                return Ok(());
            }
            from = newest;
        }
    }

    /// Forgets everything, because nobody knows what is still true.
    pub fn distrust(&self) {
        self.trusted_until.store(0, Ordering::Release);
    }

    fn trust(&self, since: std::time::Instant) {
        let until = self.since_start(since) + u64::try_from(watch::TRUST.as_micros()).unwrap_or(u64::MAX);
        self.trusted_until.fetch_max(until, Ordering::AcqRel);
    }

    fn since_start(&self, at: std::time::Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }

    fn touch<'a>(&self, entries: impl Iterator<Item = &'a Touched>) {
        let mut index = locked(&self.index);
        for entry in entries {
            let slug = slug_tag(&entry.resource, &entry.slug);
            for tag in entry.cache_tags.iter().chain([&slug]) {
                let tag = self.tag(&meant(&entry.resource, tag));
                index.touched.insert(tag, entry.seq);
                for key in index.answers.remove(&tag).unwrap_or_default() {
                    index.entries = index.entries.saturating_sub(1);
                    self.kept.remove(&key.asked());
                }
            }
            if index.touched.len() > TOUCHED_LIMIT {
                index.touched.clear();
                index.floor = entry.seq;
            }
        }
    }

    fn forget_all(&self, floor: i64) {
        let mut index = locked(&self.index);
        *index = Index {
            floor,
            ..Index::default()
        };
        self.kept.clear();
    }

    fn turn(self: &Arc<Self>, asked: Asked<'_>) -> Turn {
        let mut flights = locked(&self.flights);
        let key = asked.key();
        if let Some(theirs) = flights.get(&key) {
            return Turn::Theirs(theirs.clone());
        }
        let (done, waiting) = signal::channel(());
        flights.insert(key.clone(), waiting);
        Turn::Mine(Flight {
            answers: Arc::clone(self),
            key,
            _done: done,
        })
    }
}

/// The tag of everything that was found by a slug: who holds it may change without the holder's own change.
#[must_use]
pub fn slug_tag(resource: &str, slug: &str) -> String {
    format!("{resource}-slug:{slug}")
}

/// The tag of everything that shows how many articles carry a tag or an author.
#[must_use]
pub fn count_tag(tag: &str) -> String {
    format!("count-of-{tag}")
}

/// Whether a cache tag names a tag or an author: articles carry them.
#[must_use]
pub fn is_carried(tag: &str) -> bool {
    [ChangeType::Tag, ChangeType::Author].iter().any(|kind| {
        tag.strip_prefix(kind.as_str())
            .is_some_and(|rest| rest.starts_with(':'))
    })
}

/// What an entry says with a tag: where it speaks of an article, the tags and authors themselves stay as they are, and
/// so do the other articles that carry them. Networks are told the tags alone, and forget more.
fn meant<'a>(resource: &str, tag: &'a str) -> Cow<'a, str> {
    let is_own = tag.split(':').next() == Some(resource);
    if is_carried(tag) && !is_own {
        return Cow::Owned(count_tag(tag));
    }
    Cow::Borrowed(tag)
}

/// A panic elsewhere leaves nothing half done in what these locks guard.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
