//! How an owner is settled: when its money is paid out, from which amount on, at which fee, what is
//! kept back and how much it may owe.
//!
//! Terms come in versions, each from a day on, and no version ever changes. A version takes effect
//! when another person than its maker approves it.

mod effect;
mod values;

pub(crate) use effect::take;
pub use values::{
    Cycle, OwnerTerms, RESERVE_DAYS_MAX, SettlementTerms, TermsProblem, TermsVersion,
};
