//! Runs the steps of business dates at their time.
//!
//! Every node looks; the step's lease lets one of them run it. A step whose node died is taken up
//! when its lease is over, and one that was due while nobody was here is run at once.

use heliu_ports::store::RecordFilter;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{DayStep, DayStepState};
use heliu_trade::error::TradeError;
use heliu_trade::record::RecordKind;
use heliu_trade::time::Timestamp;

use super::open::read;
use crate::Engine;
use crate::common::directory::books_unavailable;

/// Pause before what waits for another step or another node is looked at again, in ms; and the
/// longest one, since somebody may set the clock.
const LOOK_AGAIN_MS: i64 = 30_000;
/// Steps in one state that are looked at together: of a month and more.
const STEPS_MAX: u32 = 500;

impl Engine {
    /// Runs the steps of business dates at their time, until it is dropped.
    pub async fn run_days(&self) {
        let inner = &self.inner;
        loop {
            inner.follow_clock().await;
            let next_at = match self.run_due_steps().await {
                Ok(next_at) => next_at,
                Err(cause) => {
                    tracing::error!(cause = %cause.message, "steps of the day cannot be run");
                    None
                }
            };
            let again_at = inner.now().plus_ms(LOOK_AGAIN_MS);
            let at = next_at.map_or(again_at, |next_at| next_at.min(again_at));
            inner.clock.sleep_until(at).await;
        }
    }

    /// Runs what is due, one step after the other in the order of dates; when the next one is due.
    ///
    /// # Errors
    /// The books are away.
    pub async fn run_due_steps(&self) -> Result<Option<Timestamp>, TradeError> {
        let inner = &self.inner;
        let today = BusinessDate::of(inner.now());
        if inner.day(today).await?.is_empty() {
            // The steps of today wait for its end.
            let first = inner.first_open_date().await?;
            inner.open_through(first, today).await?;
            let calendar = inner.calendar().await?;
            if let Some(notice) = calendar.notice(inner.now()) {
                tracing::warn!(notice, "holidays");
            }
            let known = calendar.known_days(inner.now());
            metrics::gauge!("heliu_holidays_known_days").set(f64::from(known));
        }
        let mut next_at: Option<Timestamp> = None;
        for step in self.unfinished_steps().await? {
            let due_at = step.step.due_at(step.date);
            if due_at > inner.now() {
                next_at = Some(next_at.map_or(due_at, |next_at| next_at.min(due_at)));
                continue;
            }
            self.run_day_step(step.date, step.step, false, None).await?;
        }
        Ok(next_at)
    }

    /// Steps that wait or run, in the order of dates and of the plan.
    async fn unfinished_steps(&self) -> Result<Vec<DayStep>, TradeError> {
        let mut steps = Vec::new();
        for state in [DayStepState::Waiting, DayStepState::Running] {
            let filter = RecordFilter {
                kind: RecordKind::DayStep,
                state: Some(state.as_str().to_owned()),
                below: None,
                limit: STEPS_MAX,
            };
            let found = self.inner.store.list_records(filter).await;
            for record in &found.map_err(books_unavailable)? {
                steps.push(read(record)?);
            }
        }
        steps.sort_by_key(|step: &DayStep| (step.date, step.step));
        Ok(steps)
    }
}
