//! What a notice about an order tells: the order and its refund as they were when the notice was
//! made.

use serde::{Deserialize, Serialize};

use crate::followup::notification::Notification;
use crate::order::{Order, OrderState, RefundTotals};
use crate::refund::Refund;
use crate::time::Timestamp;

/// A refund that ended, and what it made of its order. The refund may be tried again, others may
/// follow, and the order may be cancelled before anybody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundMoment {
    /// The refund.
    pub refund: Refund,
    /// [`Order::refunded`].
    pub refunded: RefundTotals,
    /// [`Order::refunding`].
    pub refunding: RefundTotals,
    /// [`Order::fee_returned_fen`].
    pub fee_returned_fen: i64,
    /// [`Order::refund_count`].
    pub refund_count: u32,
    /// [`Order::last_refund_failed`].
    pub last_refund_failed: bool,
    /// [`Order::ended_at`] (UTC).
    pub ended_at: Option<Timestamp>,
}

impl RefundMoment {
    /// A refund that has just ended.
    #[must_use]
    pub fn of(order: &Order, refund: &Refund) -> Self {
        Self {
            refund: refund.clone(),
            refunded: order.refunded,
            refunding: order.refunding,
            fee_returned_fen: order.fee_returned_fen,
            refund_count: order.refund_count,
            last_refund_failed: order.last_refund_failed,
            ended_at: order.ended_at,
        }
    }

    /// As a notification keeps it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("names are texts and amounts are numbers")
    }

    /// What a notification keeps; `None` if it is about no refund.
    fn kept_in(notification: &Notification) -> Option<Self> {
        let text = notification.moment.as_deref()?;
        serde_json::from_str(text).ok()
    }
}

/// What a notice tells of: the order as it stood when the notice was made, and the refund that it
/// is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Then {
    /// The order: paid, with the refunds of that moment. The counters of saves, entries and events,
    /// and when the next refund may be sent, are those of now: nobody is told them.
    pub order: Order,
    /// The refund, as it had ended; `None` if the notice is about none.
    pub refund: Option<Refund>,
}

/// What a notice about `order` tells of.
#[must_use]
pub fn then(notification: &Notification, order: &Order) -> Then {
    let mut then = order.clone();
    then.state = OrderState::Paid;
    let moment = RefundMoment::kept_in(notification);
    match &moment {
        None => {
            then.refunded = RefundTotals::default();
            then.refunding = RefundTotals::default();
            then.fee_returned_fen = 0;
            then.refund_count = 0;
            then.last_refund_failed = false;
            // It is made by the commit that finds the order paid.
            then.ended_at = Some(notification.created_at);
        }
        Some(moment) => {
            then.refunded = moment.refunded;
            then.refunding = moment.refunding;
            then.fee_returned_fen = moment.fee_returned_fen;
            then.refund_count = moment.refund_count;
            then.last_refund_failed = moment.last_refund_failed;
            then.ended_at = moment.ended_at;
        }
    }
    Then {
        order: then,
        refund: moment.map(|moment| moment.refund),
    }
}
