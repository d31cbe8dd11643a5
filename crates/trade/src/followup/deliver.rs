//! Deliveries of a notification, whatever it is about: an attempt is written before it is sent
//! (ruling 36).

use crate::followup::consequences::{Consequences, Counts};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::notification::{Delivery, Notification, NotificationState};
use crate::time::Timestamp;

/// What is done about a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deliver {
    /// A delivery is about to be sent: written before it is.
    Begin {
        /// The rendered bytes, kept from the first delivery on.
        body: String,
    },
    /// A delivery ended.
    End {
        /// Whether the merchant said the word.
        is_acknowledged: bool,
        /// What came back, cut short; no secrets.
        answer: String,
        /// Wait before the next delivery, in ms; `None`: the schedule is over.
        next_gap_ms: Option<i64>,
    },
    /// An operator wants it delivered anew, whatever became of it.
    Resend,
}

/// The notification afterwards; what follows is added to the consequences of its subject.
pub(crate) fn decide(
    counts: &mut Counts,
    consequences: &mut Consequences,
    notification: &mut Notification,
    deliver: Deliver,
    now: Timestamp,
) {
    let changed = match deliver {
        Deliver::Begin { body } => begin(consequences, notification, body, now),
        Deliver::End {
            is_acknowledged,
            answer,
            next_gap_ms,
        } => {
            let heard = (is_acknowledged, next_gap_ms);
            end(counts, consequences, notification, heard, answer, now)
        }
        Deliver::Resend => resend(counts, consequences, notification, now),
    };
    if changed {
        consequences.notification = Some(notification.clone());
    }
}

/// Writes a delivery and the rendered bytes. The job stays with the worker that holds it and comes
/// back by itself if that one dies.
fn begin(
    consequences: &mut Consequences,
    notification: &mut Notification,
    body: String,
    now: Timestamp,
) -> bool {
    if notification.state != NotificationState::Due {
        consequences.drop_job(
            JobKind::NotifyMerchant,
            notification.notification_no.as_u64(),
        );
        return false;
    }
    notification.tries += 1;
    notification.body.get_or_insert(body);
    consequences.deliveries.push(Delivery {
        notification_no: notification.notification_no,
        try_index: notification.tries,
        begun_at: now,
        ended_at: None,
        answer: None,
    });
    true
}

/// Completes the newest delivery; the gap counts from here, the end of the try. What comes after
/// the notification's end, from a worker that had lost its lease, changes nothing.
fn end(
    counts: &mut Counts,
    consequences: &mut Consequences,
    notification: &mut Notification,
    (is_acknowledged, next_gap_ms): (bool, Option<i64>),
    answer: String,
    now: Timestamp,
) -> bool {
    let number = notification.notification_no.as_u64();
    if notification.state != NotificationState::Due {
        consequences.drop_job(JobKind::NotifyMerchant, number);
        return false;
    }
    let tries = notification.tries;
    if tries == 0 {
        return false;
    }
    consequences.deliveries.push(Delivery {
        notification_no: notification.notification_no,
        try_index: tries,
        begun_at: now,
        ended_at: Some(now),
        answer: Some(answer),
    });
    let (state, event) = match (is_acknowledged, next_gap_ms) {
        (true, _) => (
            NotificationState::Acknowledged,
            EventKind::NotificationAcknowledged,
        ),
        (false, None) => (NotificationState::GivenUp, EventKind::NotificationGivenUp),
        (false, Some(gap_ms)) => {
            consequences.put_job(JobKind::NotifyMerchant, number, now.plus_ms(gap_ms));
            return false;
        }
    };
    notification.state = state;
    counts.event(
        consequences,
        now,
        event,
        format!("after {tries} deliveries"),
    );
    consequences.drop_job(JobKind::NotifyMerchant, number);
    true
}

/// An operator's wish: due now, once more.
fn resend(
    counts: &mut Counts,
    consequences: &mut Consequences,
    notification: &mut Notification,
    now: Timestamp,
) -> bool {
    notification.state = NotificationState::Due;
    let detail = format!("{}, resent by an operator", notification.kind.as_str());
    counts.event(consequences, now, EventKind::NotificationDue, detail);
    let number = notification.notification_no.as_u64();
    consequences.put_job(JobKind::NotifyMerchant, number, now);
    true
}
