//! With a payment: what the channel takes for it.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ChannelCostAccrued;

/// Debit channel cost, credit channel clearing, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, cost_fen: i64) -> Vec<Line> {
    transfer(
        Account::ChannelCost,
        Account::ChannelClearing(channel.clone()),
        cost_fen,
    )
}
