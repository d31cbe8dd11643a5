//! 账期日: the steps that end a business date, as operators see and run them.

mod run;
mod show;

pub use run::{Opened, RunAsked, RunOutcome, StepOutcome, open, run};
pub use show::{StepRow, show};

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepName;

use crate::Office;
use crate::error::OfficeError;

/// The date that was entered; without one the last that is over.
fn date(office: &Office, text: Option<&str>) -> Result<BusinessDate, OfficeError> {
    let Some(text) = text else {
        return Ok(office.engine().today().previous());
    };
    text.parse().map_err(|problem| {
        let cure = "write the year, the month and the day, such as 2026-11-29";
        OfficeError::with_cure(problem, cure)
    })
}

/// The step that was entered.
fn step(text: &str) -> Result<StepName, OfficeError> {
    StepName::parse(text).ok_or_else(|| {
        let words = StepName::ALL.map(StepName::as_str).join(", ");
        OfficeError::with_cure(format!("{text} is no step"), format!("a step is {words}"))
    })
}
