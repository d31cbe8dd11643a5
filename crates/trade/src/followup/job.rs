//! Work that must not be forgotten: written in the commit that makes it necessary.

use serde::{Deserialize, Serialize};

use crate::followup::subject::Subject;
use crate::life::Life;
use crate::time::{MINUTE_MS, Timestamp};

/// Kinds of jobs; each is one file in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Ask the channel about an attempt; at the horizon, reverse it. About: attempt.
    QueryUnknown,
    /// Reverse an attempt, or give its money back, until the channel's answer is clear. About:
    /// attempt.
    ReverseUnknown,
    /// Ask about an attempt whose reversal the channel has confirmed. About: attempt.
    CheckReversal,
    /// Tell the channel that an attempt is closed. About: attempt.
    CloseAttempt,
    /// Ask the channel about an order that its merchant closes, then close it. About: order.
    CloseOrder,
    /// An order's time is over. About: order.
    ExpireOrder,
    /// Send a refund, then ask until it ends. About: refund.
    FinishRefund,
    /// Deliver a notification. About: notification.
    NotifyMerchant,
    /// Ask the bank about a bill, until its end is certain and for some days after it was paid.
    /// About: the bill.
    QueryPayout,
    /// Tell the agent how a bill ended: once. About: the bill.
    TellPayout,
    /// A bill's reserve is free. About: the bill.
    ReleaseReserve,
    /// Look whether refunds that ran when a bill was made have ended. About: the bill.
    ReleaseRefunds,
    /// Put a bill that was repaired into a batch. About: the bill.
    FormBatch,
    /// Send a batch that was let pass. About: the batch.
    SendBatch,
    /// Settle and pay out by the hour what is due on the same day. About: the date's settling.
    SettleHour,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::QueryUnknown,
        Self::ReverseUnknown,
        Self::CheckReversal,
        Self::CloseAttempt,
        Self::CloseOrder,
        Self::ExpireOrder,
        Self::FinishRefund,
        Self::NotifyMerchant,
        Self::QueryPayout,
        Self::TellPayout,
        Self::ReleaseReserve,
        Self::ReleaseRefunds,
        Self::FormBatch,
        Self::SendBatch,
        Self::SettleHour,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueryUnknown => "query_unknown",
            Self::ReverseUnknown => "reverse_unknown",
            Self::CheckReversal => "check_reversal",
            Self::CloseAttempt => "close_attempt",
            Self::CloseOrder => "close_order",
            Self::ExpireOrder => "expire_order",
            Self::FinishRefund => "finish_refund",
            Self::NotifyMerchant => "notify_merchant",
            Self::QueryPayout => "query_payout",
            Self::TellPayout => "tell_payout",
            Self::ReleaseReserve => "release_reserve",
            Self::ReleaseRefunds => "release_refunds",
            Self::FormBatch => "form_batch",
            Self::SendBatch => "send_batch",
            Self::SettleHour => "settle_hour",
        }
    }

    /// No plan for such a job reaches further ahead, in ms. One that is due later was planned by a
    /// clock that was wrong.
    #[must_use]
    pub const fn plan_max_ms(self) -> i64 {
        match self {
            // Up to ten minutes between two askings, and less to any horizon.
            Self::QueryUnknown
            | Self::ReverseUnknown
            | Self::CheckReversal
            | Self::CloseAttempt
            | Self::CloseOrder => 20 * MINUTE_MS,
            // Fifty refunds of an order, a minute apart.
            Self::FinishRefund => 120 * MINUTE_MS,
            // A paid bill is asked about every six hours.
            Self::QueryPayout | Self::TellPayout | Self::ReleaseRefunds => 24 * 60 * MINUTE_MS,
            // A batch waits for the morning, and a date for its first hour, for less than a day.
            Self::FormBatch | Self::SendBatch | Self::SettleHour => 24 * 60 * MINUTE_MS,
            // Ten years: no terms keep a reserve longer.
            Self::ReleaseReserve => 3_660 * 24 * 60 * MINUTE_MS,
            // The longest gap of any wire's schedule is six hours.
            Self::NotifyMerchant => 24 * 60 * MINUTE_MS,
            // Seven days at the most.
            Self::ExpireOrder => Life::MAX_MS + 24 * 60 * MINUTE_MS,
        }
    }

    /// The shortest of these.
    pub const PLAN_MIN_MS: i64 = 20 * MINUTE_MS;

    /// The kind of a word of [`JobKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Names one job: a subject has at most one of a kind about the same thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey {
    /// What it serves.
    pub subject: Subject,
    /// What is to be done.
    pub kind: JobKind,
    /// About what: the number of an attempt, a refund, a notification, or the subject's own.
    pub about: u64,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub key: JobKey,
    /// When it is due (UTC). While a worker holds it, the end of its lease: a dead worker's job is
    /// due again by itself.
    pub due_at: Timestamp,
    /// How often it was taken.
    pub tries: u32,
}
