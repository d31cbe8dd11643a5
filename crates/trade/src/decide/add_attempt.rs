//! A payer on our page chose a wallet; a channel gave what that wallet takes.

use std::sync::Arc;

use crate::attempt::{Attempt, AttemptState, Handoff, Route};
use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::id::AttemptNo;
use crate::order::OrderState;

use super::create_order::insert_attempt;
use super::draft::Draft;

/// The first attempt takes the order's number (ruling 2), a further one a number of its own. Older
/// ones stay open: whichever pays first pays the order, the others are closed then. The same
/// payer's live attempt is used again.
pub(super) fn decide(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    route: Route,
) -> Result<(), TradeError> {
    let order = draft.order();
    if order.scene.takes_at_once() {
        let message = "a barcode payment is never tried a second time under one order; query it";
        return Err(TradeError::new(ErrorCode::OrderKindNotSupported, message).about(order));
    }
    let is_over = order
        .expires_at
        .is_some_and(|expires_at| draft.now >= expires_at);
    match order.state {
        OrderState::Open | OrderState::Paying if !is_over => {}
        OrderState::Paid => {
            let message = "this order is paid already";
            return Err(TradeError::new(ErrorCode::OrderPaid, message).about(order));
        }
        _ => {
            let message = "this order can no longer be paid";
            return Err(TradeError::new(ErrorCode::OrderEnded, message).about(order));
        }
    }
    let same = |attempt: &Attempt| attempt.state.is_live() && *attempt.route == route;
    if draft.loaded.attempts.iter().any(same) {
        return Ok(());
    }
    let wallet = route.wallet;
    let attempt_no = if draft.loaded.attempts.is_empty() {
        AttemptNo(draft.order().order_no.0)
    } else {
        attempt_no
    };
    insert_attempt(draft, attempt_no, Arc::new(route));
    draft.order_mut().state = OrderState::Paying;
    draft.event(EventKind::AttemptAdded, wallet.as_str());
    Ok(())
}

/// The channel answered a prepay, perhaps one that was repeated after an unclear answer: the
/// payer's wallet can go on. The first handoff stays.
pub(super) fn record_handoff(draft: &mut Draft, attempt_no: AttemptNo, handoff: Handoff) {
    let Some(attempt) = draft.attempt(attempt_no) else {
        return;
    };
    if attempt.state.is_live() && attempt.handoff.is_none() {
        let attempt = draft.attempt_mut(attempt_no);
        attempt.state = AttemptState::Pending;
        attempt.handoff = Some(handoff);
        draft.event(EventKind::Pending, "handed to the payer's wallet");
    }
}
