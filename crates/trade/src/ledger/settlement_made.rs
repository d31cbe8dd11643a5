//! Settlements become a bill, or what an owner may withdraw.

use super::{Account, EntryKind, Line, moved};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::SettlementMade;

/// Debit the owner's balance, credit what is due to be paid out or what may be withdrawn, in fen;
/// below zero where an owner gives back.
#[must_use]
pub fn lines(balance: Account, to: Account, net_fen: i64) -> Vec<Line> {
    moved(balance, to, net_fen)
}
