//! 账期日: the steps that end a business date, from its closing to the money's way out.
//!
//! Each step of a date is a record of the platform's. Whoever runs it takes its lease in the
//! books, so that of two nodes one runs, and one that died is followed by another. A step that is
//! done stays done: it remembers the digest of what it worked on, and run again it changes nothing.

mod decide;
mod digest;
mod plan;
mod values;

pub use decide::{Action, Ending};
pub use digest::digest;
pub use plan::{Plan, Scope, StepName};
pub use values::{DayStep, DayStepState, ItemFailure, Lease, StepDone};

pub(crate) use decide::decide;
