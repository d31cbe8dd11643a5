//! 退款: giving back all or part of a known payment.

use serde::{Deserialize, Serialize};

use crate::id::{OrderNo, RefundNo};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Our number; see [`Refund::upstream_no`].
    pub refund_no: RefundNo,
    /// Of which order.
    pub order_no: OrderNo,
    /// 商户退款单号, unique within merchant and app.
    pub merchant_refund_no: String,
    /// Where it stands.
    pub state: RefundState,
    /// What it gives back, in each measure.
    pub amounts: RefundTotals,
    /// When it was accepted here (UTC).
    pub created_at: Timestamp,
    /// When it was first sent upstream (UTC); from then on it is asked about, or repeated
    /// identically.
    pub sent_at: Option<Timestamp>,
    /// When it ended (UTC).
    pub ended_at: Option<Timestamp>,
    /// What does not change, or only at the end.
    pub details: RefundDetails,
}

impl Refund {
    /// The number that is sent upstream. A channel that took a refund and then ended it brings
    /// nothing more under that number, so a further try goes under the next one; what the channel
    /// merely refused is repeated under the same number, which can pay only once.
    #[must_use]
    pub fn upstream_no(&self) -> String {
        match self.details.numbered_at_retry {
            0 => self.refund_no.to_string(),
            retry => format!("{}R{retry}", self.refund_no),
        }
    }

    /// Our number of an upstream number, whichever try it was.
    #[must_use]
    pub fn no_of_upstream(upstream_no: &str) -> Option<RefundNo> {
        let number = match upstream_no.split_once('R') {
            None => upstream_no,
            Some((number, retries)) => {
                let is_count = retries.bytes().all(|byte| byte.is_ascii_digit());
                let starts_right = matches!(retries.as_bytes().first(), Some(b'1'..=b'9'));
                (is_count && starts_right).then_some(number)?
            }
        };
        number.parse().ok()
    }
}

/// What a refund carries beside its amounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDetails {
    /// The merchant's reason.
    pub reason: String,
    /// The dialect's own texts.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Where the merchant is told how it ended; `None`: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// How often it was tried again after it had failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry_count: u32,
    /// The retry since which the present upstream number is in use, see [`Refund::upstream_no`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub numbered_at_retry: u32,
    /// Whether the channel said that it has it under that number, to be finished.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_taken: bool,
    /// Why nobody knows how it stands, as a channel last said it; `None` if that never was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_why: Option<String>,
    /// When a send under the present upstream number was last left without an answer (UTC): it may
    /// still be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_at: Option<Timestamp>,
    /// When it was last refused since, which was not believed (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted_at: Option<Timestamp>,
    /// What the channel said when it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<RefundEvidence>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline: Option<Decline>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_upstream_leads_back_to_the_refund() {
        let mut refund = Refund {
            refund_no: RefundNo::from_u64(7),
            order_no: OrderNo::from_u64(1),
            merchant_refund_no: "a".to_owned(),
            state: RefundState::Failed,
            amounts: RefundTotals::default(),
            created_at: Timestamp::from_ms(0),
            sent_at: None,
            ended_at: None,
            details: RefundDetails::default(),
        };
        for expected in [
            "0000000000000007",
            "0000000000000007R1",
            "0000000000000007R2",
        ] {
            assert_eq!(refund.upstream_no(), expected);
            assert_eq!(Refund::no_of_upstream(expected), Some(refund.refund_no));
            refund.details.numbered_at_retry += 1;
        }
        for foreign in [
            "",
            "7",
            "0000000000000007Rx",
            "0000000000000007R0",
            "0000000000000007R01",
            "0000000000000007R",
            "0000000000000007X",
        ] {
            assert_eq!(Refund::no_of_upstream(foreign), None, "{foreign}");
        }
    }
}
