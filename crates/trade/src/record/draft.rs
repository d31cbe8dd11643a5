//! A decision about records in the making.

use crate::error::{ErrorCode, TradeError};
use crate::followup::consequences::{Consequences, Counts};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::ledger::{Account, EntryCause, EntryKind, Line};
use crate::save::Save;
use crate::time::Timestamp;

use super::{Aggregate, Balances, Loaded, Record, RecordChanges, SavedRecord};

/// What was loaded, and what has changed so far.
pub(crate) struct Draft {
    pub(crate) now: Timestamp,
    balances: Option<Balances>,
    changes: RecordChanges,
}

impl Draft {
    pub(crate) fn new(now: Timestamp, loaded: Loaded) -> Self {
        Self {
            now,
            balances: loaded.balances,
            changes: RecordChanges {
                after: loaded.records,
                saved: Vec::new(),
                given: Vec::new(),
                takes_effect: false,
            },
        }
    }

    pub(crate) fn finish(self) -> RecordChanges {
        self.changes
    }

    /// What the caller wants of the directory besides is done with this step.
    pub(crate) const fn take_effect(&mut self) {
        self.changes.takes_effect = true;
    }

    /// A number of ours stands inside of a record from now on, beside the records' own.
    pub(crate) fn gives(&mut self, number: PlatformNo) {
        self.changes.given.push(number);
    }

    /// How many places there are: those of the step's wants, and of what it made.
    pub(crate) const fn len(&self) -> usize {
        self.changes.after.len()
    }

    /// The record at a place of the step's wants, if it is there.
    pub(crate) fn record(&self, place: usize) -> Option<&Record> {
        self.changes.after.get(place).and_then(Option::as_ref)
    }

    /// What stands on an account of the owner whom the step weighs, as it was before the step, in
    /// fen.
    ///
    /// # Errors
    /// The step weighs another owner, or none: a fault of ours.
    pub(crate) fn balance_fen(&self, owner: &Owner, account: &Account) -> Result<i64, TradeError> {
        let balances = self.balances.as_ref();
        let balances = balances.filter(|balances| balances.owner == *owner);
        let balances = balances.ok_or_else(|| {
            let message = format!("the balances of {owner} were not read");
            TradeError::new(ErrorCode::Internal, message)
        })?;
        Ok(balances.fen.get(account).copied().unwrap_or(0))
    }

    /// The aggregate at a place of the step's wants; `None` if it is not there.
    pub(crate) fn get<A: Aggregate>(&self, place: usize) -> Result<Option<A>, TradeError> {
        let record = self.record(place);
        record.map(Record::read).transpose().map_err(damaged)
    }

    /// Makes a record; its place.
    pub(crate) fn insert<A: Aggregate>(
        &mut self,
        subject: Subject,
        aggregate: &A,
    ) -> Result<usize, TradeError> {
        let record = Record {
            subject: subject.clone(),
            kind: A::KIND,
            state: aggregate.state().to_owned(),
            created_at: self.now,
            changed_at: self.now,
            counts: Counts::default(),
            body: text(aggregate)?,
        };
        self.changes.saved.push(SavedRecord {
            record: record.clone(),
            save: Save::Insert,
            names: aggregate.names(),
            marks: aggregate.marks(),
            consequences: Consequences::about(subject),
        });
        self.changes.after.push(Some(record));
        Ok(self.changes.after.len() - 1)
    }

    /// Writes the aggregate at a place, which is there.
    pub(crate) fn update<A: Aggregate>(
        &mut self,
        place: usize,
        aggregate: &A,
    ) -> Result<(), TradeError> {
        let (now, body) = (self.now, text(aggregate)?);
        self.change(place, |record, _| {
            aggregate.state().clone_into(&mut record.state);
            (record.changed_at, record.body) = (now, body);
        });
        Ok(())
    }

    /// Appends to the timeline of the record at a place.
    pub(crate) fn event(&mut self, place: usize, kind: EventKind, detail: impl Into<String>) {
        let now = self.now;
        self.change(place, |record, consequences| {
            record.counts.event(consequences, now, kind, detail);
        });
    }

    /// Books an entry of the record at a place, in its owner's book.
    pub(crate) fn post(&mut self, place: usize, kind: EntryKind, lines: Vec<Line>) {
        let (now, cause) = (self.now, EntryCause::default());
        self.change(place, |record, consequences| {
            record.counts.post(consequences, now, kind, cause, lines);
        });
    }

    /// Writes a job of the record at a place, due at `due_at`.
    pub(crate) fn put_job(&mut self, place: usize, kind: JobKind, due_at: Timestamp) {
        self.change(place, |record, consequences| {
            let about = record.subject.no.as_u64();
            consequences.put_job(kind, about, due_at);
        });
    }

    /// Drops a job of the record at a place, if there is one.
    pub(crate) fn drop_job(&mut self, place: usize, kind: JobKind) {
        self.change(place, |record, consequences| {
            consequences.drop_job(kind, record.subject.no.as_u64());
        });
    }

    /// Changes the record at a place, and has it saved.
    fn change(&mut self, place: usize, change: impl FnOnce(&mut Record, &mut Consequences)) {
        let Some(Some(record)) = self.changes.after.get_mut(place) else {
            return;
        };
        let saved = &mut self.changes.saved;
        let known = saved
            .iter()
            .position(|saved| saved.record.subject == record.subject);
        let index = known.unwrap_or_else(|| {
            saved.push(SavedRecord {
                record: record.clone(),
                save: Save::Update,
                names: Vec::new(),
                marks: Vec::new(),
                consequences: Consequences::about(record.subject.clone()),
            });
            saved.len() - 1
        });
        let Some(saved) = saved.get_mut(index) else {
            return;
        };
        change(record, &mut saved.consequences);
        saved.record = record.clone();
        // A step may want the same record under several of its names.
        let after = self.changes.after.iter_mut().flatten();
        for same in after.filter(|other| other.subject == saved.record.subject) {
            same.clone_from(&saved.record);
        }
    }
}

fn text<A: Aggregate>(aggregate: &A) -> Result<String, TradeError> {
    serde_json::to_string(aggregate).map_err(damaged)
}

/// What is kept cannot be read or written: a fault of ours, which the operator sees.
pub(crate) fn damaged(cause: impl std::fmt::Display) -> TradeError {
    TradeError::new(ErrorCode::Internal, format!("a record is damaged: {cause}"))
}
