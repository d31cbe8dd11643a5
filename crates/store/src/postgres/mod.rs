//! The books in PostgreSQL, which several nodes may share.
//!
//! Commands of concurrent callers are committed together by a few committers, in two round trips
//! with one array a column. Correct by constraint, row lock and version, so that nodes may race. A
//! commit whose answer was lost is looked up, never repeated blindly. Reads and single changes use
//! a small pool.
//!
//! | part | what it does |
//! | --- | --- |
//! | `connect`, `migrate`, `node` | reaches the database, brings its schema up to date, leases a number |
//! | `durable` | whether the server keeps what it answers |
//! | `inbox`, `committer` | commands on their way into a batch, and batches into the books |
//! | `connections` | small pools for reads and single changes |
//! | `read`, `cells` | reads |
//! | `write` | jobs, directory, registrations: one transaction each |
//! | `probing` | whether the books can be used now |
//! | `news`, `listening`, `chores` | what nodes tell one another, and what each does by itself |
//! | `moving` | books that move |
//! | `shared`, `fault` | what all parts of an open store share; what can go wrong |

mod cells;
mod chores;
mod committer;
mod connect;
mod connections;
mod durable;
mod fault;
mod inbox;
mod listening;
mod lists;
mod log;
mod migrate;
mod moving;
mod news;
mod node;
mod probing;
mod read;
mod shared;
mod write;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::exchange_shares::LogLimits;
use heliu_ports::keys::SealedKey;
use heliu_ports::store::{
    AgentRecord, AppRecord, AuditFilter, BooksDamage, Commit, CommitError, Committed, ConsentState,
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
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::condition::Condition;
use committer::{Committer, Named, Recent};
use connect::{Address, Purpose};
use connections::{Connections, snapshot, with_client};
use fault::Fault;
use inbox::{COMMIT_LIMIT, Inbox, Work};
use log::Log;
pub(crate) use migrate::STEPS;
pub(crate) use moving::Database;
use news::News;
use probing::Prober;
use read::record::Hold;
use shared::Shared;

/// Committers that work at the same time: one decides while another's batch is being synced, and
/// more would only make the batches smaller.
const COMMITTERS: usize = 3;

/// How long the end waits for a database that is away.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// Where a PostgreSQL is.
#[derive(Debug, Clone)]
pub struct PostgresAddress {
    /// `postgres://user:password@host:port/database`; `sslmode=require` behind a question mark for
    /// TLS.
    pub url: String,
    /// A file of certificates, PEM: authorities that the server is trusted by, in place of the
    /// machine's.
    pub ca_file: Option<PathBuf>,
}

impl From<String> for PostgresAddress {
    /// The machine's authorities are trusted.
    fn from(url: String) -> Self {
        let ca_file = None;
        Self { url, ca_file }
    }
}

/// Where the books are and who this node is.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Where the books are.
    pub address: PostgresAddress,
    /// Names this node, the same before and after a restart, so that it finds its number and its
    /// jobs again. No two processes that run at the same time have the same.
    pub instance: String,
}

/// The books in PostgreSQL. Dropping it finishes what was sent, unless the runtime ends; see
/// [`Store::close`].
pub struct PostgresStore {
    shared: Arc<Shared>,
    readers: Connections,
    /// The readers' connections, for walks over many books.
    walkers: Connections,
    changers: Connections,
    prober: Prober,
    closed: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
}

impl PostgresStore {
    /// Opens the books, making or upgrading the schema if need be, leases this node's number, and
    /// makes jobs due that this node held when it ended. Needs a tokio runtime, now and as long as
    /// it lives.
    ///
    /// # Errors
    /// In plain words: the database cannot be reached, was written by a newer version, or has no
    /// number left.
    pub async fn open(options: PostgresOptions) -> Result<Arc<Self>, StoreError> {
        Self::open_with_log(options, log::LIMITS).await
    }

