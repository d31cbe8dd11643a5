//! Money of an owner is frozen (冻结).

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::HoldPlaced;

/// Debit the owner's balance, credit what is frozen, in fen.
#[must_use]
pub fn lines(balance: Account, amount_fen: i64) -> Vec<Line> {
    transfer(balance, Account::Frozen, amount_fen)
}
