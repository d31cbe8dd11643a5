//! What follows from a step: notifications, and all that stands around a subject.

use heliu_ports::store::{Notices, NotificationFilter};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::NotificationNo;

use super::super::MemoryStore;

impl Notices for MemoryStore {
    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>> {
        self.answer(|books| books.find_notification(subject, notification_no))
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>> {
        self.answer(|books| books.list_notifications(&filter))
    }

    fn trail(&self, subject: &Subject) -> Answer<'_, Trail> {
        self.answer(|books| books.trail(subject))
    }
}
