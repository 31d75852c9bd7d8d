//! What a worker does before it sleeps: it gives up its processor once, and looks again.
//!
//! A worker that has answered all there is waits for the system to wake it. To be woken costs more than an answer from
//! memory does, and whoever asks from the same machine (a proxy, a shared cache, a page that is rendered there) sends
//! the next request within microseconds, as soon as it gets a processor. So a worker that gave answers from memory lets
//! others run first: what they send meanwhile is found without sleeping. Where nobody else wants to run, it is one
//! system call for all that were answered together, and the worker sleeps as ever.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The lulls of one worker.
pub(super) struct Lull(Rc<Cell<Option<Waker>>>);

impl Lull {
    /// Watches over the worker whose thread this is. Its runtime has to run already.
    pub(super) fn of_this_worker() -> Self {
        Self::with(std::thread::yield_now)
    }

    fn with(mut give_way: impl FnMut() + 'static) -> Self {
        let slot = Rc::new(Cell::new(None::<Waker>));
        let lull = Self(Rc::clone(&slot));
        let mut answered = false;
        // Woken by the first of several answers, it stands behind all requests that had come by then.
        actix_web::rt::spawn(poll_fn(move |context| -> Poll<()> {
            if std::mem::replace(&mut answered, true) {
                give_way();
            }
            slot.set(Some(context.waker().clone()));
            Poll::Pending
        }));
        lull
    }

    /// An answer was given from memory.
    pub(super) fn after_answer(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_gives_way_once_after_all_it_had_to_answer() {
        actix_web::rt::System::new().block_on(async {
            let ways = Rc::new(Cell::new(0));
            let lull = {
                let ways = Rc::clone(&ways);
                Rc::new(Lull::with(move || ways.set(ways.get() + 1)))
            };
            tokio::task::yield_now().await;
            assert_eq!(ways.get(), 0, "nothing was answered yet");
            for times in 1..=3 {
                let requests = [(), (), ()].map(|()| {
                    let (lull, ways) = (Rc::clone(&lull), Rc::clone(&ways));
                    actix_web::rt::spawn(async move {
                        let before = ways.get();
                        lull.after_answer();
                        before
                    })
                });
                for request in requests {
                    let before = request.await.expect("it ends");
                    assert_eq!(before, times - 1, "it gave way while requests waited");
                }
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                assert_eq!(ways.get(), times);
            }
        });
    }
}
