//! 冻结: money of an owner that is not paid out, because a person says so.
//!
//! A hold takes what it misses whenever a bill is drafted (rule R6): money leaves by a bill only.
//! What it has taken stands frozen in the owner's book until the hold is released or seized, which
//! takes four eyes.

mod decide;
mod effect;
mod values;

pub use decide::Action;
pub(crate) use decide::{decide, fill};
pub(crate) use effect::{release, seize};
pub use values::{Hold, HoldAmount, HoldEnd, HoldState};
