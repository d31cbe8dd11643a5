//! A channel answered a refund or a refund query.

use std::sync::Arc;

use crate::fee::fee_returned_fen;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::NotificationNo;
use crate::ledger::{fee_returned, refund_paid};
use crate::refund::{Refund, RefundState};
use crate::time::Timestamp;
use crate::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult, Unknown};

use super::booking::Movement;
use super::draft::Draft;

pub(super) fn decide(
    draft: &mut Draft,
    retry_count: u32,
    result: RefundResult,
    notification_no: NotificationNo,
) {
    let Some(refund) = draft.loaded.refund.clone() else {
        return;
    };
    let refund_no = refund.refund_no;
    let subject = refund_no.as_u64();
    let has_paid = matches!(result, RefundResult::Succeeded(_));
    // Late word of an earlier try: under the same number upstream, paid is paid; whatever else it
    // says is older than the try that is under way.
    let is_late = retry_count != refund.details.retry_count;
    let is_same_number = retry_count >= refund.details.numbered_at_retry;
    if is_late && !(has_paid && is_same_number) {
        if has_paid {
            refuse_paid(draft, &refund);
        }
        return;
    }
    if refund.state != RefundState::Refunding {
        draft.drop_job(JobKind::FinishRefund, subject);
        if refund.state == RefundState::Failed && has_paid {
            refuse_paid(draft, &refund);
        }
        return;
    }
    let is_refused = matches!(result, RefundResult::Failed(_));
    match doubted(&refund, result, draft.now) {
        RefundResult::Succeeded(evidence) => succeed(draft, refund, evidence),
        RefundResult::Failed(decline) => fail(draft, &refund, decline),
        open @ (RefundResult::Pending | RefundResult::Unknown(_)) => {
            let now = draft.now;
            let is_taken = refund.details.is_taken || matches!(open, RefundResult::Pending);
            // One that was doubted was refused: that send is not under way.
            let has_no_answer = matches!(open, RefundResult::Unknown(_)) && !is_refused;
            if let RefundResult::Unknown(unknown) = open {
                note_unknown(draft, &refund, unknown.why);
            }
            // Not later than now, should the clock have been set back: pauses grow with the age.
            let sent_at = refund.sent_at.map_or(now, |sent_at| sent_at.min(now));
            if let Some(refund) = draft.refund_mut() {
                refund.sent_at = Some(sent_at);
                refund.details.is_taken = is_taken;
                let details = &mut refund.details;
                details.doubted_at = is_refused.then_some(now);
                details.unknown_at = if has_no_answer {
                    Some(now)
                } else {
                    details.unknown_at.map(|at| at.min(now))
                };
            }
            let age_ms = now.since_ms(sent_at);
            let pause_ms = age_ms.clamp(REFUND_PAUSE_MIN_MS, REFUND_PAUSE_MAX_MS);
            draft.put_job(JobKind::FinishRefund, subject, now.plus_ms(pause_ms));
            return;
        }
    }
    draft.drop_job(JobKind::FinishRefund, subject);
    draft.free_bills(refund_no);
    draft.notify_of_refund(notification_no);
}

/// First pause before a refund that is not finished is asked about, in ms: within what a merchant's
/// refund call waits. Pauses double from then on, since a refund to a card takes days.
const REFUND_PAUSE_MIN_MS: i64 = 2_000;
/// Longest pause, in ms.
const REFUND_PAUSE_MAX_MS: i64 = 10 * crate::time::MINUTE_MS;

/// A send that was left without an answer may be under way so long, in ms.
const UNDER_WAY_MS: i64 = crate::time::MINUTE_MS;

/// A refusal frees the amount, unless an earlier send may pay yet. A channel that has a refund and
/// refuses to take it once more has not ended it: only its word that it did counts. And a channel
/// may refuse a repeat, and forget that, while the send before it is still under way.
fn doubted(refund: &Refund, result: RefundResult, now: Timestamp) -> RefundResult {
    let RefundResult::Failed(decline) = result else {
        return result;
    };
    let details = &refund.details;
    // The first refusal after that time is never believed, nor the same one written down again: a
    // clock that was set forward may only seem to have waited.
    let is_under_way = details.unknown_at.is_some_and(|sent_at| {
        let is_over = |at: Timestamp| at.since_ms(sent_at) >= UNDER_WAY_MS;
        let was_doubted = |at: Timestamp| is_over(at) && at != now;
        !is_over(now) || !details.doubted_at.is_some_and(was_doubted)
    });
    let doubt = match decline.kind {
        DeclineKind::Closed => None,
        _ if details.is_taken => Some("the channel has it, but refuses a repeat"),
        _ if is_under_way => Some("refused, while an earlier send may be under way"),
        _ => None,
    };
    match doubt {
        None => RefundResult::Failed(decline),
        Some(doubt) => {
            let why = format!("{doubt}: {}", decline.reason);
            RefundResult::Unknown(Unknown::because(why))
        }
    }
}

