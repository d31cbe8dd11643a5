//! With a payment, a refund or a reversal through an account that pays merchants itself: the
//! channel settles with the merchant, so that nothing is owed to it here.

use super::{Account, EntryKind, Line, moved};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::SettledDirect;

/// Debit the merchant, credit channel clearing, in fen; below zero what the merchant gives back.
#[must_use]
pub fn lines(channel: &ChannelAccountId, paid_out_fen: i64) -> Vec<Line> {
    moved(
        Account::MerchantBalance,
        Account::ChannelClearing(channel.clone()),
        paid_out_fen,
    )
}
