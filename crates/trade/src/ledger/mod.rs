//! The double-entry journal: one file for each way in which money moves.
//!
//! An entry's lines sum to zero; a positive amount is a debit, a negative one a credit, in fen.
//! Accounts are per owner, also those for fee income and channel clearing, so that no row is hot
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
//! | [`share_accrued`] | with a payment, per agent | fee income | accrued to the agent |
//! | [`share_returned`] | with a refund or reversal | accrued to the agent | fee income |
//! | [`bridge_out`] | shares leave a merchant's book; signed | accrued to the agent | bridge |
//! | [`bridge_in`] | shares arrive in an agent's book; signed | bridge | agent balance |
//! | [`hold_placed`] | money is frozen | owner's balance | frozen |
//! | [`hold_released`] | it is free again | frozen | owner's balance |
//! | [`hold_seized`] | it is taken | frozen | clearing or suspense |
//! | [`reserve_held`] | a part is kept back | owner's balance | reserve |
//! | [`reserve_released`] | its time is over | reserve | owner's balance |
//! | [`settlement_made`] | settlements become a bill, or withdrawable; signed | owner's balance | payout due or available |
//! | [`withdrawal_asked`] | an owner withdraws | available | payout due |
//! | [`payout_fee_charged`] | with the first bill of a chain | payout due | fee income |
//! | [`payout_fee_returned`] | a bill is undone for good | fee income | owner's balance |
//! | [`payout_sent`] | before a request is sent | payout due | in transit |
//! | [`payout_failed`] | certainly not paid | in transit | payout due |
//! | [`payout_paid`] | paid | in transit | bank |
//! | [`payout_returned`] | the bank gives back | bank | payout due |
//! | [`payout_voided`] | a bill is undone for good | payout due | owner's balance or available |
//! | [`adjusted`] | a person puts something right; signed | loss | owner's balance |
//!
//! An owner's balance is the merchant's in a merchant's book and the agent's in an agent's.

pub mod adjusted;
pub mod bridge_in;
pub mod bridge_out;
pub mod channel_cost_accrued;
pub mod channel_cost_returned;
pub mod fee_charged;
pub mod fee_returned;
pub mod hold_placed;
pub mod hold_released;
pub mod hold_seized;
pub mod payment_received;
pub mod payment_reversed;
pub mod payout_failed;
pub mod payout_fee_charged;
pub mod payout_fee_returned;
pub mod payout_paid;
pub mod payout_returned;
pub mod payout_sent;
pub mod payout_voided;
pub mod refund_paid;
pub mod reserve_held;
pub mod reserve_released;
pub mod settled_direct;
pub mod settlement_made;
pub mod share_accrued;
pub mod share_returned;
pub mod surplus_received;
pub mod surplus_returned;
pub mod withdrawal_asked;

use crate::id::{AttemptNo, ChannelAccountId, PartyId, RefundNo};
use crate::time::Timestamp;

/// An account in one owner's book.
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
    /// What agents have earned with this merchant and not yet been given, by agent.
    AgentAccrued(PartyId),
    /// What the platform owes the agent whose book it is.
    AgentBalance,
    /// Where shares leave one book and arrive in another; over all books it is zero.
    Bridge,
    /// What the owner may withdraw.
    Available,
    /// What is frozen.
    Frozen,
    /// What is kept back for a time.
    Reserve,
    /// What stands on a bill and was not sent.
    PayoutDue,
    /// What was sent, until the bank's answer is certain.
    InTransit,
    /// Money at a bank of the platform's, by the account that pays out. Every book has a part of
    /// it.
    Bank(ChannelAccountId),
    /// What the platform has given up.
    Loss,
    /// Money that waits for an explanation.
    Suspense,
}

const CLEARING: &str = "channel_clearing:";
const ACCRUED: &str = "agent_accrued:";
const BANK: &str = "bank:";

