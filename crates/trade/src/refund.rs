//! 退款: giving back all or part of a known payment.

use serde::{Deserialize, Serialize};

use crate::id::RefundNo;
use crate::order::{Attributes, RefundTotals};
use crate::time::Timestamp;
use crate::verdict::{Decline, RefundEvidence};

/// The states of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Accepted here, its amount reserved; to be sent, sent, or of unknown outcome.
    Refunding,
    /// Given back.
    Succeeded,
    /// Definitely not given back; its amount is free again.
    Failed,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Refunding, Self::Succeeded, Self::Failed];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refunding => "refunding",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The state of a word of [`RefundState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Our number, sent upstream as the refund number.
    pub refund_no: RefundNo,
    /// 商户退款单号, unique within merchant and app.
    pub merchant_refund_no: String,
    /// Where it stands.
    pub state: RefundState,
    /// What it gives back, in each measure.
    pub amounts: RefundTotals,
    /// When it was accepted here (UTC).
    pub created_at: Timestamp,
    /// When it was first sent upstream (UTC); from then on it is asked about, or repeated identically.
    pub sent_at: Option<Timestamp>,
    /// When it ended (UTC).
    pub ended_at: Option<Timestamp>,
    /// What does not change, or only at the end.
    pub details: RefundDetails,
}

/// What a refund carries beside its amounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDetails {
    /// The merchant's reason.
    pub reason: String,
    /// The dialect's own texts.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// What the channel said when it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<RefundEvidence>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline: Option<Decline>,
}
