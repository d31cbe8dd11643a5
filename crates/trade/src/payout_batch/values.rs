//! What a batch is.

use serde::{Deserialize, Serialize};

use crate::approval::Approval;
use crate::calendar::BusinessDate;
use crate::day::StepName;
use crate::followup::subject::{Owner, Subject};
use crate::id::{ChannelAccountId, PlatformNo};
use crate::payout::Payout;
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::settlement_terms::Cycle;
use crate::time::Timestamp;

/// Bills of a batch: they change together in one transaction. Of more several batches are made.
pub const BATCH_BILLS_MAX: usize = 500;

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Made; nobody has asked for it to pass.
    Drafted,
    /// Another person has to look at it.
    Submitted,
    /// Two people have let it pass, and their approval is used; or a part of a standing one is.
    Approved,
    /// Its bills are being sent.
    Sending,
    /// Each of its bills has a certain end.
    Done,
    /// The checker said no.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// One of its bills changed meanwhile.
    Void,
}

impl BatchState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Drafted,
        Self::Submitted,
        Self::Approved,
        Self::Sending,
        Self::Done,
        Self::Rejected,
        Self::Expired,
        Self::Void,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }

    /// The state of a word of [`BatchState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A bill of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchBill {
    /// Our number of it.
    pub payout_no: PlatformNo,
    /// Who is paid.
    pub owner: Owner,
}

impl BatchBill {
    /// The bill, for a step.
    #[must_use]
    pub fn want(&self) -> Want {
        Payout::want(Subject {
            owner: self.owner.clone(),
            no: self.payout_no,
        })
    }
}

/// The file in which a batch goes to its bank. It is made before people look at the batch, and its
/// digest is a part of what they let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFile {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The numbers of its requests, one for each bill of the batch, in their order.
    pub request_nos: Vec<PlatformNo>,
    /// How far it has come.
    pub state: FileState,
}

/// How far a batch's file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Its digest is known; nobody has it.
    Made,
    /// Somebody has it, to hand it to the bank.
    HandedOver,
    /// It is not what was let pass, and goes to nobody.
    Void,
}

impl FileState {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::HandedOver => "handed_over",
            Self::Void => "void",
        }
    }
}

/// Bills that are let pass and sent together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutBatch {
    /// Our number of it.
    pub batch_no: PlatformNo,
    /// The day on which it is to be sent.
    pub date: BusinessDate,
    /// The cycle of its bills.
    pub cycle: Cycle,
    /// The account that pays them.
    pub channel_account_id: ChannelAccountId,
    /// Its bills, by number; at most [`BATCH_BILLS_MAX`].
    pub bills: Vec<BatchBill>,
    /// What they pay together, in fen.
    pub sum_fen: i64,
    /// Digest of its [`PayoutBatch::content`]: SHA-256, in hexadecimal.
    pub hash: String,
    /// Where it stands.
    pub state: BatchState,
    /// Our number of the approval that lets it pass.
    pub approval_no: Option<PlatformNo>,
    /// Our number of the standing approval of which it uses a part, where that lets it pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing_no: Option<PlatformNo>,
    /// Why it did not pass.
    pub reason: String,
    /// The file in which it goes to its bank, where the bank takes files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<BatchFile>,
}

/// What a batch is found by.
const DATE: &str = "date";
/// What stands before its number where an approval is about it.
const APPROVED: &str = "batch ";

impl PayoutBatch {
    /// What the batch of a number is about.
    #[must_use]
    pub const fn subject_of(batch_no: PlatformNo) -> Subject {
        Subject {
            owner: Owner::Platform,
            no: batch_no,
        }
    }

    /// The batch of a number, for a step.
    #[must_use]
    pub const fn want(batch_no: PlatformNo) -> Want {
        Want::Numbered(RecordKind::PayoutBatch, Self::subject_of(batch_no))
    }

    /// Whether a standing approval may let it pass: money of the same day, and withdrawals.
    #[must_use]
    pub const fn may_stand(&self) -> bool {
        matches!(self.cycle, Cycle::D0 | Cycle::Manual)
    }

    /// From when on it is sent once it has passed: money of the same day and withdrawals at once,
    /// any other not before the day's own sending (section 6 of the back half).
    #[must_use]
    pub fn sent_from(&self, now: Timestamp) -> Timestamp {
        let morning = StepName::Send.due_at(BusinessDate::of(now).previous());
        if self.may_stand() {
            now
        } else {
            now.max(morning)
        }
    }

    /// What its approval is about, as people write it.
    #[must_use]
    pub fn approval_subject(&self) -> String {
        format!("{APPROVED}{}", self.batch_no)
    }

    /// The batch that an approval is about; `None`: it is about something else.
    #[must_use]
    pub fn want_of(approval: &Approval) -> Option<Want> {
        let number = approval.subject.strip_prefix(APPROVED)?;
        Some(Self::want(number.parse().ok()?))
    }

    /// What a step about it and its bills works on: the batch, then its bills.
    #[must_use]
    pub fn wants(&self) -> Vec<Want> {
        let bills = self.bills.iter().map(BatchBill::want);
        std::iter::once(Self::want(self.batch_no))
            .chain(bills)
            .collect()
    }

    /// The number under which a bill of it goes into its file, if it has one.
    #[must_use]
    pub fn request_no_of(&self, payout_no: PlatformNo) -> Option<PlatformNo> {
        let place = self.bills.iter().position(|it| it.payout_no == payout_no)?;
        self.file.as_ref()?.request_nos.get(place).copied()
    }

    /// What two people look at and what is sent: a line a bill (its number, owner, digest of its
    /// card, fen), by number; then the digest of the file in which they go, if they go in one.
    #[must_use]
    pub fn content<'a>(&self, bills: impl IntoIterator<Item = &'a Payout>) -> String {
        let mut bills: Vec<_> = bills.into_iter().collect();
        bills.sort_by_key(|bill| bill.payout_no);
        let mut text: String = bills.into_iter().map(Payout::line).collect();
        if let Some(file) = &self.file {
            text.push_str(&format!("file {}\n", file.sha256));
        }
        text
    }

    /// The mark of all batches of a day.
    #[must_use]
    pub fn mark_of_date(date: BusinessDate) -> Name {
        Name::new(DATE, date.to_string())
    }
}

impl Aggregate for PayoutBatch {
    const KIND: RecordKind = RecordKind::PayoutBatch;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of_date(self.date)]
    }
}
