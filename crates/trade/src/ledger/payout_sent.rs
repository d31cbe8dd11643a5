//! Before a bill's request is sent to the bank.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutSent;

/// Debit what is due to be paid out, credit what is on its way, in fen.
#[must_use]
pub fn lines(real_fen: i64) -> Vec<Line> {
    transfer(Account::PayoutDue, Account::InTransit, real_fen)
}
