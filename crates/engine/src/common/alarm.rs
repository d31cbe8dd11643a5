//! Wakes the jobs when a commit made one due earlier than what they sleep for, or planned it by a
//! clock that has been set back since.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use heliu_trade::time::Timestamp;
use tokio::sync::Notify;

pub(crate) struct Alarm {
    /// What the jobs sleep for: UTC ms; `i64::MAX` for nothing.
    earliest_ms: AtomicI64,
    /// Jobs were planned by a clock that has been set back since.
    is_too_late: AtomicBool,
    rung: Notify,
}

/// By less than this nobody cares, in ms: the time is adjusted a little now and then.
pub(crate) const CLOCK_TOLERANCE_MS: i64 = 1_000;

impl Default for Alarm {
    fn default() -> Self {
        Self {
            earliest_ms: AtomicI64::new(i64::MAX),
            is_too_late: AtomicBool::new(false),
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

    /// What was written just now was planned at `planned_at`, and now it is `now`. A clock that was
    /// set back meanwhile may have been noticed before that was written, so the jobs are told.
    pub(crate) fn check_plan(&self, planned_at: Timestamp, now: Timestamp) {
        if now.plus_ms(CLOCK_TOLERANCE_MS) < planned_at {
            self.is_too_late.store(true, Ordering::SeqCst);
            self.rung.notify_one();
        }
    }

    /// Whether something was planned too late since this was asked last.
    pub(crate) fn was_planned_too_late(&self) -> bool {
        self.is_too_late.swap(false, Ordering::SeqCst)
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
    fn what_was_planned_before_the_clock_was_set_back_wakes_the_jobs_to_pull_it_back() {
        let alarm = Alarm::default();
        let planned_at = Timestamp::from_ms(100_000);
        for (now_ms, expected) in [(100_500, false), (99_500, false), (90_000, true)] {
            alarm.check_plan(planned_at, Timestamp::from_ms(now_ms));
            assert_eq!(is_rung(&alarm), expected, "now {now_ms}");
            assert_eq!(alarm.was_planned_too_late(), expected, "now {now_ms}");
            assert!(!alarm.was_planned_too_late(), "told once");
        }
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
