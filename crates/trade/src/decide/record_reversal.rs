//! A channel answered a reversal: only a clear answer ends it, and one that was asked for before
//! money came is not clear about that money.

use std::sync::Arc;

use crate::attempt::AttemptState;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::ledger::{fee_returned, payment_reversed, surplus_returned};
use crate::order::OrderState;
use crate::verdict::ReversalResult;

use super::booking::Movement;
use super::check_reversal;
use super::draft::Draft;

pub(super) fn decide(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    saw_money: bool,
    result: &ReversalResult,
) {
    let Some(attempt) = draft.attempt(attempt_no) else {
        return;
    };
    if !matches!(
        attempt.state,
        AttemptState::Reversing | AttemptState::Returning
    ) {
        draft.drop_job(JobKind::ReverseUnknown, attempt_no.as_u64());
        return;
    }
    match result {
        ReversalResult::Reversed if saw_money || attempt.evidence.is_none() => {
            reversed(draft, attempt_no);
        }
        ReversalResult::Reversed | ReversalResult::TooLate | ReversalResult::Unknown(_) => {
            let due_at = draft.ask_again_at(attempt.sent_at, attempt.route.query_gap_ms);
            // Asked once: a second "no such order" may be believed (ruling 43).
            draft.attempt_mut(attempt_no).asked_at = Some(draft.now);
            draft.put_job(JobKind::ReverseUnknown, attempt_no.as_u64(), due_at);
        }
    }
}

/// A query says that no money moved and none will. That ends a reversal only if no money was seen.
pub(super) fn declined(draft: &mut Draft, attempt_no: AttemptNo) {
    if draft
        .attempt(attempt_no)
        .is_some_and(|attempt| attempt.evidence.is_none())
    {
        reversed(draft, attempt_no);
    }
}

fn reversed(draft: &mut Draft, attempt_no: AttemptNo) {
    let attempt = draft.attempt_mut(attempt_no);
    let was = attempt.state;
    attempt.state = AttemptState::Reversed;
    let route = Arc::clone(&attempt.route);
    let receivable_fen = attempt
        .evidence
        .as_ref()
        .map(|evidence| evidence.receivable_fen());
    draft.drop_job(JobKind::ReverseUnknown, attempt_no.as_u64());
    if was == AttemptState::Reversing {
        check_reversal::begin(draft, attempt_no);
    }

    let order = draft.order();
    // The order's payment is reversed once; what the channel kept in spite of that is nobody's.
    let pays_order = order
        .payment
        .as_ref()
        .filter(|payment| payment.attempt_no == attempt_no && was == AttemptState::Reversing);
    let fee_left_fen = pays_order.map(|payment| payment.fee_fen - order.fee_returned_fen);
    let is_surplus = receivable_fen.is_some() && fee_left_fen.is_none();
    match (receivable_fen, fee_left_fen) {
        (Some(receivable_fen), Some(fee_left_fen)) => {
            let lines = payment_reversed::lines(&route.channel_account_id, receivable_fen);
            draft.post(payment_reversed::KIND, attempt_no, None, lines);
            if fee_left_fen > 0 {
                let lines = fee_returned::lines(fee_left_fen);
                draft.post(fee_returned::KIND, attempt_no, None, lines);
                draft.order_mut().fee_returned_fen += fee_left_fen;
            }
            let movement = Movement {
                route: &route,
                attempt_no,
                refund_no: None,
            };
            movement.return_shares(draft, fee_left_fen);
            movement.return_cost(draft, receivable_fen, true);
            movement.settle(draft, fee_left_fen - receivable_fen);
        }
        (Some(receivable_fen), None) => {
            let lines = surplus_returned::lines(&route.channel_account_id, receivable_fen);
            draft.post(surplus_returned::KIND, attempt_no, None, lines);
            draft.event(EventKind::SurplusReturned, format!("attempt {attempt_no}"));
        }
        (None, _) => {}
    }
    let is_open = |state| state == AttemptState::Reversing;
    let has_more = draft
        .loaded
        .attempts
        .iter()
        .any(|attempt| is_open(attempt.state));
    if draft.order().state == OrderState::Reversing && !has_more {
        end_order(draft);
    } else if !is_surplus {
        draft.event(
            EventKind::AttemptClosed,
            format!("attempt {attempt_no} is reversed"),
        );
    }
}

/// Nothing is left to reverse.
pub(super) fn end_order(draft: &mut Draft) {
    let now = draft.now;
    let order = draft.order_mut();
    order.state = OrderState::Reversed;
    order.ended_at = Some(now);
    draft.event(EventKind::Reversed, "as if not paid");
}
