//! Nothing is forgotten: a job for whatever is unsettled, a notification for what the merchant
//! hears.

use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::job::{Job, JobKind};
use heliu_trade::followup::notification::{NoticeKind, NotificationState};
use heliu_trade::refund::RefundState;
use heliu_trade::step::Step;

use super::ORDER;
use crate::book::Book;

pub(super) fn check(before: &Book, after: &Book, step: &Step) {
    every_unsettled_thing_has_a_job(after);
    jobs_are_about_something_and_in_time(before, after, step);
    the_merchant_is_told_once(after);
}

fn job(book: &Book, kind: JobKind, about: u64) -> Option<&Job> {
    book.jobs
        .values()
        .find(|job| job.key.kind == kind && job.key.about == about)
}

fn every_unsettled_thing_has_a_job(after: &Book) {
    let has = |kind, subject| job(after, kind, subject).is_some();
    let expires = has(JobKind::ExpireOrder, ORDER.as_u64());
    for attempt in &after.attempts[&ORDER] {
        let subject = attempt.attempt_no.as_u64();
        let is_watched = match attempt.state {
            AttemptState::Sending | AttemptState::Pending | AttemptState::Confirming => {
                expires || has(JobKind::QueryUnknown, subject)
            }
            AttemptState::Closing => has(JobKind::CloseAttempt, subject),
            AttemptState::Reversing | AttemptState::Returning => {
                has(JobKind::ReverseUnknown, subject)
            }
            _ => !attempt.state.is_unsettled(),
        };
        assert!(
            is_watched,
            "attempt {subject} is {:?} and forgotten",
            attempt.state
        );
    }
    for (refund_no, (_, refund)) in &after.refunds {
        let is_over = refund.state != RefundState::Refunding;
        assert!(
            is_over || has(JobKind::FinishRefund, refund_no.as_u64()),
            "{refund_no} forgotten"
        );
    }
    for (no, notification) in &after.notifications {
        let is_over = notification.state != NotificationState::Due;
        assert!(
            is_over || has(JobKind::NotifyMerchant, no.as_u64()),
            "{no} forgotten"
        );
    }
}

fn jobs_are_about_something_and_in_time(before: &Book, after: &Book, step: &Step) {
    for (key, job) in &after.jobs {
        let about = key.about;
        let is_known = match key.kind {
            JobKind::ExpireOrder | JobKind::CloseOrder => about == ORDER.as_u64(),
            JobKind::FinishRefund => after.refunds.keys().any(|no| no.as_u64() == about),
            JobKind::NotifyMerchant => after.notifications.keys().any(|no| no.as_u64() == about),
            JobKind::QueryUnknown
            | JobKind::ReverseUnknown
            | JobKind::CheckReversal
            | JobKind::CloseAttempt => after.attempts[&ORDER]
                .iter()
                .any(|a| a.attempt_no.as_u64() == about),
            // None of these is an order's.
            JobKind::QueryPayout
            | JobKind::TellPayout
            | JobKind::ReleaseReserve
            | JobKind::ReleaseRefunds
            | JobKind::FormBatch
            | JobKind::SendBatch
            | JobKind::SettleHour => false,
        };
        assert!(is_known, "a job about nothing: {job:?}");
        if before.jobs.get(key) == Some(job) {
            continue;
        }
        assert!(job.due_at >= step.now, "a job of the past: {job:?}");
        let attempt = after.attempts[&ORDER]
            .iter()
            .find(|a| a.attempt_no.as_u64() == about);
        if let (JobKind::ReverseUnknown, Some(attempt)) = (key.kind, attempt) {
            // A clock that was set back since asks no more than the first seconds once more.
            let sent_at = attempt.sent_at.min(step.now);
            let earliest = sent_at.plus_ms(attempt.route.reverse_after_ms);
            let was_paid = after.orders[&ORDER]
                .payment
                .as_ref()
                .is_some_and(|payment| payment.attempt_no == attempt.attempt_no);
            let is_repeat = before.jobs.contains_key(key);
            assert!(
                was_paid || is_repeat || job.due_at >= earliest,
                "reversed too early: {job:?}"
            );
        }
        if let (JobKind::FinishRefund, None) = (key.kind, before.jobs.get(key)) {
            let order = &before.orders[&ORDER];
            let gap_ms = after.attempts[&ORDER][0].route.refund_gap_ms;
            // A clock that was set back since asks no more than the gaps of all refunds before.
            let longest = step.now.plus_ms(gap_ms * i64::from(order.refund_count));
            let not_before = order.refund_not_before.map(|at| at.min(longest));
            assert!(
                not_before.is_none_or(|not_before| job.due_at >= not_before),
                "refunded too fast"
            );
        }
    }
}

fn the_merchant_is_told_once(after: &Book) {
    let order = &after.orders[&ORDER];
    let told = |kind, refund_no| {
        let notifications = after.notifications.values();
        notifications
            .filter(|n| n.kind == kind && n.about == refund_no)
            .count()
    };
    let hears = order.details.notify_url.is_some();
    let is_paid = order.payment.is_some();
    assert_eq!(
        told(NoticeKind::OrderPaid, None),
        usize::from(hears && is_paid)
    );
    for (refund_no, (_, refund)) in &after.refunds {
        let has_ended = refund.state != RefundState::Refunding;
        // A refund that is tried again had ended before.
        let ends = refund.details.retry_count + u32::from(has_ended);
        let hears = refund.details.notify_url.is_some();
        assert_eq!(
            told(NoticeKind::RefundEnded, Some(refund_no.0)),
            if hears { ends as usize } else { 0 }
        );
    }
}
