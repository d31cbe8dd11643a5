//! The double-entry journal: one file for each way in which money moves.
//!
//! An entry's lines sum to zero; a positive amount is a debit, a negative one a credit, in fen.
//! Accounts are per merchant, also those for fee income and channel clearing, so that no row is hot
//! for all (ruling 8). Balances are derived from the lines.
//!
//! | file | when | debit | credit |
//! | --- | --- | --- | --- |
//! | [`payment_received`] | an order is paid | channel clearing | merchant balance |
//! | [`fee_charged`] | with it | merchant balance | fee income |
//! | [`refund_paid`] | a refund ended well | merchant balance | channel clearing |
//! | [`fee_returned`] | with it | fee income | merchant balance |
//! | [`payment_reversed`] | a paid order was reversed | merchant balance | channel clearing |
//! | [`channel_cost_accrued`] | with a payment | channel cost | channel clearing |
//! | [`channel_cost_returned`] | with a refund or reversal | channel clearing | channel cost |
//! | [`settled_direct`] | last, of a direct account; signed | merchant balance | channel clearing |
//! | [`surplus_received`] | money arrived that no order wants | channel clearing | surplus |
//! | [`surplus_returned`] | that money was given back | surplus | channel clearing |

pub mod channel_cost_accrued;
pub mod channel_cost_returned;
pub mod fee_charged;
pub mod fee_returned;
pub mod payment_received;
pub mod payment_reversed;
pub mod refund_paid;
pub mod settled_direct;
pub mod surplus_received;
pub mod surplus_returned;

use crate::id::{AttemptNo, ChannelAccountId, RefundNo};
use crate::time::Timestamp;

/// An account of one merchant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the platform owes the merchant.
    MerchantBalance,
    /// What the channel owes the platform for this merchant.
    ChannelClearing(ChannelAccountId),
    /// What the platform earned.
    FeeIncome,
    /// What the channel takes for its work.
    ChannelCost,
    /// Money that no order wants, until it is given back.
    Surplus,
}

const CLEARING: &str = "channel_clearing:";

impl Account {
    /// Its name in tables.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::MerchantBalance => "merchant_balance".to_owned(),
            Self::ChannelClearing(account) => format!("{CLEARING}{account}"),
            Self::FeeIncome => "fee_income".to_owned(),
            Self::ChannelCost => "channel_cost".to_owned(),
            Self::Surplus => "surplus".to_owned(),
        }
    }

    /// The account of a name of [`Account::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "merchant_balance" => Some(Self::MerchantBalance),
            "fee_income" => Some(Self::FeeIncome),
            "channel_cost" => Some(Self::ChannelCost),
            "surplus" => Some(Self::Surplus),
            _ => name
                .strip_prefix(CLEARING)
                .map(|id| Self::ChannelClearing(id.into())),
        }
    }
}

/// The ways in which money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// See [`payment_received`].
    PaymentReceived,
    /// See [`fee_charged`].
    FeeCharged,
    /// See [`refund_paid`].
    RefundPaid,
    /// See [`fee_returned`].
    FeeReturned,
    /// See [`payment_reversed`].
    PaymentReversed,
    /// See [`surplus_received`].
    SurplusReceived,
    /// See [`surplus_returned`].
    SurplusReturned,
    /// See [`channel_cost_accrued`].
    ChannelCostAccrued,
    /// See [`channel_cost_returned`].
    ChannelCostReturned,
    /// See [`settled_direct`].
    SettledDirect,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::PaymentReceived,
        Self::FeeCharged,
        Self::RefundPaid,
        Self::FeeReturned,
        Self::PaymentReversed,
        Self::SurplusReceived,
        Self::SurplusReturned,
        Self::ChannelCostAccrued,
        Self::ChannelCostReturned,
        Self::SettledDirect,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentReceived => "payment_received",
            Self::FeeCharged => "fee_charged",
            Self::RefundPaid => "refund_paid",
            Self::FeeReturned => "fee_returned",
            Self::PaymentReversed => "payment_reversed",
            Self::SurplusReceived => "surplus_received",
            Self::SurplusReturned => "surplus_returned",
            Self::ChannelCostAccrued => "channel_cost_accrued",
            Self::ChannelCostReturned => "channel_cost_returned",
            Self::SettledDirect => "settled_direct",
        }
    }

    /// The kind of a word of [`EntryKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Which part of its subject an entry is about. The subject itself is known from where the entry
/// stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryCause {
    /// The attempt whose money moved, of an order.
    pub attempt_no: Option<AttemptNo>,
    /// The refund, if it is one.
    pub refund_no: Option<RefundNo>,
}

impl EntryCause {
    /// An attempt's money moved.
    #[must_use]
    pub const fn attempt(attempt_no: AttemptNo) -> Self {
        Self {
            attempt_no: Some(attempt_no),
            refund_no: None,
        }
    }
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place among the entries of its subject, from 0.
    pub index: u32,
    /// Which way the money moved.
    pub kind: EntryKind,
    /// When it was booked (UTC).
    pub at: Timestamp,
    /// Which part of its subject it is about.
    pub cause: EntryCause,
    /// Its lines; their amounts sum to zero.
    pub lines: Vec<Line>,
}

/// One line of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// In fen: positive debits, negative credits.
    pub amount_fen: i64,
}

/// Two lines that move `amount_fen` from the credited to the debited account.
fn transfer(debit: Account, credit: Account, amount_fen: i64) -> Vec<Line> {
    assert!(amount_fen >= 0, "an entry moves {amount_fen} fen");
    vec![
        Line {
            account: debit,
            amount_fen,
        },
        Line {
            account: credit,
            amount_fen: -amount_fen,
        },
    ]
}
