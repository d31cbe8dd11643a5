//! The heart: what the books must hold after a step. Pure; one file an action.
//!
//! Preconditions are checked against what was loaded in the same transaction, so a race is decided
//! by whoever commits first and the other one hears of it. A step that finds its effect already
//! there changes nothing and is no error. A rejection changes nothing.

mod add_attempt;
mod asking;
mod booking;
mod check_reversal;
mod close_order;
mod create_order;
mod draft;
mod evidence;
mod record_close;
mod record_refund;
mod record_reversal;
mod record_verdict;
mod request_refund;
mod request_reversal;

use crate::error::{ErrorCode, TradeError};
use crate::step::{Action, Changes, Loaded, Step};

use draft::Draft;

/// Decides a step.
///
/// # Errors
/// What the merchant is told when the step is not allowed; nothing is to be saved then.
pub fn decide(loaded: Loaded, step: Step) -> Result<Changes, TradeError> {
    let Step {
        merchant_id,
        now,
        action,
        ..
    } = step;
    let order_no = match (&action, &loaded.order) {
        (Action::CreateOrder(create), _) => create.order_no,
        (_, Some(order)) => order.order_no,
        (_, None) => return Err(TradeError::new(ErrorCode::OrderNotFound, "no such order")),
    };
    let mut draft = Draft::new(merchant_id, order_no, now, loaded);
    match action {
        Action::CreateOrder(create) => create_order::decide(&mut draft, *create)?,
        Action::AddAttempt { attempt_no, route } => {
            add_attempt::decide(&mut draft, attempt_no, *route)?;
        }
        Action::RecordHandoff {
            attempt_no,
            handoff,
        } => {
            add_attempt::record_handoff(&mut draft, attempt_no, handoff);
        }
        Action::RecordVerdict {
            attempt_no,
            verdict,
            notification_no,
        } => {
            record_verdict::decide(&mut draft, attempt_no, verdict, notification_no);
        }
        Action::AbandonAttempt {
            attempt_no,
            decline,
        } => record_verdict::abandon(&mut draft, attempt_no, decline),
        Action::RefuseEvidence { attempt_no, why } => {
            evidence::refuse_evidence(&mut draft, attempt_no, &why);
        }
        Action::RequestReversal { rules } => request_reversal::decide(&mut draft, rules)?,
        Action::RecordReversal {
            attempt_no,
            saw_money,
            result,
        } => record_reversal::decide(&mut draft, attempt_no, saw_money, &result),
        Action::RecordCheck {
            attempt_no,
            reversed_at,
            verdict,
        } => check_reversal::decide(&mut draft, attempt_no, reversed_at, verdict),
        Action::CloseOrder => close_order::close(&mut draft)?,
        Action::AwaitClose { rules } => close_order::wait(&mut draft, rules)?,
        Action::FinishClose => close_order::finish(&mut draft),
        Action::ExpireOrder => close_order::expire(&mut draft),
        Action::RecordClose { attempt_no, result } => {
            record_close::decide(&mut draft, attempt_no, &result);
        }
        Action::RequestRefund(request) => request_refund::decide(&mut draft, *request)?,
        Action::RecordRefund {
            retry_count,
            result,
            notification_no,
        } => {
            record_refund::decide(&mut draft, retry_count, result, notification_no);
        }
        Action::Deliver(deliver) => draft.deliver(deliver),
    }
    Ok(draft.finish())
}
