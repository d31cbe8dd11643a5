//! What follows from a step: notifications, and all that stands around a subject.

use heliu_ports::store::{Notices, NotificationFilter};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::NotificationNo;

use super::super::connections::{snapshot, with_client};
use super::super::{PostgresStore, read};

impl Notices for PostgresStore {
    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>> {
        let subject = subject.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::find_notification(client, &subject, notification_no))
        })
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::list_notifications(client, &filter))
        })
    }

    fn trail(&self, subject: &Subject) -> Answer<'_, Trail> {
        let subject = subject.clone();
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::trail::trail(&books, &subject).await
            })
        })
    }
}
