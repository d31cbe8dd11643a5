//! A paid order was reversed: the whole payment went back.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PaymentReversed;

/// Debit the merchant, credit channel clearing: the whole receivable, in fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, receivable_fen: i64) -> Vec<Line> {
    transfer(
        Account::MerchantBalance,
        Account::ChannelClearing(channel.clone()),
        receivable_fen,
    )
}
