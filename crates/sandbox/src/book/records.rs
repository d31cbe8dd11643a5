//! Things that are due later: payer timers and notifications.

use serde::{Deserialize, Serialize};

use crate::error::SandboxError;

/// What happens to an order by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// The payer types the password.
    Confirm,
    /// The payer declines.
    Decline,
    /// Money arrives although a reversal or close was answered (fault `late_success`).
    LateSuccess,
    /// `time_expire` has come.
    Expire,
    /// The bank has given the refund back.
    RefundDone,
    /// The bank refuses the refund (fault `refund_pending_then_fails`).
    RefundFails,
}

/// A notification to be made.
pub(crate) struct NewNotification {
    pub(crate) url: String,
    /// How its upstream dresses it and wants it acknowledged.
    pub(crate) form: &'static str,
    /// The fields or the plain object, as JSON; dressed and signed anew at each sending.
    pub(crate) content: serde_json::Value,
    /// Makes the id of one event from the time in virtual ms; two copies have two.
    pub(crate) event_id: fn(i64) -> Result<String, SandboxError>,
}

/// A notification in the book.
#[derive(Clone, Debug)]
pub(crate) struct NotificationRow {
    /// The upstream that sends it.
    pub(crate) channel: String,
    pub(crate) url: String,
    pub(crate) form: String,
    pub(crate) event_id: String,
    pub(crate) content: serde_json::Value,
    pub(crate) created_ms: i64,
    pub(crate) tries: usize,
}

/// One sending of a notification, as `/control/orders` shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sending {
    pub(crate) at_ms: i64,
    /// HTTP status, absent when nothing was answered.
    pub(crate) status: Option<u16>,
    /// The body, or why there is none.
    pub(crate) answer: String,
    pub(crate) acknowledged: bool,
}
