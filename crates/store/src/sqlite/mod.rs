//! The books in one SQLite file.
//!
//! Write-ahead log, full synchronisation: what was answered survives a power cut. One writer thread
//! commits commands in groups (`writer`); a few connections read beside it (`readers`).
//!
//! | part | what it does |
//! | --- | --- |
//! | `connection`, `migrate` | opens the file and brings its schema up to date |
//! | `work`, `inbox` | commands on their way to the writer |
//! | `writer` | the one thread that writes |
//! | `readers`, `read` | reads, which nobody waits for |
//! | `query`, `cells` | queries whose rows become values |
//! | `back_up`, `moving`, `draft` | a copy while others write; books that move; a file that is there whole |
//! | `wal` | the log that the process before left: whether all that was acknowledged is in it |
//! | `private` | files that nobody else reads |
//! | `fault` | what can go wrong |

pub(crate) mod back_up;
mod cells;
mod connection;
mod draft;
mod fault;
mod inbox;
mod lists;
pub(crate) mod migrate;
pub(crate) mod moving;
pub(crate) mod private;
mod query;
mod read;
mod readers;
pub(crate) mod wal;
mod work;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures::future::BoxFuture;
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::exchange_shares::LogLimits;
use heliu_ports::keys::SealedKey;
use heliu_ports::store::{
    AgentRecord, AppRecord, AuditFilter, BooksDamage, Commit, CommitError, Committed, ConsentState,
    DirectoryChange, Enrolment, JobClass, Newcomer, NotificationFilter, OrderKey, OrderStory,
    RecordCommit, RecordFilter, RecordsCommitted, RefundKey, StateUse, Store, StoreError,
};
use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{Agent, ChannelAccount};
use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, NODE_MAX, NotificationNo, OrderNo,
    PlatformNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::order::Order;
use heliu_trade::person::Person;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::condition::Condition;
use fault::Fault;
use inbox::Inbox;
use readers::Readers;
use work::{Answer, Reply, Request, Work};

/// Where the books are and who keeps them.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The file; its folder must exist. Made if it is missing.
    pub path: PathBuf,
    /// The number of this node, 0 to 63.
    pub node: u8,
}

/// A loss of acknowledged commits that somebody has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedLoss {
    /// The code by which the refusal named it.
    pub code: String,
    /// When (UTC).
    pub at: Timestamp,
}

/// The books in one SQLite file. Dropping it finishes what was sent, closes the file, and waits for
/// that.
pub struct SqliteStore {
    path: PathBuf,
    node: u8,
    inbox: Arc<Inbox>,
    condition: Arc<Condition>,
    readers: Readers,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl SqliteStore {
    /// Opens the books, making or upgrading them if need be, and makes jobs due that a process held
    /// when it died. The caller holds the folder's lock. Blocks for as long as that takes.
    ///
    /// # Errors
    /// In plain words: the file cannot be opened, is damaged, or was written by a newer version; or
    /// its log misses something of what was acknowledged.
    pub fn open(options: SqliteOptions) -> Result<Arc<Self>, StoreError> {
        Self::open_with(options, writer::LOG_LIMITS, None)
    }

    /// The same, also if something of what was acknowledged is missing, as long as it is what was
    /// accepted. The books are marked then ([`Store::damages`]).
    ///
    /// # Errors
    /// As [`SqliteStore::open`] has them; and what is left fits together no more.
    pub fn open_accepting(
        options: SqliteOptions,
        accepted: Option<&AcceptedLoss>,
    ) -> Result<Arc<Self>, StoreError> {
        Self::open_with(options, writer::LOG_LIMITS, accepted)
    }

    /// The same with another cap of the exchange log.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with_log(
        options: SqliteOptions,
        limits: LogLimits,
    ) -> Result<Arc<Self>, StoreError> {
        Self::open_with(options, limits, None)
    }

    fn open_with(
        options: SqliteOptions,
        limits: LogLimits,
        accepted: Option<&AcceptedLoss>,
    ) -> Result<Arc<Self>, StoreError> {
        let SqliteOptions { path, node } = options;
        if node > NODE_MAX {
            return Err(StoreError::refused(format!(
                "node {node} is above {NODE_MAX}"
            )));
        }
        let name = path.display().to_string();
        let plain = |fault: Fault| migrate::explain(&fault, &name);
        migrate::refuse_remnant(&path).map_err(plain)?;
        wal::refuse_damage(&path, accepted)?;
        let mut connection = connection::open_writer(&path).map_err(plain)?;
        wal::accept::check(&path, &connection).map_err(plain)?;
        migrate::migrate(&mut connection, &name, migrate::STEPS)?;
        wal::accept::mark(&path, &connection).map_err(plain)?;
        wal::mark::open(&connection).map_err(plain)?;
        let rearmed = writer::rearm(&connection).map_err(plain)?;
        if rearmed > 0 {
            tracing::info!(jobs = rearmed, "jobs that were under way are due again");
        }
        writer::know_node(&connection, node).map_err(plain)?;
        let condition = Arc::new(Condition::default());
        let readers = Readers::open(&path, Arc::clone(&condition)).map_err(plain)?;
        let inbox = Arc::new(Inbox::new());
        let thread = {
            let (inbox, condition) = (Arc::clone(&inbox), Arc::clone(&condition));
            std::thread::Builder::new()
                .name("books".to_owned())
                .spawn(move || write(&connection, &inbox, &condition, node, limits))
                .map_err(|error| {
                    StoreError::unavailable(format!("no thread for the books: {error}"))
                })?
        };
        Ok(Arc::new(Self {
            path,
            node,
            inbox,
            condition,
            readers,
            writer: Arc::new(Mutex::new(Some(thread))),
        }))
    }

