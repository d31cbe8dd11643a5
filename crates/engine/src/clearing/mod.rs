//! Clearing: business dates end, and money finds its way out.

mod day;

pub(crate) use day::DayRuns;
pub use day::{ClosedDates, StepRun};
