//! The timeline of a thing: one event for each change of state, append-only.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The order was accepted.
    Created,
    /// A further attempt was made.
    AttemptAdded,
    /// The channel has it; the payer decides.
    Pending,
    /// The result is unknown; it is being asked for.
    Unknown,
    /// Paid.
    Paid,
    /// Refused for good.
    Declined,
    /// The merchant closes it, and the channel is asked first whether it is paid.
    CloseRequested,
    /// Closed by the merchant.
    Closed,
    /// Its time was over.
    Expired,
    /// An attempt was closed at the channel.
    AttemptClosed,
    /// A reversal was decided.
    ReversalRequested,
    /// As if not paid.
    Reversed,
    /// A refund was accepted.
    RefundRequested,
    /// A refund ended well.
    RefundSucceeded,
    /// A refund failed; its amount is free again.
    RefundFailed,
    /// Alarm: money arrived after the order had ended, or a second time. It is given back.
    SurplusArrived,
    /// That money was given back.
    SurplusReturned,
    /// Alarm: a channel's evidence disagreed with the order and was not believed.
    EvidenceRefused,
    /// A notification is due.
    NotificationDue,
    /// The merchant acknowledged a notification.
    NotificationAcknowledged,
    /// A notification's schedule ended without acknowledgement.
    NotificationGivenUp,
    /// A merchant applied, or applied again after it was rejected.
    Submitted,
    /// The office lets it trade.
    Passed,
    /// The office does not.
    Rejected,
    /// A statement file was published.
    StatementPublished,
    /// A later version was published.
    StatementReplaced,
    /// A request to a bank is written down and goes out.
    Sent,
    /// The bank has certainly not paid a bill.
    PayoutFailed,
    /// The bank paid a bill and took it back.
    PayoutReturned,
    /// Finance sends a bill again.
    Repaired,
    /// Its agent is told how a bill ended: once, whatever it answers.
    Told,
    /// Somebody of the office proposes it; another person decides.
    Proposed,
    /// That other person lets it pass.
    Approved,
    /// What was let pass was done.
    Used,
    /// What it was about has changed or is gone.
    Voided,
    /// Frozen money is free again.
    Released,
    /// Frozen money is taken.
    Seized,
    /// It stands on a bill.
    Billed,
    /// A node runs a step of a business date.
    StepBegun,
    /// The step came through.
    StepDone,
    /// Alarm: the step, or a part of it, did not come through.
    StepFailed,
    /// Alarm: a step that is done would work on something else now.
    InputsChanged,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 42] = [
        Self::Created,
        Self::AttemptAdded,
        Self::Pending,
        Self::Unknown,
        Self::Paid,
        Self::Declined,
        Self::CloseRequested,
        Self::Closed,
        Self::Expired,
        Self::AttemptClosed,
        Self::ReversalRequested,
        Self::Reversed,
        Self::RefundRequested,
        Self::RefundSucceeded,
        Self::RefundFailed,
        Self::SurplusArrived,
        Self::SurplusReturned,
        Self::EvidenceRefused,
        Self::NotificationDue,
        Self::NotificationAcknowledged,
        Self::NotificationGivenUp,
        Self::Submitted,
        Self::Passed,
        Self::Rejected,
        Self::StatementPublished,
        Self::StatementReplaced,
        Self::Sent,
        Self::PayoutFailed,
        Self::PayoutReturned,
        Self::Repaired,
        Self::Told,
        Self::Proposed,
        Self::Approved,
        Self::Used,
        Self::Voided,
        Self::Released,
        Self::Seized,
        Self::Billed,
        Self::StepBegun,
        Self::StepDone,
        Self::StepFailed,
        Self::InputsChanged,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AttemptAdded => "attempt_added",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::CloseRequested => "close_requested",
            Self::Closed => "closed",
            Self::Expired => "expired",
            Self::AttemptClosed => "attempt_closed",
            Self::ReversalRequested => "reversal_requested",
            Self::Reversed => "reversed",
            Self::RefundRequested => "refund_requested",
            Self::RefundSucceeded => "refund_succeeded",
            Self::RefundFailed => "refund_failed",
            Self::SurplusArrived => "surplus_arrived",
            Self::SurplusReturned => "surplus_returned",
            Self::EvidenceRefused => "evidence_refused",
            Self::NotificationDue => "notification_due",
            Self::NotificationAcknowledged => "notification_acknowledged",
            Self::NotificationGivenUp => "notification_given_up",
            Self::Submitted => "submitted",
            Self::Passed => "passed",
            Self::Rejected => "rejected",
            Self::StatementPublished => "statement_published",
            Self::StatementReplaced => "statement_replaced",
            Self::Sent => "sent",
            Self::PayoutFailed => "payout_failed",
            Self::PayoutReturned => "payout_returned",
            Self::Repaired => "repaired",
            Self::Told => "told",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Used => "used",
            Self::Voided => "voided",
            Self::Released => "released",
            Self::Seized => "seized",
            Self::Billed => "billed",
            Self::StepBegun => "step_begun",
            Self::StepDone => "step_done",
            Self::StepFailed => "step_failed",
            Self::InputsChanged => "inputs_changed",
        }
    }

    /// The kind of a word of [`EventKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether an operator should look at it.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::SurplusArrived
                | Self::EvidenceRefused
                | Self::NotificationGivenUp
                | Self::PayoutFailed
                | Self::PayoutReturned
                | Self::StepFailed
                | Self::InputsChanged
        )
    }
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the timeline of its subject, from 0.
    pub index: u32,
    /// When (UTC).
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// More, for people; no secrets.
    pub detail: String,
}
