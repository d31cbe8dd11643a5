//! Aggregates that are not hot: an application, a login code, later a payout or an approval.
//!
//! Each is kept whole, as one text, beside the few things by which it is looked for: its state and
//! its names. So the stores know one kind of row for all of them, and a further aggregate is a
//! folder of this crate and a line in [`RecordKind`] and in `records`.
//!
//! A step names the records that it works on. They are loaded, decided upon and saved in one
//! transaction, with all that follows.

mod balances;
mod draft;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::followup::consequences::{Consequences, Counts};
use crate::followup::subject::Subject;
use crate::id::PlatformNo;
use crate::save::Save;
use crate::time::Timestamp;

pub use balances::{Balances, Loaded};
pub(crate) use draft::{Draft, damaged};

/// Kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// 进件: a merchant that wants to come in.
    Application,
    /// A code by which somebody proves to have a mobile number.
    LoginCode,
    /// 对账单: a file that an agent fetches.
    Statement,
    /// 结算: what one trade date owes an owner.
    Settlement,
    /// 打款: one bill.
    Payout,
    /// 批次: bills that are let pass and sent together.
    PayoutBatch,
    /// 复核: what one person proposes and another one lets pass.
    Approval,
    /// How an owner is settled.
    SettlementTerms,
    /// 结算卡: the cards to which an owner is paid.
    SettlementCards,
    /// 冻结: money that is not paid out.
    Hold,
    /// 调账: a balance that was put right.
    Adjustment,
    /// 提现: money that an owner asked for.
    Withdrawal,
    /// Payouts that are let pass up to a limit, until a day.
    Standing,
    /// 账期日: a step of a business date.
    DayStep,
    /// 分润归集: an agent's shares of a date.
    Sweep,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Application,
        Self::LoginCode,
        Self::Statement,
        Self::Settlement,
        Self::Payout,
        Self::PayoutBatch,
        Self::Approval,
        Self::SettlementTerms,
        Self::SettlementCards,
        Self::Hold,
        Self::Adjustment,
        Self::Withdrawal,
        Self::Standing,
        Self::DayStep,
        Self::Sweep,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::LoginCode => "login_code",
            Self::Statement => "statement",
            Self::Settlement => "settlement",
            Self::Payout => "payout",
            Self::PayoutBatch => "payout_batch",
            Self::Approval => "approval",
            Self::SettlementTerms => "settlement_terms",
            Self::SettlementCards => "settlement_cards",
            Self::Hold => "hold",
            Self::Adjustment => "adjustment",
            Self::Withdrawal => "withdrawal",
            Self::Standing => "standing",
            Self::DayStep => "day_step",
            Self::Sweep => "sweep",
        }
    }

    /// The kind of a word of [`RecordKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Something by which a record is found: what it is, and the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// What: a word of the aggregate's own.
    pub what: &'static str,
    /// The text; of what is private its keyed digest.
    pub text: String,
}

impl Name {
    /// A name.
    pub fn new(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            what,
            text: text.into(),
        }
    }
}

/// What is kept as a record.
pub trait Aggregate: Serialize + DeserializeOwned {
    /// Its kind.
    const KIND: RecordKind;

    /// Its state, a word of its own.
    fn state(&self) -> &'static str;

    /// Names that no other record of its kind has. They do not change.
    fn names(&self) -> Vec<Name>;

    /// Names that it may share with others of its kind. They do not change.
    fn marks(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// A record as the books keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose, and its number.
    pub subject: Subject,
    /// What it is.
    pub kind: RecordKind,
    /// Its state's word.
    pub state: String,
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// When it last changed (UTC).
    pub changed_at: Timestamp,
    /// How far its journal and its timeline have come.
    pub counts: Counts,
    /// The aggregate, as JSON.
    pub body: String,
}

/// A record does not hold what its kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} cannot be read as {kind}: {why}")]
pub struct UnreadableRecord {
    subject: Subject,
    kind: &'static str,
    why: String,
}

impl Record {
    /// The aggregate.
    ///
    /// # Errors
    /// It is of another kind, or damaged.
    pub fn read<A: Aggregate>(&self) -> Result<A, UnreadableRecord> {
        let unreadable = |why: String| UnreadableRecord {
            subject: self.subject.clone(),
            kind: A::KIND.as_str(),
            why,
        };
        if self.kind != A::KIND {
            return Err(unreadable(format!("it is of kind {}", self.kind.as_str())));
        }
        serde_json::from_str(&self.body).map_err(|cause| unreadable(cause.to_string()))
    }
}

/// A record that a step works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// By its number.
    Numbered(RecordKind, Subject),
    /// By a name that no other one has.
    Named(RecordKind, Name),
}

/// A record that is new or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedRecord {
    /// The record.
    pub record: Record,
    /// Which of both.
    pub save: Save,
    /// Its names, if it is new: those that no other one has.
    pub names: Vec<Name>,
    /// Its marks, if it is new.
    pub marks: Vec<Name>,
    /// What follows, about it.
    pub consequences: Consequences,
}

/// What a decision makes of the books. The store saves exactly this, in one transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordChanges {
    /// The records that the step wanted, as they are afterwards, and those that it made behind
    /// them.
    pub after: Vec<Option<Record>>,
    /// Those of them that are new or changed.
    pub saved: Vec<SavedRecord>,
    /// Numbers of ours that stand inside of records since: of a request to a bank, say. They count
    /// as the records' own do, so that nobody gives them again.
    pub given: Vec<PlatformNo>,
    /// Whether what the caller wants of the directory besides is done with it: not with a repeat.
    pub takes_effect: bool,
}

impl RecordChanges {
    /// The highest second of any number that it gives: no number of that second or before is given
    /// after it. `None`: it gives none.
    #[must_use]
    pub fn highest_second(&self) -> Option<u64> {
        let new = self.saved.iter();
        let new = new.filter(|saved| saved.save == Save::Insert);
        let numbers = new.map(|saved| saved.record.subject.no);
        let numbers = numbers.chain(self.given.iter().copied());
        numbers.map(PlatformNo::second).max()
    }

    /// When the earliest of the jobs that it writes is due.
    #[must_use]
    pub fn next_job_at(&self) -> Option<Timestamp> {
        let due = self.saved.iter();
        due.filter_map(|saved| saved.consequences.next_job_at())
            .min()
    }
}
