//! Notifications in a list, each with its last delivery and its next one.

use heliu_ports::lists::{NoticeFilter, NoticeRow, Page};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::id::{NotificationNo, PlatformNo};

use super::{Conditions, Kind, List, limit};
use crate::columns::{Columns, Result};
use crate::rows::timeline::read_subject;

/// The page.
pub(crate) fn list(filter: &NoticeFilter, page: &Page, kind: Kind) -> List<NoticeRow> {
    let mut all = Conditions::default();
    all.below("n.notification_no", page.after.as_ref());
    all.span("n.notification_no", filter.created);
    if let Some(merchant) = &filter.merchant_id {
        // The index by number has the owner too, so that a walk down it reads no rows of others.
        // SQLite would sort all of the merchant's instead, and take the plus for what keeps it from
        // that.
        let owner = match kind {
            Kind::Sqlite => "+n.owner",
            Kind::Postgres => "n.owner",
        };
        all.is(owner, Some(merchant.as_str()));
    }
    all.among("n.state", filter.states.iter().map(|state| state.as_str()));
    all.among("n.kind", filter.kind.iter().map(|kind| kind.as_str()));
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ WITH k AS (SELECT n.owner, n.subject_no, n.notification_no FROM notification n \
         WHERE {wanted} ORDER BY n.notification_no DESC LIMIT {limit}) \
         SELECT n.owner, n.subject_no, n.notification_no, n.about, n.kind, n.url, n.state, n.tries, n.created_at, \
         d.begun_at, d.answer, j.due_at FROM k CROSS JOIN notification n \
         LEFT JOIN delivery d ON d.owner = n.owner AND d.subject_no = n.subject_no \
             AND d.notification_no = n.notification_no AND d.try_index = (SELECT max(l.try_index) FROM delivery l \
             WHERE l.owner = n.owner AND l.subject_no = n.subject_no AND l.notification_no = n.notification_no) \
         LEFT JOIN job j ON j.owner = n.owner AND j.subject_no = n.subject_no AND j.kind = 'notify_merchant' \
             AND j.about = n.notification_no \
         WHERE n.owner = k.owner AND n.subject_no = k.subject_no AND n.notification_no = k.notification_no \
         ORDER BY n.notification_no DESC"
    );
    List {
        asked: all.ask(sql),
        read,
        place,
        page: page.clone(),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<NoticeRow> {
    let subject = read_subject(columns)?;
    Ok(NoticeRow {
        notification: Notification {
            notification_no: NotificationNo::from_u64(columns.number()?),
            subject,
            about: columns.number_opt()?.map(PlatformNo::from_u64),
            kind: columns.word(NoticeKind::parse)?,
            url: columns.string()?,
            state: columns.word(NotificationState::parse)?,
            tries: columns.count()?,
            body: None,
            moment: None,
            created_at: columns.at()?,
        },
        tried_at: columns.at_opt()?,
        answer: columns.string_opt()?,
        next_try_at: columns.at_opt()?,
    })
}

fn place(row: &NoticeRow) -> String {
    row.notification.notification_no.to_string()
}
