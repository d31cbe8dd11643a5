//! Wakes the jobs when a commit made one due earlier than what they sleep for.

use std::sync::atomic::{AtomicI64, Ordering};

use heliu_trade::time::Timestamp;
use tokio::sync::Notify;

pub(crate) struct Alarm {
    /// What the jobs sleep for: UTC ms; `i64::MAX` for nothing.
    earliest_ms: AtomicI64,
    rung: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self {
            earliest_ms: AtomicI64::new(i64::MAX),
            rung: Notify::new(),
        }
    }
}

impl Alarm {
    /// A commit wrote a job that is due at `at`. Jobs that should be up by `now` and are not have
    /// slept through a clock that was set forward: they are woken too.
    pub(crate) fn set(&self, at: Timestamp, now: Timestamp) {
        let earliest_ms = self.earliest_ms.fetch_min(at.as_ms(), Ordering::SeqCst);
        if earliest_ms > at.as_ms() || earliest_ms < now.as_ms() {
            self.rung.notify_one();
        }
    }

    /// The jobs themselves sleep until `at` at the latest: nobody is rung, since nobody sleeps.
    pub(crate) fn plan(&self, at: Timestamp) {
        self.earliest_ms.fetch_min(at.as_ms(), Ordering::SeqCst);
    }

    /// Forgets what was set; called before the jobs look, so that whatever comes later is seen.
    pub(crate) fn clear(&self) {
        self.earliest_ms.store(i64::MAX, Ordering::SeqCst);
    }

    /// When to look next; `None`: there is nothing to do.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        let earliest_ms = self.earliest_ms.load(Ordering::SeqCst);
        (earliest_ms != i64::MAX).then(|| Timestamp::from_ms(earliest_ms))
    }

    /// Returns when something earlier was set.
    pub(crate) async fn rung(&self) {
        self.rung.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// Whether jobs that lie down now are woken at once.
    fn is_rung(alarm: &Alarm) -> bool {
        alarm.rung().now_or_never().is_some()
    }

    #[test]
    fn a_commit_that_makes_a_job_due_earlier_wakes_the_jobs_once() {
        let alarm = Alarm::default();
        alarm.plan(Timestamp::from_ms(500));
        let now = Timestamp::from_ms(50);
        alarm.set(Timestamp::from_ms(900), now);
        assert!(!is_rung(&alarm), "they are awake by then");
        alarm.set(Timestamp::from_ms(100), now);
        assert!(is_rung(&alarm) && !is_rung(&alarm));
        assert_eq!(alarm.earliest(), Some(Timestamp::from_ms(100)));
    }

    #[test]
    fn jobs_that_sleep_through_a_clock_that_was_set_forward_are_woken_by_the_next_commit() {
        let alarm = Alarm::default();
        alarm.plan(Timestamp::from_ms(500));
        alarm.set(Timestamp::from_ms(9_900), Timestamp::from_ms(9_000));
        assert!(is_rung(&alarm));
    }

    #[test]
    fn what_the_jobs_plan_for_themselves_lets_them_sleep() {
        let alarm = Alarm::default();
        alarm.clear();
        alarm.plan(Timestamp::from_ms(500));
        assert!(!is_rung(&alarm));
        assert_eq!(alarm.earliest(), Some(Timestamp::from_ms(500)));
    }
}
