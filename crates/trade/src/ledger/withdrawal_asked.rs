//! An owner asks for money that it may withdraw (提现).

use super::{Account, EntryKind, Line, transfer};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::WithdrawalAsked;

/// Debit what may be withdrawn, credit what is due to be paid out, in fen.
#[must_use]
pub fn lines(amount_fen: i64) -> Vec<Line> {
    transfer(Account::Available, Account::PayoutDue, amount_fen)
}
