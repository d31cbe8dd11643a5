//! What a step about bills wants, and how it is refused.

use crate::error::{ErrorCode, TradeError};
use crate::followup::subject::Owner;
use crate::record::Draft;
use crate::settlement_card::OwnerCards;

use super::values::{Payout, PayoutCard};

/// Where a step about a bill wants its owner's cards.
pub(super) const CARDS: usize = 1;

/// The bill that the step wants first.
pub(super) fn wanted(draft: &Draft) -> Result<Payout, TradeError> {
    let found = draft.get::<Payout>(0)?;
    found.ok_or_else(|| refused("there is no such bill: heliu payouts list"))
}

/// The card of an owner to which money is paid, by the owner's cards at a place.
pub(super) fn active_card(
    draft: &Draft,
    place: usize,
    owner: &Owner,
) -> Result<PayoutCard, TradeError> {
    let cards = draft.get::<OwnerCards>(place)?;
    let cards = cards.filter(|cards| cards.owner == *owner);
    let active = cards.as_ref().and_then(OwnerCards::active);
    active.map(PayoutCard::of).ok_or_else(|| {
        refused(format!(
            "{owner} has no card to which money is paid: heliu cards add {owner}"
        ))
    })
}

/// Why the office cannot do something with a bill.
pub(super) fn refused(message: impl Into<String>) -> TradeError {
    TradeError::new(ErrorCode::InvalidParameter, message)
}
