//! Paths: which state may follow which, by which step; what never changes; one event a change.

use std::mem::discriminant;

use heliu_trade::attempt::{Attempt, AttemptState};
use heliu_trade::followup::event::EventKind;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::step::{Action, Step};
use heliu_trade::verdict::{DeclineKind, Verdict};

use super::ORDER;
use crate::book::Book;

pub(super) fn check(before: &Book, after: &Book, step: &Step) {
    let new_events = grown(before.events.get(&ORDER), &after.events[&ORDER]);
    grown(before.entries.get(&ORDER), &after.entries[&ORDER]);
    let kinds: Vec<_> = new_events.iter().map(|event| event.kind).collect();
    for (place, event) in after.events[&ORDER].iter().enumerate() {
        assert_eq!(
            usize::try_from(event.index),
            Ok(place),
            "a timeline without gaps"
        );
    }
    let Some(old) = before.orders.get(&ORDER) else {
        assert_eq!(kinds, [EventKind::Created]);
        return;
    };
    let order = &after.orders[&ORDER];
    order_path(old, order, step, &kinds);
    for old in &before.attempts[&ORDER] {
        let same = |attempt: &&Attempt| attempt.attempt_no == old.attempt_no;
        let attempt = after.attempts[&ORDER]
            .iter()
            .find(same)
            .expect("attempts do not vanish");
        attempt_path(old, attempt, step, &kinds);
    }
    refund_paths(before, after, &kinds);
    notification_paths(before, after, &kinds);
}

/// What was appended; what stood before stands.
fn grown<'a, T: PartialEq + std::fmt::Debug>(old: Option<&Vec<T>>, new: &'a [T]) -> &'a [T] {
    let old = old.map_or(&[][..], Vec::as_slice);
    assert_eq!(
        new.get(..old.len()),
        Some(old),
        "what is written stays written"
    );
    &new[old.len()..]
}

fn order_path(old: &Order, order: &Order, step: &Step, kinds: &[EventKind]) {
    use OrderState as S;
    let by_merchant = matches!(step.action, Action::RequestReversal { rules: Some(_) });
    let by_verdict = |is: fn(&Verdict) -> bool| match &step.action {
        Action::RecordVerdict { verdict, .. } => is(verdict),
        _ => false,
    };
    let is_paid = by_verdict(|verdict| matches!(verdict, Verdict::Paid(_)));
    let is_declined = by_verdict(|verdict| matches!(verdict, Verdict::Declined(_)));
    // A channel closes a waiting order by itself only when its time is over.
    let is_closed = by_verdict(|verdict| match verdict {
        Verdict::Declined(decline) => decline.kind == DeclineKind::Closed,
        _ => false,
    });
    let is_reversal = matches!(
        step.action,
        Action::RequestReversal { .. } | Action::FinishClose
    );
    let may = match (old.state, order.state) {
        (from, to) if from == to => true,
        (S::Open, S::Paying) => matches!(step.action, Action::AddAttempt { .. }),
        (S::Paying, S::Paid) => is_paid,
        (S::Paying, S::Open | S::Failed) => is_declined,
        (S::Open | S::Paying, S::Closed) => {
            matches!(step.action, Action::CloseOrder | Action::FinishClose)
        }
        (S::Open | S::Paying, S::Expired) => {
            is_closed || matches!(step.action, Action::ExpireOrder)
        }
        (S::Open, S::Reversed) | (S::Paid, S::Reversing) => by_merchant,
        (S::Paying, S::Reversing) => is_reversal,
        (S::Reversing, S::Reversed) => {
            is_declined || matches!(step.action, Action::RecordReversal { .. })
        }
        _ => false,
    };
    assert!(
        may,
        "{:?} became {:?} by {:?}",
        old.state, order.state, step.action
    );
    if old.state != order.state {
        let event = match order.state {
            S::Open | S::Failed => EventKind::Declined,
            S::Paying => EventKind::AttemptAdded,
            S::Paid => EventKind::Paid,
            S::Closed => EventKind::Closed,
            S::Expired => EventKind::Expired,
            S::Reversing => EventKind::ReversalRequested,
            S::Reversed => EventKind::Reversed,
        };
        let count = kinds.iter().filter(|kind| **kind == event).count();
        assert_eq!(
            count, 1,
            "{:?} to {:?} in {kinds:?}",
            old.state, order.state
        );
        assert_eq!(
            order.ended_at.is_some(),
            order.state.is_decided() || order.payment.is_some()
        );
    }
    if old.payment.is_some() {
        assert_eq!(old.payment, order.payment, "a payment was rewritten");
    }
    assert!(order.fee_returned_fen >= old.fee_returned_fen);
    assert!(order.cost_returned_fen >= old.cost_returned_fen);
    let returned = order.shares_returned.parts_fen().iter();
    let mut parts = returned.zip(old.shares_returned.parts_fen());
    assert!(parts.all(|(back, before)| back >= before));
    let mut frozen = order.clone();
    frozen.state = old.state;
    frozen.wallet = old.wallet;
    frozen.payment = old.payment.clone();
    frozen.refunded = old.refunded;
    frozen.refunding = old.refunding;
    frozen.fee_returned_fen = old.fee_returned_fen;
    frozen.cost_returned_fen = old.cost_returned_fen;
    frozen.shares_returned = old.shares_returned;
    frozen.refund_count = old.refund_count;
    frozen.last_refund_failed = old.last_refund_failed;
    frozen.refund_not_before = old.refund_not_before;
    frozen.decline = old.decline.clone();
    frozen.ended_at = old.ended_at;
    frozen.counts = old.counts;
    assert_eq!(
        &frozen, old,
        "what an order carries from its creation on changed"
    );
}

