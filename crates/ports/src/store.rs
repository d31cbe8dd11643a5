//! The books: one `commit`, in which the core decides, and reads.

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant, MerchantState};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, NotificationNo, OrderNo, PlatformNo,
    RefundNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::order::Order;
use heliu_trade::person::Person;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use heliu_trade::records::RecordStep;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Loaded, Step};
use heliu_trade::time::Timestamp;

pub use crate::books::Enrolment;
use crate::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use crate::keys::SealedKey;
use crate::lists::Lists;
pub use crate::store_error::{StoreError, StoreErrorKind};

/// Why a commit changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The core refused the step.
    #[error(transparent)]
    Rejected(#[from] TradeError),
    /// The books did not do it; unless the error is temporary, they did not write it either.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The step.
    pub step: Step,
    /// The request half of the exchange that caused it.
    pub exchange: Option<ExchangeRequest>,
    /// Who of the office does it; written down with it, if the core does not refuse it.
    pub audit: Option<Box<NewAudit>>,
}

/// What was committed: on disk when this returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The target afterwards.
    pub after: Loaded,
    /// When the earliest job that it wrote is due.
    pub next_job_at: Option<Timestamp>,
}

/// How an order is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKey {
    /// By our number.
    Platform(OrderNo),
    /// By the merchant's number, under an app.
    Merchant(AppId, String),
}

/// How a refund is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundKey {
    /// By our number.
    Platform(RefundNo),
    /// By the merchant's number, under an app.
    Merchant(AppId, String),
}

/// One app with its merchant, contracts and encrypted keys: all that a request needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRecord {
    /// The app.
    pub app: App,
    /// Its merchant.
    pub merchant: Merchant,
    /// The merchant's contracts.
    pub contracts: Vec<Contract>,
    /// The app's keys.
    pub keys: Vec<SealedKey>,
}

/// A change of the directory. A repeat writes the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryChange {
    /// Writes a merchant, its apps, contracts and their keys.
    Enrol {
        /// What is enrolled.
        enrolment: Enrolment,
        /// Encrypted keys of its apps and contracts.
        keys: Vec<SealedKey>,
    },
    /// Writes an agent and adds keys of it.
    PutAgent {
        /// The agent.
        agent: Agent,
        /// Encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// Adds keys of an owner that stands: the next ones of a rotation.
    PutKeys(Vec<SealedKey>),
    /// Removes the keys of a role that are older than a version: the end of a rotation's overlap.
    RetireKeys {
        /// Whose, by `KeyOwner::name`.
        owner: String,
        /// Which role.
        role: String,
        /// Versions below this one go.
        below_version: u32,
    },
    /// A request was verified by this key, so the other side has it: what nobody asked for is
    /// signed with it from now on (ruling 30).
    ProveKey {
        /// Whose, by `KeyOwner::name`.
        owner: String,
        /// Which role.
        role: String,
        /// Which version.
        version: u32,
    },
    /// Opens or shuts a merchant's trade.
    SetMerchantState(MerchantId, MerchantState),
    /// Writes a channel account and its keys.
    PutChannelAccount {
        /// The account.
        account: ChannelAccount,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// Removes a channel account and its keys.
    RemoveChannelAccount(ChannelAccountId),
    /// Writes an exchange rate; `None` removes it.
    PutRate(Currency, Option<ExchangeRate>),
    /// Writes a person of the office.
    PutPerson(Person),
}

/// Who is to be new in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newcomer {
    /// A merchant with its apps, contracts and their keys. Neither it nor any of the apps may
    /// stand.
    Merchant {
        /// What is enrolled.
        enrolment: Enrolment,
        /// Encrypted keys of its apps and contracts.
        keys: Vec<SealedKey>,
    },
    /// A further app of a merchant that stands. The app may not stand, whoever has it.
    App {
        /// The app.
        app: App,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// An agent, which may not stand.
    Agent {
        /// The agent.
        agent: Agent,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// A person of the office, who may not be on the list.
    Person(Person),
}

/// A damage in spite of which somebody went on: something that was acknowledged may be missing from
/// the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksDamage {
    /// When it was accepted (UTC).
    pub accepted_at: Timestamp,
    /// What was wrong, and what is lost at most, for people.
    pub told: String,
}

/// An agent with its encrypted keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRecord {
    /// The agent.
    pub agent: Agent,
    /// Its keys.
    pub keys: Vec<SealedKey>,
}

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

