//! A reserve's time is over.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ReserveReleased;

/// Debit the reserve, credit the owner's balance, in fen.
#[must_use]
pub fn lines(balance: Account, amount_fen: i64) -> Vec<Line> {
    transfer(Account::Reserve, balance, amount_fen)
}
