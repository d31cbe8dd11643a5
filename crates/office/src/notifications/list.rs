//! The list of notifications.

use heliu_ports::lists::{NoticeFilter, NoticeRow as Listed};
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::id::MerchantId;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Between, Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

const STATES: [NotificationState; 3] = [
    NotificationState::Due,
    NotificationState::Acknowledged,
    NotificationState::GivenUp,
];

/// Which notifications, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NoticesAsked {
    /// When they were written.
    pub created: Between,
    /// Whose.
    pub merchant_id: Option<String>,
    /// In one of these states.
    pub states: Vec<String>,
}

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
    /// When the last one was begun (UTC).
    pub tried_at: Option<Timestamp>,
    /// What came back then, or what went wrong.
    pub answer: Option<String>,
    /// When it is tried next (UTC).
    pub next_try_at: Option<Timestamp>,
    /// Where it goes.
    pub url: String,
}

/// Notifications, newest first, each with its last delivery and its next one.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: NoticesAsked,
    part: Part,
) -> Result<Paged<NoticeRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let filter = NoticeFilter {
        created: asked.created.into(),
        merchant_id: asked.merchant_id.map(MerchantId::from),
        states: words.many("state", &asked.states, STATES, NotificationState::as_str),
        kind: None,
    };
    words.end()?;
    let listed = office.store().page_notifications(filter, part.into());
    Ok(Paged::of(listed.await?, NoticeRow::from))
}

impl From<Listed> for NoticeRow {
    fn from(row: Listed) -> Self {
        let notification = row.notification;
        Self {
            notification_no: notification.notification_no.to_string(),
            created_at: notification.created_at,
            owner: notification.subject.owner.name().into_owned(),
            subject_no: notification.subject.no.to_string(),
            kind: notification.kind.as_str().to_owned(),
            state: notification.state.as_str().to_owned(),
            tries: notification.tries,
            tried_at: row.tried_at,
            answer: row.answer,
            next_try_at: row.next_try_at,
            url: notification.url,
        }
    }
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
        "tried_at",
        "answer",
        "next_try_at",
        "address",
    ];

    fn cells(&self) -> Vec<Cell> {
        let answer = self.answer.as_deref();
        vec![
            Cell::number(&self.notification_no),
            Cell::At(self.created_at),
            Cell::text(self.owner.as_str()),
            Cell::number(&self.subject_no),
            Cell::text(self.kind.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Count(i64::from(self.tries)),
            Cell::at(self.tried_at),
            answer.map_or(Cell::Empty, Cell::text),
            Cell::at(self.next_try_at),
            Cell::text(self.url.as_str()),
        ]
    }
}
