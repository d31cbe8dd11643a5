//! What becomes of an owner's cards.

use crate::approval::{self, Approval, ApprovalAction, Content, NewApproval};
use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::followup::subject::Owner;
use crate::id::PlatformNo;
use crate::record::Draft;

use super::values::{CardState, OwnerCards, ProposedCard, SettlementCard};

/// Places of a decision's wants: the approval, and the owner's cards.
const APPROVAL: usize = 0;
const CARDS: usize = 1;

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody proposes a card. The step wants the owner's cards.
    Propose {
        /// Whose.
        owner: Owner,
        /// Our number of the owner's cards, if it is the first one.
        record_no: PlatformNo,
        /// The card; it stands [`CardState::Checking`].
        card: Box<SettlementCard>,
        /// Who proposes it.
        maker: String,
    },
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let Action::Propose {
        owner,
        record_no,
        card,
        maker,
    } = action;
    let standing = draft.get::<OwnerCards>(0)?;
    let active = standing.as_ref().and_then(OwnerCards::active);
    if active.is_some_and(|active| is_same(active, card)) {
        let message = format!("{owner} is paid to this card already");
        return Err(TradeError::new(ErrorCode::InvalidParameter, message));
    }
    let before = active.map(|active| ProposedCard::of(owner, active));
    let before = before.as_ref().map(approval::canonical).transpose()?;
    let proposed = ProposedCard::of(owner, card);
    let detail = format!("{} {}", proposed.subject(), card.number_masked);
    let place = match standing {
        Some(mut cards) => {
            cards.cards.push((**card).clone());
            draft.update(0, &cards)?;
            0
        }
        None => {
            let cards = OwnerCards {
                owner: owner.clone(),
                record_no: *record_no,
                cards: vec![(**card).clone()],
            };
            draft.insert(cards.subject(), &cards)?
        }
    };
    draft.event(place, EventKind::Proposed, detail);
    draft.gives(card.card_no);
    let new = NewApproval {
        approval_no: card.approval_no,
        action: ApprovalAction::Card,
        subject: proposed.subject(),
        content: Content::new(approval::canonical(&proposed)?).instead_of(before),
        maker: maker.clone(),
    };
    approval::propose(draft, &new)?;
    draft.take_effect();
    Ok(())
}

/// Whether money paid to the one arrives where it would by the other.
fn is_same(one: &SettlementCard, other: &SettlementCard) -> bool {
    let what = |card: &SettlementCard| {
        (
            card.number_digest.clone(),
            card.holder_digest.clone(),
            card.kind,
            card.clearing_number.clone(),
            card.bank_branch.clone(),
        )
    };
    what(one) == what(other)
}

/// The card of the approval at place 0 becomes the active one of the cards at place 1. If it is not
/// what was proposed, the approval is void.
///
/// # Errors
/// The approval does not allow it, or there is no such card.
pub(crate) fn take(draft: &mut Draft, approval: &Approval) -> Result<(), TradeError> {
    let (mut cards, proposed) = read(draft, approval)?;
    let card = cards.find(proposed.card_no);
    let is_waiting = |card: &&SettlementCard| card.state == CardState::Checking;
    let Some(card) = card.filter(is_waiting) else {
        return approval::void(draft, APPROVAL, "the card does not wait for it");
    };
    let found = ProposedCard::of(&cards.owner, card);
    let hash = approval::content_hash(&approval::canonical(&found)?);
    if hash != approval.hash {
        return approval::void(draft, APPROVAL, "the card has changed");
    }
    let (subject, action) = (found.subject(), ApprovalAction::Card);
    approval::use_up(draft, APPROVAL, action, &subject, &hash)?;
    for card in &mut cards.cards {
        if card.card_no == proposed.card_no {
            card.state = CardState::Active;
        } else if card.state == CardState::Active {
            card.state = CardState::Retired;
        }
    }
    draft.update(CARDS, &cards)?;
    let detail = format!("{subject} {}", found.number_masked);
    draft.event(CARDS, EventKind::Approved, detail);
    Ok(())
}

/// The card of the approval at place 0 is refused.
///
/// # Errors
/// There is no such card.
pub(crate) fn refuse(draft: &mut Draft, approval: &Approval) -> Result<(), TradeError> {
    let (mut cards, proposed) = read(draft, approval)?;
    let mut all = cards.cards.iter_mut();
    let card = all.find(|card| card.card_no == proposed.card_no);
    let Some(card) = card.filter(|card| card.state == CardState::Checking) else {
        return Ok(());
    };
    card.state = CardState::Refused;
    draft.update(CARDS, &cards)?;
    draft.event(CARDS, EventKind::Rejected, proposed.subject());
    Ok(())
}

fn read(draft: &Draft, approval: &Approval) -> Result<(OwnerCards, ProposedCard), TradeError> {
    let proposed: ProposedCard = approval.read()?;
    let cards = draft.get::<OwnerCards>(CARDS)?.ok_or_else(|| {
        let message = format!("{} has no cards", proposed.owner);
        TradeError::new(ErrorCode::InvalidParameter, message)
    })?;
    Ok((cards, proposed))
}
