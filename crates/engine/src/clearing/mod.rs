//! Clearing: business dates end, money finds its way out, and agents are told of it.

mod day;
pub(crate) mod payouts_asked;
pub(crate) mod statements;
mod subtree;

pub(crate) use day::DayRuns;
pub use day::StepRun;
pub use statements::{PublishedStatement, StatementAsked};
