//! Frozen money is taken, by a court or for a complaint: to a channel that took it, or to what
//! waits for an explanation.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::HoldSeized;

/// Debit what is frozen, credit channel clearing or suspense, in fen.
#[must_use]
pub fn lines(taker: Account, amount_fen: i64) -> Vec<Line> {
    transfer(Account::Frozen, taker, amount_fen)
}
