//! Connections that the operating system would not give us: said once for as long as it lasts,
//! though one gets in whenever another ends.

use std::time::Duration;

use tokio::time::Instant;

/// So long after the last refusal connections count as accepted again.
const WELL_AFTER: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Refusals {
    count: u64,
    newest_at: Option<Instant>,
}

impl Refusals {
    pub(super) fn refused(&mut self, cause: &std::io::Error) {
        if self.count == 0 {
            tracing::error!(
                name: "unsampled",
                %cause,
                "connections cannot be accepted and wait; if files are what there are too many of, raise the limit \
                 (ulimit -n, LimitNOFILE) or lower connections_max"
            );
        }
        self.count += 1;
        self.newest_at = Some(Instant::now());
    }

    pub(super) fn accepted(&mut self) {
        if self.newest_at.is_some_and(|at| at.elapsed() >= WELL_AFTER) {
            tracing::info!(refusals = self.count, "connections are accepted again");
            *self = Self::default();
        }
    }
}
