//! With a refund or a reversal: the channel gives its share of the cost back.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ChannelCostReturned;

/// Debit channel clearing, credit channel cost, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, cost_fen: i64) -> Vec<Line> {
    transfer(
        Account::ChannelClearing(channel.clone()),
        Account::ChannelCost,
        cost_fen,
    )
}
