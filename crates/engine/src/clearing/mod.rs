//! Clearing: business dates end, and money finds its way out.

mod approvals;
mod cards;
mod day;
mod fees;
mod found;
mod holds;
mod standing;
mod terms;

pub use approvals::{ApprovalVerdict, Proposal};
pub use cards::NewCard;
pub(crate) use day::DayRuns;
pub use day::{ClosedDates, StepRun};
pub use found::RecordsAsked;
pub use holds::HoldEnding;
