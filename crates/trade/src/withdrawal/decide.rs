//! A withdrawal is asked for, and put on a bill.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::followup::subject::Owner;
use crate::ledger::{Account, withdrawal_asked};
use crate::money::yuan_text;
use crate::record::Draft;

use super::values::{Withdrawal, WithdrawalState};

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// An owner asks for money. The step wants nothing.
    Ask(Box<Withdrawal>),
}

impl Action {
    /// Whose balances are weighed.
    pub(crate) const fn weighs(&self) -> Option<&Owner> {
        let Self::Ask(withdrawal) = self;
        Some(&withdrawal.owner)
    }
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let Action::Ask(new) = action;
    let Withdrawal {
        owner, amount_fen, ..
    } = &**new;
    let refused = |message: String| TradeError::new(ErrorCode::InvalidAmount, message);
    if *amount_fen <= 0 {
        return Err(refused(
            "a withdrawal takes an amount above zero".to_owned(),
        ));
    }
    let available_fen = -draft.balance_fen(owner, &Account::Available)?;
    if *amount_fen > available_fen {
        return Err(refused(format!(
            "{owner} may withdraw {}, which is less than {}",
            yuan_text(available_fen.max(0)),
            yuan_text(*amount_fen),
        )));
    }
    let place = draft.insert(new.subject(), &**new)?;
    let detail = format!("{} by {}", yuan_text(*amount_fen), new.asked_by);
    draft.event(place, EventKind::Created, detail);
    draft.post(
        place,
        withdrawal_asked::KIND,
        withdrawal_asked::lines(*amount_fen),
    );
    draft.take_effect();
    Ok(())
}

/// The withdrawal at a place stands on a bill from now on; how much it is, in fen.
///
/// # Errors
/// There is none at the place, or it stands on a bill already.
pub(crate) fn take_up(draft: &mut Draft, place: usize, bill_id: &str) -> Result<i64, TradeError> {
    let waiting = draft.get::<Withdrawal>(place)?;
    let waiting = waiting.filter(|it| it.state == WithdrawalState::Asked);
    let mut withdrawal = waiting.ok_or_else(|| {
        let message = "the withdrawal is not there, or stands on a bill already";
        TradeError::new(ErrorCode::InvalidParameter, message)
    })?;
    withdrawal.state = WithdrawalState::Billed;
    withdrawal.bill_id = Some(bill_id.to_owned());
    draft.update(place, &withdrawal)?;
    draft.event(place, EventKind::Billed, bill_id);
    Ok(withdrawal.amount_fen)
}
