//! A merchant asks for a refund: booked at once under the sum rule, sent by a job (ruling 22).

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::RefundNo;
use crate::money::mul_div_floor;
use crate::order::{Order, OrderState, Payment, RefundTotals};
use crate::refund::{Refund, RefundDetails, RefundState};
use crate::split::part_of_refund;
use crate::step::{RefundRepeat, RequestRefund};
use crate::verdict::DeclineKind;

use super::draft::Draft;

pub(super) fn decide(draft: &mut Draft, request: RequestRefund) -> Result<(), TradeError> {
    let failed_before = match &draft.loaded.refund {
        None => None,
        Some(refund) => match repeat(draft.order(), refund, &request)? {
            Repeat::Present => return Ok(()),
            Repeat::TryAgain => Some(refund.clone()),
        },
    };
    let order = draft.order();
    let refuse = |code, message: String| Err(TradeError::new(code, message).about(order));
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
    check_limit(draft, &request, amounts).map_err(|error| error.about(order))?;

    // Each refund before this one has put it off by a gap: what lies further ahead was planned by a
    // wrong clock.
    let latest = draft.now.plus_ms(gap_ms * i64::from(order.refund_count));
    let due_at = order.refund_not_before.unwrap_or(draft.now);
    let due_at = due_at.clamp(draft.now, latest);
    let refund_no = match failed_before {
        None => insert(draft, request, amounts),
        Some(refund) => try_again(draft, refund, amounts),
    };
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

/// What may have left already is weighed against what the merchant has.
fn check_limit(
    draft: &Draft,
    request: &RequestRefund,
    amounts: RefundTotals,
) -> Result<(), TradeError> {
    let Some(limit) = request.limit else {
        return Ok(());
    };
    let cover = draft.loaded.cover.ok_or_else(|| {
        let message = "what stands behind the refund was not read";
        TradeError::new(ErrorCode::Internal, message)
    })?;
    limit.check(&cover, amounts.receivable_fen)
}

/// What a repeat of a refund's number is.
enum Repeat {
    /// The refund as it stands is the answer.
    Present,
    /// It had failed and is tried again.
    TryAgain,
}

fn repeat(order: &Order, refund: &Refund, request: &RequestRefund) -> Result<Repeat, TradeError> {
    let refuse = |code, message| Err(TradeError::new(code, message).about(order));
    let is_same =
        refund.order_no == order.order_no && refund.amounts.amount_minor == request.amount_minor;
    match request.repeat {
        RefundRepeat::Refuse => refuse(
            ErrorCode::DuplicateRefund,
            "this refund number is in use; query that refund",
        ),
        _ if !is_same => refuse(
            ErrorCode::RefundConflict,
            "this refund number is in use for another refund; take a new number",
        ),
        RefundRepeat::RetryFailed if refund.state == RefundState::Failed => Ok(Repeat::TryAgain),
        RefundRepeat::RetryFailed | RefundRepeat::ReturnPresent => Ok(Repeat::Present),
    }
}

fn insert(draft: &mut Draft, request: RequestRefund, amounts: RefundTotals) -> RefundNo {
    let order_no = draft.order().order_no;
    draft.insert_refund(Refund {
        refund_no: request.refund_no,
        order_no,
        merchant_refund_no: request.merchant_refund_no,
        state: RefundState::Refunding,
        amounts,
        created_at: draft.now,
        sent_at: None,
        ended_at: None,
        details: RefundDetails {
            reason: request.reason,
            attributes: request.attributes,
            notify_url: request.notify_url,
            ..RefundDetails::default()
        },
    });
    request.refund_no
}

/// The same refund, with what is left now in each measure. It gets the next number upstream only if
/// the channel had taken the earlier one and ended it: under one number a refund is paid at most
/// once.
fn try_again(draft: &mut Draft, mut refund: Refund, amounts: RefundTotals) -> RefundNo {
    refund.state = RefundState::Refunding;
    refund.amounts = amounts;
    (refund.sent_at, refund.ended_at) = (None, None);
    let details = &mut refund.details;
    let decline = details.decline.take();
    details.retry_count += 1;
    details.is_taken = false;
    details.unknown_at = None;
    details.doubted_at = None;
    if decline.is_some_and(|decline| decline.kind == DeclineKind::Closed) {
        details.numbered_at_retry = details.retry_count;
    }
    let refund_no = refund.refund_no;
    if let Some(saved) = draft.refund_mut() {
        *saved = refund;
    }
    refund_no
}

/// The refund in each measure: floors for parts, the remainder on the refund that completes the
/// order (rulings 6 and 7). What failed refunds leave may be less than its share: never more than
/// is left.
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
