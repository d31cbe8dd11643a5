//! How long something is waited for: measured by what passes, not by the clock on the wall. Nobody
//! waits an hour longer because somebody set that one back.

use tokio::time::{Instant, timeout_at};

use crate::Inner;

/// How long is waited.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    ends: Instant,
}

impl Patience {
    /// For what is done once.
    pub(crate) fn none() -> Self {
        Self {
            ends: Instant::now(),
        }
    }

    /// When it ends.
    pub(crate) const fn ends(self) -> Instant {
        self.ends
    }

    /// Whether it has ended.
    pub(crate) fn is_over(self) -> bool {
        Instant::now() >= self.ends
    }

    /// What `work` gives, `None` if that comes too late.
    pub(crate) async fn limit<T>(self, work: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.ends, work).await.ok()
    }
}

impl Inner {
    /// Patience for so many ms from now.
    pub(crate) fn patience(&self, ms: i64) -> Patience {
        Patience {
            ends: Instant::now() + self.clock.duration(ms),
        }
    }
}
