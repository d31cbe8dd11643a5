//! Money arrived that no order wants: late, or a second time.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::SurplusReceived;

/// Debit channel clearing, credit surplus, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, receivable_fen: i64) -> Vec<Line> {
    transfer(
        Account::ChannelClearing(channel.clone()),
        Account::Surplus,
        receivable_fen,
    )
}
