//! An order is paid: the channel owes us what the merchant is to receive.

use super::{Account, EntryKind, Line, transfer};
use crate::id::ChannelAccountId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::PaymentReceived;

/// Debit channel clearing, credit the merchant: payable less what the merchant funds itself, in
/// fen.
#[must_use]
pub fn lines(channel: &ChannelAccountId, receivable_fen: i64) -> Vec<Line> {
    transfer(
        Account::ChannelClearing(channel.clone()),
        Account::MerchantBalance,
        receivable_fen,
    )
}
