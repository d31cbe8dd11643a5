//! The fee of a bill that was undone for good.

use super::{Account, EntryKind, Line, transfer};
use crate::followup::subject::Owner;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutFeeReturned;

/// Debit fee income, credit the owner's balance, in fen.
#[must_use]
pub fn lines(owner: &Owner, fee_fen: i64) -> Vec<Line> {
    transfer(Account::FeeIncome, Account::balance_of(owner), fee_fen)
}
