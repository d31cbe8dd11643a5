//! Notifications are delivered anew: one, or all that have failed since an instant.

use heliu_ports::lists::{NoticeFilter, Page, Span};
use heliu_ports::store::NotificationFilter;
use heliu_trade::followup::notification::{Notification, NotificationState};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// How many were made due again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// How many.
    pub notifications: u64,
}

/// Makes a notification due now, once more, whatever became of it.
///
/// # Errors
/// The actor may not, or there is no such notification.
pub async fn resend(office: &Office, actor: &Actor, number: &str) -> Result<String, OfficeError> {
    actor.check(Permission::Serve)?;
    let missing = || OfficeError::new(format!("there is no notification {number}"));
    let filter = NotificationFilter {
        number: Some(number.parse().map_err(|_| missing())?),
        limit: 1,
        ..NotificationFilter::default()
    };
    let found = office.store().list_notifications(filter).await?;
    let notification = found.first().ok_or_else(missing)?;
    resend_one(office, actor, notification).await?;
    Ok(number.to_owned())
}

/// Makes all that were written since an instant and were tried in vain due now: those given up, and
/// those that wait for their next try. A repeat does the same again to those that are still not
/// acknowledged.
///
/// # Errors
/// The actor may not, or the books are away; some may be due again then.
pub async fn recover(
    office: &Office,
    actor: &Actor,
    since: Timestamp,
) -> Result<Recovered, OfficeError> {
    actor.check(Permission::Serve)?;
    let filter = NoticeFilter {
        created: Span {
            from: Some(since),
            until: None,
        },
        states: vec![NotificationState::GivenUp, NotificationState::Due],
        ..NoticeFilter::default()
    };
    let mut page = Page::first(Page::SIZE_MAX);
    let mut notifications = 0;
    loop {
        let listed = office.store().page_notifications(filter.clone(), page);
        let listed = listed.await?;
        for row in &listed.rows {
            // One that was not tried yet is on its way.
            if row.tried_at.is_some() {
                resend_one(office, actor, &row.notification).await?;
                notifications += 1;
            }
        }
        match listed.next {
            Some(next) => page = Page::after(next, Page::SIZE_MAX),
            None => return Ok(Recovered { notifications }),
        }
    }
}

async fn resend_one(
    office: &Office,
    actor: &Actor,
    notification: &Notification,
) -> Result<(), OfficeError> {
    let number = notification.notification_no;
    let act = Act {
        action: "notifications.resend",
        subject: format!("notification {number} of {}", notification.subject),
        before: Some(json!({ "state": notification.state, "tries": notification.tries })),
        after: None,
    };
    let audit = office.audit(actor, act);
    let resending = office
        .engine()
        .resend_notification(notification, Some(audit));
    Ok(resending.await?)
}
