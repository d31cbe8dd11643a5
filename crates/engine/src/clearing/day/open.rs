//! The steps of a date: written once, in the order of the dates.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{Action, DayStep, StepName};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::records::{RecordAction, RecordStep};

use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

impl Engine {
    /// The steps of a date as they stand, in the order of the plan; none if the date was not
    /// opened.
    ///
    /// # Errors
    /// The books are away, or a step cannot be read.
    pub async fn day(&self, date: BusinessDate) -> Result<Vec<DayStep>, TradeError> {
        self.inner.day(date).await
    }

    /// The date that is today.
    #[must_use]
    pub fn today(&self) -> BusinessDate {
        BusinessDate::of(self.inner.now())
    }

    /// The first date that is not closed: the one after the last closed one, or that of the first
    /// entry, or today.
    ///
    /// # Errors
    /// The books are away.
    pub async fn first_open_date(&self) -> Result<BusinessDate, TradeError> {
        self.inner.first_open_date().await
    }

    /// Writes the steps of a date that is over, and of those before it that are still open.
    ///
    /// # Errors
    /// The date is not over, the books begin later, or they are away.
    pub async fn open_day(&self, date: BusinessDate) -> Result<(), TradeError> {
        let inner = &self.inner;
        let refused = |message: String| TradeError::new(ErrorCode::InvalidParameter, message);
        if date.end() > inner.now() {
            let message = format!("{date} is not over: its steps begin after midnight in Beijing");
            return Err(refused(message));
        }
        if !inner.day(date).await?.is_empty() {
            return Ok(());
        }
        let first = inner.first_open_date().await?;
        if date < first {
            return Err(refused(format!(
                "{date} has no steps: the first date that these books can run is {first}"
            )));
        }
        inner.open_through(first, date).await
    }
}

impl Inner {
    pub(super) async fn day(&self, date: BusinessDate) -> Result<Vec<DayStep>, TradeError> {
        let marked = self
            .store
            .marked_records(RecordKind::DayStep, DayStep::mark(date));
        let found = marked.await.map_err(books_unavailable)?;
        let steps = found.iter().map(read).collect::<Result<Vec<_>, _>>();
        let mut steps = steps?;
        steps.sort_by_key(|step| step.step);
        Ok(steps)
    }

    pub(super) async fn first_open_date(&self) -> Result<BusinessDate, TradeError> {
        let closed = self.store.closed_through().await;
        if let Some(closed) = closed.map_err(books_unavailable)? {
            return Ok(closed.next());
        }
        let first = self.store.first_booked().await.map_err(books_unavailable)?;
        Ok(BusinessDate::of(first.unwrap_or_else(|| self.now())))
    }

    /// Writes the steps of these dates, the last one included.
    pub(super) async fn open_through(
        &self,
        first: BusinessDate,
        last: BusinessDate,
    ) -> Result<(), TradeError> {
        let mut date = first;
        while date <= last {
            let step = RecordStep {
                wants: StepName::ALL.map(|step| DayStep::want(date, step)).into(),
                now: self.now(),
                action: RecordAction::Day(Action::Open {
                    date,
                    numbers: StepName::ALL.map(|_| self.mint_record_no()).into(),
                }),
            };
            self.commit_records(step, Vec::new(), None).await?;
            date = date.next();
        }
        Ok(())
    }
}

/// The step of a record.
pub(super) fn read(record: &Record) -> Result<DayStep, TradeError> {
    record.read().map_err(|cause| {
        tracing::error!(%cause, "a step of a business date cannot be read");
        TradeError::advised(ErrorCode::Internal, "a fault on our side")
    })
}
