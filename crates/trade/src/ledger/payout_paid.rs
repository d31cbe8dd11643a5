//! The bank has paid.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PayoutPaid;

/// Debit what is on its way, credit the bank, in fen.
#[must_use]
pub fn lines(bank: &ChannelAccountId, real_fen: i64) -> Vec<Line> {
    transfer(Account::InTransit, Account::Bank(bank.clone()), real_fen)
}
