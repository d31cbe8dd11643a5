//! Cards of the demonstration.

use heliu_trade::settlement_card::CardState;

use super::{NewCard, add};
use crate::actor::Actor;
use crate::approvals::let_pass;
use crate::error::OfficeError;
use crate::{Office, owners};

/// Gives an owner of the demonstration its first card, which `checker` lets pass; one who has ever
/// had one keeps what stands. A card that was proposed by a start that died is let pass now.
///
/// # Errors
/// Something that was entered is wrong, or the books are away.
pub async fn sow(
    office: &Office,
    maker: &Actor,
    checker: &Actor,
    new: NewCard,
) -> Result<(), OfficeError> {
    let owner = owners::find_paid(office, &new.owner).await?;
    let cards = async || {
        let found = office.engine().cards_of(&owner).await?;
        Ok::<_, OfficeError>(found.map_or_else(Vec::new, |found| found.cards))
    };
    let standing = cards().await?;
    if standing
        .iter()
        .any(|card| card.state != CardState::Checking)
    {
        return Ok(());
    }
    let approval_no = match standing.last() {
        Some(card) => card.approval_no.to_string(),
        None => add(office, maker, new).await?.approval_no,
    };
    let passed = let_pass(office, checker, &approval_no).await;
    // Another node may have been first.
    let is_active = async || {
        let cards = cards().await?;
        let mut cards = cards.iter();
        Ok::<_, OfficeError>(cards.any(|card| card.state == CardState::Active))
    };
    if passed.is_err() && is_active().await? {
        return Ok(());
    }
    passed
}
