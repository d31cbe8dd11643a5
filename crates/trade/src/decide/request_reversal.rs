//! Undo an order: because nobody knows its result, or because its merchant says so.

use crate::attempt::AttemptState;
use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::order::OrderState;
use crate::step::CancelRules;

use super::asking::settle_query;
use super::draft::Draft;
use super::record_reversal::end_order;
use super::record_verdict::drop_expiry;

/// At the horizon (`rules` absent) only an undecided order is reversed; anything else is left
/// alone.
pub(super) fn decide(draft: &mut Draft, rules: Option<CancelRules>) -> Result<(), TradeError> {
    match rules {
        Some(rules) if check(draft, rules)? == Allowed::NothingToDo => return Ok(()),
        Some(_) => {}
        None if draft.order().state != OrderState::Paying => return Ok(()),
        None => {}
    }
    let why = if rules.is_some() {
        "by the merchant"
    } else {
        "no result in time"
    };
    undo(draft, why);
    Ok(())
}

/// Makes an order as if not paid; the channel's answers are awaited by jobs.
pub(super) fn undo(draft: &mut Draft, why: &str) {
    let mut to_reverse = draft.live_attempts();
    to_reverse.extend(
        draft
            .order()
            .payment
            .as_ref()
            .map(|payment| payment.attempt_no),
    );
    for attempt_no in &to_reverse {
        reverse_attempt(draft, *attempt_no);
    }
    draft.order_mut().state = OrderState::Reversing;
    drop_expiry(draft);
    draft.event(EventKind::ReversalRequested, why);
    if to_reverse.is_empty() {
        end_order(draft);
    }
}

fn reverse_attempt(draft: &mut Draft, attempt_no: AttemptNo) {
    let attempt = draft.attempt_mut(attempt_no);
    let was_paid = attempt.state == AttemptState::Paid;
    attempt.state = AttemptState::Reversing;
    let (sent_at, after_ms) = (attempt.sent_at, attempt.route.reverse_after_ms);
    let due_at = if was_paid {
        draft.now
    } else {
        draft.not_before(sent_at, after_ms)
    };
    settle_query(draft, attempt_no);
    draft.put_job(JobKind::ReverseUnknown, attempt_no.as_u64(), due_at);
}

/// What a cancel that is allowed has to do.
#[derive(PartialEq, Eq)]
pub(super) enum Allowed {
    Reverse,
    /// The order has ended without money, or is being reversed already.
    NothingToDo,
}

/// A merchant's cancel, checked in this order (ruling 19): kind, final states, hours, age.
pub(super) fn check(draft: &Draft, rules: CancelRules) -> Result<Allowed, TradeError> {
    let order = draft.order();
    let refuse = |code, message: &str| Err(TradeError::new(code, message).about(order));
    if !order.scene.takes_at_once() && !rules.takes_prepay {
        return refuse(
            ErrorCode::OrderKindNotSupported,
            "only barcode orders are cancelled; close this one instead",
        );
    }
    match order.state {
        OrderState::Open | OrderState::Paying => {}
        OrderState::Paid if rules.takes_paid && !order.refund_claimed().is_some() => {
            let age_ms = draft.now.since_ms(order.created_at);
            if let Some(until_ms) = rules.paid_until_ms.filter(|until_ms| age_ms > *until_ms) {
                let message = format!(
                    "a paid order is cancelled within {} s after it was made; refund it instead",
                    until_ms / 1000
                );
                return refuse(ErrorCode::TooLate, &message);
            }
        }
        OrderState::Paid => {
            return refuse(ErrorCode::OrderPaid, "the order is paid; refund it instead");
        }
        OrderState::Reversing
        | OrderState::Reversed
        | OrderState::Failed
        | OrderState::Closed
        | OrderState::Expired
            if rules.accepts_ended =>
        {
            return Ok(Allowed::NothingToDo);
        }
        OrderState::Reversing | OrderState::Reversed => {
            return refuse(ErrorCode::OrderReversed, "the order is cancelled already");
        }
        OrderState::Failed | OrderState::Closed | OrderState::Expired => {
            return refuse(ErrorCode::OrderEnded, "the order has failed or is closed");
        }
    }
    if let Some((from_s, to_s)) = rules.hours_s
        && !(from_s..=to_s).contains(&draft.now.beijing_second_of_day())
    {
        return refuse(
            ErrorCode::OutsideHours,
            "cancelling is served from 01:00 to 23:00 Beijing time only",
        );
    }
    // One that lies far ahead was made before the clock was set back: nobody knows its age.
    if draft.now.since_ms(order.created_at).abs() < rules.not_before_ms {
        let message = format!(
            "cancelling is allowed {} s after the order was made; query it meanwhile",
            rules.not_before_ms / 1000
        );
        return refuse(ErrorCode::TooEarly, &message);
    }
    Ok(Allowed::Reverse)
}