impl Account {
    /// Its name in tables.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ChannelClearing(account) => format!("{CLEARING}{account}"),
            Self::AgentAccrued(agent) => format!("{ACCRUED}{agent}"),
            Self::Bank(account) => format!("{BANK}{account}"),
            Self::MerchantBalance => "merchant_balance".to_owned(),
            Self::FeeIncome => "fee_income".to_owned(),
            Self::ChannelCost => "channel_cost".to_owned(),
            Self::Surplus => "surplus".to_owned(),
            Self::AgentBalance => "agent_balance".to_owned(),
            Self::Bridge => "bridge".to_owned(),
            Self::Available => "available".to_owned(),
            Self::Frozen => "frozen".to_owned(),
            Self::Reserve => "reserve".to_owned(),
            Self::PayoutDue => "payout_due".to_owned(),
            Self::InTransit => "in_transit".to_owned(),
            Self::Loss => "loss".to_owned(),
            Self::Suspense => "suspense".to_owned(),
        }
    }

    /// The account of a name of [`Account::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let of = |word: &str| name.strip_prefix(word);
        let with_id = || {
            of(CLEARING)
                .map(|id| Self::ChannelClearing(id.into()))
                .or_else(|| of(ACCRUED).map(|id| Self::AgentAccrued(id.into())))
                .or_else(|| of(BANK).map(|id| Self::Bank(id.into())))
        };
        Some(match name {
            "merchant_balance" => Self::MerchantBalance,
            "fee_income" => Self::FeeIncome,
            "channel_cost" => Self::ChannelCost,
            "surplus" => Self::Surplus,
            "agent_balance" => Self::AgentBalance,
            "bridge" => Self::Bridge,
            "available" => Self::Available,
            "frozen" => Self::Frozen,
            "reserve" => Self::Reserve,
            "payout_due" => Self::PayoutDue,
            "in_transit" => Self::InTransit,
            "loss" => Self::Loss,
            "suspense" => Self::Suspense,
            _ => return with_id(),
        })
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
    /// See [`share_accrued`].
    ShareAccrued,
    /// See [`share_returned`].
    ShareReturned,
    /// See [`bridge_out`].
    BridgeOut,
    /// See [`bridge_in`].
    BridgeIn,
    /// See [`hold_placed`].
    HoldPlaced,
    /// See [`hold_released`].
    HoldReleased,
    /// See [`hold_seized`].
    HoldSeized,
    /// See [`reserve_held`].
    ReserveHeld,
    /// See [`reserve_released`].
    ReserveReleased,
    /// See [`settlement_made`].
    SettlementMade,
    /// See [`withdrawal_asked`].
    WithdrawalAsked,
    /// See [`payout_fee_charged`].
    PayoutFeeCharged,
    /// See [`payout_fee_returned`].
    PayoutFeeReturned,
    /// See [`payout_sent`].
    PayoutSent,
    /// See [`payout_failed`].
    PayoutFailed,
    /// See [`payout_paid`].
    PayoutPaid,
    /// See [`payout_returned`].
    PayoutReturned,
    /// See [`payout_voided`].
    PayoutVoided,
    /// See [`adjusted`].
    Adjusted,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 29] = [
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
        Self::ShareAccrued,
        Self::ShareReturned,
        Self::BridgeOut,
        Self::BridgeIn,
        Self::HoldPlaced,
        Self::HoldReleased,
        Self::HoldSeized,
        Self::ReserveHeld,
        Self::ReserveReleased,
        Self::SettlementMade,
        Self::WithdrawalAsked,
        Self::PayoutFeeCharged,
        Self::PayoutFeeReturned,
        Self::PayoutSent,
        Self::PayoutFailed,
        Self::PayoutPaid,
        Self::PayoutReturned,
        Self::PayoutVoided,
        Self::Adjusted,
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
            Self::ShareAccrued => "share_accrued",
            Self::ShareReturned => "share_returned",
            Self::BridgeOut => "bridge_out",
            Self::BridgeIn => "bridge_in",
            Self::HoldPlaced => "hold_placed",
            Self::HoldReleased => "hold_released",
            Self::HoldSeized => "hold_seized",
            Self::ReserveHeld => "reserve_held",
            Self::ReserveReleased => "reserve_released",
            Self::SettlementMade => "settlement_made",
            Self::WithdrawalAsked => "withdrawal_asked",
            Self::PayoutFeeCharged => "payout_fee_charged",
            Self::PayoutFeeReturned => "payout_fee_returned",
            Self::PayoutSent => "payout_sent",
            Self::PayoutFailed => "payout_failed",
            Self::PayoutPaid => "payout_paid",
            Self::PayoutReturned => "payout_returned",
            Self::PayoutVoided => "payout_voided",
            Self::Adjusted => "adjusted",
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
    moved(debit, credit, amount_fen)
}

/// As [`transfer`]; below zero the other way round.
fn moved(debit: Account, credit: Account, amount_fen: i64) -> Vec<Line> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_and_kind_is_read_as_it_is_written() {
        let accounts = [
            Account::MerchantBalance,
            Account::ChannelClearing("c1".into()),
            Account::FeeIncome,
            Account::ChannelCost,
            Account::Surplus,
            Account::AgentAccrued("east".into()),
            Account::AgentBalance,
            Account::Bridge,
            Account::Available,
            Account::Frozen,
            Account::Reserve,
            Account::PayoutDue,
            Account::InTransit,
            Account::Bank("b1".into()),
            Account::Loss,
            Account::Suspense,
        ];
        for account in accounts {
            assert_eq!(Account::parse(&account.name()), Some(account));
        }
        assert_eq!(Account::parse("merchant"), None);
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::parse(kind.as_str()), Some(kind));
        }
    }
}
