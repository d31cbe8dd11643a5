//! 通知: what a merchant is to be told, until it says that it heard.
//!
//! A notice tells what had happened when it was made, however much later it is worded for the first time and
//! whatever became of the order meanwhile.

use serde::{Deserialize, Serialize};

use crate::id::{NotificationNo, OrderNo, RefundNo};
use crate::order::{Order, OrderState, RefundTotals};
use crate::refund::Refund;
use crate::time::Timestamp;

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The order was paid.
    OrderPaid,
    /// A refund ended, either way.
    RefundEnded,
}

impl NoticeKind {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderPaid => "order_paid",
            Self::RefundEnded => "refund_ended",
        }
    }

    /// The kind of a word of [`NoticeKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::OrderPaid, Self::RefundEnded]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// To be delivered, for the first time or again.
    Due,
    /// The merchant said the word.
    Acknowledged,
    /// The schedule is over.
    GivenUp,
}

impl NotificationState {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Acknowledged => "acknowledged",
            Self::GivenUp => "given_up",
        }
    }

    /// The state of a word of [`NotificationState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Due, Self::Acknowledged, Self::GivenUp]
            .into_iter()
            .find(|s| s.as_str() == word)
    }
}

/// One notification; its number never changes over its deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Our number of it.
    pub notification_no: NotificationNo,
    /// About which order.
    pub order_no: OrderNo,
    /// About which refund, if it is about one.
    pub refund_no: Option<RefundNo>,
    /// What it says.
    pub kind: NoticeKind,
    /// Where it goes.
    pub url: String,
    /// Where it stands.
    pub state: NotificationState,
    /// Deliveries begun so far.
    pub tries: u32,
    /// The bytes as rendered at the first delivery; repeated from then on (ruling 36).
    pub body: Option<String>,
    /// What it tells of a refund; `None` if it is about none.
    pub moment: Option<Box<RefundMoment>>,
    /// When it was written (UTC).
    pub created_at: Timestamp,
}

/// A refund that ended, and what it made of its order. The refund may be tried again, others may follow, and the
/// order may be cancelled before anybody is told.
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

impl Notification {
    /// The order as it stood when this notice was made: paid, with the refunds of that moment. The counters of
    /// saves, entries and events, and when the next refund may be sent, are those of now: nobody is told them.
    #[must_use]
    pub fn order_then(&self, order: &Order) -> Order {
        let mut then = order.clone();
        then.state = OrderState::Paid;
        match &self.moment {
            None => {
                then.refunded = RefundTotals::default();
                then.refunding = RefundTotals::default();
                then.fee_returned_fen = 0;
                then.refund_count = 0;
                then.last_refund_failed = false;
                // It is made by the commit that finds the order paid.
                then.ended_at = Some(self.created_at);
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
        then
    }

    /// The refund that this notice is about, as it had ended.
    #[must_use]
    pub fn refund_then(&self) -> Option<&Refund> {
        self.moment.as_ref().map(|moment| &moment.refund)
    }
}

/// One delivery: written before it is sent, completed with what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Of which notification.
    pub notification_no: NotificationNo,
    /// The how-manieth, from 1.
    pub try_index: u32,
    /// When it was begun (UTC).
    pub begun_at: Timestamp,
    /// When it ended (UTC); `None` while under way, or for ever if the process died meanwhile.
    pub ended_at: Option<Timestamp>,
    /// What came back: status and the beginning of the answer, or what went wrong.
    pub answer: Option<String>,
}
