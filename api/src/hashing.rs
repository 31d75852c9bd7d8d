//! Hashing passwords: a few at a time, away from the threads that answer.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Hashes that are computed at once; each takes a core and 19 MiB.
const AT_ONCE: usize = 4;
/// Requests that wait for their turn; whoever comes then is told to try again. The last waits for less than a second.
const WAITING: usize = 64;

/// The turns of those who hash.
#[derive(Clone)]
pub struct Hashing {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Hashing {
    /// Nobody hashes yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Does the work on a blocking thread when its turn comes; 503 where too many wait.
    ///
    /// A turn ends with its work and not with its request: work that has begun cannot be called off, so whoever hangs
    /// up makes room for nobody before it is done.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| ApiError::unavailable())?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(ApiError::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        done.await.map_err(ApiError::internal)
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    use masthead_openapi::problem::ProblemCode;

    /// Work that goes on until somebody opens the gate.
    #[derive(Clone, Default)]
    struct Gate {
        open: Arc<(Mutex<bool>, Condvar)>,
        begun: Arc<AtomicUsize>,
    }

    impl Gate {
        fn work(&self) -> impl FnOnce() + Send + 'static {
            let gate = self.clone();
            move || {
                gate.begun.fetch_add(1, Ordering::SeqCst);
                let (open, told) = &*gate.open;
                let mut open = open.lock().unwrap();
                while !*open {
                    open = told.wait(open).unwrap();
                }
            }
        }

        fn open(&self) {
            *self.open.0.lock().unwrap() = true;
            self.open.1.notify_all();
        }

        async fn begun(&self, count: usize) {
            for _ in 0..500 {
                if self.begun.load(Ordering::SeqCst) == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{} have begun", self.begun.load(Ordering::SeqCst));
        }
    }

    #[test]
    fn whoever_hangs_up_makes_room_for_nobody_before_the_work_is_done() {
        actix_web::rt::System::new().block_on(async {
            let (hashing, gate) = (Hashing::new(), Gate::default());
            let begin = |work| {
                let hashing = hashing.clone();
                tokio::spawn(async move { hashing.run(work).await.is_ok() })
            };
            let gone: Vec<_> = (0..AT_ONCE).map(|_| begin(gate.work())).collect();
            gate.begun(AT_ONCE).await;
            for request in gone {
                request.abort();
                assert!(request.await.unwrap_err().is_cancelled());
            }
            let next = begin(gate.work());
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert_eq!(gate.begun.load(Ordering::SeqCst), AT_ONCE, "five at once");
            gate.open();
            assert!(next.await.unwrap());
        });
    }

    #[test]
    fn no_more_wait_than_are_told() {
        actix_web::rt::System::new().block_on(async {
            let (hashing, gate) = (Hashing::new(), Gate::default());
            let all: Vec<_> = (0..AT_ONCE + WAITING)
                .map(|_| {
                    let (hashing, work) = (hashing.clone(), gate.work());
                    tokio::spawn(async move { hashing.run(work).await.is_ok() })
                })
                .collect();
            gate.begun(AT_ONCE).await;
            tokio::task::yield_now().await;
            let refused = hashing.run(|| ()).await.unwrap_err();
            assert_eq!(refused.0.code, ProblemCode::Unavailable);
            gate.open();
            for request in all {
                assert!(request.await.unwrap());
            }
            hashing.run(|| ()).await.unwrap();
        });
    }
}
