//! 打款: bills to owners' cards, batches of them, and what finance does with both.

mod act;
mod batches;
mod list;
mod show;

use heliu_trade::payout::BillId;

use crate::error::OfficeError;

pub use act::{EndAsked, end, propose_end, repair, void};
pub use batches::{
    BatchRow, BatchView, BatchesAsked, Sent, list as list_batches, send, show as show_batch, submit,
};
pub use list::{PayoutRow, PayoutsAsked, list};
pub use show::{PayoutView, show};

/// The bill that people name.
fn bill(text: &str) -> Result<BillId, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no bill's number"),
            "heliu payouts list tells the numbers: 20 digits each, of which the first 8 are a date",
        )
    })
}
