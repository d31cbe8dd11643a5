//! Jobs: what is to be done, when, and who has it.

use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::time::Timestamp;

use crate::store_error::Answer;

/// Jobs that are taken apart, so that slow merchants never hold up money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobClass {
    /// Calls of channels: money.
    Money,
    /// Deliveries to merchants.
    Delivery,
}

impl JobClass {
    /// Whether a kind of job belongs to it.
    #[must_use]
    pub const fn takes(self, kind: JobKind) -> bool {
        matches!(kind, JobKind::NotifyMerchant) == matches!(self, Self::Delivery)
    }
}

/// Jobs. A facet of the books.
pub trait Jobs: Send + Sync {
    /// Takes up to `limit` jobs of a class that are due at `now`, moving each to the end of its
    /// lease and counting the try.
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>>;

    /// Gives a job back, due at `at`; nothing if it is gone.
    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()>;

    /// Makes jobs due now that are due later than any plan reaches ([`JobKind::plan_max_ms`]): they
    /// were planned by a clock that was wrong and has been set back. Those that somebody took then
    /// are held for another lease.
    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()>;

    /// When the earliest job is due.
    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>>;
}
