//! With a refund or a reversal: the fee's share goes back.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::FeeReturned;

/// Debit fee income, credit the merchant, in fen.
#[must_use]
pub fn lines(fee_fen: i64) -> Vec<Line> {
    transfer(Account::FeeIncome, Account::MerchantBalance, fee_fen)
}
