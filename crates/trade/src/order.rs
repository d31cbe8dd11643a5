//! 订单: what a merchant asked for, and what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fee::shares::ShareReturns;
use crate::followup::consequences::Counts;
use crate::followup::subject::Subject;
use crate::goods::SaleTerms;
use crate::id::{AppId, AttemptNo, MerchantId, OrderNo};
use crate::money::{Currency, ExchangeRate};
use crate::time::Timestamp;
use crate::verdict::{Decline, Evidence};
use crate::wallet::{Scene, WalletKind};

/// Texts that only one dialect has, stored under its own names and echoed; the core never reads
/// them.
pub type Attributes = BTreeMap<String, String>;

/// The states of an order. Source: ruling 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for its payer; no channel has it yet.
    Open,
    /// Handed to a channel; the result is not known.
    Paying,
    /// Paid. Refunds are amounts beside this state, not states.
    Paid,
    /// Refused for good; no money moved.
    Failed,
    /// Closed by the merchant; no money moved.
    Closed,
    /// Closed because its time was over; no money moved.
    Expired,
    /// A reversal is on its way; only a clear answer of the channel ends it.
    Reversing,
    /// As if not paid.
    Reversed,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Paying,
        Self::Paid,
        Self::Failed,
        Self::Closed,
        Self::Expired,
        Self::Reversing,
        Self::Reversed,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Closed => "closed",
            Self::Expired => "expired",
            Self::Reversing => "reversing",
            Self::Reversed => "reversed",
        }
    }

    /// The state of a word of [`OrderState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether the payment's fate is decided here (a paid order may still be refunded or reversed).
    #[must_use]
    pub const fn is_decided(self) -> bool {
        match self {
            Self::Open | Self::Paying | Self::Reversing => false,
            Self::Paid | Self::Failed | Self::Closed | Self::Expired | Self::Reversed => true,
        }
    }
}

/// One order. Amounts in fen are CNY; `amount_minor` is in `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The merchant, first part of the key.
    pub merchant_id: MerchantId,
    /// Our number, second part of the key.
    pub order_no: OrderNo,
    /// Under which app it came; notifications leave in that app's dialect.
    pub app_id: AppId,
    /// 商户订单号, unique within merchant and app for ever (ruling 3).
    pub merchant_order_no: String,
    /// Counts the saves; a save names the version it read.
    pub version: u32,
    /// How payer and order meet.
    pub scene: Scene,
    /// The wallet, once known.
    pub wallet: Option<WalletKind>,
    /// Where it stands.
    pub state: OrderState,
    /// What the merchant asked, in minor units of `currency`.
    pub amount_minor: i64,
    /// The merchant's currency.
    pub currency: Currency,
    /// The rate frozen at creation; `None` for CNY.
    pub rate: Option<ExchangeRate>,
    /// What is charged, in fen.
    pub charge_fen: i64,
    /// The payment, once there is one.
    pub payment: Option<Payment>,
    /// Sum of the refunds that ended well.
    pub refunded: RefundTotals,
    /// Sum of the refunds that are under way.
    pub refunding: RefundTotals,
    /// Fee given back so far, in fen.
    pub fee_returned_fen: i64,
    /// What the channel gave back of its cost with refunds, in fen.
    pub cost_returned_fen: i64,
    /// What agents gave back of their parts of the fee.
    pub shares_returned: ShareReturns,
    /// Refunds asked for so far, whatever became of them.
    pub refund_count: u32,
    /// The newest finished refund failed.
    pub last_refund_failed: bool,
    /// No refund may be sent upstream before this instant (the channel's gap between refunds).
    pub refund_not_before: Option<Timestamp>,
    /// Why it failed, if it did.
    pub decline: Option<Decline>,
    /// When it came (UTC).
    pub created_at: Timestamp,
    /// When its payer loses the right to pay (UTC); `None` for orders that take at once.
    pub expires_at: Option<Timestamp>,
    /// When an undecided barcode or face payment is asked a last time and reversed (UTC).
    pub horizon_at: Option<Timestamp>,
    /// When its state became final (UTC).
    pub ended_at: Option<Timestamp>,
    /// How far its journal and its timeline have come.
    pub counts: Counts,
    /// What does not change after creation; shared, since orders are passed on at every step.
    pub details: Arc<OrderDetails>,
}

