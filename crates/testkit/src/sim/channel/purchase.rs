//! One purchase as its channel has it.

use std::collections::BTreeMap;

use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;

/// What a request says of its order.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Slip {
    /// The number it has upstream.
    pub(super) number: String,
    /// In fen.
    pub(super) charge_fen: i64,
    /// Where callbacks go.
    pub(super) callback_url: String,
    /// When the payer loses the right to pay, in ms of true time.
    pub(super) expires_ms: Option<i64>,
    /// Whether "no such order" is to be believed (ruling 43).
    pub(super) is_absence_believed: bool,
}

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Its payer may still pay.
    Waiting,
    /// Paid.
    Paid,
    /// Refused for good, or so it was said.
    Declined,
    /// Closed, or so it was said.
    Closed,
    /// As if not paid, or so it was said.
    Reversed,
}

/// Money on its way back.
pub(super) struct Return {
    pub(super) refund_fen: i64,
    pub(super) state: ReturnState,
    pub(super) at: Timestamp,
    /// When the bank was asked for it, in ms of true time.
    pub(super) asked_ms: i64,
}

/// Where that money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReturnState {
    Pending,
    Succeeded,
    Failed,
}

/// A purchase.
pub(super) struct Purchase {
    pub(super) slip: Slip,
    pub(super) life: Life,
    /// The payment, once there was one; a channel takes one under a number.
    pub(super) evidence: Option<Evidence>,
    /// Whether it came although the channel had said that none would.
    pub(super) is_late: bool,
    /// When that was, in ms of true time.
    pub(super) paid_ms: i64,
    /// Given back by a reversal, in fen.
    pub(super) reversed_fen: i64,
    /// When that was, in ms of true time.
    pub(super) reversed_ms: i64,
    /// Refunds by their number.
    pub(super) returns: BTreeMap<String, Return>,
}

impl Purchase {
    pub(super) fn new(slip: Slip, life: Life) -> Self {
        Self {
            slip,
            life,
            evidence: None,
            is_late: false,
            paid_ms: 0,
            reversed_fen: 0,
            reversed_ms: 0,
            returns: BTreeMap::new(),
        }
    }

    /// What the payer paid, in fen.
    pub(super) fn paid_fen(&self) -> i64 {
        self.evidence
            .as_ref()
            .map_or(0, |evidence| evidence.payable_fen)
    }

    fn returned_fen(&self, counts: impl Fn(ReturnState) -> bool) -> i64 {
        let returns = self
            .returns
            .values()
            .filter(|returned| counts(returned.state));
        returns.map(|returned| returned.refund_fen).sum()
    }

    /// What the payer has not got back and nobody is giving back, in fen.
    pub(super) fn left_fen(&self) -> i64 {
        let claimed = self.returned_fen(|state| state != ReturnState::Failed);
        self.paid_fen() - self.reversed_fen - claimed
    }

    /// Whether money was on its way back at `ms` of true time.
    pub(super) fn had_returns(&self, ms: i64) -> bool {
        self.returns
            .values()
            .any(|returned| returned.asked_ms <= ms)
    }

    /// Whether it was reversed after `ms` of true time.
    pub(super) fn is_reversed_since(&self, ms: i64) -> bool {
        self.reversed_fen > 0 && self.reversed_ms > ms
    }

    /// What the merchant keeps in the end, in fen.
    pub(super) fn kept_fen(&self) -> i64 {
        let returned = self.returned_fen(|state| state == ReturnState::Succeeded);
        self.paid_fen() - self.reversed_fen - returned
    }
}
