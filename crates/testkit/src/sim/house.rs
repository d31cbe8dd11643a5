//! The house: the engine with its tasks, which may die between any two of their steps and come back.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::future::BoxFuture;
use heliu_engine::{Engine, Parts, Settings};
use heliu_ports::channel::Channel;
use heliu_ports::dialect::Dialect;
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::store::Store as _;
use heliu_trade::id::NumberMint;
use heliu_trade::wallet::CodePrefixes;
use tokio::task::JoinSet;

use super::receiver::Receivers;
use super::stage::{Stage, wait_ms};
use super::vault::SimVault;
use crate::MemoryStore;

/// Our address, as nobody ever resolves it.
pub(super) const PUBLIC_URL: &str = "https://heliu.example";

/// So long a job may stay with a worker that died, in ms.
pub(super) const LEASE_MS: i64 = 90_000;

/// What survives a crash, and what is running now.
pub(super) struct House {
    pub(super) stage: Arc<Stage>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) dialects: Vec<Arc<dyn Dialect>>,
    pub(super) channels: Vec<Arc<dyn Channel>>,
    pub(super) receivers: Arc<Receivers>,
    running: Mutex<Option<Running>>,
    /// Since when nothing runs, in ms of true time.
    down_since_ms: AtomicI64,
}

struct Running {
    engine: Engine,
    tasks: JoinSet<()>,
    /// Held by the engine, and by nobody else.
    vault: Weak<SimVault>,
}

pub(super) struct NoPhones;

impl SmsSender for NoPhones {
    fn send(&self, _mobile: &str, _text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError("there are no phones here".to_owned())) })
    }
}

impl House {
    pub(super) fn new(
        stage: &Arc<Stage>,
        store: &Arc<MemoryStore>,
        dialects: Vec<Arc<dyn Dialect>>,
        channels: Vec<Arc<dyn Channel>>,
        receivers: &Arc<Receivers>,
    ) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            store: Arc::clone(store),
            dialects,
            channels,
            receivers: Arc::clone(receivers),
            running: Mutex::new(None),
            down_since_ms: AtomicI64::new(0),
        })
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the engine on the books as they are; the jobs that they hold go on.
    pub(super) async fn start(&self) {
        let high_water_s = loop {
            match self.store.high_water_second().await {
                Ok(second) => break second,
                Err(_) => wait_ms(100).await,
            }
        };
        let vault = Arc::new(SimVault(Arc::clone(&self.stage)));
        let engine = Engine::new(Parts {
            store: Arc::clone(&self.store) as _,
            vault: Arc::clone(&vault) as _,
            transport: Arc::clone(&self.receivers) as _,
            sms: Arc::new(NoPhones),
            clock: Arc::clone(&self.stage.clock) as _,
            dialects: self.dialects.clone(),
            channels: self.channels.clone(),
            mint: NumberMint::new(1, high_water_s),
            settings: Settings {
                public_url: PUBLIC_URL.to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
            },
        });
        let mut tasks = JoinSet::new();
        let jobs = engine.clone();
        tasks.spawn(async move { jobs.run_jobs(std::future::pending()).await });
        let vault = Arc::downgrade(&vault);
        *self.running() = Some(Running {
            engine,
            tasks,
            vault,
        });
        let down_ms = self.stage.clock.passed_ms() - self.down_since_ms.load(Ordering::SeqCst);
        self.stage.excuse(down_ms + LEASE_MS);
        self.stage.line("house", "starts", "", "");
    }

    /// Everything that runs is dropped where it stands, and nothing of it may remain.
    pub(super) async fn crash(&self) {
        let running = self.running().take();
        if let Some(mut running) = running {
            self.stage.line("house", "crashes", "", "");
            running.tasks.shutdown().await;
            drop(running.engine);
            self.stage.must(running.vault.strong_count() == 0, || {
                "an engine that was dropped is still held".to_owned()
            });
            let passed_ms = self.stage.clock.passed_ms();
            self.down_since_ms.store(passed_ms, Ordering::SeqCst);
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running().is_some()
    }

    /// Lets the engine do something; `None` if it is down or dies meanwhile.
    pub(super) async fn run<T: Send + 'static, F>(
        &self,
        deed: impl FnOnce(Engine) -> F,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        {
            let mut running = self.running();
            let running = running.as_mut()?;
            let deed = deed(running.engine.clone());
            running.tasks.spawn(async move {
                let _ = answer.send(deed.await);
            });
            while running.tasks.try_join_next().is_some() {}
        }
        answered.await.ok()
    }
}
