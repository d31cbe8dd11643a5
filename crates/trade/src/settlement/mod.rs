//! 结算: what one trade date owes an owner.
//!
//! A settlement gathers the entries of one owner's balance, of one trade date. It moves no money,
//! unless its owner withdraws by hand; a bill ([`crate::payout`]) pays it, together with all others
//! that are due, so that a day below zero is netted and never hidden.

mod decide;
mod due;
mod items;
mod values;
mod window;

pub use crate::settlement_terms::Cycle;
pub use decide::Action;
pub(crate) use decide::decide;
pub use items::{ItemClass, item_class};
pub use values::{Settlement, SettlementKey, SettlementState, SettlementSums};
pub use window::Window;
