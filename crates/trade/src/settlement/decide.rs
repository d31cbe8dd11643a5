//! What becomes of a settlement, but for what its bill does with it.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::hold;
use crate::ledger::{Account, settlement_made};
use crate::record::Draft;
use crate::settlement_terms::Cycle;

use super::values::{Settlement, SettlementState, SettlementSums};

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Items are about to be gathered. The step wants the settlement's key; one that stands
    /// already stays as it is.
    Open(Box<Settlement>),
    /// All items are gathered; they come to this. The step wants the settlement, then, of an owner
    /// that withdraws by hand, its active holds, oldest first: they come before what is available.
    Close(SettlementSums),
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Open(new) => open(draft, new),
        Action::Close(sums) => close(draft, *sums),
    }
}

fn open(draft: &mut Draft, new: &Settlement) -> Result<(), TradeError> {
    if draft.get::<Settlement>(0)?.is_some() {
        return Ok(());
    }
    let place = draft.insert(new.subject(), new)?;
    draft.event(place, EventKind::Created, "");
    Ok(())
}

/// A repeat finds it closed and changes nothing. What an owner withdraws by hand is available at
/// once.
fn close(draft: &mut Draft, sums: SettlementSums) -> Result<(), TradeError> {
    let settlement = draft.get::<Settlement>(0)?;
    let mut settlement = settlement.ok_or_else(|| {
        TradeError::new(ErrorCode::InvalidParameter, "there is no such settlement")
    })?;
    if settlement.state != SettlementState::Open {
        return Ok(());
    }
    let (key, net_fen) = (&settlement.key, sums.net_fen());
    let is_available = key.cycle == Cycle::Manual;
    if is_available {
        let mut left_fen = net_fen;
        for place in 1..draft.len() {
            left_fen -= hold::fill(draft, place, left_fen)?;
        }
        if left_fen != 0 {
            let lines = settlement_made::lines(key.owner.balance(), Account::Available, left_fen);
            draft.post(0, settlement_made::KIND, lines);
        }
    }
    settlement.sums = sums;
    settlement.state = if is_available {
        SettlementState::PaidOut
    } else {
        SettlementState::Closed
    };
    draft.update(0, &settlement)?;
    draft.event(0, EventKind::Closed, format!("{net_fen} fen"));
    Ok(())
}
