//! A merchant asks for a refund: booked at once under the sum rule, sent by a job (ruling 22).

use crate::error::{ErrorCode, TradeError};
use crate::event::EventKind;
use crate::job::JobKind;
use crate::money::mul_div_floor;
use crate::order::{Order, OrderState, Payment, RefundTotals};
use crate::refund::{Refund, RefundDetails, RefundState};
use crate::split::part_of_refund;
use crate::step::RequestRefund;

use super::draft::Draft;

pub(super) fn decide(draft: &mut Draft, request: RequestRefund) -> Result<(), TradeError> {
    let order = draft.order();
    let refuse = |code, message: String| Err(TradeError::new(code, message).about(order));
    if draft.loaded.refund.is_some() {
        let message = "this refund number is in use; query that refund".to_owned();
        return refuse(ErrorCode::DuplicateRefund, message);
    }
    if request.amount_minor <= 0 {
        let message = format!("a refund of {} gives nothing back", request.amount_minor);
        return refuse(ErrorCode::InvalidAmount, message);
    }
    let payment = match (order.state, &order.payment) {
        (OrderState::Paid, Some(payment)) => payment,
        (OrderState::Reversing | OrderState::Reversed, _) => {
            return refuse(
                ErrorCode::OrderReversed,
                "the order is cancelled".to_owned(),
            );
        }
        _ => return refuse(ErrorCode::OrderNotPaid, "the order is not paid".to_owned()),
    };
    if request.amount_minor > order.refundable_minor() {
        let message = format!(
            "a refund of {} exceeds the {} that are left",
            request.amount_minor,
            order.refundable_minor()
        );
        return refuse(ErrorCode::RefundExceedsRest, message);
    }
    let amounts = amounts(order, payment, request.amount_minor);
    if amounts.payable_fen == 0 {
        let message = format!("{} minor units are less than one fen", request.amount_minor);
        return refuse(ErrorCode::InvalidAmount, message);
    }
    let Some(route) = draft
        .attempt(payment.attempt_no)
        .map(|attempt| &attempt.route)
    else {
        return refuse(
            ErrorCode::Internal,
            "the order's payment has no attempt".to_owned(),
        );
    };
    let (gap_ms, count_max) = (route.refund_gap_ms, route.refund_count_max);
    if order.refund_count >= count_max {
        let message = format!("the channel takes at most {count_max} refunds of one order");
        return refuse(ErrorCode::TooManyRefunds, message);
    }

    let due_at = order.refund_not_before.unwrap_or(draft.now).max(draft.now);
    let refund_no = request.refund_no;
    draft.insert_refund(Refund {
        refund_no,
        merchant_refund_no: request.merchant_refund_no,
        state: RefundState::Refunding,
        amounts,
        created_at: draft.now,
        sent_at: None,
        ended_at: None,
        details: RefundDetails {
            reason: request.reason,
            attributes: request.attributes,
            evidence: None,
            decline: None,
        },
    });
    let order = draft.order_mut();
    order.refunding = order.refunding.plus(amounts);
    order.refund_count += 1;
    order.refund_not_before = Some(due_at.plus_ms(gap_ms));
    draft.event(
        EventKind::RefundRequested,
        format!("{refund_no}, {} fen", amounts.payable_fen),
    );
    draft.put_job(JobKind::FinishRefund, refund_no.as_u64(), due_at);
    Ok(())
}

/// The refund in each measure: floors for parts, the remainder on the refund that completes the order
/// (rulings 6 and 7). What failed refunds leave may be less than its share: never more than is left.
fn amounts(order: &Order, payment: &Payment, amount_minor: i64) -> RefundTotals {
    let claimed = order.refund_claimed();
    let (charge_fen, evidence) = (order.charge_fen, &payment.evidence);
    let left_fen = charge_fen - claimed.payable_fen;
    let payable_fen = if amount_minor == order.refundable_minor() {
        left_fen
    } else {
        mul_div_floor(amount_minor, charge_fen, order.amount_minor).min(left_fen)
    };
    let part = |part_fen: i64, claimed_fen: i64| {
        let part_left = part_fen - claimed_fen;
        let rest_left = charge_fen - claimed.payable_fen - part_left;
        part_of_refund(payable_fen, charge_fen, part_fen, part_left, rest_left)
    };
    RefundTotals {
        amount_minor,
        payable_fen,
        cash_fen: part(evidence.cash_fen, claimed.cash_fen),
        receivable_fen: part(evidence.receivable_fen(), claimed.receivable_fen),
    }
}
