//! Money that no order wants was given back.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::SurplusReturned;

/// Debit surplus, credit channel clearing, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, receivable_fen: i64) -> Vec<Line> {
    transfer(
        Account::Surplus,
        Account::ChannelClearing(channel.clone()),
        receivable_fen,
    )
}
