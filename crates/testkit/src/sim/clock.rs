//! A clock that somebody sets forward and back, over the runtime's paused time, which only goes on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use heliu_ports::clock::Clock;
use heliu_trade::time::Timestamp;
use tokio::time::Instant;

/// When a simulation begins: a morning in Beijing.
pub(super) const BEGINNING: Timestamp = Timestamp::from_ms(1_790_000_000_000);

/// The engine's clock. As on a real machine, whoever sleeps sleeps on when it is set.
pub(super) struct SimClock {
    origin: Timestamp,
    started: Instant,
    set_by_ms: AtomicI64,
}

impl SimClock {
    pub(super) fn new(origin: Timestamp) -> Self {
        Self {
            origin,
            started: Instant::now(),
            set_by_ms: AtomicI64::new(0),
        }
    }

    /// What really passed since the beginning, in ms.
    pub(super) fn passed_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Somebody sets it by so many ms.
    pub(super) fn set_by(&self, ms: i64) {
        self.set_by_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// How far it is from the true time, in ms.
    pub(super) fn error_ms(&self) -> i64 {
        self.set_by_ms.load(Ordering::SeqCst)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.origin
            .plus_ms(self.passed_ms())
            .plus_ms(self.error_ms())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(self.duration(at.since_ms(self.now()))))
    }

    fn duration(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}
