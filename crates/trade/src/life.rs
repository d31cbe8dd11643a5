//! How long an order waits for its payer.

use crate::time::Timestamp;

/// Until when a payer may pay. Held between [`Life::MIN_MS`] and [`Life::MAX_MS`] (ruling 24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// As long as the dialect says.
    Default,
    /// This long from now, in ms.
    Ms(i64),
    /// Until then (UTC); an instant that is not to come is refused.
    Until(Timestamp),
}

impl Life {
    /// Shortest life of an order that states an end, in ms.
    pub const MIN_MS: i64 = 60_000;
    /// Longest life, in ms: seven days.
    pub const MAX_MS: i64 = 7 * 24 * 3_600_000;
}
