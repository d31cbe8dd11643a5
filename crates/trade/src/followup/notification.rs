//! 通知: what somebody is to be told, until they say that they heard.
//!
//! A notice tells what had happened when it was made, however much later it is worded for the first
//! time and whatever became of its subject meanwhile.

use serde::{Deserialize, Serialize};

use crate::followup::subject::Subject;
use crate::id::{NotificationNo, PlatformNo};
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
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::OrderPaid, Self::RefundEnded];

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
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
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
    /// What it is about.
    pub subject: Subject,
    /// About which part of it, if it is about one: our number of a refund.
    pub about: Option<PlatformNo>,
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
    /// What it tells of, as it was when it was made, where that goes on afterwards: a text of the
    /// kind's own, such as [`crate::notice::RefundMoment`].
    pub moment: Option<String>,
    /// When it was written (UTC).
    pub created_at: Timestamp,
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
