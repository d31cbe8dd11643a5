//! 结算卡: the cards to which an owner's money is paid out.
//!
//! A card is proposed by one person and becomes active when another one approves it; the one before
//! retires then. An owner has one active card at most. Its number is kept sealed; what is shown and
//! digested is masked.

mod decide;
mod number;
mod values;

pub use decide::Action;
pub(crate) use decide::{decide, refuse, take};
pub use number::{CardNumber, CardNumberProblem};
pub use values::{CardKind, CardState, OwnerCards, ProposedCard, SettlementCard};
