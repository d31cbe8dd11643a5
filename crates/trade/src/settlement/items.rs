//! Which entries of the journal a settlement gathers, and as what.

use crate::ledger::EntryKind;

/// What an item is, in a settlement's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemClass {
    /// Money that came in for the owner.
    Gross,
    /// What the owner pays for it, and what it gets back of that.
    Fee,
    /// Money that went back to payers.
    Refund,
    /// What was put right, freed, or is due for another reason.
    Adjustment,
}

/// What an entry on an owner's balance is in a settlement; `None`: no item.
///
/// What a bill or a settlement itself books is none: it is how items leave the balance. But what
/// comes back to it, since a bill is undone or something becomes free, is one again. None is an
/// entry of an order that the channel settled with the merchant ([`EntryKind::SettledDirect`]), of
/// whatever kind: such an order leaves nothing on the balance. Whoever gathers leaves these out.
#[must_use]
pub const fn item_class(kind: EntryKind) -> Option<ItemClass> {
    match kind {
        EntryKind::PaymentReceived | EntryKind::BridgeIn => Some(ItemClass::Gross),
        EntryKind::FeeCharged | EntryKind::FeeReturned => Some(ItemClass::Fee),
        EntryKind::RefundPaid | EntryKind::PaymentReversed => Some(ItemClass::Refund),
        EntryKind::HoldReleased
        | EntryKind::ReserveReleased
        | EntryKind::PayoutFeeReturned
        | EntryKind::PayoutVoided
        | EntryKind::Adjusted => Some(ItemClass::Adjustment),
        // How items leave the balance.
        EntryKind::SettledDirect
        | EntryKind::HoldPlaced
        | EntryKind::ReserveHeld
        | EntryKind::SettlementMade => None,
        // These touch no owner's balance.
        EntryKind::SurplusReceived
        | EntryKind::SurplusReturned
        | EntryKind::ChannelCostAccrued
        | EntryKind::ChannelCostReturned
        | EntryKind::ShareAccrued
        | EntryKind::ShareReturned
        | EntryKind::BridgeOut
        | EntryKind::HoldSeized
        | EntryKind::WithdrawalAsked
        | EntryKind::PayoutFeeCharged
        | EntryKind::PayoutSent
        | EntryKind::PayoutFailed
        | EntryKind::PayoutPaid
        | EntryKind::PayoutReturned => None,
    }
}