    /// The same with another cap of the exchange log, which all nodes should have alike.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub async fn open_with_log(
        options: PostgresOptions,
        limits: LogLimits,
    ) -> Result<Arc<Self>, StoreError> {
        let log = Log::new(limits);
        let address = Address::parse(&options.address)?;
        let name = address.name();
        let mut client = address
            .connect(Purpose::Keeping, |_| ())
            .await
            .map_err(|fault| {
                StoreError::from(fault).within(format_args!("{name} cannot be reached"))
            })?;
        migrate::migrate(&mut client, &name, STEPS).await?;
        chores::upkeep(&client, &log).await?;
        durable::check(&client).await?;
        let lease = node::take(&mut client, &options.instance, COMMITTERS).await?;
        if let Err(refused) = migrate::confirm(&client, &name).await {
            let _ends_by_itself = node::release(&address, &lease).await;
            return Err(refused);
        }
        let condition = Arc::new(Condition::default());
        let readers = Connections::of_reads(&address, &condition)?;
        let changers = Connections::of_changes(&address, &condition)?;
        let (news, outbox) = News::new();
        let shared = Arc::new(Shared {
            address,
            lease,
            inbox: Inbox::new(),
            recent: Recent::default(),
            named: Named::default(),
            log,
            news,
            condition,
            high_water_saved: AtomicU64::new(lease.high_water_second),
        });
        let (closed, when_closed) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for index in (0..).take(COMMITTERS) {
            tasks.spawn(Committer::new(Arc::clone(&shared), index).run());
        }
        tasks.spawn(listening::listen(
            Arc::clone(&shared),
            outbox,
            when_closed.clone(),
        ));
        tasks.spawn(chores::run(Arc::clone(&shared), client, when_closed));
        Ok(Arc::new(Self {
            prober: Prober::new(Arc::clone(&shared), &readers, &changers),
            shared,
            walkers: readers.for_walks(),
            readers,
            changers,
            closed,
            tasks: Mutex::new(tasks),
        }))
    }

    /// The number of this node, 0 to 63, part of every number it gives.
    #[must_use]
    pub fn node(&self) -> u8 {
        self.shared.lease.node
    }

    /// Marks the books with a value that all nodes must have alike, unless they are marked; the
    /// value that stands.
    ///
    /// # Errors
    /// The database is away.
    pub async fn mark(&self, name: &str, value: &str) -> Result<String, StoreError> {
        with_client!(self.changers, client => write::marks::mark(client, name, value))
    }

    /// Exchange records that were dropped since the start because too many waited.
    #[must_use]
    pub fn dropped_exchange_records(&self) -> u64 {
        self.shared.inbox.dropped()
    }
}

impl PostgresStore {
    /// Tells the tasks to finish, and leaves them to it.
    fn finish(&self) -> JoinSet<()> {
        self.shared.inbox.close();
        let _nobody_listens = self.closed.send(true);
        std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.finish().detach_all();
    }
}

