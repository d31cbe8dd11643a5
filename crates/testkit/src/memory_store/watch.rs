//! Who watches the books in memory, and what trouble they may make: slow calls, lost answers,
//! absences.

use futures::future::BoxFuture;
use heliu_ports::store::{
    CommitError, Committed, DirectoryChange, RecordCommit, RecordsCommitted, StoreError,
};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::invariant::OrderBook;
use heliu_trade::step::Step;

use super::records::RecordStory;

/// Sees every commit, and may hold up or lose what the books answer.
pub trait Watch: Send + Sync {
    /// Before a commit. An error is the answer in its place, and nothing is committed.
    fn before_commit(&self) -> BoxFuture<'static, Result<(), StoreError>>;

    /// A commit ended; `book` is its order's, as it stands now.
    fn committed(
        &self,
        step: &Step,
        result: &Result<Committed, TradeError>,
        book: Option<&OrderBook>,
    );

    /// A commit of records ended; `after` are those that it worked on, as they stand now, and
    /// `audit` is all that the office's record holds.
    fn records_committed(
        &self,
        commit: &RecordCommit,
        result: &Result<RecordsCommitted, CommitError>,
        after: &[RecordStory],
        audit: &[AuditEntry],
    );

    /// The directory was changed by itself, beside no record.
    fn directory_changed(&self, change: &DirectoryChange);

    /// After a commit or a read took place. An error is the answer in its place: what was done
    /// stays.
    fn after(&self) -> BoxFuture<'static, Result<(), StoreError>>;
}
