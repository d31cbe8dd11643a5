//! A refund ended well: the channel paid it out of what it owes us.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::RefundPaid;

/// Debit the merchant, credit channel clearing: the refund's share of the receivable, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, receivable_fen: i64) -> Vec<Line> {
    transfer(
        Account::MerchantBalance,
        Account::ChannelClearing(channel.clone()),
        receivable_fen,
    )
}
