//! What is known of the books' condition: told by whoever wrote or read last, asked by whoever
//! decides where payments are sent.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use heliu_ports::store::StoreError;

/// The condition of one open store.
#[derive(Default)]
pub(crate) struct Condition {
    /// What went wrong is not kept: whoever asks tries anew, and tells what is wrong by then.
    is_unwritten: AtomicBool,
    spoilt: OnceLock<StoreError>,
    lost_number: OnceLock<StoreError>,
}

impl Condition {
    /// A write succeeded. A commit pays one load for this.
    pub(crate) fn written(&self) {
        if self.is_unwritten.load(Ordering::Relaxed)
            && self.is_unwritten.swap(false, Ordering::Relaxed)
        {
            tracing::info!("the books can be written again");
        }
    }

    /// A write failed, and not because of what was to be written.
    pub(crate) fn not_written(&self) {
        self.is_unwritten.store(true, Ordering::Relaxed);
    }

    /// Something is wrong that does not pass while this process lives, such as a damaged page. What
    /// was told first stays.
    pub(crate) fn spoiled(&self, error: &StoreError) {
        if self.spoilt.set(error.clone()).is_ok() {
            tracing::error!(%error, "the books are not sound");
        }
    }

    /// Another process has this node's number, so that nothing that comes of a job here could be
    /// committed.
    pub(crate) fn number_lost(&self, error: &StoreError) {
        if self.lost_number.set(error.clone()).is_ok() {
            tracing::error!(%error, "the books are not to be used here any more");
        }
    }

    /// Whether the last write failed.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.is_unwritten.load(Ordering::Relaxed)
    }

    /// An error if something is wrong that does not pass while this process lives.
    pub(crate) fn lasting(&self) -> Result<(), StoreError> {
        self.has_number()?;
        self.spoilt.get().cloned().map_or(Ok(()), Err)
    }

    /// An error if this node's number is another process's.
    pub(crate) fn has_number(&self) -> Result<(), StoreError> {
        self.lost_number.get().cloned().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> StoreError {
        StoreError::damaged(text)
    }

    #[test]
    fn a_failed_write_is_got_over_by_the_next_one_and_damage_is_not() {
        let condition = Condition::default();
        assert!(!condition.is_unwritten());
        condition.not_written();
        assert!(condition.is_unwritten());
        condition.written();
        assert!(!condition.is_unwritten());
        condition.spoiled(&error("damaged"));
        condition.spoiled(&error("something else"));
        condition.written();
        assert_eq!(condition.lasting(), Err(error("damaged")));
        assert_eq!(condition.has_number(), Ok(()), "jobs go on");
        condition.number_lost(&error("lost"));
        assert_eq!(condition.has_number(), Err(error("lost")));
        assert_eq!(condition.lasting(), Err(error("lost")));
    }

    #[test]
    fn whoever_tells_last_is_believed_however_many_tell_at_once() {
        let condition = Condition::default();
        for _ in 0..200 {
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| condition.not_written());
                    scope.spawn(|| condition.written());
                }
            });
            condition.written();
            assert!(!condition.is_unwritten(), "stuck");
        }
    }
}
