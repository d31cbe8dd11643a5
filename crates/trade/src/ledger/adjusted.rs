//! A person puts something right, with evidence and four eyes (调账).

use super::{Account, EntryKind, Line, moved};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::Adjusted;

/// Debit loss, credit the owner's balance, in fen; below zero the owner pays.
#[must_use]
pub fn lines(balance: Account, given_fen: i64) -> Vec<Line> {
    moved(Account::Loss, balance, given_fen)
}
