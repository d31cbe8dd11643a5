//! Rows of statements, in our own words.
//!
//! A row tells of one movement of the journal and of facts that never change after it, so that the
//! rows of a closed day are the same whenever they are read.

use serde::{Deserialize, Serialize};

use crate::id::{AppId, MerchantId, OrderNo, PartyId};
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
    /// 代理商分润对账单: the agent's own parts of the fees on payments.
    Profit,
    /// 代理商退货分润对账单: what of these parts went back with refunds and reversals.
    RefundProfit,
    /// 商户打款单: what became of their payouts.
    Remit,
}

impl StatementKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Trade, Self::Profit, Self::RefundProfit, Self::Remit];

    /// The word in tables and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Profit => "profit",
            Self::RefundProfit => "refund_profit",
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
    /// When the settlement was made that it is an item of, if that is one of the same day (UTC).
    pub settled_at: Option<Timestamp>,
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
    /// What of the fee is whose: the agents above the merchant, the nearest first.
    pub levels: Vec<ShareLevel>,
    /// What the channel told of the payment.
    pub evidence: Evidence,
}

/// An agent's part of the fee on a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareLevel {
    /// Whose.
    pub party_id: PartyId,
    /// The rate of what it pays itself, in parts per million.
    pub cost_rate_ppm: i64,
    /// What it gets, or gives back with a refund or reversal, in fen.
    pub share_fen: i64,
}

/// An agent's part of the fee on a movement, as its own statement tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfitRow<'r> {
    /// The movement.
    pub trade: &'r TradeRow,
    /// The rate of the fee that the level below it is asked for, in parts per million.
    pub rate_ppm: i64,
    /// The rate of what it pays itself, in parts per million.
    pub cost_rate_ppm: i64,
    /// What the level below it is asked for, or gets back, in fen.
    pub fee_fen: i64,
    /// What it gets, or gives back, in fen.
    pub share_fen: i64,
}

impl ProfitRow<'_> {
    /// What it pays, or gets back, itself, in fen.
    #[must_use]
    pub const fn cost_fen(&self) -> i64 {
        self.fee_fen - self.share_fen
    }
}

impl TradeRow {
    /// What moved for the merchant, in fen.
    #[must_use]
    pub const fn settled_fen(&self) -> i64 {
        self.amount_fen - self.fee_fen
    }

    /// A party's part of the fee; `None` if it has none by its terms.
    #[must_use]
    pub fn profit_of(&self, party_id: &PartyId) -> Option<ProfitRow<'_>> {
        let place = self.levels.iter().position(|of| of.party_id == *party_id)?;
        let (below, from) = self.levels.split_at_checked(place)?;
        let own = from.first()?;
        let taken_fen: i64 = below.iter().map(|level| level.share_fen).sum();
        Some(ProfitRow {
            trade: self,
            rate_ppm: below
                .last()
                .map_or(self.rate_ppm, |level| level.cost_rate_ppm),
            cost_rate_ppm: own.cost_rate_ppm,
            fee_fen: self.fee_fen - taken_fen,
            share_fen: own.share_fen,
        })
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

    /// Adds an agent's part: what the level below it is asked for stands as what moved, its own
    /// cost as the fee on it, so that the net is what the agent earned.
    pub const fn add_profit(&mut self, row: &ProfitRow<'_>) {
        self.rows += 1;
        if row.trade.movement.is_inflow() {
            self.in_fen += row.fee_fen;
            self.in_fee_fen += row.cost_fen();
        } else {
            self.out_fen += row.fee_fen;
            self.out_fee_fen += row.cost_fen();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Evidence;
    use crate::wallet::Funding;

    /// Section 3 of the back half: 12,345 fen at 0.38 %, agents at 0.30 % and 0.25 %.
    fn row(movement: TradeMovement, fee_fen: i64, shares_fen: [i64; 2]) -> TradeRow {
        let level = |party: &str, cost_rate_ppm, share_fen| ShareLevel {
            party_id: party.into(),
            cost_rate_ppm,
            share_fen,
        };
        TradeRow {
            merchant_id: "m".into(),
            app_id: "a".into(),
            order_no: OrderNo::from_u64(1),
            entry_index: 0,
            movement,
            booked_at: Timestamp::from_ms(0),
            begun_at: Timestamp::from_ms(0),
            settled_at: None,
            merchant_order_no: "1".to_owned(),
            merchant_refund_no: None,
            wallet: WalletKind::Wechat,
            scene: Scene::Barcode,
            rate_ppm: 3_800,
            amount_fen: 12_345,
            fee_fen,
            levels: vec![
                level("l2", 3_000, shares_fen[0]),
                level("l1", 2_500, shares_fen[1]),
            ],
            evidence: Evidence {
                payable_fen: 12_345,
                cash_fen: 12_345,
                merchant_discount_fen: 0,
                channel_discount_fen: 0,
                channel_order_no: String::new(),
                payer_order_no: String::new(),
                payer_id: None,
                funding: Funding::Balance,
                paid_at: Timestamp::from_ms(0),
                notes: None,
            },
        }
    }

    #[test]
    fn a_levels_fee_is_its_own_cost_and_its_part() {
        let payment = row(TradeMovement::Payment, 47, [10, 6]);
        let refunds = [
            row(TradeMovement::Refund, 12, [3, 1]),
            row(TradeMovement::Refund, 15, [3, 2]),
            row(TradeMovement::Refund, 20, [4, 3]),
        ];
        for (party, rates, fee_fen, cost_fen, share_fen) in [
            ("l2", (3_800, 3_000), 47, 37, 10),
            ("l1", (3_000, 2_500), 37, 31, 6),
        ] {
            let party = PartyId::from(party);
            let profit = payment.profit_of(&party).expect("a level");
            assert_eq!((profit.rate_ppm, profit.cost_rate_ppm), rates);
            let fen = (profit.fee_fen, profit.cost_fen(), profit.share_fen);
            assert_eq!(fen, (fee_fen, cost_fen, share_fen));
            let mut sums = Sums::default();
            sums.add_profit(&profit);
            assert_eq!(sums.net_fen(), share_fen);
            for refund in &refunds {
                sums.add_profit(&refund.profit_of(&party).expect("a level"));
            }
            assert_eq!((sums.rows, sums.net_fen()), (4, 0), "{party}");
        }
        assert_eq!(payment.profit_of(&"l3".into()), None);
    }
}