/// For the operator, once as long as it stays the same.
fn note_unknown(draft: &mut Draft, refund: &Refund, why: String) {
    if refund.details.unknown_why.as_ref() == Some(&why) {
        return;
    }
    draft.event(EventKind::Unknown, format!("{}: {why}", refund.refund_no));
    if let Some(saved) = draft.refund_mut() {
        saved.details.unknown_why = Some(why);
    }
}

/// The channel paid what had failed: the amount was free again here, and is perhaps refunded anew.
/// People must look.
fn refuse_paid(draft: &mut Draft, refund: &Refund) {
    let why = format!(
        "refund {} had failed, now the channel paid it",
        refund.refund_no
    );
    draft.event(EventKind::EvidenceRefused, why);
}

fn succeed(draft: &mut Draft, mut refund: Refund, evidence: RefundEvidence) {
    let now = draft.now;
    let reserved = refund.amounts;
    let Some(payment) = draft.order().payment.clone() else {
        return;
    };
    // A split that the channel itself reports wins, as long as it can be true (ruling 6).
    let order = draft.order();
    let others = order.refund_claimed().minus(reserved);
    let cash_left = payment.evidence.cash_fen - others.cash_fen;
    let coupon_left = order.charge_fen - others.payable_fen - cash_left;
    let can_be = (reserved.payable_fen - coupon_left).max(0)..=reserved.payable_fen.min(cash_left);
    if let Some(cash_fen) = evidence
        .cash_fen
        .filter(|cash_fen| can_be.contains(cash_fen))
    {
        refund.amounts.cash_fen = cash_fen;
    }
    let amounts = refund.amounts;
    let refund_no = refund.refund_no;
    if let Some(saved) = draft.refund_mut() {
        saved.amounts = amounts;
        saved.state = RefundState::Succeeded;
        saved.sent_at = saved.sent_at.or(Some(now));
        saved.ended_at = Some(now);
        saved.details.evidence = Some(evidence);
    }
    let order = draft.order_mut();
    order.refunding = order.refunding.minus(reserved);
    order.refunded = order.refunded.plus(amounts);
    order.last_refund_failed = false;
    let completes = order.refunded.payable_fen == order.charge_fen;
    let returned_fen = fee_returned_fen(
        payment.fee_fen,
        order.fee_returned_fen,
        amounts.receivable_fen,
        payment.evidence.receivable_fen(),
        completes,
    );
    order.fee_returned_fen += returned_fen;

    let attempt_no = payment.attempt_no;
    let Some(route) = draft.attempt(attempt_no).map(|a| Arc::clone(&a.route)) else {
        return;
    };
    let lines = refund_paid::lines(&route.channel_account_id, amounts.receivable_fen);
    draft.post(refund_paid::KIND, attempt_no, Some(refund_no), lines);
    if returned_fen > 0 {
        let lines = fee_returned::lines(returned_fen);
        draft.post(fee_returned::KIND, attempt_no, Some(refund_no), lines);
    }
    let movement = Movement {
        route: &route,
        attempt_no,
        refund_no: Some(refund_no),
    };
    movement.return_shares(draft, returned_fen);
    movement.return_cost(draft, amounts.receivable_fen, completes);
    movement.settle(draft, returned_fen - amounts.receivable_fen);
    draft.event(
        EventKind::RefundSucceeded,
        format!("{refund_no}, {} fen", amounts.payable_fen),
    );
}

fn fail(draft: &mut Draft, refund: &Refund, decline: Decline) {
    let now = draft.now;
    let detail = format!("{}: {}", refund.refund_no, decline.reason);
    if let Some(saved) = draft.refund_mut() {
        saved.state = RefundState::Failed;
        saved.sent_at = saved.sent_at.or(Some(now));
        saved.ended_at = Some(now);
        saved.details.decline = Some(decline);
    }
    let order = draft.order_mut();
    order.refunding = order.refunding.minus(refund.amounts);
    order.last_refund_failed = true;
    draft.event(EventKind::RefundFailed, detail);
}
