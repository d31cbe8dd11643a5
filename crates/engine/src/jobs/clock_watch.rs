//! Notices that the clock was set back: what was planned before then is planned too late.

use heliu_ports::clock::Clock;
use heliu_trade::time::Timestamp;
use tokio::time::Instant;

use crate::common::alarm::CLOCK_TOLERANCE_MS;

/// What the clock showed, and when that was.
pub(super) struct ClockWatch {
    showed: Timestamp,
    at: Instant,
}

impl ClockWatch {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self {
            showed: clock.now(),
            at: Instant::now(),
        }
    }

    /// Whether the clock shows less than what has passed since the last look.
    pub(super) fn was_set_back(&mut self, clock: &dyn Clock) -> bool {
        let before = std::mem::replace(self, Self::new(clock));
        let shown_ms = self.showed.since_ms(before.showed);
        let passed = self.at.duration_since(before.at);
        shown_ms < 0 || clock.duration(shown_ms + CLOCK_TOLERANCE_MS) < passed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use futures::future::BoxFuture;
    use tokio::time::advance;

    use super::*;

    /// A clock that somebody sets.
    struct SetClock {
        started: Instant,
        set_by_ms: AtomicI64,
    }

    impl Clock for SetClock {
        fn now(&self) -> Timestamp {
            let passed_ms = i64::try_from(self.started.elapsed().as_millis()).expect("not long");
            Timestamp::from_ms(passed_ms + self.set_by_ms.load(Ordering::SeqCst))
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            unreachable!("nobody sleeps")
        }

        fn duration(&self, ms: i64) -> Duration {
            Duration::from_millis(u64::try_from(ms).unwrap_or(0))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_noticed_once_that_the_clock_was_set_back() {
        let clock = SetClock {
            started: Instant::now(),
            set_by_ms: AtomicI64::new(0),
        };
        let mut watch = ClockWatch::new(&clock);
        for (set_by_ms, expected) in [
            (0, false),
            (-2_000, true),
            (0, false),
            (-500, false),
            (3_600_000, false),
            (-3_600_000, true),
            (0, false),
        ] {
            advance(Duration::from_secs(30)).await;
            clock.set_by_ms.fetch_add(set_by_ms, Ordering::SeqCst);
            assert_eq!(watch.was_set_back(&clock), expected, "by {set_by_ms} ms");
        }
    }
}
