//! What is known of the books' condition: told by whoever wrote or read last, asked by whoever decides where
//! payments are sent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use heliu_ports::store::StoreError;

/// The condition of one open store.
#[derive(Default)]
pub(crate) struct Condition {
    /// Whether `failure` holds something: a commit that succeeds pays one load.
    is_unwritten: AtomicBool,
    failure: Mutex<Option<StoreError>>,
    lasting: OnceLock<StoreError>,
}

impl Condition {
    fn failure(&self) -> MutexGuard<'_, Option<StoreError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A write succeeded.
    pub(crate) fn written(&self) {
        if self.is_unwritten.load(Ordering::Relaxed) && self.failure().take().is_some() {
            self.is_unwritten.store(false, Ordering::Relaxed);
            tracing::info!("the books can be written again");
        }
    }

    /// A write failed, and not because of what was to be written.
    pub(crate) fn not_written(&self, error: &StoreError) {
        *self.failure() = Some(error.clone());
        self.is_unwritten.store(true, Ordering::Relaxed);
    }

    /// Something is wrong that does not pass while this process lives. What was told first stays.
    pub(crate) fn spoiled(&self, error: &StoreError) {
        if self.lasting.set(error.clone()).is_ok() {
            tracing::error!(%error, "the books are not to be used here any more");
        }
    }

    /// Whether the last write failed.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.is_unwritten.load(Ordering::Relaxed)
    }

    /// An error if something lasting is wrong.
    pub(crate) fn lasting(&self) -> Result<(), StoreError> {
        self.lasting.get().cloned().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_is_got_over_by_the_next_one_and_damage_is_not() {
        let error = |text: &str| StoreError(text.to_owned());
        let condition = Condition::default();
        assert!(!condition.is_unwritten());
        condition.not_written(&error("full"));
        assert!(condition.is_unwritten());
        condition.written();
        assert!(!condition.is_unwritten());
        condition.spoiled(&error("damaged"));
        condition.spoiled(&error("something else"));
        condition.written();
        assert_eq!(condition.lasting(), Err(error("damaged")));
    }
}
