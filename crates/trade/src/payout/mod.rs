//! 打款: one bill, from its settlements to the bank's word.
//!
//! ```text
//! drafted -> approved -> sending -> unknown -> paid -> returned
//!    |          |           \          \-> failed (repaired: drafted again, the same bill)
//!    |          |            \-> failed, paid, returned
//!    |          \-> voided (another card: a new bill)
//!    \-> voided
//! frozen: everything is held back
//! ```
//!
//! A request's number is written down before its call, so that whoever asks the bank later asks
//! about that number. *Unknown* never becomes failed by time. A new number is used only after a
//! certain failure; one that the bank certainly does not know is sent again as it is.

mod amounts;
mod bill_id;
mod change;
mod check;
mod decide;
mod draft;
mod end;
mod file_end;
mod send;
mod values;
mod verdict;
mod wanted;

pub use amounts::{Amounts, Carry, Plan, plan, reserve_fen};
pub use bill_id::{BillId, NotABillId};
pub(crate) use change::freed;
pub use check::{OwnerPapers, OwnerStanding, check_owner, check_requests};
pub use decide::Action;
pub(crate) use decide::decide;
pub use draft::{NewPayout, RunningRefund};
pub use end::PayoutEnd;
pub use file_end::{FileEnd, FileResult, FileResults};
pub use send::QUERY_GAP_MS;
pub(crate) use send::begin as begin_sending;
pub use values::{Fill, FillCause, Payout, PayoutCard, PayoutRequest, PayoutState, RequestEnd};
