//! What happens to bills. What their batch does with them stands with it.

use crate::error::TradeError;
use crate::followup::job::JobKind;
use crate::id::PlatformNo;
use crate::record::Draft;
use crate::verdict::PayoutResult;

use super::change;
use super::draft::{self, NewPayout};
use super::end::{self, PayoutEnd};
use super::file_end::{self, FileEnd};
use super::{send, verdict};

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A bill of all settlements of an owner that are due. The step wants those settlements, then
    /// the owner's active holds, oldest first, then its cards. Where there is too little, nothing
    /// changes.
    Draft(Box<NewPayout>),
    /// A bill of what an owner withdraws. The step wants the withdrawal, then the owner's cards.
    Withdraw(Box<NewPayout>),
    /// The bank knows nothing of the number, so it is sent again. The step wants the bill.
    SendAgain,
    /// What the bank says, by whichever way it came. The step wants the bill, then its owner's
    /// cards.
    Record {
        /// What it says.
        result: PayoutResult,
        /// Our number of the bill that stands in for it if it comes back and its cycle has one.
        next_no: PlatformNo,
    },
    /// Two people end by hand what the bank says nothing about. The step wants the bill, then the
    /// approval.
    End(Box<PayoutEnd>),
    /// A bank's file says what became of it, and another person has let the file pass. The step
    /// wants the bill, then its owner's cards, then the approval.
    EndByFile(Box<FileEnd>),
    /// Finance sends it again: one that failed, or that came back and has no other in its stead.
    /// The step wants the bill, then its owner's cards.
    Repair,
    /// The owner has another card: a new bill takes its place, without an entry. With the same card
    /// nothing changes. The step wants the bill, then its owner's cards.
    Redraw {
        /// Our number of the new bill.
        next_no: PlatformNo,
    },
    /// It is undone for good, before it was sent. The step wants the bill.
    Void {
        /// Why, for people.
        reason: String,
    },
    /// Whoever puts bills into batches has looked at it. The step wants the bill.
    Gathered,
    /// Its agent is about to be told how it ended; nobody tells it a second time. A repeat changes
    /// nothing. The step wants the bill.
    BeginTelling,
    /// Its reserve's time is over. The step wants the bill.
    ReleaseReserve,
    /// A refund that ran when it was made has ended. The step wants the bill.
    ReleaseRefund {
        /// Our number of the refund.
        refund_no: PlatformNo,
    },
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Draft(new) => draft::decide(draft, new),
        Action::Withdraw(new) => draft::withdraw(draft, new),
        Action::SendAgain => send::again(draft),
        Action::Record { result, next_no } => verdict::record(draft, result, *next_no),
        Action::End(end) => end::decide(draft, end),
        Action::EndByFile(end) => file_end::decide(draft, end),
        Action::Repair => change::repair(draft),
        Action::Gathered => {
            draft.drop_job(0, JobKind::FormBatch);
            Ok(())
        }
        Action::Redraw { next_no } => change::redraw(draft, *next_no),
        Action::Void { reason } => change::void(draft, reason),
        Action::BeginTelling => change::begin_telling(draft),
        Action::ReleaseReserve => change::release_reserve(draft),
        Action::ReleaseRefund { refund_no } => change::release_refund(draft, *refund_no),
    }
}
