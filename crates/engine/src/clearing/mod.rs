//! Clearing: business dates end, and money finds its way out.

mod approvals;
mod cards;
mod day;
mod found;
mod holds;
mod terms;

pub use approvals::{Proposal, Verdict};
pub use cards::NewCard;
pub(crate) use day::DayRuns;
pub use day::StepRun;
pub use found::Listing;
pub use holds::Ending;
