//! `event`, `notification`, `delivery` and `job`: what happened around a thing and is to happen.

use heliu_trade::followup::event::{Event, EventKind};
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::followup::notification::{Delivery, NoticeKind, Notification, NotificationState};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{NotificationNo, PlatformNo};

use crate::columns::{Columns, Result};

/// All events of a subject, in order.
pub(crate) const EVENTS: &str = "SELECT event_index, at, kind, detail \
    FROM event WHERE owner = $1 AND subject_no = $2 ORDER BY event_index";

/// An event.
pub(crate) fn read_event(columns: &mut Columns<'_>) -> Result<Event> {
    Ok(Event {
        index: columns.count()?,
        at: columns.at()?,
        kind: columns.word(EventKind::parse)?,
        detail: columns.string()?,
    })
}

/// The columns that [`read_notification`] reads.
pub(crate) const NOTIFICATION_COLUMNS: &str = "owner, subject_no, notification_no, about, kind, url, \
    state, tries, body, moment, created_at";

/// A notification.
pub(crate) fn read_notification(columns: &mut Columns<'_>) -> Result<Notification> {
    let subject = read_subject(columns)?;
    Ok(Notification {
        notification_no: NotificationNo::from_u64(columns.number()?),
        subject,
        about: columns.number_opt()?.map(PlatformNo::from_u64),
        kind: columns.word(NoticeKind::parse)?,
        url: columns.string()?,
        state: columns.word(NotificationState::parse)?,
        tries: columns.count()?,
        body: columns.string_opt()?,
        moment: columns.string_opt()?,
        created_at: columns.at()?,
    })
}

/// All notifications of a subject, in order.
pub(crate) fn notifications() -> String {
    format!(
        "SELECT {NOTIFICATION_COLUMNS} FROM notification WHERE owner = $1 AND subject_no = $2 \
         ORDER BY notification_no"
    )
}

/// One of them.
pub(crate) fn notification() -> String {
    format!(
        "SELECT {NOTIFICATION_COLUMNS} FROM notification \
         WHERE owner = $1 AND subject_no = $2 AND notification_no = $3"
    )
}

/// All deliveries about a subject, in order.
pub(crate) const DELIVERIES: &str = "SELECT notification_no, try_index, begun_at, ended_at, \
    answer FROM delivery WHERE owner = $1 AND subject_no = $2 ORDER BY notification_no, try_index";

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
pub(crate) const JOB_COLUMNS: &str = "owner, subject_no, kind, about, due_at, tries";

/// A job.
pub(crate) fn read_job(columns: &mut Columns<'_>) -> Result<Job> {
    let key = JobKey {
        subject: read_subject(columns)?,
        kind: columns.word(JobKind::parse)?,
        about: columns.number()?,
    };
    Ok(Job {
        key,
        due_at: columns.at()?,
        tries: columns.count()?,
    })
}

/// All jobs of a subject, in the order in which they are due.
pub(crate) fn jobs() -> String {
    format!(
        "SELECT {JOB_COLUMNS} FROM job WHERE owner = $1 AND subject_no = $2 \
         ORDER BY due_at, kind, about"
    )
}

/// Whose thing, and which: `owner, subject_no`.
pub(crate) fn read_subject(columns: &mut Columns<'_>) -> Result<Subject> {
    Ok(Subject {
        owner: Owner::of_name(&columns.string()?),
        no: PlatformNo::from_u64(columns.number()?),
    })
}

/// In ms, how far ahead a job of each kind is planned at the most.
pub(crate) fn plan_max_ms() -> String {
    let kinds =
        JobKind::ALL.map(|kind| format!("WHEN '{}' THEN {}", kind.as_str(), kind.plan_max_ms()));
    format!("CASE kind {} ELSE 0 END", kinds.join(" "))
}
