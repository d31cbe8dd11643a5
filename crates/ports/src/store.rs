//! The books: one `commit`, in which the core decides, and reads.

use futures::future::BoxFuture;
use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{App, ChannelAccount, Contract, Merchant};
use heliu_trade::error::TradeError;
use heliu_trade::id::{
    AppId, ChannelAccountId, DialectId, MerchantId, NotificationNo, OrderNo, RefundNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::job::{Job, JobKey, JobKind};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::notification::{Delivery, Notification};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Loaded, Step};
use heliu_trade::time::Timestamp;

use crate::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use crate::keys::SealedKey;

/// The books are away or damaged. A caller may repeat a read; a commit's fate is unknown unless said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the books cannot be used: {0}")]
pub struct StoreError(pub String);

/// Why a commit changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The core refused the step.
    #[error(transparent)]
    Rejected(#[from] TradeError),
    /// The books are away.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// What to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The step.
    pub step: Step,
    /// The request half of the exchange that caused it.
    pub exchange: Option<ExchangeRequest>,
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

/// A merchant with all that belongs to it, as the directory keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The merchant.
    pub merchant: Merchant,
    /// Its ways in.
    pub apps: Vec<App>,
    /// Its contracts.
    pub contracts: Vec<Contract>,
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
        /// Encrypted keys of its apps.
        keys: Vec<SealedKey>,
    },
    /// Writes a channel account and its keys.
    PutChannelAccount {
        /// The account.
        account: ChannelAccount,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// Writes an exchange rate; `None` removes it.
    PutRate(Currency, Option<ExchangeRate>),
}

/// Everything the books hold of one order, for people.
#[derive(Debug, Clone)]
pub struct OrderStory {
    /// The order and what belongs to it.
    pub book: OrderBook,
    /// Its deliveries.
    pub deliveries: Vec<Delivery>,
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
    pub state: Option<heliu_trade::notification::NotificationState>,
    /// At most this many, newest first.
    pub limit: u32,
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The books.
pub trait Store: Send + Sync {
    /// Loads what the step names, lets the core decide, saves what it says, in one transaction. Steps of
    /// concurrent callers share a transaction, with an individual answer each; earlier ones of a batch
    /// are seen by later ones (ruling 11).
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// Adds a line to the exchange log with the next batch; not waited for, and dropped if too many wait.
    fn record(&self, record: ExchangeRecord);

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

    /// A notification.
    fn find_notification(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
        notification_no: NotificationNo,
    ) -> Answer<'_, Option<Notification>>;

    /// Takes up to `limit` jobs of a class that are due at `now`, moving each to the end of its lease and
    /// counting the try.
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>>;

    /// Gives a job back, due at `at`; nothing if it is gone.
    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()>;

    /// When the earliest job is due.
    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>>;

    /// The highest second (from 2020-01-01 UTC) of any number this node has committed.
    fn high_water_second(&self) -> Answer<'_, u64>;

    /// An app by dialect and wire number.
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>>;

    /// A channel account and its encrypted keys.
    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>>;

    /// The exchange rates.
    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>>;

    /// Changes the directory.
    fn change_directory(&self, change: DirectoryChange) -> Answer<'_, ()>;

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

    /// The books of up to `limit` orders after `after` in key order, to walk over all of them.
    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>>;

    /// The sum of all journal lines, in fen; zero, or money was made or lost.
    fn journal_sum_fen(&self) -> Answer<'_, i64>;

    /// Notifications, newest first.
    fn list_notifications(
        &self,
        filter: NotificationFilter,
    ) -> Answer<'_, Vec<(MerchantId, Notification)>>;
}
