//! The one clock. Nobody else reads the time or sleeps, so that a test turns hours in microseconds.

use std::time::Duration;

use futures::future::BoxFuture;
use heliu_trade::time::Timestamp;
use tokio::time::Instant;

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Now (UTC).
    fn now(&self) -> Timestamp;

    /// Returns at `at`, at once if that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// The runtime's duration of `ms` milliseconds of this clock.
    fn duration(&self, ms: i64) -> Duration;
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
