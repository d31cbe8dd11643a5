//! 批次: bills that two people let pass together, and that are sent together.
//!
//! ```text
//! drafted -> submitted -> approved -> sending -> done
//!                     \-> rejected, expired, void: its bills are free for another batch
//! ```
//!
//! What people look at is a text with a line for each bill; its digest is computed again from the
//! bills themselves before they are let pass, and once more before they are sent. Where the bank
//! takes files, the digest of the batch's file is the last line of that text.

mod alone;
mod check;
mod decide;
mod file;
mod send;
mod values;
mod wanted;

pub(crate) use alone::plan_sending;
pub use check::check_batch;
pub(crate) use decide::decide;
pub use decide::{Action, NewBatch};
pub use values::{BATCH_BILLS_MAX, BatchBill, BatchFile, BatchState, FileState, PayoutBatch};
