//! The sandbox as it runs: options, keys, database, and what only lives in memory.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rusqlite::TransactionBehavior;
use tokio::sync::Notify;

use crate::accounts::Accounts;
use crate::book::{Book, Verb};
use crate::error::SandboxError;
use crate::options::{Caller, ClockMover, Options};
use crate::outgoing;
use crate::payer;
use crate::store::Store;
use crate::transcript::Transcript;
use crate::transfers;
use crate::upstream::{Till, Upstream};

/// An upstream whose routes are served with what runs.
pub(crate) type Served = Upstream<Arc<Inner>>;

/// Shared by all handlers and the timers.
pub(crate) struct Inner {
    pub(crate) public_url: String,
    pub(crate) platform_url: String,
    now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    pub(crate) clock_mover: OnceLock<Arc<dyn ClockMover>>,
    time_factor: u64,
    pub(crate) caller: Arc<dyn Caller>,
    pub(crate) accounts: Accounts,
    /// Every upstream, in the order of the registry.
    pub(crate) upstreams: &'static [&'static Served],
    pub(crate) store: Store,
    pub(crate) transcript: Transcript,
    pub(crate) wake: Arc<Notify>,
    pub(crate) started: AtomicBool,
    /// Notifications on their way, so that the timers do not send them twice.
    pub(crate) in_flight: Mutex<HashSet<i64>>,
}

impl Inner {
    pub(crate) fn open(
        options: Options,
        upstreams: &'static [&'static Served],
    ) -> Result<Self, SandboxError> {
        let store = Store::open(&options.database)?;
        let mut accounts = Accounts::load(&store)?;
        for upstream in upstreams {
            accounts.add(upstream.id, (upstream.open)(&store)?);
        }
        let caller = match options.caller {
            Some(caller) => caller,
            None => outgoing::plain_caller()?,
        };
        Ok(Self {
            public_url: options.public_url.trim_end_matches('/').to_owned(),
            platform_url: options.platform_url.trim_end_matches('/').to_owned(),
            now_ms: options.now_ms,
            clock_mover: OnceLock::new(),
            time_factor: u64::from(options.time_factor.max(1)),
            caller,
            accounts,
            upstreams,
            store,
            transcript: Transcript::default(),
            wake: Arc::new(Notify::new()),
            started: AtomicBool::new(false),
            in_flight: Mutex::new(HashSet::new()),
        })
    }

    /// The upstream of that name.
    pub(crate) fn upstream(&self, id: &str) -> Result<&'static Served, SandboxError> {
        let found = self.upstreams.iter().find(|upstream| upstream.id == id);
        found
            .copied()
            .ok_or_else(|| SandboxError::Upstream(id.to_owned()))
    }

    /// What the upstream of that name has for payers.
    pub(crate) fn till(&self, id: &str) -> Result<&'static Till, SandboxError> {
        let found = self.upstream(id)?.till.as_ref();
        found.ok_or_else(|| SandboxError::Upstream(id.to_owned()))
    }

    /// What each upstream has for payers, in the order of the registry.
    pub(crate) fn tills(&self) -> impl Iterator<Item = &'static Till> {
        let upstreams = self.upstreams.iter();
        upstreams.filter_map(|upstream| upstream.till.as_ref())
    }

    /// Virtual UTC milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }

    /// How long `virtual_ms` takes on tokio's clock.
    pub(crate) fn real(&self, virtual_ms: i64) -> Duration {
        let micros = u64::try_from(virtual_ms).unwrap_or(0).saturating_mul(1000) / self.time_factor;
        Duration::from_micros(micros)
    }

    pub(crate) async fn sleep(&self, virtual_ms: i64) {
        tokio::time::sleep(self.real(virtual_ms)).await;
    }

    /// Runs `work` in one transaction, after everything that was due by now has happened.
    /// The second value are notifications to deliver before the answer.
    pub(crate) fn with_book<T>(
        &self,
        verb: impl Into<Verb>,
        work: impl FnOnce(&mut Book<'_>) -> Result<T, SandboxError>,
    ) -> Result<(T, Vec<i64>), SandboxError> {
        let mut connection = self.store.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (value, early, woken) = {
            let mut book = Book::new(&transaction, &self.accounts, self.now_ms(), verb.into());
            payer::settle(&mut book, |id| Some(&self.till(id).ok()?.ways))?;
            transfers::settle(&book)?;
            let value = work(&mut book)?;
            (value, std::mem::take(&mut book.early), book.woken)
        };
        transaction.commit()?;
        drop(connection);
        if woken {
            self.wake.notify_one();
        }
        Ok((value, early))
    }

    /// Runs `work` like [`Inner::with_book`], for callers whose work notifies nobody.
    pub(crate) fn look<T>(
        &self,
        work: impl FnOnce(&mut Book<'_>) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        Ok(self.with_book("control", work)?.0)
    }
}
