//! A standing approval (section 5 of the back half): people let payouts of the same day and
//! withdrawals pass up to a limit, until a day. What stays within is sent without further looks,
//! each batch using a part of it; what does not waits for people.

mod decide;
mod values;

pub(crate) use decide::{draw, take};
pub use values::{Standing, StandingLimits, StandingProblem};
