//! An operator wants a notification delivered anew.

use heliu_ports::store::{CommitError, StoreError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::notification::Notification;
use heliu_trade::id::OrderNo;
use heliu_trade::step::{Action, Target};

use crate::Engine;

impl Engine {
    /// Makes a notification due now, once more, whatever became of it; `audit` says who of the
    /// office wants it.
    ///
    /// # Errors
    /// The books are away.
    pub async fn resend_notification(
        &self,
        notification: &Notification,
        audit: Option<NewAudit>,
    ) -> Result<(), CommitError> {
        let subject = &notification.subject;
        let Some(merchant_id) = subject.owner.merchant() else {
            return Err(StoreError::refused(format!("{subject} is no order")).into());
        };
        let target = Target::Notification(OrderNo(subject.no), notification.notification_no);
        let action = Action::Deliver(Deliver::Resend);
        self.inner
            .commit_audited(merchant_id, target, action, None, audit.map(Box::new))
            .await
            .map(|_| ())
    }
}
