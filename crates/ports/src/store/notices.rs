//! What follows from a step: notifications, and all that stands around a subject.

use heliu_trade::followup::notification::{Notification, NotificationState};
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::NotificationNo;

use crate::store_error::Answer;

/// What an inspector asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Only this one.
    pub number: Option<NotificationNo>,
    /// Only those in this state.
    pub state: Option<NotificationState>,
    /// At most this many, newest first.
    pub limit: u32,
}

/// Notifications, and what stands around a subject. A facet of the books.
pub trait Notices: Send + Sync {
    /// A notification about a subject.
    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>>;

    /// Notifications, newest first.
    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>>;

    /// What stands around a subject, whatever it is; empty if nothing is known of it.
    fn trail(&self, subject: &Subject) -> Answer<'_, Trail>;
}
