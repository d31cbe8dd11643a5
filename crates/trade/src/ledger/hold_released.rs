//! Frozen money is free again.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::HoldReleased;

/// Debit what is frozen, credit the owner's balance, in fen.
#[must_use]
pub fn lines(balance: Account, amount_fen: i64) -> Vec<Line> {
    transfer(Account::Frozen, balance, amount_fen)
}
