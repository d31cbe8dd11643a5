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

use heliu_trade::approval::Approval;
use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::OfficeError;

/// What was proposed, and waits for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Our number of the approval.
    pub approval_no: String,
    /// With what something is to be done.
    pub subject: String,
    /// Until when it can be approved and used (UTC).
    pub expires_at: Timestamp,
}

impl From<Approval> for Proposed {
    fn from(approval: Approval) -> Self {
        Self {
            approval_no: approval.approval_no.to_string(),
            subject: approval.subject,
            expires_at: approval.expires_at,
        }
    }
}

/// Our number of an approval, from what was entered.
fn number(text: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no approval's number"),
            "heliu approvals list tells the numbers: 16 digits each",
        )
    })
}
