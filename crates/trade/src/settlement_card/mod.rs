//! 结算卡: the cards to which an owner's money is paid out.
//!
//! A card is proposed by one person and becomes active when another one approves it; the one before
//! retires then. An owner has one active card at most. Its number and its
//! holder's name are kept sealed; what is shown is masked, and the same ones are known by digests.

mod decide;
mod holder;
mod number;
mod values;

pub use decide::Action;
pub(crate) use decide::{decide, refuse, take};
pub use holder::HolderName;
pub use number::{CardNumber, CardNumberProblem};
pub use values::{CardKind, CardState, OwnerCards, ProposedCard, SettlementCard};
