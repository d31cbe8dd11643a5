//! A bill that was never sent is undone for good.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutVoided;

/// Debit what is due to be paid out, credit the owner's balance or what may be withdrawn, in fen.
#[must_use]
pub fn lines(to: Account, amount_fen: i64) -> Vec<Line> {
    transfer(Account::PayoutDue, to, amount_fen)
}
