//! A hold is placed, and filled.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::ledger::hold_placed;
use crate::money::yuan_text;
use crate::record::Draft;

use super::values::{Hold, HoldAmount, HoldState};

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody places a hold. It takes nothing yet: the money leaves by a bill only, and the next
    /// bill fills the hold first. The step wants nothing.
    Place(Box<Hold>),
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let Action::Place(new) = action;
    let is_fit = match new.amount {
        HoldAmount::Fen(fen) => fen > 0,
        HoldAmount::All => true,
    };
    if !is_fit || new.filled_fen != 0 || new.state != HoldState::Active {
        let message = "a hold takes an amount above zero";
        return Err(TradeError::new(ErrorCode::InvalidAmount, message));
    }
    let place = draft.insert(new.subject(), &**new)?;
    let amount = match new.amount {
        HoldAmount::Fen(fen) => yuan_text(fen),
        HoldAmount::All => "everything".to_owned(),
    };
    let detail = format!("{amount} by {}: {}", new.placed_by, new.reason);
    draft.event(place, EventKind::Created, detail);
    draft.take_effect();
    Ok(())
}

/// Freezes for the hold at a place what it misses of `there_fen`, which a bill would pay to the
/// owner; how much it took, in fen.
///
/// # Errors
/// There is no hold at the place.
pub(crate) fn fill(draft: &mut Draft, place: usize, there_fen: i64) -> Result<i64, TradeError> {
    let hold = draft.get::<Hold>(place)?;
    let mut hold = hold.ok_or_else(missing)?;
    let taken_fen = hold.takes_fen(there_fen);
    if taken_fen == 0 {
        return Ok(0);
    }
    hold.filled_fen += taken_fen;
    draft.update(place, &hold)?;
    draft.post(
        place,
        hold_placed::KIND,
        hold_placed::lines(hold.owner.balance(), taken_fen),
    );
    Ok(taken_fen)
}

pub(super) fn missing() -> TradeError {
    let message = "there is no such hold: heliu holds list";
    TradeError::new(ErrorCode::InvalidParameter, message)
}