fn stopped() -> StoreError {
    StoreError::unavailable("the books are closed; whether the command was written is not known")
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

impl Store for PostgresStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            let (reply, receiver) = oneshot::channel();
            let give_up_at = Instant::now() + COMMIT_LIMIT;
            let work = Work {
                commit,
                reply,
                give_up_at,
            };
            let written = async {
                self.shared.inbox.send(work).await?;
                let answer = receiver.await;
                answer.map_err(|_| CommitError::Store(stopped()))?
            };
            tokio::time::timeout_at(give_up_at, written)
                .await
                .unwrap_or_else(|_| {
                    // The committer hears of it only much later, if at all.
                    self.shared.condition.not_written();
                    let late = Fault::Late(COMMIT_LIMIT.as_secs());
                    Err(StoreError::from(late).into())
                })
        })
    }

    fn record(&self, record: ExchangeRecord) {
        self.shared.inbox.record(record);
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let mut tasks = self.finish();
            let all = async { while tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(CLOSE_LIMIT, all).await.is_err() {
                tracing::warn!("the database is away: the last exchange records are lost");
            }
        })
    }

    fn news(&self) -> BoxStream<'static, StoreNews> {
        let incoming = self.shared.news.subscribe();
        Box::pin(stream::unfold(
            incoming,
            async |mut incoming| match incoming.recv().await {
                Ok(news) => Some((news, incoming)),
                Err(RecvError::Lagged(_)) => Some((StoreNews::Missed, incoming)),
                Err(RecvError::Closed) => None,
            },
        ))
    }

    fn announce_wait(&self, order_no: OrderNo) {
        self.shared.news.announce_wait(order_no);
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::find_order(client, &merchant, &key))
        })
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::find_refund(client, &merchant, &key))
        })
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Vec<Refund>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::refunds_of_order(client, &merchant, order_no))
        })
    }

    fn is_issued_code(&self, content: String) -> Answer<'_, bool> {
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::is_issued_code(client, &content))
        })
    }

    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>> {
        let subject = subject.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::find_notification(client, &subject, notification_no))
        })
    }

    fn trail(&self, subject: &Subject) -> Answer<'_, Trail> {
        let subject = subject.clone();
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::trail::trail(&books, &subject).await
            })
        })
    }

    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>> {
        let node = self.node();
        Box::pin(async move {
            // A node that lost its number could not commit what comes of a job.
            self.shared.condition.has_number()?;
            with_client!(self.changers, client =>
                write::jobs::claim(client, node, class, now, lease_ms, limit))
        })
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()> {
        let node = self.node();
        Box::pin(async move {
            with_client!(self.changers, client => write::jobs::give_back(client, node, &key, at))
        })
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()> {
        Box::pin(async move {
            with_client!(self.changers, client => write::jobs::pull_back(client, now, lease_ms))
        })
    }

    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::orders::next_job_at(client)) },
        )
    }

    fn high_water_second(&self) -> Answer<'_, u64> {
        let node = self.node();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::high_water_second(client, node))
        })
    }

    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>> {
        let (dialect, app) = (dialect.clone(), app.clone());
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_app(client, &dialect, &app))
        })
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_agent(client, &dialect, &agent))
        })
    }

    fn list_agents(&self) -> Answer<'_, Vec<Agent>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_agents(client))
        })
    }

    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        Box::pin(async move {
            let node = i16::from(self.shared.lease.node);
            let decided: Result<_, StoreError> = async {
                with_client!(self.changers, client =>
                    write::records::commit_records(client, &commit, node))
            }
            .await;
            Ok(decided??)
        })
    }

    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::find(client, &want, Hold::No))
        })
    }

    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::numbered(client, kind, no))
        })
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::marked(client, kind, &mark))
        })
    }

    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::list(client, &filter))
        })
    }

    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::consent_states::use_consent_state(client, &state, now))
        })
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        let account = account.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_channel_account(client, &account))
        })
    }

    fn damages(&self) -> Answer<'_, Vec<BooksDamage>> {
        Box::pin(async move { with_client!(self.readers, client => read::story::damages(client)) })
    }

    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_channel_accounts(client))
        })
    }

    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::directory::rates(client)) },
        )
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::directory::change_directory(client, &change, audit.as_ref()))
        })
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::directory::admit(client, &newcomer, audit.as_ref()))
        })
    }

    fn list_people(&self) -> Answer<'_, Vec<Person>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::office::list_people(client)) },
        )
    }

    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::office::list_audit(client, &filter))
        })
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::office::audit_chain(client, after_seq, limit))
        })
    }

    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::directory::list_merchants(&snapshot(client).await?).await
            })
        })
    }

    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_keys(client, &owner))
        })
    }

    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::search::search_orders(client, &number))
        })
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::story::order_story(&books, &merchant, order_no).await
            })
        })
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::story::find_exchange(client, exchange_no))
        })
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::story::order_books(&books, after.as_ref(), limit).await
            })
        })
    }

    fn journal_sum_fen(&self) -> Answer<'_, i64> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::story::journal_sum_fen(&snapshot(client).await?).await
            })
        })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(self.prober.probe())
    }

    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::list_notifications(client, &filter))
        })
    }
}
