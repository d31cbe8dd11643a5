//! What a step of a business date is, and what it is found by.

use serde::{Deserialize, Serialize};

use super::plan::StepName;
use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::time::Timestamp;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayStepState {
    /// It is not due yet, or waits for others.
    Waiting,
    /// A node runs it; or one that died did, if the lease is over.
    Running,
    /// It is done. Some of its pieces may have failed; they alone are tried again.
    Done,
    /// It did not come through; what needs it waits.
    Failed,
}

impl DayStepState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Who runs a step, and until when nobody else may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The number of this run, which no other one has.
    pub run_no: PlatformNo,
    /// Until when (UTC), unless it is renewed.
    pub until: Timestamp,
}

impl Lease {
    /// The node that runs it, as its number says.
    #[must_use]
    pub const fn node(&self) -> u8 {
        self.run_no.node()
    }
}

/// A piece of a step's work that failed: it stops no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFailure {
    /// Which: an owner, a batch, a file.
    pub what: String,
    /// Why, for people; no secrets.
    pub why: String,
}

/// What a step did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// Pieces that are done, those of earlier runs too.
    pub done: u64,
    /// Pieces that failed.
    pub failed: Vec<ItemFailure>,
    /// What it made, for people.
    pub message: String,
}

impl StepDone {
    /// So many pieces, all well.
    pub fn all_well(done: u64, message: impl Into<String>) -> Self {
        Self {
            done,
            failed: Vec::new(),
            message: message.into(),
        }
    }
}

/// One step of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayStep {
    /// Our number of it.
    pub step_no: PlatformNo,
    /// Of which date.
    pub date: BusinessDate,
    /// Which step.
    pub step: StepName,
    /// Where it stands.
    pub state: DayStepState,
    /// Who runs it, or ran it last.
    pub lease: Option<Lease>,
    /// Digest of what it works on, since it was first begun.
    pub inputs: Option<String>,
    /// Another digest that a later run met when the step was done: an alarm.
    pub other_inputs: Option<String>,
    /// How often it was begun.
    pub runs: u32,
    /// Pieces that are done.
    pub done: u64,
    /// Pieces that there are, as far as the run knows.
    pub of: u64,
    /// How many pieces failed.
    pub failed: u64,
    /// The first of those.
    pub failures: Vec<ItemFailure>,
    /// What it made, or why it failed, for people.
    pub message: String,
    /// When it was done (UTC).
    pub done_at: Option<Timestamp>,
}

/// Failed pieces that a record lists.
pub(super) const FAILURES_MAX: usize = 50;

/// What a step is found by.
const STEP: &str = "step";
const DATE: &str = "date";

impl DayStep {
    /// One that waits.
    #[must_use]
    pub const fn waiting(step_no: PlatformNo, date: BusinessDate, step: StepName) -> Self {
        Self {
            step_no,
            date,
            step,
            state: DayStepState::Waiting,
            lease: None,
            inputs: None,
            other_inputs: None,
            runs: 0,
            done: 0,
            of: 0,
            failed: 0,
            failures: Vec::new(),
            message: String::new(),
            done_at: None,
        }
    }

    /// The platform's own, by its number.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject {
            owner: Owner::Platform,
            no: self.step_no,
        }
    }

    /// What a step about it works on.
    #[must_use]
    pub fn want(date: BusinessDate, step: StepName) -> Want {
        Want::Named(RecordKind::DayStep, Self::name(date, step))
    }

    fn name(date: BusinessDate, step: StepName) -> Name {
        Name::new(STEP, format!("{date}/{}", step.as_str()))
    }

    /// What all steps of a date are found by.
    #[must_use]
    pub fn mark(date: BusinessDate) -> Name {
        Name::new(DATE, date.to_string())
    }

    /// Whether it has come through with every piece.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.state == DayStepState::Done && self.failed == 0
    }

    /// Whether somebody runs it now.
    #[must_use]
    pub fn is_held(&self, now: Timestamp) -> bool {
        let lease = self.lease.as_ref();
        self.state == DayStepState::Running && lease.is_some_and(|lease| lease.until > now)
    }

    /// Whether this run holds it.
    #[must_use]
    pub fn is_run_by(&self, run_no: PlatformNo) -> bool {
        let lease = self.lease.as_ref();
        self.state == DayStepState::Running && lease.is_some_and(|lease| lease.run_no == run_no)
    }
}

impl Aggregate for DayStep {
    const KIND: RecordKind = RecordKind::DayStep;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        vec![Self::name(self.date, self.step)]
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark(self.date)]
    }
}
