//! Clearing: business dates end, money finds its way out, and agents are told of it.

mod approvals;
mod bill_view;
mod cards;
pub(crate) mod day;
mod fees;
mod found;
mod holds;
mod owing;
pub(crate) mod payouts;
pub(crate) mod payouts_asked;
mod standing;
pub(crate) mod statements;
mod subtree;
mod terms;

pub use approvals::{ApprovalVerdict, Proposal};
pub use cards::NewCard;
pub(crate) use day::DayRuns;
pub use day::{ClosedDates, StepRun};
pub use found::RecordsAsked;
pub use holds::HoldEnding;
pub use payouts::SendRun;
pub use statements::{PublishedStatement, StatementAsked};
