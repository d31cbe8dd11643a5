//! 复核: what one person of finance proposes, another one looks at, and lets pass or not.

mod decide;
mod difference;
mod list;
mod show;
mod sow;
mod standing;

pub use decide::{Decided, approve, reject};
pub use difference::Changed;
pub use list::{ApprovalRow, ApprovalsAsked, list};
pub use show::{ApprovalView, show};
pub(crate) use sow::let_pass;
pub use standing::{NewStanding, StandingRow, propose_standing, show_standing};

use heliu_trade::id::PlatformNo;

use crate::error::OfficeError;

/// Our number of an approval, from what was entered.
fn number(text: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no approval's number"),
            "heliu approvals list tells the numbers: 16 digits each",
        )
    })
}
