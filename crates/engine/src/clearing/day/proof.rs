//! Whether the dates that are closed still are what they were.

use heliu_trade::day::{DayStep, DayStepState, StepName};
use heliu_trade::error::{ErrorCode, TradeError};

use super::context::StepError;
use super::steps::{check_books, faults};
use crate::Engine;
use crate::common::directory::books_unavailable;

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

fn told(error: StepError) -> TradeError {
    let (StepError::Away(why) | StepError::Failed(why)) = error;
    TradeError::new(ErrorCode::BooksUnavailable, why)
}