    /// Exchange records that were dropped since the start because too many waited.
    #[must_use]
    pub fn dropped_exchange_records(&self) -> u64 {
        self.inbox.dropped()
    }

    async fn ask<T, E: From<StoreError>>(
        &self,
        request: Request,
        reply: impl FnOnce(oneshot::Sender<Answer<T, E>>) -> Reply,
    ) -> Result<T, E> {
        let (sender, receiver) = oneshot::channel();
        let work = Work {
            request,
            reply: reply(sender),
        };
        self.inbox.send(work).await?;
        receiver.await.map_err(|_| stopped())?.result
    }
}

impl SqliteStore {
    /// Takes nothing more. Readers go first, so that the writer's connection is the last, with
    /// which the log of books that were closed goes too.
    fn end(&self) {
        self.inbox.close();
        self.readers.close();
    }
}

/// The writer thread.
fn write(
    connection: &Connection,
    inbox: &Arc<Inbox>,
    condition: &Condition,
    node: u8,
    limits: LogLimits,
) {
    let _end = writer::EndOfThread(Arc::clone(inbox));
    if let Err(fault) = writer::run(connection, inbox, condition, node, limits) {
        let text = format!("the books' writer stopped: {fault}");
        condition.spoiled(&StoreError::new(fault.kind(), text));
    }
}

fn stopped() -> StoreError {
    StoreError::unavailable(
        "the books' writer has stopped; whether the command was written is not known",
    )
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.end();
        join(&self.writer);
    }
}

/// Waits for the writer's end.
fn join(writer: &Mutex<Option<JoinHandle<()>>>) {
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(thread) = writer.take()
        && thread.join().is_err()
    {
        tracing::error!("the books' writer ended by a panic");
    }
}

type Reading<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

