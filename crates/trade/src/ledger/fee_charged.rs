//! With a payment: the platform's fee.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::FeeCharged;

/// Debit the merchant, credit fee income, in fen.
#[must_use]
pub fn lines(fee_fen: i64) -> Vec<Line> {
    transfer(Account::MerchantBalance, Account::FeeIncome, fee_fen)
}
