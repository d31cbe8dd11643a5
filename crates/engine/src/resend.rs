//! An operator wants a notification delivered anew.

use heliu_ports::store::CommitError;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::notification::Notification;
use heliu_trade::id::MerchantId;
use heliu_trade::step::{Action, Target};

use crate::Engine;

impl Engine {
    /// Makes a notification due now, once more, whatever became of it.
    ///
    /// # Errors
    /// The books are away.
    pub async fn resend_notification(
        &self,
        merchant_id: &MerchantId,
        notification: &Notification,
    ) -> Result<(), CommitError> {
        let target = Target::Notification(notification.order_no, notification.notification_no);
        let action = Action::Deliver(Deliver::Resend);
        self.inner
            .commit(merchant_id, target, action, None)
            .await
            .map(|_| ())
    }
}