fn attempt_path(old: &Attempt, attempt: &Attempt, step: &Step, kinds: &[EventKind]) {
    use AttemptState as S;
    let is_surplus = kinds.contains(&EventKind::SurplusArrived);
    let may = match (old.state, attempt.state) {
        (from, to) if from == to => true,
        (S::Sending | S::Confirming, S::Pending) => true,
        (S::Sending | S::Pending, S::Confirming) => true,
        (S::Sending | S::Pending | S::Confirming, S::Paid) => attempt.evidence.is_some(),
        (S::Sending | S::Pending | S::Confirming, S::Failed | S::Closing) => true,
        (S::Sending | S::Pending | S::Confirming, S::Reversing) => true,
        (S::Closing, S::Closed) => true,
        (S::Paid, S::Reversing) => matches!(step.action, Action::RequestReversal { .. }),
        (S::Closing | S::Closed | S::Failed, S::Reversing) => is_surplus,
        (S::Reversed, S::Reversing) => is_surplus && old.evidence.is_none(),
        (S::Reversed, S::Returning) => {
            is_surplus && matches!(step.action, Action::RecordCheck { .. })
        }
        (S::Returning, S::Reversed) => matches!(step.action, Action::RecordReversal { .. }),
        (S::Reversing, S::Reversed) => {
            matches!(step.action, Action::RecordReversal { .. }) || attempt.evidence.is_none()
        }
        _ => false,
    };
    assert!(
        may,
        "an attempt that was {:?} became {:?}",
        old.state, attempt.state
    );
    let has_event = !kinds.is_empty();
    assert!(
        has_event || old.state == attempt.state,
        "{:?}, without an event",
        attempt.state
    );
    assert!(
        old.evidence.is_none() || old.evidence == attempt.evidence,
        "evidence was rewritten"
    );
    assert!(
        old.handoff.is_none() || old.handoff == attempt.handoff,
        "a handoff was rewritten"
    );
    assert_eq!((&old.route, old.sent_at), (&attempt.route, attempt.sent_at));
}

fn refund_paths(before: &Book, after: &Book, kinds: &[EventKind]) {
    for (refund_no, (_, refund)) in &after.refunds {
        let Some((_, old)) = before.refunds.get(refund_no) else {
            assert_eq!(refund.state, RefundState::Refunding);
            assert!(kinds.contains(&EventKind::RefundRequested));
            continue;
        };
        if old.state == RefundState::Refunding {
            let mut amounts = refund.amounts;
            if refund.state == RefundState::Succeeded {
                amounts.cash_fen = old.amounts.cash_fen;
            }
            assert_eq!(old.amounts, amounts, "a refund's amounts changed");
        } else if refund.state == RefundState::Refunding {
            tried_again(old, refund);
            assert!(kinds.contains(&EventKind::RefundRequested));
            continue;
        } else {
            assert_eq!(old, refund, "a refund that had ended changed");
        }
        if old.state != refund.state {
            let event = match refund.state {
                RefundState::Succeeded => EventKind::RefundSucceeded,
                _ => EventKind::RefundFailed,
            };
            assert!(kinds.contains(&event), "{:?} in {kinds:?}", refund.state);
        }
    }
}

/// A refund that failed begins anew, under the next number only if the channel had ended the
/// earlier one.
fn tried_again(old: &Refund, refund: &Refund) {
    let kind = old.details.decline.as_ref().map(|decline| decline.kind);
    assert_eq!(old.state, RefundState::Failed);
    let retry_count = old.details.retry_count + 1;
    assert_eq!(refund.details.retry_count, retry_count);
    if kind == Some(DeclineKind::Closed) {
        assert_eq!(refund.details.numbered_at_retry, retry_count);
    } else {
        assert_eq!(refund.upstream_no(), old.upstream_no());
    }
}

fn notification_paths(before: &Book, after: &Book, kinds: &[EventKind]) {
    for (notification_no, notification) in &after.notifications {
        let Some(old) = before.notifications.get(notification_no) else {
            assert!(kinds.contains(&EventKind::NotificationDue));
            continue;
        };
        assert!(
            old.body.is_none() || old.body == notification.body,
            "rendered anew"
        );
        assert_eq!((&old.url, old.kind), (&notification.url, notification.kind));
        let is_same = discriminant(&old.state) == discriminant(&notification.state);
        assert!(
            is_same || !kinds.is_empty(),
            "{:?}, without an event",
            notification.state
        );
    }
    for (key, old) in &before.deliveries {
        assert_eq!(
            old.begun_at, after.deliveries[key].begun_at,
            "a delivery's begin was rewritten"
        );
    }
}