/// What an order carries from its creation on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// What is sold, shown to the payer.
    pub subject: String,
    /// Where to notify; `None`: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// The payer's code, encrypted; opened only for an answer that must echo it (ruling 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_code_sealed: Option<String>,
    /// The dialect's own texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: Attributes,
    /// Basket, promotion mark, shop, terminal.
    #[serde(default, skip_serializing_if = "SaleTerms::is_empty")]
    pub terms: SaleTerms,
    /// Where the payer's browser goes from our page once the order is paid; `None`: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Digest of the canonical command, to tell a repeat from a conflict.
    pub fingerprint: String,
}

/// A payment that was believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// By which attempt.
    pub attempt_no: AttemptNo,
    /// What the channel said.
    pub evidence: Arc<Evidence>,
    /// The platform's fee, in fen.
    pub fee_fen: i64,
}

/// Sums over refunds, each in its own measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundTotals {
    /// In minor units of the order's currency.
    pub amount_minor: i64,
    /// Of the payable, in fen.
    pub payable_fen: i64,
    /// Of the payer's money, in fen.
    pub cash_fen: i64,
    /// Of what the merchant received, in fen.
    pub receivable_fen: i64,
}

impl RefundTotals {
    /// This sum and another one.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            amount_minor: self.amount_minor + other.amount_minor,
            payable_fen: self.payable_fen + other.payable_fen,
            cash_fen: self.cash_fen + other.cash_fen,
            receivable_fen: self.receivable_fen + other.receivable_fen,
        }
    }

    /// This sum less another one.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            amount_minor: self.amount_minor - other.amount_minor,
            payable_fen: self.payable_fen - other.payable_fen,
            cash_fen: self.cash_fen - other.cash_fen,
            receivable_fen: self.receivable_fen - other.receivable_fen,
        }
    }

    /// Whether any measure is above zero.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.amount_minor > 0
    }
}

impl Order {
    /// How what follows from it names it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::of_merchant(&self.merchant_id, self.order_no.0)
    }

    /// What is refunded or about to be, together.
    #[must_use]
    pub const fn refund_claimed(&self) -> RefundTotals {
        self.refunded.plus(self.refunding)
    }

    /// Whether a refund was asked for, or something of fee or cost has gone back.
    #[must_use]
    pub const fn has_returns(&self) -> bool {
        self.refund_count != 0 || self.fee_returned_fen != 0 || self.cost_returned_fen != 0
    }

    /// Whether every fen of the charge has gone back. Told by the charge: after failed refunds of a
    /// foreign currency a minor unit can be left that is worth no fen and is never refunded (ruling
    /// 7).
    #[must_use]
    pub const fn is_refunded_whole(&self) -> bool {
        self.refunded.payable_fen >= self.charge_fen
    }

    /// Whether a payer who comes now may pay.
    #[must_use]
    pub fn is_payable(&self, now: Timestamp) -> bool {
        matches!(self.state, OrderState::Open | OrderState::Paying)
            && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// Whether the time of this order is over that ends at `ends_at`, its expiry or its horizon.
    /// The clock may have been set back since the order was made: by more than all of that time,
    /// and nobody waits for the rest of it.
    #[must_use]
    pub fn is_over(&self, ends_at: Timestamp, now: Timestamp) -> bool {
        let whole_ms = ends_at.since_ms(self.created_at);
        now >= ends_at || self.created_at.since_ms(now) > whole_ms
    }

    /// What may still be refunded, in minor units of the order's currency; 0 unless paid.
    #[must_use]
    pub const fn refundable_minor(&self) -> i64 {
        if matches!(self.state, OrderState::Paid) {
            self.amount_minor - self.refund_claimed().amount_minor
        } else {
            0
        }
    }
}
