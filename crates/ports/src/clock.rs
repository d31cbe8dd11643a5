//! The one clock. Nobody else reads the time or sleeps, so that a test turns hours in microseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use heliu_trade::time::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Now (UTC).
    fn now(&self) -> Timestamp;

    /// Returns at `at`, at once if that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// The runtime's duration of `ms` milliseconds of this clock.
    fn duration(&self, ms: i64) -> Duration;

    /// How far it was moved, if it is one that can be.
    fn movable(&self) -> Option<&MovableClock> {
        None
    }
}

/// The machine's clock, as it is now: it follows corrections of the time. For live processes.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's time is read"
    )]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(self.duration(at.since_ms(self.now()))))
    }

    fn duration(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}

/// The clock of the runtime, optionally faster (sandbox mode only, ruling 49). Paused with the
/// runtime's own pause, it is the test clock.
#[derive(Debug, Clone)]
pub struct RuntimeClock {
    origin: Timestamp,
    started: Instant,
    factor: u32,
}

impl RuntimeClock {
    /// A clock that says `origin` now and runs `factor` times as fast as the runtime's (1 or more).
    #[must_use]
    pub fn new(origin: Timestamp, factor: u32) -> Self {
        Self {
            origin,
            started: Instant::now(),
            factor: factor.max(1),
        }
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        let elapsed_ms = self.started.elapsed().as_micros() * u128::from(self.factor) / 1000;
        self.origin
            .plus_ms(i64::try_from(elapsed_ms).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait = self.duration(at.since_ms(self.now()));
        Box::pin(tokio::time::sleep(wait))
    }

    fn duration(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0)) / self.factor
    }
}

/// A clock that can be moved forward (sandbox mode only, ruling 49): who sleeps until an instant
/// wakes when it is reached, also if that is by a move.
#[derive(Clone)]
pub struct MovableClock(Arc<Moved>);

struct Moved {
    clock: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
    moved: Notify,
}

impl MovableClock {
    /// A clock that says so many ms more than another one.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ahead_ms: i64) -> Self {
        Self(Arc::new(Moved {
            clock,
            ahead_ms: AtomicI64::new(ahead_ms),
            moved: Notify::new(),
        }))
    }

    /// How far it is ahead, in ms.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.0.ahead_ms.load(Ordering::SeqCst)
    }

    /// Returns once it is ahead by something else than so many ms: by how much.
    pub async fn moved_from(&self, ahead_ms: i64) -> i64 {
        loop {
            // Before the look, so that no move is missed.
            let mut moved = std::pin::pin!(self.0.moved.notified());
            moved.as_mut().enable();
            let now_ahead_ms = self.ahead_ms();
            if now_ahead_ms != ahead_ms {
                return now_ahead_ms;
            }
            moved.await;
        }
    }

    /// Moves it, forward only.
    pub fn set_ahead(&self, ahead_ms: i64) {
        if self.0.ahead_ms.fetch_max(ahead_ms, Ordering::SeqCst) < ahead_ms {
            self.0.moved.notify_waiters();
        }
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        self.0.clock.now().plus_ms(self.ahead_ms())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            loop {
                // Before the look, so that no move is missed.
                let mut moved = std::pin::pin!(clock.0.moved.notified());
                moved.as_mut().enable();
                let asleep = clock.0.clock.sleep_until(at.plus_ms(-clock.ahead_ms()));
                tokio::select! {
                    () = asleep => return,
                    () = moved => {}
                }
            }
        })
    }

    fn duration(&self, ms: i64) -> Duration {
        self.0.clock.duration(ms)
    }

    fn movable(&self) -> Option<&MovableClock> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_sleeps_wakes_when_the_clock_is_moved_there() {
        let start = Timestamp::from_ms(1_000_000);
        let clock = MovableClock::new(Arc::new(RuntimeClock::new(start, 1)), 0);
        let day_ms = heliu_trade::time::DAY_MS;
        let sleeping = tokio::spawn(clock.sleep_until(start.plus_ms(day_ms)));
        tokio::task::yield_now().await;
        clock.set_ahead(day_ms / 2);
        tokio::task::yield_now().await;
        assert!(!sleeping.is_finished(), "half a day is missing");
        assert_eq!(clock.now(), start.plus_ms(day_ms / 2));
        clock.set_ahead(day_ms);
        sleeping.await.expect("it wakes");
        assert_eq!(clock.now(), start.plus_ms(day_ms), "no real time went by");
        clock.set_ahead(0);
        assert_eq!(clock.ahead_ms(), day_ms, "never back");
        assert_eq!(clock.moved_from(0).await, day_ms);
    }
}
