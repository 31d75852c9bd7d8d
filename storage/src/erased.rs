//! Work whose kind the code that runs it does not know.
//!
//! Every use case is a closure of its own, and whatever is generic over closures is compiled once for each of them: the
//! queue, the thread, the transaction and the runtime's task came to several megabytes of the same code. So a use case
//! is put into a box at the door, and leaves its answer here.

use std::sync::{Arc, Mutex, PoisonError};

use masthead_domain::Result;
use masthead_domain::error::StorageError;

/// Where work leaves its answer, and whoever asked takes it.
pub struct Answer<T>(Arc<Mutex<Option<T>>>);

impl<T> Answer<T> {
    /// Leaves the answer; the last one counts, because work may be run again.
    pub fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// The answer of work that was done.
    pub fn take(&self) -> Result<T> {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        value.ok_or_else(|| {
            let context = "work was done and left no answer".to_owned();
            let source = context.clone().into();
            StorageError::Database { context, source }.into()
        })
    }
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Answer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
