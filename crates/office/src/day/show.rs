//! How the steps of a date stand.

use heliu_trade::day::DayStep;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::date;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// A step in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// Of which date.
    pub date: String,
    /// Which step.
    pub step: String,
    /// Where it stands.
    pub state: String,
    /// When it is due (UTC).
    pub due_at: Timestamp,
    /// When it was done (UTC).
    pub done_at: Option<Timestamp>,
    /// Pieces that are done.
    pub done: u64,
    /// Pieces that there are, as far as it knows.
    pub of: u64,
    /// Pieces that failed.
    pub failed: u64,
    /// Which node runs it, or ran it last.
    pub node: Option<u8>,
    /// How often it was begun.
    pub runs: u32,
    /// What it made, why it failed, or which pieces did.
    pub message: String,
}

/// The steps of a date, in the order in which they are due; without a date of the last that is
/// over.
///
/// # Errors
/// It is no date, its steps are not written, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    asked: Option<&str>,
) -> Result<Vec<StepRow>, OfficeError> {
    actor.check(Permission::See)?;
    let date = date(office, asked)?;
    let steps = office.engine().day(date).await?;
    if steps.is_empty() {
        return Err(OfficeError::with_cure(
            format!("{date} has no steps yet"),
            format!("a serving process runs them by itself; or now: heliu day run {date}"),
        ));
    }
    Ok(steps.into_iter().map(StepRow::from).collect())
}

impl From<DayStep> for StepRow {
    fn from(step: DayStep) -> Self {
        let failures = step
            .failures
            .iter()
            .map(|failure| format!("{}: {}", failure.what, failure.why));
        let message = std::iter::once(step.message.clone()).chain(failures);
        let message: Vec<String> = message.filter(|text| !text.is_empty()).collect();
        Self {
            date: step.date.to_string(),
            step: step.step.as_str().to_owned(),
            state: step.state.as_str().to_owned(),
            due_at: step.step.due_at(step.date),
            done_at: step.done_at,
            done: step.done,
            of: step.of,
            failed: step.failed,
            node: step.lease.as_ref().map(heliu_trade::day::Lease::node),
            runs: step.runs,
            message: message.join("; "),
        }
    }
}

impl Row for StepRow {
    const COLUMNS: &'static [Column] = &[
        "date", "step", "state", "due_at", "done_at", "done", "of", "failed", "node", "runs",
        "message",
    ];

    fn cells(&self) -> Vec<Cell> {
        let count = |count: u64| Cell::Count(i64::try_from(count).unwrap_or(i64::MAX));
        let node = self.node.map(i64::from);
        vec![
            Cell::text(self.date.as_str()),
            Cell::text(self.step.as_str()),
            Cell::text(self.state.as_str()),
            Cell::At(self.due_at),
            Cell::at(self.done_at),
            count(self.done),
            count(self.of),
            count(self.failed),
            node.map_or(Cell::Empty, Cell::Count),
            Cell::Count(i64::from(self.runs)),
            Cell::text(self.message.as_str()),
        ]
    }
}
