//! What must not be forgotten: stored, leased, woken by commits, re-armed on start.
//!
//! A worker takes a job by moving it to the end of its lease, so a dead worker's job comes back by
//! itself. Each handler commits its result together with what becomes of the job; a handler that
//! could not commit gives the job back. Nothing polls: the loop sleeps until the earliest due
//! instant or until a commit writes an earlier one.

mod clock_watch;
mod held;

use std::sync::Arc;

use heliu_ports::store::{JobClass, StoreError};
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Inner;
use crate::clearing::day::{batches, hours};
use crate::clearing::payouts::jobs as payout_jobs;
use crate::clearing::payouts::notice as payout_notice;
use crate::common::destinations;
use crate::common::handler::{LEASE_MS, Unfinished};
use crate::payments::jobs::{
    check_reversal, close_attempt, close_order, expire_order, finish_refund, notify_merchant,
    query_unknown, reverse_unknown,
};
use clock_watch::ClockWatch;

pub(crate) use held::HeldJobs;

/// Jobs of a class taken at once.
const CLAIM_MAX: u32 = 128;
/// Jobs that are held at the same time, under way or waiting for their channel account, which has
/// limits of its own.
const CHANNEL_JOBS_MAX: usize = 4096;
/// Deliveries that are held at the same time: a few more than may be under way or wait for their
/// destination.
const DELIVERY_JOBS_MAX: usize = destinations::DELIVERIES_MAX + 256;
/// Pause after the books could not be read, in ms.
const BOOKS_PAUSE_MS: i64 = 1_000;
/// First pause before a job whose handler could not commit, in ms; it doubles with each try.
const RETURN_GAP_MS: i64 = 1_000;
/// How often that pause doubles at most: up to about nine minutes.
const RETURN_DOUBLINGS_MAX: u32 = 9;
/// Pause before jobs are looked at again that were due and could not be taken, in ms.
const BEHIND_PAUSE_MS: i64 = 200;

/// The handlers of one class of jobs, at most so many at a time. Each waits by itself for the
/// channel account or the destination that it needs.
struct Crew {
    class: JobClass,
    places: Arc<Semaphore>,
}

impl Crew {
    fn new(class: JobClass, workers_max: usize) -> Self {
        Self {
            class,
            places: Arc::new(Semaphore::new(workers_max)),
        }
    }

