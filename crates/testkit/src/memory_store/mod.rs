//! The books in memory: one lock, ordered maps, no threads, nothing at random. The same steps give
//! the same books, so that a simulation's seed replays exactly.
//!
//! Kept honest by the conformance suite that the books on disk pass too.

mod books;
mod commit;
mod consent_states;
mod desk;
mod follow;
mod lists;
mod office;
mod reads;
mod records;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::keys::SealedKey;
use heliu_ports::store::{
    AgentRecord, AppRecord, AuditFilter, Commit, CommitError, Committed, ConsentState,
    DirectoryChange, Enrolment, JobClass, Newcomer, NotificationFilter, OrderKey, OrderStory,
    RecordCommit, RecordFilter, RecordsCommitted, RefundKey, StateUse, Store, StoreError,
    StoreNews,
};
use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{Agent, ChannelAccount};
use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, NotificationNo, OrderNo, PlatformNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::order::Order;
use heliu_trade::person::Person;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;

use books::Books;
use desk::{Desk, NodeIndex};

pub use watch::Watch;

/// The books in memory. Each call is done when it returns its future, unless somebody watches them.
#[derive(Default)]
pub struct MemoryStore {
    books: Arc<Mutex<Books>>,
    watch: Option<Arc<dyn Watch>>,
    desk: Arc<Desk>,
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

    /// When the earliest job is due, read past the watch.
    #[must_use]
    pub fn earliest_job_at(&self) -> Option<Timestamp> {
        self.lock().next_job_at()
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
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

impl Store for MemoryStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        if let Some(watch) = self.watch.clone() {
            return Box::pin(async move { self.commit_watched(commit, &*watch).await });
        }
        let result = self.lock().commit(commit);
        self.tell(result.as_ref().ok());
        Box::pin(async move { result.map_err(CommitError::Rejected) })
    }

    fn news(&self) -> BoxStream<'static, StoreNews> {
        Box::pin(self.desk.listen(self.node))
    }

    fn announce_wait(&self, order_no: OrderNo) {
        self.desk.watch(self.node, order_no);
    }

    fn record(&self, record: ExchangeRecord) {
        self.lock().record(record);
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>> {
        self.answer(|books| books.find_order(merchant, &key))
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>> {
        self.answer(|books| books.find_refund(merchant, &key))
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Vec<Refund>> {
        self.answer(|books| books.refunds_of_order(merchant, order_no))
    }

    fn is_issued_code(&self, content: String) -> Answer<'_, bool> {
        self.answer(|books| books.is_issued_code(&content))
    }

    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>> {
        self.answer(|books| books.find_notification(subject, notification_no))
    }

    fn trail(&self, subject: &Subject) -> Answer<'_, Trail> {
        self.answer(|books| books.trail(subject))
    }

    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>> {
        self.answer(|books| books.claim_jobs(self.node, class, now, lease_ms, limit))
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()> {
        self.answer(|books| books.return_job(self.node, &key, at))
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()> {
        self.answer(|books| books.pull_back(now, lease_ms))
    }

    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>> {
        self.answer(|books| books.next_job_at())
    }

    fn high_water_second(&self) -> Answer<'_, u64> {
        self.answer(|books| books.high_water_second)
    }

    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>> {
        self.answer(|books| books.find_app(dialect, app))
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>> {
        self.answer(|books| books.find_agent(dialect, agent))
    }

    fn list_agents(&self) -> Answer<'_, Vec<Agent>> {
        self.answer(|books| books.agents.values().cloned().collect())
    }

    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        let result = self.lock().commit_records(commit);
        Box::pin(async move { result })
    }

    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>> {
        self.answer(|books| books.find_record(&want))
    }

    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>> {
        self.answer(|books| books.numbered_record(kind, no))
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>> {
        self.answer(|books| books.marked_records(kind, &mark))
    }

    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>> {
        self.answer(|books| books.list_records(&filter))
    }

    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse> {
        self.answer(|books| books.use_consent_state(state, now))
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        self.answer(|books| books.find_channel_account(account))
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        self.answer(|books| books.find_exchange(exchange_no))
    }

    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>> {
        self.answer(|books| books.accounts.values().cloned().collect())
    }

    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>> {
        self.answer(|books| {
            books
                .rates
                .iter()
                .map(|(currency, rate)| (*currency, *rate))
                .collect()
        })
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()> {
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        self.answer(|books| {
            books.change_directory(change);
            books.write_down(audit);
        })
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool> {
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        self.answer(|books| books.admit(newcomer, audit))
    }

    fn list_people(&self) -> Answer<'_, Vec<Person>> {
        self.answer(|books| books.people.values().cloned().collect())
    }

    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>> {
        self.answer(|books| books.list_audit(&filter))
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>> {
        self.answer(|books| books.audit_chain(after_seq, limit))
    }

    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>> {
        self.answer(|books| books.list_merchants())
    }

    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>> {
        self.answer(|books| books.list_keys(&owner))
    }

    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>> {
        self.answer(|books| books.search_orders(&number))
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>> {
        self.answer(|books| books.order_story(&(merchant.clone(), order_no)))
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>> {
        self.answer(|books| books.order_books(after, limit))
    }

    fn journal_sum_fen(&self) -> Answer<'_, i64> {
        self.answer(|books| books.journal_sum_fen())
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>> {
        self.answer(|books| books.list_notifications(&filter))
    }
}
