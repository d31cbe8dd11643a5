//! A hold ends, approved by another person than who proposed it.

use crate::approval::{self, Approval, ApprovalAction};
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::ledger::{hold_released, hold_seized};
use crate::money::yuan_text;
use crate::record::Draft;

use super::decide::missing;
use super::values::{Hold, HoldEnd, HoldState};

/// Places of the step's wants: the approval, and the hold.
const APPROVAL: usize = 0;
const HOLD: usize = 1;

/// What the hold at place 1 took is free again.
///
/// # Errors
/// The approval at place 0 does not allow it, or there is no hold.
pub(crate) fn release(draft: &mut Draft, approval: &Approval) -> Result<(), TradeError> {
    let Some((hold, _)) = ended(draft, approval, ApprovalAction::HoldRelease)? else {
        return Ok(());
    };
    let lines = hold_released::lines(hold.owner.balance(), hold.filled_fen);
    if hold.filled_fen > 0 {
        draft.post(HOLD, hold_released::KIND, lines);
    }
    end(draft, hold, HoldState::Released, EventKind::Released)
}

/// What the hold at place 1 took is gone: to the channel that took it, or to what waits for an
/// explanation.
///
/// # Errors
/// The approval at place 0 does not allow it, or there is no hold.
pub(crate) fn seize(draft: &mut Draft, approval: &Approval) -> Result<(), TradeError> {
    let Some((hold, proposed)) = ended(draft, approval, ApprovalAction::HoldSeizure)? else {
        return Ok(());
    };
    let lines = hold_seized::lines(proposed.taker(), hold.filled_fen);
    if hold.filled_fen > 0 {
        draft.post(HOLD, hold_seized::KIND, lines);
    }
    end(draft, hold, HoldState::Seized, EventKind::Seized)
}

/// The hold, if the approval is about it as it stands, and is used up; otherwise the approval is
/// void.
fn ended(
    draft: &mut Draft,
    approval: &Approval,
    action: ApprovalAction,
) -> Result<Option<(Hold, HoldEnd)>, TradeError> {
    let proposed: HoldEnd = approval.read()?;
    let hold = draft.get::<Hold>(HOLD)?.ok_or_else(missing)?;
    if hold.state != HoldState::Active {
        approval::void(draft, APPROVAL, "the hold has ended")?;
        return Ok(None);
    }
    let found = HoldEnd {
        filled_fen: hold.filled_fen,
        ..proposed
    };
    let hash = approval::content_hash(&approval::canonical(&found)?);
    if hash != approval.hash {
        approval::void(draft, APPROVAL, "the hold has taken more since")?;
        return Ok(None);
    }
    approval::use_up(draft, APPROVAL, action, &found.subject(), &hash)?;
    Ok(Some((hold, found)))
}

fn end(
    draft: &mut Draft,
    mut hold: Hold,
    state: HoldState,
    kind: EventKind,
) -> Result<(), TradeError> {
    hold.state = state;
    draft.update(HOLD, &hold)?;
    draft.event(HOLD, kind, yuan_text(hold.filled_fen));
    Ok(())
}
