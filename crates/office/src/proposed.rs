//! What a proposal is answered with, whatever is proposed.

use heliu_trade::approval::Approval;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

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
