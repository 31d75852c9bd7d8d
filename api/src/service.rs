//! What handlers are given: the store, the clock, ids and keys, and the way to run a use case.

use std::sync::{Arc, OnceLock};

use masthead_domain::clock::{Clock, Instant};
use masthead_domain::id::Ids;
use masthead_domain::locale::Locale;
use masthead_domain::repository::Delivery;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::Unit;
use masthead_storage::Storage;
use tokio::sync::Semaphore;

use crate::error::ApiError;
use crate::keys::Keys;

/// Password hashes that are computed at once; each takes a core and 19 MiB.
const HASHES: usize = 4;

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
    hashing: Semaphore,
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
    /// How long one request may take.
    pub request_timeout: std::time::Duration,
}

impl Service {
    /// A service that answers 503 until its keys are there.
    pub fn new(storage: Storage, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, options: Options) -> Self {
        let hashing = Semaphore::new(HASHES);
        Self {
            shared: Arc::new(Shared {
                storage,
                clock,
                ids,
                keys: OnceLock::new(),
                options,
                hashing,
            }),
        }
    }

    /// Lets the service begin: the schema is there, and so is the installation's secret.
    pub fn begin(&self, secret: &[u8]) {
        // A second call finds the keys there; every node derives the same.
        let _ = self.shared.keys.set(Keys::derive(secret));
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

    /// Settings.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.shared.options
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
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl Fn(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.keys()?;
        let (clock, ids) = (self.shared.clock.clone(), self.shared.ids.clone());
        let done = self.shared.storage.write(move |repository| {
            use_case(&mut Unit {
                repository,
                now: clock.now(),
                ids: &*ids,
                actor: &actor,
            })
        });
        Ok(done.await?)
    }

    /// Runs a use case that changes nothing.
    pub async fn read<T: Send + 'static>(
        &self,
        actor: Actor,
        use_case: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.keys()?;
        let (clock, ids) = (self.shared.clock.clone(), self.shared.ids.clone());
        let done = self.shared.storage.read(move |repository| {
            use_case(&mut Unit {
                repository,
                now: clock.now(),
                ids: &*ids,
                actor: &actor,
            })
        });
        Ok(done.await?)
    }

    /// Reads what readers may see.
    pub async fn deliver<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Delivery) -> masthead_domain::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.keys()?;
        Ok(self.shared.storage.deliver(read).await?)
    }

    /// Runs a hash on a blocking thread, a few at a time.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let _permit = self.shared.hashing.acquire().await.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(ApiError::internal)
    }
}
