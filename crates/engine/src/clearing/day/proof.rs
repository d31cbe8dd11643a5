//! Whether the dates that are closed still are what they were.

use heliu_ports::store::RecordFilter;
use heliu_trade::day::{DayStep, DayStepState, StepName};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::record::RecordKind;

use super::context::StepError;
use super::open::read;
use super::steps::{check_books, faults};
use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

/// Steps that failed which are looked at together: of a month and more.
const FAILED_MAX: u32 = 500;

/// What was found about the dates that are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedDates {
    /// How many were looked at: those that are rolled up.
    pub dates: u64,
    /// What is wrong, with its invariant.
    pub faults: Vec<String>,
}

impl Engine {
    /// Reads every closed date anew.
    ///
    /// # Errors
    /// The books are away.
    pub async fn check_closed_dates(&self) -> Result<ClosedDates, TradeError> {
        let inner = &self.inner;
        let mut found = ClosedDates::default();
        let closed = inner.store.closed_through().await;
        let mut next = closed.map_err(books_unavailable)?;
        while let Some(date) = next {
            let closed = inner.store.closed_date(date).await;
            if closed.map_err(books_unavailable)?.is_none() {
                break;
            }
            let steps = inner.day(date).await?;
            let is_done = |step: StepName| {
                let mut of_it = steps.iter().filter(|found: &&DayStep| found.step == step);
                of_it.any(|found| found.state == DayStepState::Done)
            };
            if is_done(StepName::RollUp) {
                found.dates += 1;
                let mut wrong = faults(inner, date).await.map_err(told)?;
                if is_done(StepName::Sweep) {
                    check_books::swept(inner, date, &mut wrong)
                        .await
                        .map_err(told)?;
                }
                found.faults.append(&mut wrong);
            }
            next = Some(date.previous());
        }
        Ok(found)
    }
}

/// Whether the books of some date were found wrong: then nothing is paid out by itself until they
/// are put right and the check is run again.
pub(super) async fn is_red(inner: &Inner) -> Result<bool, TradeError> {
    let failed = RecordFilter {
        kind: RecordKind::DayStep,
        state: Some(DayStepState::Failed.as_str().to_owned()),
        below: None,
        limit: FAILED_MAX,
    };
    let failed = inner.store.list_records(failed).await;
    for record in failed.map_err(books_unavailable)? {
        if read(&record)?.step == StepName::CheckBooks {
            tracing::error!("the books were found wrong: nothing is paid out by itself");
            return Ok(true);
        }
    }
    Ok(false)
}

fn told(error: StepError) -> TradeError {
    let (StepError::Away(why) | StepError::Failed(why)) = error;
    TradeError::new(ErrorCode::BooksUnavailable, why)
}
