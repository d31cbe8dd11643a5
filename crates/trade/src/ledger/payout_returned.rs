//! The bank gives back what it had paid (退票).

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutReturned;

/// Debit the bank, credit what is due to be paid out, in fen.
#[must_use]
pub fn lines(bank: &ChannelAccountId, real_fen: i64) -> Vec<Line> {
    transfer(Account::Bank(bank.clone()), Account::PayoutDue, real_fen)
}
