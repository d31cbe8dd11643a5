//! The statements that save what follows from steps. Each takes rows as one array a column.

use super::tables::{
    DeliveryRows, EventRows, JobKeyRows, JobRows, JournalRows, NotificationEndRows,
    NotificationRows, given, insert, insert_reading,
};

/// What comes late is of the first date that is open: the statement that books sees which dates are
/// closed (`write::days`).
pub(super) fn insert_journal() -> String {
    let at = "greatest(at, (SELECT max(open_from) FROM business_day))";
    insert_reading::<JournalRows<'_>>(&[("at", at)], "")
}

pub(super) fn insert_event() -> String {
    insert::<EventRows<'_>>("")
}

pub(super) fn insert_notification() -> String {
    insert::<NotificationRows<'_>>("")
}

pub(super) fn update_notification() -> String {
    format!(
        "UPDATE notification AS n SET state = given.state,
        tries = given.tries, body = given.body FROM {} WHERE n.owner = given.owner
        AND n.subject_no = given.subject_no AND n.notification_no = given.notification_no",
        given::<NotificationEndRows<'_>>()
    )
}

/// Completes a delivery if it stands already; when it was begun stays.
pub(super) fn put_delivery() -> String {
    insert::<DeliveryRows<'_>>(
        "ON CONFLICT (owner, subject_no, notification_no, try_index) DO UPDATE
        SET ended_at = excluded.ended_at, answer = excluded.answer",
    )
}

pub(super) fn put_job() -> String {
    insert::<JobRows<'_>>(
        "ON CONFLICT (owner, subject_no, kind, about) DO UPDATE
        SET due_at = excluded.due_at, tries = excluded.tries, leased_at = NULL, leased_by = NULL",
    )
}

pub(super) fn drop_job() -> String {
    format!(
        "DELETE FROM job AS j USING {} WHERE j.owner = given.owner
        AND j.subject_no = given.subject_no AND j.kind = given.kind AND j.about = given.about",
        given::<JobKeyRows<'_>>()
    )
}
