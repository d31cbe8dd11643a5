//! Notifications: listed, and delivered anew.

use heliu_ports::store::NotificationFilter;
use heliu_trade::followup::notification::{Notification, NotificationState};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// A notification in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    /// Our number of it.
    pub notification_no: String,
    /// When it was written (UTC).
    pub created_at: Timestamp,
    /// In whose book.
    pub owner: String,
    /// Our number of what it is about.
    pub subject_no: String,
    /// What it tells.
    pub kind: String,
    /// Whether it was acknowledged.
    pub state: String,
    /// Deliveries so far.
    pub tries: u32,
    /// Where it goes.
    pub url: String,
}

impl From<&Notification> for NoticeRow {
    fn from(notification: &Notification) -> Self {
        Self {
            notification_no: notification.notification_no.to_string(),
            created_at: notification.created_at,
            owner: notification.subject.owner.name().into_owned(),
            subject_no: notification.subject.no.to_string(),
            kind: notification.kind.as_str().to_owned(),
            state: notification.state.as_str().to_owned(),
            tries: notification.tries,
            url: notification.url.clone(),
        }
    }
}

/// Notifications, newest first.
///
/// # Errors
/// There is no such state, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    state: Option<&str>,
    limit: u32,
) -> Result<Vec<NoticeRow>, OfficeError> {
    actor.check(Permission::See)?;
    let state = state.map(state_of).transpose()?;
    let filter = NotificationFilter {
        number: None,
        state,
        limit,
    };
    let found = office.store().list_notifications(filter).await?;
    Ok(found.iter().map(NoticeRow::from).collect())
}

fn state_of(word: &str) -> Result<NotificationState, OfficeError> {
    let unknown = || OfficeError::new(format!("{word} is none of due, acknowledged, given_up"));
    NotificationState::parse(word).ok_or_else(unknown)
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

impl Row for NoticeRow {
    const COLUMNS: &'static [Column] = &[
        "notification",
        "created_at",
        "merchant",
        "order",
        "about",
        "state",
        "tries",
        "address",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(&self.notification_no),
            Cell::At(self.created_at),
            Cell::text(self.owner.as_str()),
            Cell::number(&self.subject_no),
            Cell::text(self.kind.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Count(i64::from(self.tries)),
            Cell::text(self.url.as_str()),
        ]
    }
}
