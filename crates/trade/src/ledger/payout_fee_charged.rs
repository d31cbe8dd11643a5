//! With the first bill of a chain: what a payout costs its owner.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutFeeCharged;

/// Debit what is due to be paid out, credit fee income, in fen.
#[must_use]
pub fn lines(fee_fen: i64) -> Vec<Line> {
    transfer(Account::PayoutDue, Account::FeeIncome, fee_fen)
}
