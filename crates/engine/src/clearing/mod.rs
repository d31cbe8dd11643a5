//! Clearing: business dates end, and money finds its way out.

mod approvals;
mod cards;
mod day;
mod found;
mod holds;
mod owing;
pub(crate) mod payouts;
mod terms;

pub use approvals::{ApprovalVerdict, Proposal};
pub use cards::NewCard;
pub(crate) use day::DayRuns;
pub use day::StepRun;
pub use found::RecordsAsked;
pub use holds::HoldEnding;
pub use payouts::SendRun;
