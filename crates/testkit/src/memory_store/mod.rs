//! The books in memory: one lock, ordered maps, no threads, nothing at random. The same steps give
//! the same books, so that a simulation's seed replays exactly.
//!
//! Kept honest by the conformance suite that the books on disk pass too.

mod books;
mod commit;
mod consent_states;
mod days;
mod desk;
mod facets;
mod follow;
mod journal;
mod lists;
mod office;
mod reads;
mod records;
mod settlements;
mod watch;
mod weighing;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use heliu_ports::journal::JournalFilter;
use heliu_ports::store::{
    Commit, CommitError, Committed, OwnerStanding, RecordCommit, RecordsCommitted, StoreError,
    StoreNews,
};
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::time::Timestamp;

use books::Books;
use desk::{Desk, NodeIndex};

pub use records::RecordStory;
pub use watch::Watch;

/// The books in memory. Each call is done when it returns its future, unless somebody watches them.
#[derive(Default)]
pub struct MemoryStore {
    books: Arc<Mutex<Books>>,
    watch: Option<Arc<dyn Watch>>,
    desk: Arc<Desk>,
    turns: Arc<tokio::sync::Mutex<()>>,
    node: NodeIndex,
}

impl MemoryStore {
    /// Empty books.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Empty books, watched and troubled by `watch`.
    #[must_use]
    pub fn watched(watch: Arc<dyn Watch>) -> Arc<Self> {
        Arc::new(Self {
            watch: Some(watch),
            ..Self::default()
        })
    }

    /// The same books as another node has them. Nodes know one another by `index`; the first is 0.
    #[must_use]
    pub fn beside(&self, index: usize) -> Arc<Self> {
        Arc::new(Self {
            books: Arc::clone(&self.books),
            watch: self.watch.clone(),
            desk: Arc::clone(&self.desk),
            turns: Arc::clone(&self.turns),
            node: index,
        })
    }

    /// A lease's time has gone by: what a node that died held may be due.
    pub fn leases_ended(&self) {
        self.desk.tell(self.node, StoreNews::LeasesEnded);
    }

    /// The books of one order as they stand, read past the watch.
    #[must_use]
    pub fn book(&self, merchant: &MerchantId, order_no: OrderNo) -> Option<OrderBook> {
        let story = self.lock().order_story(&(merchant.clone(), order_no))?;
        Some(story.book)
    }

    /// The books of every order as they stand, read past the watch.
    #[must_use]
    pub fn all_books(&self) -> Vec<OrderBook> {
        self.lock().order_books(None, u32::MAX)
    }

    /// When the earliest job is due for which something waits, read past the watch: the hours of a
    /// date come whether there is anything to do or not.
    #[must_use]
    pub fn earliest_job_at(&self) -> Option<Timestamp> {
        let books = self.lock();
        let jobs = books.jobs.values();
        let waited_for = jobs.filter(|job| job.key.kind != JobKind::SettleHour);
        waited_for.map(|job| job.due_at).min()
    }

    /// Every record of a kind as it stands, read past the watch.
    #[must_use]
    pub fn record_stories(&self, kind: RecordKind) -> Vec<RecordStory> {
        let books = self.lock();
        let of_kind = books.records.values().filter(|record| record.kind == kind);
        of_kind.map(|record| books.record_story(record)).collect()
    }

    /// Every record of a kind as it stands, without what stands around it, read past the watch.
    #[must_use]
    pub fn records_of(&self, kind: RecordKind) -> Vec<Record> {
        let books = self.lock();
        let of_kind = books.records.values().filter(|record| record.kind == kind);
        of_kind.cloned().collect()
    }

    /// The same of one owner's.
    #[must_use]
    pub fn records_of_owner(&self, kind: RecordKind, owner: &Owner) -> Vec<Record> {
        let books = self.lock();
        let fits = |record: &&Record| record.kind == kind && record.subject.owner == *owner;
        books.records.values().filter(fits).cloned().collect()
    }

    /// What stands on an owner's accounts, read past the watch.
    #[must_use]
    pub fn owner_standing(&self, owner: &Owner) -> OwnerStanding {
        self.lock().standing(owner.clone())
    }

    /// What stands on an owner's account, debits less credits, in fen, read past the watch.
    #[must_use]
    pub fn balance_fen(&self, owner: &Owner, account: &Account) -> i64 {
        let balances = self.lock().balances(&JournalFilter::whole(owner.clone()));
        let its = balances.into_iter().find(|it| it.account == *account);
        its.map_or(0, |balance| balance.balance_fen)
    }

    /// Whether a node has taken a job and not given it back, read past the watch.
    #[must_use]
    pub fn holds_jobs(&self) -> bool {
        !self.lock().leases.is_empty()
    }

    /// The office's record as it stands, read past the watch.
    #[must_use]
    pub fn audit_rows(&self) -> Vec<AuditEntry> {
        self.lock().audit.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Books) -> T,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let value = act(&mut self.lock());
        let watch = self.watch.clone();
        Box::pin(async move {
            if let Some(watch) = watch {
                watch.after().await?;
            }
            Ok(value)
        })
    }

    fn tell(&self, committed: Option<&Committed>) {
        if let Some(order) = committed.and_then(|committed| committed.after.order.as_ref()) {
            self.desk.wrote(self.node, order.order_no);
        }
    }

    async fn commit_watched(
        &self,
        commit: Commit,
        watch: &dyn Watch,
    ) -> Result<Committed, CommitError> {
        watch.before_commit().await?;
        let step = commit.step.clone();
        let (result, book) = {
            let mut books = self.lock();
            let result = books.commit(commit);
            let order_no = result
                .as_ref()
                .ok()
                .and_then(|done| Some(done.after.order.as_ref()?.order_no));
            let key = order_no.map(|order_no| (step.merchant_id.clone(), order_no));
            (result, key.and_then(|key| books.order_story(&key)))
        };
        watch.committed(&step, &result, book.map(|story| story.book).as_ref());
        self.tell(result.as_ref().ok());
        watch.after().await?;
        result.map_err(CommitError::Rejected)
    }

    async fn commit_records_watched(
        &self,
        commit: RecordCommit,
        watch: &dyn Watch,
    ) -> Result<RecordsCommitted, CommitError> {
        watch.before_commit().await?;
        let (result, after, audit) = {
            let mut books = self.lock();
            let result = books.commit_records(commit.clone());
            let after = result.iter().flat_map(|done| done.after.iter().flatten());
            let after: Vec<_> = after.map(|record| books.record_story(record)).collect();
            (result, after, books.audit.clone())
        };
        watch.records_committed(&commit, &result, &after, &audit);
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        watch.after().await?;
        result
    }
}
