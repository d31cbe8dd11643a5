//! A part of a payout is kept back for a time (保证金).

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ReserveHeld;

/// Debit the owner's balance, credit its reserve, in fen.
#[must_use]
pub fn lines(balance: Account, amount_fen: i64) -> Vec<Line> {
    transfer(balance, Account::Reserve, amount_fen)
}
