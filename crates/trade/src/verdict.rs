//! What a channel said, as values: unknown is one of them, never an error.

use serde::{Deserialize, Serialize};

use crate::promotion::PaymentNotes;
use crate::time::Timestamp;
use crate::wallet::Funding;

/// The end of a payment call or a query. Source: ruling 12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Money moved; compared with our order before it is believed.
    Paid(Evidence),
    /// The channel says that no money moved and none will.
    Declined(Decline),
    /// The payer is confirming; ask again.
    Pending,
    /// Pending too, but nobody has begun to pay: it waits for its payer (ruling 65).
    Waiting,
    /// Nobody knows: ask, then reverse; never assume.
    Unknown(Unknown),
}

/// Why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What happened, for the timeline; no secrets.
    pub why: String,
    /// Whether the channel answered, and said that it has no such order (yet). That proves nothing
    /// about the time to come (ruling 43), but nobody had paid when it was asked.
    pub is_absent: bool,
}

impl Unknown {
    /// No answer, or none that says anything.
    pub fn because(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            is_absent: false,
        }
    }

    /// The channel has no such order (yet).
    pub fn absent(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            is_absent: true,
        }
    }
}

impl Verdict {
    /// Whether the channel said how the payment stands at this moment.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        match self {
            Self::Paid(_) | Self::Declined(_) | Self::Pending | Self::Waiting => true,
            Self::Unknown(unknown) => unknown.is_absent,
        }
    }
}

/// A channel's word that it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The order's amount as the channel has it, in fen; equals our charge or is not believed.
    pub payable_fen: i64,
    /// What the payer paid in money, in fen.
    pub cash_fen: i64,
    /// Discount that the merchant funds, in fen: it is not received.
    pub merchant_discount_fen: i64,
    /// Discount that the channel or the platform funds, in fen: it is received.
    pub channel_discount_fen: i64,
    /// 渠道订单号
    pub channel_order_no: String,
    /// The order number that the payer sees on the phone (ruling 34).
    pub payer_order_no: String,
    /// The payer's id at the channel, if it says.
    pub payer_id: Option<String>,
    /// What it was paid with.
    pub funding: Funding,
    /// When, by the channel's clock (UTC).
    pub paid_at: Timestamp,
    /// What it told beside the money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Box<PaymentNotes>>,
}

impl Evidence {
    /// What the merchant gets before fees: payable less what it funds itself, in fen (ruling 4).
    #[must_use]
    pub const fn receivable_fen(&self) -> i64 {
        self.payable_fen - self.merchant_discount_fen
    }

    /// All discounts, in fen.
    #[must_use]
    pub const fn coupon_fen(&self) -> i64 {
        self.payable_fen - self.cash_fen
    }
}

/// A definite refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The channel's own word, without prefixes (ruling 16), such as `NOTENOUGH`.
    pub reason: String,
    /// What kind of refusal it is.
    pub kind: DeclineKind,
}

/// Kinds of refusal that a dialect may word differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineKind {
    /// The payer or the payer's bank.
    Refused,
    /// The payment code cannot be read or has expired.
    CodeInvalid,
    /// The channel was never reached: not a byte was sent.
    Unreachable,
    /// No secure connection to the channel could be made: not a byte of the request was sent.
    NotSecured,
    /// The order is closed or was reversed at the channel.
    Closed,
}

/// The end of a reversal call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReversalResult {
    /// As if not paid: closed if it was unpaid, given back if it was paid.
    Reversed,
    /// The channel's time for reversals is over: what was paid is to be refunded.
    TooLate,
    /// Not yet, or nobody knows: repeat.
    Unknown(Unknown),
}

/// The end of an upstream close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseResult {
    /// No payment is possible any more.
    Closed,
    /// Too late, it is paid: a query brings the evidence.
    Paid,
    /// Not yet, refused for now, or nobody knows: repeat.
    Unknown(Unknown),
}

/// The end of a refund call or a refund query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundResult {
    /// The money is on its way to the payer for good.
    Succeeded(RefundEvidence),
    /// Definitely not refunded; the reason in the channel's word.
    Failed(Decline),
    /// Accepted, not finished.
    Pending,
    /// Nobody knows: repeat under the same number.
    Unknown(Unknown),
}

/// A channel's word that it gave money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEvidence {
    /// The channel's number of the refund.
    pub channel_refund_no: String,
    /// The cash part as the channel reports it, in fen; `None` if it reports no split.
    pub cash_fen: Option<i64>,
    /// When (UTC).
    pub refunded_at: Timestamp,
}

/// The end of a payout call or a payout query.
///
/// Nothing but a bank's own word makes one of the ends: silence is [`Unknown`], whatever its length
/// (back-half.md, section 4).
///
/// [`Unknown`]: PayoutResult::Unknown
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutResult {
    /// The money left our account for the payee.
    Paid(PayoutEvidence),
    /// Certainly not paid under this number, now or later; a repair takes a new number.
    Failed(PayoutFailure),
    /// Paid, and come back (退票).
    Returned(PayoutReturn),
    /// The bank has refused the call. An earlier one under this number, or one that is still on its
    /// way, may be taken up all the same; a query says so once none can be on its way any more. The
    /// call alone says this.
    Refused(PayoutFailure),
    /// Certainly never asked for: the bank knows no such number. The same number is sent again. A
    /// query says so; the call itself never does.
    NotFound,
    /// Nobody knows (yet): ask again.
    Unknown(Unknown),
}

/// A bank's word that it paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutEvidence {
    /// The bank's number of the payment, which stands in its account statement.
    pub bank_no: String,
    /// When, by the bank's clock (UTC).
    pub paid_at: Timestamp,
    /// What the bank said beside it, such as 有缺陷的成功 or XF:修复; often empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

/// A bank's word that it did not pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFailure {
    /// Its text, as it came; runs of digits that may be an account's number are masked.
    pub reason: String,
}

/// A bank's word that a payment came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutReturn {
    /// The payment that came back.
    pub payment: PayoutEvidence,
    /// When it came back, by the bank's clock (UTC).
    pub returned_at: Timestamp,
    /// Why, in the bank's text; masked like that of a failure.
    pub reason: String,
}
