//! 提现: an owner that is settled by hand asks for money that it may withdraw.
//!
//! What is asked for leaves what may be withdrawn in the same commit, so it is asked for once. The
//! next drafting puts it on a bill.

mod decide;
mod values;

pub use decide::Action;
pub(crate) use decide::{decide, take_up};
pub use values::{Withdrawal, WithdrawalState};
