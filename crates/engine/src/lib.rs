//! The use cases: one file a verb, one file a job.
//!
//! The engine puts the core, the books, the channels and the dialects' policies together. It holds
//! no rule of money (that is `trade`), no SQL, no wire format and no key; it never calls anybody
//! while a transaction is open, because transactions live in the store alone.
//!
//! A payment: commit 1 writes the order, its attempt and the job that asks what became of it; then
//! one call to the channel; commit 2 writes the verdict. The request makes the first call;
//! everything after it is the jobs', and the request waits on commits (ruling 13).

mod clearing;
mod commands;
mod common;
pub mod enrolment;
mod jobs;
mod onboarding;
mod payments;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use heliu_ports::channel::Channel;
use heliu_ports::clock::Clock;
use heliu_ports::dialect::Dialect;
use heliu_ports::keys::Vault;
use heliu_ports::sms::SmsSender;
use heliu_ports::store::Store;
use heliu_ports::transport::Transport;
use heliu_trade::calendar::Calendar;
use heliu_trade::id::NumberMint;
use heliu_trade::wallet::CodePrefixes;

pub use clearing::{
    ApprovalVerdict, ClosedDates, HoldEnding, NewCard, Proposal, PublishedStatement, RecordsAsked,
    SendRun, StatementAsked, StepRun,
};
pub use common::directory::{AgentProfile, AppProfile};
pub use payments::{Caller, PageState, PageStep, PageView};

use common::{accounts, alarm, destinations, directory, news, published_keys, waiters};

/// What the engine is put together from.
pub struct Parts {
    /// The books.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub vault: Arc<dyn Vault>,
    /// The way out.
    pub transport: Arc<dyn Transport>,
    /// The way to people's phones.
    pub sms: Arc<dyn SmsSender>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Every dialect.
    pub dialects: Vec<Arc<dyn Dialect>>,
    /// Every channel.
    pub channels: Vec<Arc<dyn Channel>>,
    /// Mints our numbers; started above the books' high water.
    pub mint: NumberMint,
    /// The operator's settings.
    pub settings: Settings,
}

/// What the operator sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Our address as payers and channels see it, without a trailing slash.
    pub public_url: String,
    /// The address that channels are told as the terminal's.
    pub terminal_ip: String,
    /// Which payment codes belong to which wallet.
    pub code_prefixes: CodePrefixes,
    /// The folder of statement files; made when there is the first one.
    pub statements_folder: PathBuf,
    /// Which days are worked.
    pub calendar: Calendar,
}

/// The engine; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Arc<dyn Store>,
    vault: Arc<dyn Vault>,
    transport: Arc<dyn Transport>,
    sms: Arc<dyn SmsSender>,
    clock: Arc<dyn Clock>,
    dialects: Vec<Arc<dyn Dialect>>,
    channels: Vec<Arc<dyn Channel>>,
    mint: Mutex<NumberMint>,
    settings: Settings,
    directory: directory::Directory,
    waiters: waiters::Waiters,
    alarm: alarm::Alarm,
    held_jobs: jobs::HeldJobs,
    accounts: accounts::Accounts,
    destinations: destinations::Destinations,
    passwords: onboarding::Passwords,
    refunds_asked: payments::RefundsAsked,
    codes_sent: onboarding::CodesSent,
    key_watch: published_keys::KeyWatch,
    day_runs: clearing::DayRuns,
    shelf: clearing::statements::Shelf,
}

impl Engine {
    /// Puts an engine together. Its jobs rest until [`Engine::run_jobs`].
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            vault,
            transport,
            sms,
            clock,
            dialects,
            channels,
            mint,
            settings,
        } = parts;
        let inner = Inner {
            store,
            vault,
            transport,
            sms,
            clock,
            dialects,
            channels,
            mint: Mutex::new(mint),
            shelf: clearing::statements::Shelf::open(settings.statements_folder.clone()),
            settings,
            directory: directory::Directory::default(),
            waiters: waiters::Waiters::default(),
            alarm: alarm::Alarm::default(),
            held_jobs: jobs::HeldJobs::default(),
            accounts: accounts::Accounts::default(),
            destinations: destinations::Destinations::default(),
            passwords: onboarding::Passwords::default(),
            refunds_asked: payments::RefundsAsked::default(),
            codes_sent: onboarding::CodesSent::default(),
            key_watch: published_keys::KeyWatch::default(),
            day_runs: clearing::DayRuns::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Works on due jobs until `stop` resolves, then lets those under way finish. Meanwhile it
    /// heeds what other nodes do to the same books, and asks channels for the keys by which they
    /// sign.
    pub async fn run_jobs(&self, stop: impl Future<Output = ()> + Send) {
        let jobs = std::pin::pin!(jobs::run(&self.inner, stop));
        let news = std::pin::pin!(news::heed(&self.inner));
        let keys = std::pin::pin!(published_keys::keep(&self.inner));
        let beside = futures::future::select(news, keys);
        futures::future::select(jobs, beside).await;
    }

    /// The books.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.inner.vault
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Every dialect.
    #[must_use]
    pub fn dialects(&self) -> &[Arc<dyn Dialect>] {
        &self.inner.dialects
    }

    /// Every channel.
    #[must_use]
    pub fn channels(&self) -> &[Arc<dyn Channel>] {
        &self.inner.channels
    }

    /// Whether something may be sent to an address; why not.
    ///
    /// # Errors
    /// It is no address, or leads where nothing may be sent.
    pub fn check_address(&self, url: &str) -> Result<(), String> {
        self.inner.transport.check_address(url)
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }
}