impl Store for SqliteStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(self.ask(Request::Commit(Box::new(commit)), Reply::Commit))
    }

    fn record(&self, record: ExchangeRecord) {
        self.inbox.record(record);
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.end();
            let writer = Arc::clone(&self.writer);
            let ending = tokio::task::spawn_blocking(move || join(&writer));
            if ending.await.is_err() {
                tracing::error!("the end of the books' writer was not waited for");
            }
        })
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Reading<'_, Option<(Order, Vec<Attempt>)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_order(books, &merchant, &key)),
        )
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Reading<'_, Option<(OrderNo, Refund)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_refund(books, &merchant, &key)),
        )
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Reading<'_, Vec<Refund>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::refunds_of_order(books, &merchant, order_no)),
        )
    }

    fn is_issued_code(&self, content: String) -> Reading<'_, bool> {
        Box::pin(
            self.readers
                .read(move |books| read::codes::is_issued_code(books, &content)),
        )
    }

    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Reading<'_, Option<Notification>> {
        let subject = subject.clone();
        Box::pin(
            self.readers.read(move |books| {
                read::orders::find_notification(books, &subject, notification_no)
            }),
        )
    }

    fn trail(&self, subject: &Subject) -> Reading<'_, Trail> {
        let subject = subject.clone();
        Box::pin(
            self.readers
                .read(move |books| read::trail::trail(books, &subject)),
        )
    }

    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Reading<'_, Vec<Job>> {
        Box::pin(self.ask(
            Request::ClaimJobs {
                class,
                now,
                lease_ms,
                limit,
            },
            Reply::Jobs,
        ))
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Reading<'_, ()> {
        Box::pin(self.ask(Request::ReturnJob { key, at }, Reply::Done))
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Reading<'_, ()> {
        Box::pin(self.ask(Request::PullBack { now, lease_ms }, Reply::Done))
    }

    fn next_job_at(&self) -> Reading<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(read::orders::next_job_at))
    }

    fn high_water_second(&self) -> Reading<'_, u64> {
        let node = self.node;
        Box::pin(
            self.readers
                .read(move |books| read::orders::high_water_second(books, node)),
        )
    }

    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Reading<'_, Option<AppRecord>> {
        let (dialect, app) = (dialect.clone(), app.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_app(books, &dialect, &app)),
        )
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Reading<'_, Option<AgentRecord>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_agent(books, &dialect, &agent)),
        )
    }

    fn list_agents(&self) -> Reading<'_, Vec<Agent>> {
        Box::pin(self.readers.read(read::directory::list_agents))
    }

    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        Box::pin(self.ask(Request::CommitRecords(Box::new(commit)), Reply::Records))
    }

    fn find_record(&self, want: Want) -> Reading<'_, Option<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::find(books, &want)),
        )
    }

    fn find_numbered_record(
        &self,
        kind: RecordKind,
        no: PlatformNo,
    ) -> Reading<'_, Option<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::numbered(books, kind, no)),
        )
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Reading<'_, Vec<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::marked(books, kind, &mark)),
        )
    }

    fn list_records(&self, filter: RecordFilter) -> Reading<'_, Vec<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::list(books, &filter)),
        )
    }

    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Reading<'_, StateUse> {
        Box::pin(self.ask(Request::UseConsentState { state, now }, Reply::Used))
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Reading<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        let account = account.clone();
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_channel_account(books, &account)),
        )
    }

    fn list_channel_accounts(&self) -> Reading<'_, Vec<ChannelAccount>> {
        Box::pin(self.readers.read(read::directory::list_channel_accounts))
    }

    fn rates(&self) -> Reading<'_, Vec<(Currency, ExchangeRate)>> {
        Box::pin(self.readers.read(read::directory::rates))
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Reading<'_, ()> {
        let parts = Box::new((change, audit));
        Box::pin(self.ask(Request::ChangeDirectory(parts), Reply::Done))
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Reading<'_, bool> {
        let parts = Box::new((newcomer, audit));
        Box::pin(self.ask(Request::Admit(parts), Reply::Answered))
    }

    fn list_people(&self) -> Reading<'_, Vec<Person>> {
        Box::pin(self.readers.read(read::office::list_people))
    }

    fn list_audit(&self, filter: AuditFilter) -> Reading<'_, Vec<AuditEntry>> {
        Box::pin(
            self.readers
                .read(move |books| read::office::list_audit(books, &filter)),
        )
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Reading<'_, Vec<AuditEntry>> {
        Box::pin(
            self.readers
                .read(move |books| read::office::audit_chain(books, after_seq, limit)),
        )
    }

    fn list_merchants(&self) -> Reading<'_, Vec<Enrolment>> {
        Box::pin(self.readers.read(read::directory::list_merchants))
    }

    fn list_keys(&self, owner: String) -> Reading<'_, Vec<SealedKey>> {
        Box::pin(
            self.readers
                .read(move |books| read::directory::list_keys(books, &owner)),
        )
    }

    fn search_orders(&self, number: String) -> Reading<'_, Vec<(MerchantId, OrderNo)>> {
        Box::pin(
            self.readers
                .read(move |books| read::search::search_orders(books, &number)),
        )
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Reading<'_, Option<OrderStory>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::story::order_story(books, &merchant, order_no)),
        )
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Reading<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        Box::pin(
            self.readers
                .read(move |books| read::story::find_exchange(books, exchange_no)),
        )
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Reading<'_, Vec<OrderBook>> {
        Box::pin(
            self.readers
                .read(move |books| read::story::order_books(books, after.as_ref(), limit)),
        )
    }

    fn journal_sum_fen(&self) -> Reading<'_, i64> {
        Box::pin(self.readers.read(read::story::journal_sum_fen))
    }

    fn probe(&self) -> Reading<'_, ()> {
        Box::pin(async {
            self.condition.lasting()?;
            if self.condition.is_unwritten() {
                self.ask(Request::Probe, Reply::Done).await?;
            }
            self.next_job_at().await.map(|_| ())
        })
    }

    fn examine(&self) -> Reading<'_, Vec<String>> {
        let (path, condition) = (self.path.clone(), Arc::clone(&self.condition));
        Box::pin(async move {
            // It takes as long as the whole file does, so it takes no reader's place.
            let examining = tokio::task::spawn_blocking(move || {
                let found = connection::open_reader(&path);
                let found = found.and_then(|books| read::examine::examine(&books));
                found.map_err(|fault| fault.noted(&condition))
            });
            examining.await.map_err(StoreError::unavailable)?
        })
    }

    fn damages(&self) -> Reading<'_, Vec<BooksDamage>> {
        Box::pin(self.readers.read(read::examine::damages))
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Reading<'_, Vec<Notification>> {
        Box::pin(
            self.readers
                .read(move |books| read::orders::list_notifications(books, &filter)),
        )
    }
}
