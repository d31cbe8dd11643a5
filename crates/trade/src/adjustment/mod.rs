//! 调账: a person puts an owner's balance right, with evidence, and another one approves it. It
//! stands in the books only then.

mod effect;
mod values;

pub(crate) use effect::take;
pub use values::{Adjustment, ProposedAdjustment};