    /// Takes due jobs and begins them, no more than there are places: a lease runs from the moment
    /// a job is taken.
    async fn begin(
        &self,
        inner: &Arc<Inner>,
        handlers: &mut JoinSet<()>,
    ) -> Result<(), StoreError> {
        loop {
            let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
            let limit = free.min(CLAIM_MAX);
            if limit == 0 {
                return Ok(());
            }
            let now = inner.now();
            let jobs = inner
                .store
                .claim_jobs(self.class, now, LEASE_MS, limit)
                .await?;
            inner.alarm.check_plan(now, inner.now());
            let is_last = u32::try_from(jobs.len()).is_ok_and(|count| count < limit);
            for job in jobs {
                let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                    break;
                };
                let Some(held) = inner.held_jobs.begin(&job.key) else {
                    continue;
                };
                let inner = Arc::clone(inner);
                handlers.spawn(async move {
                    let _place = place;
                    handle(&inner, job).await;
                    if let Some(key) = held.end() {
                        // It came again meanwhile.
                        give_back(&inner, key, 0).await;
                    }
                });
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// How often jobs that rest look at the clock, in ms: somebody may have set it.
const LOOK_AT_CLOCK_MS: i64 = 30_000;

/// Works until `stop` resolves, then lets the handlers under way finish.
pub(crate) async fn run(inner: &Arc<Inner>, stop: impl Future<Output = ()> + Send) {
    let mut stop = std::pin::pin!(stop);
    let mut watch = ClockWatch::new(&*inner.clock);
    // The clock may have been set back while nobody was here.
    let mut must_pull_back = true;
    let crews = [
        Crew::new(JobClass::Money, CHANNEL_JOBS_MAX),
        Crew::new(JobClass::Delivery, DELIVERY_JOBS_MAX),
    ];
    let mut handlers = JoinSet::new();
    loop {
        inner.alarm.clear();
        must_pull_back |= watch.was_set_back(&*inner.clock) | inner.alarm.was_planned_too_late();
        if let Err(cause) = look(inner, &crews, &mut handlers, &mut must_pull_back).await {
            tracing::error!(cause = %cause, "due jobs cannot be read");
            inner.alarm.plan(inner.now().plus_ms(BOOKS_PAUSE_MS));
        }
        while handlers.try_join_next().is_some() {}
        // In this order, so that nothing here is left to chance: a simulation's seed replays
        // exactly.
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = inner.alarm.rung() => {}
            was_set_back = rest(inner, &mut watch) => must_pull_back |= was_set_back,
        }
    }
    while handlers.join_next().await.is_some() {}
}

/// Returns when the earliest job is due, by the clock as it is then, or when the clock was set
/// back since the watch last looked; whether it was.
async fn rest(inner: &Inner, watch: &mut ClockWatch) -> bool {
    let clock = &inner.clock;
    loop {
        let Some(at) = inner.alarm.earliest() else {
            return std::future::pending().await;
        };
        let look_at = inner.now().plus_ms(LOOK_AT_CLOCK_MS);
        clock.sleep_until(at.min(look_at)).await;
        let was_set_back = watch.was_set_back(&**clock);
        if inner.now() >= at || was_set_back {
            return was_set_back;
        }
    }
}

/// Pulls back what was planned too late, if it must, and takes what is due.
async fn look(
    inner: &Arc<Inner>,
    crews: &[Crew],
    handlers: &mut JoinSet<()>,
    must_pull_back: &mut bool,
) -> Result<(), StoreError> {
    if *must_pull_back {
        inner.store.pull_back(inner.now(), LEASE_MS).await?;
        *must_pull_back = false;
    }
    take_due(inner, crews, handlers).await
}

/// Begins what is due and sets the alarm for what comes next.
async fn take_due(
    inner: &Arc<Inner>,
    crews: &[Crew],
    handlers: &mut JoinSet<()>,
) -> Result<(), StoreError> {
    for crew in crews {
        crew.begin(inner, handlers).await?;
    }
    if let Some(at) = inner.store.next_job_at().await? {
        // What is due and could not be taken waits for a place.
        inner
            .alarm
            .plan(at.max(inner.now().plus_ms(BEHIND_PAUSE_MS)));
    }
    Ok(())
}

async fn handle(inner: &Inner, job: Job) {
    let key = job.key.clone();
    let result = match key.kind {
        JobKind::QueryUnknown => query_unknown::run(inner, &job).await,
        JobKind::ReverseUnknown => reverse_unknown::run(inner, &job).await,
        JobKind::CheckReversal => check_reversal::run(inner, &job).await,
        JobKind::CloseAttempt => close_attempt::run(inner, &job).await,
        JobKind::CloseOrder => close_order::run(inner, &job).await,
        JobKind::ExpireOrder => expire_order::run(inner, &job).await,
        JobKind::FinishRefund => finish_refund::run(inner, &job).await,
        JobKind::NotifyMerchant => notify_merchant::run(inner, &job).await,
        JobKind::QueryPayout => payout_jobs::query(inner, &job).await,
        JobKind::ReleaseReserve => payout_jobs::release_reserve(inner, &job).await,
        JobKind::ReleaseRefunds => payout_jobs::release_refunds(inner, &job).await,
        JobKind::FormBatch => batches::form(inner, &job).await,
        JobKind::SendBatch => batches::send(inner, &job).await,
        JobKind::SettleHour => hours::run(inner, &job).await,
        JobKind::TellPayout => payout_notice::run(inner, &job).await,
    };
    let gap_ms = match result {
        Ok(()) => return,
        Err(Unfinished::Later(gap_ms)) => gap_ms,
        Err(Unfinished::Books(cause)) => {
            let kind = key.kind.as_str();
            tracing::error!(subject = %key.subject, kind, cause, "a job did not finish");
            RETURN_GAP_MS << job.tries.min(RETURN_DOUBLINGS_MAX)
        }
    };
    give_back(inner, key, gap_ms).await;
}

/// The job is due again in `gap_ms`.
async fn give_back(inner: &Inner, key: JobKey, gap_ms: i64) {
    let planned_at = inner.now();
    let at = planned_at.plus_ms(gap_ms);
    if inner.store.return_job(key, at).await.is_ok() {
        let now = inner.now();
        inner.alarm.set(at, now);
        inner.alarm.check_plan(planned_at, now);
    }
}