/// The state with which a wallet's consent page sends a payer back to an order's page: good for one
/// return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    /// Whose order.
    pub merchant_id: MerchantId,
    /// Which order.
    pub order_no: OrderNo,
    /// What tells it from the order's other states.
    pub nonce: String,
    /// Until when it would be taken (UTC). It need not be remembered longer.
    pub expires_at: Timestamp,
}

impl ConsentState {
    /// So many used states of one order are remembered at a time; whoever comes back more often is
    /// not let in, so that nobody fills the books by coming back.
    pub const OF_ORDER_MAX: u32 = 64;
}

/// What came of using a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateUse {
    /// It was not used before.
    First,
    /// It was.
    Again,
    /// Nobody knows: too many of this order were used within their time.
    TooMany,
}

/// Everything the books hold of one order, for people.
#[derive(Debug, Clone)]
pub struct OrderStory {
    /// The order and what belongs to it.
    pub book: OrderBook,
    /// The exchanges that were about it.
    pub exchanges: Vec<(ExchangeRequest, Option<ExchangeAnswer>)>,
}

/// Jobs that are taken apart, so that slow merchants never hold up money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobClass {
    /// Calls of channels: money.
    Money,
    /// Deliveries to merchants.
    Delivery,
}

impl JobClass {
    /// Whether a kind of job belongs to it.
    #[must_use]
    pub const fn takes(self, kind: JobKind) -> bool {
        matches!(kind, JobKind::NotifyMerchant) == matches!(self, Self::Delivery)
    }
}

/// What an inspector asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Only this one.
    pub number: Option<NotificationNo>,
    /// Only those in this state.
    pub state: Option<heliu_trade::followup::notification::NotificationState>,
    /// At most this many, newest first.
    pub limit: u32,
}

/// Which rows of the record an inspector asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what this person did.
    pub actor: Option<String>,
    /// Only what was done with this.
    pub subject: Option<String>,
    /// Only acts of this name.
    pub action: Option<String>,
    /// Not before (UTC).
    pub since: Option<Timestamp>,
    /// Before (UTC).
    pub until: Option<Timestamp>,
    /// Only rows before this place: the next page.
    pub before_seq: Option<u64>,
    /// At most this many, newest first.
    pub limit: u32,
}

/// What happened to the books beside this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreNews {
    /// Merchants, apps, agents, keys, channel accounts or rates changed.
    DirectoryChanged,
    /// An app was registered; nothing that was there has changed.
    AppAdded,
    /// An order changed that this node waits for.
    OrderChanged(OrderNo),
    /// A lease's time has gone by: jobs of a node that died may be due, of which no commit told.
    LeasesEnded,
    /// News were lost: anything may have changed.
    Missed,
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The books.
pub trait Store: Lists {
    /// Loads what the step names, lets the core decide, saves what it says, in one transaction.
    /// Steps of concurrent callers share a transaction, with an individual answer each; earlier
    /// ones of a batch are seen by later ones (ruling 11).
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// Adds a line to the exchange log with the next batch; not waited for, and dropped if too many
    /// wait.
    fn record(&self, record: ExchangeRecord);

