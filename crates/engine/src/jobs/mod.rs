//! What must not be forgotten: stored, leased, woken by commits, re-armed on start.
//!
//! A worker takes a job by moving it to the end of its lease, so a dead worker's job comes back by
//! itself. Each handler commits its result together with what becomes of the job; a handler that could
//! not commit gives the job back. Nothing polls: the loop sleeps until the earliest due instant or until
//! a commit writes an earlier one.

mod ask;
mod close_attempt;
mod destinations;
mod expire_order;
mod finish_refund;
mod notify_merchant;
mod query_unknown;
mod reverse_unknown;

use std::sync::Arc;

use heliu_ports::store::{CommitError, StoreError};
use heliu_trade::job::{Job, JobKind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Inner;

pub(crate) use destinations::Destinations;
pub(crate) use reverse_unknown::return_no;

/// How long a worker holds a job, in ms: longer than any handler takes.
const LEASE_MS: i64 = 90_000;
/// Jobs taken at once.
const CLAIM_MAX: u32 = 64;
/// Handlers that talk to channels at the same time.
const CHANNEL_WORKERS_MAX: usize = 256;
/// Deliveries at the same time.
const NOTIFY_WORKERS_MAX: usize = 512;
/// Pause after the books could not be read, in ms.
const BOOKS_PAUSE_MS: i64 = 1_000;
/// Pause before a job whose handler could not commit, in ms.
const RETURN_GAP_MS: i64 = 2_000;

/// Why a handler did not finish; the job is given back.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// The books were away.
    Books(String),
    /// It is not its turn; due again after this many ms.
    Later(i64),
}

impl From<CommitError> for Unfinished {
    fn from(error: CommitError) -> Self {
        Self::Books(error.to_string())
    }
}

impl From<StoreError> for Unfinished {
    fn from(error: StoreError) -> Self {
        Self::Books(error.to_string())
    }
}

/// Works until `stop` resolves, then lets the handlers under way finish.
pub(crate) async fn run(inner: &Arc<Inner>, stop: impl Future<Output = ()> + Send) {
    let mut stop = std::pin::pin!(stop);
    let channel_workers = Arc::new(Semaphore::new(CHANNEL_WORKERS_MAX));
    let notify_workers = Arc::new(Semaphore::new(NOTIFY_WORKERS_MAX));
    let mut handlers = JoinSet::new();
    loop {
        inner.alarm.clear();
        match take_due(inner).await {
            Ok((jobs, is_full)) => {
                for job in jobs {
                    let workers = match job.key.kind {
                        JobKind::NotifyMerchant => Arc::clone(&notify_workers),
                        _ => Arc::clone(&channel_workers),
                    };
                    let inner = Arc::clone(inner);
                    handlers.spawn(async move {
                        let Ok(_permit) = workers.acquire().await else {
                            return;
                        };
                        handle(&inner, job).await;
                    });
                }
                if is_full {
                    inner.alarm.set(inner.now());
                }
            }
            Err(cause) => {
                tracing::error!(cause = %cause, "due jobs cannot be read");
                inner.alarm.set(inner.now().plus_ms(BOOKS_PAUSE_MS));
            }
        }
        while handlers.try_join_next().is_some() {}
        tokio::select! {
            () = inner.clock.sleep_until(inner.alarm.earliest()) => {}
            () = inner.alarm.rung() => {}
            () = &mut stop => break,
        }
    }
    while handlers.join_next().await.is_some() {}
}

/// Takes what is due and sets the alarm for what comes next.
async fn take_due(inner: &Inner) -> Result<(Vec<Job>, bool), StoreError> {
    let jobs = inner
        .store
        .claim_jobs(inner.now(), LEASE_MS, CLAIM_MAX)
        .await?;
    if let Some(at) = inner.store.next_job_at().await? {
        inner.alarm.set(at);
    }
    let is_full = u32::try_from(jobs.len()).is_ok_and(|count| count >= CLAIM_MAX);
    Ok((jobs, is_full))
}

async fn handle(inner: &Inner, job: Job) {
    let key = job.key.clone();
    let result = match key.kind {
        JobKind::QueryUnknown => query_unknown::run(inner, &job).await,
        JobKind::ReverseUnknown => reverse_unknown::run(inner, &job).await,
        JobKind::CloseAttempt => close_attempt::run(inner, &job).await,
        JobKind::ExpireOrder => expire_order::run(inner, &job).await,
        JobKind::FinishRefund => finish_refund::run(inner, &job).await,
        JobKind::NotifyMerchant => notify_merchant::run(inner, &job).await,
    };
    let gap_ms = match result {
        Ok(()) => return,
        Err(Unfinished::Later(gap_ms)) => gap_ms,
        Err(Unfinished::Books(cause)) => {
            let kind = key.kind.as_str();
            tracing::error!(order_no = %key.order_no, kind, cause, "a job did not finish");
            RETURN_GAP_MS
        }
    };
    let at = inner.now().plus_ms(gap_ms);
    if inner.store.return_job(key, at).await.is_ok() {
        inner.alarm.set(at);
    }
}
