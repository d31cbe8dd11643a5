//! Deliveries of a notification: an attempt is written before it is sent (ruling 36).

use crate::event::EventKind;
use crate::job::JobKind;
use crate::notification::{Delivery, NotificationState};

use super::draft::Draft;

/// Writes a delivery and the rendered bytes. The job stays with the worker that holds it and comes back
/// by itself if that one dies.
pub(super) fn begin(draft: &mut Draft, body: String) {
    let now = draft.now;
    let Some(notification) = &draft.loaded.notification else {
        return;
    };
    let subject = notification.notification_no.as_u64();
    if notification.state != NotificationState::Due {
        draft.drop_job(JobKind::NotifyMerchant, subject);
        return;
    }
    let Some(notification) = draft.notification_mut() else {
        return;
    };
    notification.tries += 1;
    notification.body.get_or_insert(body);
    let delivery = Delivery {
        notification_no: notification.notification_no,
        try_index: notification.tries,
        begun_at: now,
        ended_at: None,
        answer: None,
    };
    draft.delivery(delivery);
}

/// Completes the newest delivery; the gap counts from here, the end of the try. What comes after the
/// notification's end, from a worker that had lost its lease, changes nothing.
pub(super) fn end(
    draft: &mut Draft,
    is_acknowledged: bool,
    answer: String,
    next_gap_ms: Option<i64>,
) {
    let now = draft.now;
    let Some(notification) = &draft.loaded.notification else {
        return;
    };
    let subject = notification.notification_no.as_u64();
    if notification.state != NotificationState::Due {
        draft.drop_job(JobKind::NotifyMerchant, subject);
        return;
    }
    if notification.tries == 0 {
        return;
    }
    let delivery = Delivery {
        notification_no: notification.notification_no,
        try_index: notification.tries,
        begun_at: now,
        ended_at: Some(now),
        answer: Some(answer),
    };
    let tries = notification.tries;
    draft.delivery(delivery);
    let (state, event) = match (is_acknowledged, next_gap_ms) {
        (true, _) => (
            NotificationState::Acknowledged,
            EventKind::NotificationAcknowledged,
        ),
        (false, None) => (NotificationState::GivenUp, EventKind::NotificationGivenUp),
        (false, Some(gap_ms)) => {
            draft.put_job(JobKind::NotifyMerchant, subject, now.plus_ms(gap_ms));
            return;
        }
    };
    if let Some(notification) = draft.notification_mut() {
        notification.state = state;
    }
    draft.event(event, format!("after {tries} deliveries"));
    draft.drop_job(JobKind::NotifyMerchant, subject);
}

/// An operator's wish: due now, once more.
pub(super) fn resend(draft: &mut Draft) {
    let now = draft.now;
    let Some(notification) = draft.notification_mut() else {
        return;
    };
    notification.state = NotificationState::Due;
    let subject = notification.notification_no.as_u64();
    let kind = notification.kind;
    draft.event(
        EventKind::NotificationDue,
        format!("{}, resent by an operator", kind.as_str()),
    );
    draft.put_job(JobKind::NotifyMerchant, subject, now);
}