    /// Finishes what was sent, and lets go of what other nodes may take over. Nothing may be sent
    /// after it. Books that end with their process have no need of it.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// What other nodes do to the same books, from now on. Books that one node has alone have no
    /// news.
    fn news(&self) -> BoxStream<'static, StoreNews> {
        Box::pin(futures::stream::empty())
    }

    /// Somebody has waited for this order for a while: commits of other nodes on it become news,
    /// for some minutes; one that came just before this call does too.
    fn announce_wait(&self, _order_no: OrderNo) {}

    /// An order and its attempts.
    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>>;

    /// A refund and its order's number.
    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>>;

    /// All refunds of an order, oldest first.
    fn refunds_of_order(&self, merchant: &MerchantId, order_no: OrderNo)
    -> Answer<'_, Vec<Refund>>;

    /// Whether a channel gave this QR code's content to an order of ours.
    fn is_issued_code(&self, content: String) -> Answer<'_, bool>;

    /// A notification about a subject.
    fn find_notification(
        &self,
        subject: &Subject,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>>;

    /// What stands around a subject, whatever it is; empty if nothing is known of it.
    fn trail(&self, subject: &Subject) -> Answer<'_, Trail>;

    /// Takes up to `limit` jobs of a class that are due at `now`, moving each to the end of its
    /// lease and counting the try.
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>>;

    /// Gives a job back, due at `at`; nothing if it is gone.
    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()>;

    /// Makes jobs due now that are due later than any plan reaches ([`JobKind::plan_max_ms`]): they
    /// were planned by a clock that was wrong and has been set back. Those that somebody took then
    /// are held for another lease.
    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()>;

    /// When the earliest job is due.
    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>>;

    /// The highest second (from 2020-01-01 UTC) of any number this node has committed.
    fn high_water_second(&self) -> Answer<'_, u64>;

    /// An app by dialect and wire number.
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>>;

    /// An agent by dialect and wire number.
    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>>;

    /// All agents, by dialect and number.
    fn list_agents(&self) -> Answer<'_, Vec<Agent>>;

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

    /// Uses up a state, on whichever node: of several at once, one is the first. States of the same
    /// merchant whose time is over at `now` are forgotten.
    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse>;

    /// A channel account and its encrypted keys.
    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>>;

    /// All channel accounts, by id.
    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>>;

    /// The exchange rates.
    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>>;

    /// Changes the directory without anybody of the office: what a peer, a job or a start does.
    fn change_directory(&self, change: DirectoryChange) -> Answer<'_, ()> {
        self.change_directory_audited(change, None)
    }

    /// Changes the directory and writes down who did it, in one transaction. The store gives the
    /// row its place in the chain; a row whose [`NewAudit::audit_id`] stands already is a repeat,
    /// and is not written again.
    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()>;

    /// Writes who is new, whole or not at all: `false` if it stands already, and then nothing
    /// changes. Of two at once, on whichever nodes, one is written. The very same sealed keys show
    /// that a call is a repeat of the one that wrote it, whose answer was lost; that is `true` too.
    fn admit(&self, newcomer: Newcomer) -> Answer<'_, bool> {
        self.admit_audited(newcomer, None)
    }

    /// The same, and writes down who did it, in one transaction; nothing is written down of who was
    /// not new.
    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool>;

    /// The people of the office, by name.
    fn list_people(&self) -> Answer<'_, Vec<Person>>;

    /// Rows of the record, newest first.
    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>>;

    /// Up to `limit` rows of the record behind the place `after_seq`, oldest first, to walk along
    /// the chain.
    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>>;

    /// All merchants, by id.
    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>>;

    /// Fingerprints of the keys of an owner: role, version, fingerprint.
    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>>;

    /// Orders that carry this number as ours, the merchant's, the channel's or a refund's.
    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>>;

    /// Everything about one order.
    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>>;

    /// One exchange by its number, with its answer half if that is there.
    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>>;

    /// The books of up to `limit` orders after `after` in key order, to walk over all of them.
    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>>;

    /// The sum of all journal lines, in fen; zero, or money was made or lost.
    fn journal_sum_fen(&self) -> Answer<'_, i64>;

    /// Whether the books can be used now. Reads them; if the last write failed it writes too, so
    /// that books that were full or read-only are known to be well again though nobody sends
    /// payments here meanwhile. What does not pass by itself, such as damage that was met or a
    /// number that another node has taken, is told until the process starts anew.
    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async { self.next_job_at().await.map(|_| ()) })
    }

    /// Reads every page and index; what is found wrong, in the database's words. Books that a
    /// server keeps are examined by that server's own tools.
    fn examine(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The damages in spite of which somebody went on with these books, oldest first.
    fn damages(&self) -> Answer<'_, Vec<BooksDamage>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Notifications, newest first.
    fn list_notifications(&self, filter: NotificationFilter) -> Answer<'_, Vec<Notification>>;
}
