//! A channel said something about a payment.

use std::sync::Arc;

use crate::attempt::AttemptState;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::{AttemptNo, NotificationNo};
use crate::ledger::{fee_charged, payment_received};
use crate::order::{OrderState, Payment};
use crate::verdict::{Decline, DeclineKind, Evidence, Verdict};
use crate::wallet::Scene;

use super::asking::{settle_query, wait};
use super::booking::Movement;
use super::draft::Draft;
use super::evidence::{disagreement, refuse_evidence, take_surplus};
use super::record_reversal;

pub(super) fn decide(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    verdict: Verdict,
    notification_no: NotificationNo,
) {
    let Some(attempt) = draft.attempt(attempt_no) else {
        return;
    };
    let state = attempt.state;
    let known = attempt
        .evidence
        .as_ref()
        .map(|known| known.channel_order_no.clone());
    match verdict {
        Verdict::Paid(evidence) => {
            if let Some(why) = disagreement(draft, &evidence) {
                refuse_evidence(draft, attempt_no, &why);
                return;
            }
            if let Some(known) = known {
                known_payment(draft, attempt_no, &known, &evidence.channel_order_no);
            } else if state.is_live()
                && matches!(draft.order().state, OrderState::Open | OrderState::Paying)
            {
                accept(draft, attempt_no, evidence, notification_no);
            } else {
                take_surplus(draft, attempt_no, evidence, AttemptState::Reversing);
            }
        }
        Verdict::Declined(decline) => match state {
            state if state.is_live() => fail(draft, attempt_no, decline),
            AttemptState::Closing => record_close(draft, attempt_no),
            AttemptState::Reversing => record_reversal::declined(draft, attempt_no),
            _ => settle_query(draft, attempt_no),
        },
        Verdict::Pending => {
            let heard = Some(AttemptState::Confirming);
            wait(draft, attempt_no, heard, "the payer is confirming");
        }
        Verdict::Waiting => {
            let heard = Some(AttemptState::Pending);
            wait(draft, attempt_no, heard, "it waits for its payer");
        }
        Verdict::Unknown(unknown) => wait(draft, attempt_no, None, &unknown.why),
    }
}

/// Money of this attempt is booked already. Hearing of it again is nothing new; another number of
/// the channel's would be a second payment under one number of ours, which no channel makes: an
/// alarm.
fn known_payment(draft: &mut Draft, attempt_no: AttemptNo, known: &str, claimed: &str) {
    if known == claimed {
        settle_query(draft, attempt_no);
    } else {
        let why = format!("the channel calls the payment {known} now {claimed}");
        refuse_evidence(draft, attempt_no, &why);
    }
}

fn accept(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    evidence: Evidence,
    notification_no: NotificationNo,
) {
    let now = draft.now;
    let evidence = Arc::new(evidence);
    let receivable_fen = evidence.receivable_fen();
    let attempt = draft.attempt_mut(attempt_no);
    attempt.state = AttemptState::Paid;
    attempt.evidence = Some(Arc::clone(&evidence));
    attempt.asked_at = Some(now);
    let route = Arc::clone(&attempt.route);
    let wallet = route.wallet;
    let scene = route.scene;
    let fee_fen = route.fee.fee_fen(receivable_fen, evidence.funding);
    let cost_fen = route.funds.cost_fen(receivable_fen, evidence.funding);
    let channel_order_no = evidence.channel_order_no.clone();

    let order = draft.order_mut();
    order.state = OrderState::Paid;
    order.wallet = Some(wallet);
    order.ended_at = Some(now);
    order.payment = Some(Payment {
        attempt_no,
        evidence: Arc::clone(&evidence),
        fee_fen,
    });

    let lines = payment_received::lines(&route.channel_account_id, receivable_fen);
    draft.post(payment_received::KIND, attempt_no, None, lines);
    if fee_fen > 0 {
        draft.post(
            fee_charged::KIND,
            attempt_no,
            None,
            fee_charged::lines(fee_fen),
        );
    }
    let movement = Movement {
        route: &route,
        attempt_no,
        refund_no: None,
    };
    movement.accrue_shares(draft, fee_fen, &evidence);
    movement.accrue_cost(draft, cost_fen);
    movement.settle(draft, receivable_fen - fee_fen);
    draft.event(
        EventKind::Paid,
        format!("by {}, {channel_order_no}", wallet.as_str()),
    );
    if scene.takes_at_once() {
        draft.drop_job(JobKind::QueryUnknown, attempt_no.as_u64());
    }
    drop_expiry(draft);
    close_live_attempts(draft);
    draft.notify_of_payment(notification_no);
}

/// The order can no longer be paid through any attempt: the channels are to be told.
pub(super) fn close_live_attempts(draft: &mut Draft) {
    for attempt_no in draft.live_attempts() {
        draft.attempt_mut(attempt_no).state = AttemptState::Closing;
        draft.put_job(JobKind::CloseAttempt, attempt_no.as_u64(), draft.now);
    }
}

/// An order that ends needs no expiry any more.
pub(super) fn drop_expiry(draft: &mut Draft) {
    if draft.order().expires_at.is_some() {
        draft.drop_job(JobKind::ExpireOrder, draft.order().order_no.as_u64());
    }
}

fn fail(draft: &mut Draft, attempt_no: AttemptNo, decline: Decline) {
    let now = draft.now;
    let attempt = draft.attempt_mut(attempt_no);
    attempt.state = AttemptState::Failed;
    attempt.asked_at = Some(now);
    settle_query(draft, attempt_no);
    end_unpaid(draft, decline);
}

/// A prepay stayed unclear. The channel may hold an order that could be paid, so it is closed
/// there; money that comes anyway is a surplus.
pub(super) fn abandon(draft: &mut Draft, attempt_no: AttemptNo, decline: Decline) {
    if draft
        .attempt(attempt_no)
        .is_none_or(|attempt| attempt.state != AttemptState::Sending)
    {
        return;
    }
    let now = draft.now;
    draft.attempt_mut(attempt_no).state = AttemptState::Closing;
    draft.put_job(JobKind::CloseAttempt, attempt_no.as_u64(), now);
    end_unpaid(draft, decline);
}

/// An attempt ended without money: so does its order, unless another attempt is live or its payer
/// can come again. A channel closes a waiting order by itself only when its time is over: that
/// order expired.
fn end_unpaid(draft: &mut Draft, decline: Decline) {
    let now = draft.now;
    let reason = decline.reason.clone();
    let scene = draft.order().scene;
    let has_expired = !scene.takes_at_once() && decline.kind == DeclineKind::Closed;
    let ends = draft.live_attempts().is_empty() && draft.order().state == OrderState::Paying;
    if ends && scene == Scene::Qr {
        draft.order_mut().state = OrderState::Open;
    } else if ends {
        let order = draft.order_mut();
        order.ended_at = Some(now);
        if has_expired {
            order.state = OrderState::Expired;
        } else {
            order.state = OrderState::Failed;
            order.decline = Some(decline);
        }
        drop_expiry(draft);
        if has_expired {
            draft.event(EventKind::Expired, "the channel closed it");
            return;
        }
    }
    draft.event(EventKind::Declined, reason);
}

/// A closing attempt that the channel calls dead is closed.
fn record_close(draft: &mut Draft, attempt_no: AttemptNo) {
    draft.attempt_mut(attempt_no).state = AttemptState::Closed;
    draft.drop_job(JobKind::CloseAttempt, attempt_no.as_u64());
    settle_query(draft, attempt_no);
    draft.event(EventKind::AttemptClosed, "the channel says it is closed");
}
