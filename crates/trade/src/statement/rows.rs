//! Rows of statements, in our own words.
//!
//! A row tells of one movement of the journal and of facts that never change after it, so that the
//! rows of a closed day are the same whenever they are read.

use serde::{Deserialize, Serialize};

use crate::id::{AppId, MerchantId, OrderNo};
use crate::payout_view::PayoutView;
use crate::time::Timestamp;
use crate::verdict::Evidence;
use crate::wallet::{Scene, WalletKind};

/// Which file of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// 交易对账单: payments and refunds of the merchants below an agent.
    Trade,
    /// 商户打款单: what became of their payouts.
    Remit,
}

impl StatementKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Trade, Self::Remit];

    /// The word in tables and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Remit => "remit",
        }
    }

    /// The kind of a word of [`StatementKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Which way a merchant's money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TradeMovement {
    /// A payment came.
    Payment,
    /// A part of it, or all, was given back by a refund.
    Refund,
    /// All of it was given back by a reversal.
    Reversal,
}

impl TradeMovement {
    /// Whether the merchant gets it; else it gives it back.
    #[must_use]
    pub const fn is_inflow(self) -> bool {
        matches!(self, Self::Payment)
    }
}

/// A movement of a merchant's money, as a statement tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeRow {
    /// Whose.
    pub merchant_id: MerchantId,
    /// Under which number of the wire.
    pub app_id: AppId,
    /// Our number of its order.
    pub order_no: OrderNo,
    /// The entry's place among those of the order.
    pub entry_index: u32,
    /// Which way.
    pub movement: TradeMovement,
    /// When it was booked (UTC).
    pub booked_at: Timestamp,
    /// When the order, or the refund, was asked for (UTC).
    pub begun_at: Timestamp,
    /// The merchant's number of the order.
    pub merchant_order_no: String,
    /// The merchant's number of the refund, if it is one.
    pub merchant_refund_no: Option<String>,
    /// By which wallet it was paid.
    pub wallet: WalletKind,
    /// How payer and order met.
    pub scene: Scene,
    /// The fee's rate, in parts per million, any extra for credit cards included.
    pub rate_ppm: i64,
    /// What moved before the fee, in fen; above zero.
    pub amount_fen: i64,
    /// The fee on it: charged with a payment, given back with the others; in fen.
    pub fee_fen: i64,
    /// What the channel told of the payment.
    pub evidence: Evidence,
}

impl TradeRow {
    /// What moved for the merchant, in fen.
    #[must_use]
    pub const fn settled_fen(&self) -> i64 {
        self.amount_fen - self.fee_fen
    }

    /// Where it stands in the list: `order.entry`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}", self.order_no, self.entry_index)
    }

    /// The order and the entry of a place; `None` if it is none.
    #[must_use]
    pub fn parse_place(place: &str) -> Option<(OrderNo, u32)> {
        let (order, entry) = place.split_once('.')?;
        Some((order.parse().ok()?, entry.parse().ok()?))
    }
}

/// A bill as it stood when the file was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemitRow {
    /// The bill.
    pub payout: PayoutView,
}

/// What a file's rows come to, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Rows, titles aside.
    pub rows: u64,
    /// What came in, before fees.
    pub in_fen: i64,
    /// Fees on it.
    pub in_fee_fen: i64,
    /// What was given back, before fees.
    pub out_fen: i64,
    /// Fees that came back with it.
    pub out_fee_fen: i64,
}

impl Sums {
    /// Adds a row.
    pub const fn add(&mut self, row: &TradeRow) {
        self.rows += 1;
        if row.movement.is_inflow() {
            self.in_fen += row.amount_fen;
            self.in_fee_fen += row.fee_fen;
        } else {
            self.out_fen += row.amount_fen;
            self.out_fee_fen += row.fee_fen;
        }
    }

    /// Adds the sums of other rows.
    pub const fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.in_fen += other.in_fen;
        self.in_fee_fen += other.in_fee_fen;
        self.out_fen += other.out_fen;
        self.out_fee_fen += other.out_fee_fen;
    }

    /// Inflows less what was given back, after fees: what the day is worth to the merchants.
    #[must_use]
    pub const fn net_fen(&self) -> i64 {
        (self.in_fen - self.in_fee_fen) - (self.out_fen - self.out_fee_fen)
    }
}
