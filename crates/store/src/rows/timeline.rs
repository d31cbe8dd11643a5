//! `order_event`, `notification`, `delivery` and `job`: what happened around an order and is to happen.

use heliu_trade::event::{EventKind, OrderEvent};
use heliu_trade::id::{MerchantId, NotificationNo, OrderNo, RefundNo};
use heliu_trade::job::{Job, JobKey, JobKind};
use heliu_trade::notification::{Delivery, NoticeKind, Notification, NotificationState};

use crate::columns::{Columns, Result};

/// All events of an order, in order.
pub(crate) const EVENTS_OF_ORDER: &str = "SELECT order_no, event_index, at, kind, detail \
    FROM order_event WHERE merchant_id = $1 AND order_no = $2 ORDER BY event_index";

/// An event.
pub(crate) fn read_event(columns: &mut Columns<'_>) -> Result<OrderEvent> {
    Ok(OrderEvent {
        order_no: OrderNo::from_u64(columns.number()?),
        index: columns.count()?,
        at: columns.at()?,
        kind: columns.word(EventKind::parse)?,
        detail: columns.string()?,
    })
}

/// The columns that [`read_notification`] reads.
pub(crate) const NOTIFICATION_COLUMNS: &str = "merchant_id, notification_no, order_no, refund_no, \
    kind, url, state, tries, body, moment, created_at";

/// A notification and whose it is.
pub(crate) fn read_notification(columns: &mut Columns<'_>) -> Result<(MerchantId, Notification)> {
    let merchant_id = columns.name()?;
    let notification = Notification {
        notification_no: NotificationNo::from_u64(columns.number()?),
        order_no: OrderNo::from_u64(columns.number()?),
        refund_no: columns.number_opt()?.map(RefundNo::from_u64),
        kind: columns.word(NoticeKind::parse)?,
        url: columns.string()?,
        state: columns.word(NotificationState::parse)?,
        tries: columns.count()?,
        body: columns.string_opt()?,
        moment: columns.json_opt()?,
        created_at: columns.at()?,
    };
    Ok((merchant_id, notification))
}

/// All deliveries about an order, in order.
pub(crate) const DELIVERIES_OF_ORDER: &str = "SELECT notification_no, try_index, begun_at, ended_at, \
    answer FROM delivery WHERE merchant_id = $1 AND order_no = $2 ORDER BY notification_no, try_index";

/// A delivery.
pub(crate) fn read_delivery(columns: &mut Columns<'_>) -> Result<Delivery> {
    Ok(Delivery {
        notification_no: NotificationNo::from_u64(columns.number()?),
        try_index: columns.count()?,
        begun_at: columns.at()?,
        ended_at: columns.at_opt()?,
        answer: columns.string_opt()?,
    })
}

/// The columns that [`read_job`] reads.
pub(crate) const JOB_COLUMNS: &str = "merchant_id, order_no, kind, subject, due_at, tries";

/// A job.
pub(crate) fn read_job(columns: &mut Columns<'_>) -> Result<Job> {
    let key = JobKey {
        merchant_id: columns.name()?,
        order_no: OrderNo::from_u64(columns.number()?),
        kind: columns.word(JobKind::parse)?,
        subject: columns.number()?,
    };
    Ok(Job {
        key,
        due_at: columns.at()?,
        tries: columns.count()?,
    })
}

/// In ms, how far ahead a job of each kind is planned at the most.
pub(crate) fn plan_max_ms() -> String {
    let kinds =
        JobKind::ALL.map(|kind| format!("WHEN '{}' THEN {}", kind.as_str(), kind.plan_max_ms()));
    format!("CASE kind {} ELSE 0 END", kinds.join(" "))
}
