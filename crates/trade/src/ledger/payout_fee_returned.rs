//! The fee of a bill that was undone for good.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutFeeReturned;

/// Debit fee income, credit the owner's balance, in fen.
#[must_use]
pub fn lines(balance: Account, fee_fen: i64) -> Vec<Line> {
    transfer(Account::FeeIncome, balance, fee_fen)
}
