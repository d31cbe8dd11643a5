//! The bank has certainly not paid.

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutFailed;

/// Debit what is on its way, credit what is due to be paid out, in fen.
#[must_use]
pub fn lines(real_fen: i64) -> Vec<Line> {
    transfer(Account::InTransit, Account::PayoutDue, real_fen)
}
