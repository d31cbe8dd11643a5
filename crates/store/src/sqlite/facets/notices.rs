//! What follows from a step: notifications, and all that stands around a subject.

use heliu_ports::store::{Notices, NotificationFilter};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::NotificationNo;

use super::super::{SqliteStore, read};

impl Notices for SqliteStore {
    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>> {
        let subject = subject.clone();
        Box::pin(
            self.readers.read(move |books| {
                read::orders::find_notification(books, &subject, notification_no)
            }),
        )
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>> {
        Box::pin(
            self.readers
                .read(move |books| read::orders::list_notifications(books, &filter)),
        )
    }

    fn trail(&self, subject: &Subject) -> Answer<'_, Trail> {
        let subject = subject.clone();
        Box::pin(
            self.readers
                .read(move |books| read::trail::trail(books, &subject)),
        )
    }
}
