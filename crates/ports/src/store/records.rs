//! Records: aggregates that are kept whole.

use futures::future::BoxFuture;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use heliu_trade::records::RecordStep;
use heliu_trade::time::Timestamp;

use super::directory::DirectoryChange;
use super::outcome::CommitError;
use crate::store_error::Answer;

/// A step of records, with what it changes in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCommit {
    /// The step.
    pub step: RecordStep,
    /// Changes of the directory that are made in the same transaction, if the step takes effect.
    pub directory: Vec<DirectoryChange>,
    /// Who of the office does it; written down with it, if the step takes effect.
    pub audit: Option<Box<NewAudit>>,
}

/// What was committed: on disk when this returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsCommitted {
    /// The records that the step wanted, as they are afterwards, and those that it made behind
    /// them.
    pub after: Vec<Option<Record>>,
    /// When the earliest job that it wrote is due.
    pub next_job_at: Option<Timestamp>,
}

/// Which records a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFilter {
    /// Of which kind.
    pub kind: RecordKind,
    /// In which state, by its word.
    pub state: Option<String>,
    /// Only those with lower numbers, which are older.
    pub below: Option<PlatformNo>,
    /// So many at most.
    pub limit: u32,
}

/// Records. A facet of the books.
pub trait Records: Send + Sync {
    /// Takes a step of records' lives: loads what it wants, has the core decide, and saves that
    /// with what follows and with the changes of the directory, in one transaction. Of two at once
    /// about the same name, the second one finds what the first one wrote.
    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>>;

    /// The record of a name that no other one has, or of a number.
    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>>;

    /// The record of a number, whosever it is.
    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>>;

    /// The newest hundred records that have a mark, newest first.
    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>>;

    /// Records, newest first.
    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>>;
}
