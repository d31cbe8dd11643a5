//! The house: an engine with its tasks, which may die between any two of their steps and come back;
//! or two of them over the same books.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use heliu_engine::{Engine, Parts, Settings};
use heliu_ports::channel::Channel;
use heliu_ports::dialect::Dialect;
use heliu_ports::store::prelude::*;
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::day::DayStepState;
use heliu_trade::id::NumberMint;
use heliu_trade::record::RecordKind;
use heliu_trade::wallet::CodePrefixes;
use tokio::task::JoinSet;

use super::phones::Phones;
use super::receiver::Receivers;
use super::stage::{LEASE_MS, Stage, wait_ms};
use super::vault::SimVault;
use crate::MemoryStore;

/// Our address, as nobody ever resolves it.
pub(super) const PUBLIC_URL: &str = "https://heliu.example";

/// How often an engine is told that jobs of one that died may be due, in ms: only where there are
/// two.
const LEASES_ENDED_MS: i64 = 60_000;

/// What survives a crash, and what is running now.
pub(super) struct House {
    pub(super) stage: Arc<Stage>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) dialects: Vec<Arc<dyn Dialect>>,
    pub(super) channels: Vec<Arc<dyn Channel>>,
    pub(super) receivers: Arc<Receivers>,
    pub(super) phones: Arc<Phones>,
    nodes: Vec<Node>,
    /// Whether business dates end here.
    runs_days: bool,
    /// What engines are asked for by others and have not ended.
    under_way: Arc<AtomicI64>,
}

/// Something that an engine is asked for, until this is dropped.
struct UnderWay(Arc<AtomicI64>);

impl UnderWay {
    fn begin(count: &Arc<AtomicI64>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a house is made of.
pub(super) struct Plan {
    /// So many nodes.
    pub(super) nodes: usize,
    /// Whether business dates end there.
    pub(super) runs_days: bool,
    pub(super) dialects: Vec<Arc<dyn Dialect>>,
    pub(super) channels: Vec<Arc<dyn Channel>>,
}

/// One node of it.
struct Node {
    name: String,
    store: Arc<MemoryStore>,
    running: Mutex<Option<Running>>,
    /// Since when nothing runs, in ms of true time.
    down_since_ms: AtomicI64,
}

impl Node {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_running(&self) -> bool {
        self.running().is_some()
    }
}

struct Running {
    engine: Engine,
    tasks: JoinSet<()>,
    /// Held by the engine, and by nobody else.
    vault: Weak<SimVault>,
}

impl House {
    /// A house on these books.
    pub(super) fn new(
        stage: &Arc<Stage>,
        store: &Arc<MemoryStore>,
        receivers: &Arc<Receivers>,
        plan: Plan,
    ) -> Arc<Self> {
        let node = |index| Node {
            name: format!("house{}", if index == 0 { "" } else { "-2" }),
            store: store.beside(index),
            running: Mutex::new(None),
            down_since_ms: AtomicI64::new(0),
        };
        Arc::new(Self {
            stage: Arc::clone(stage),
            store: Arc::clone(store),
            dialects: plan.dialects,
            channels: plan.channels,
            receivers: Arc::clone(receivers),
            phones: Phones::new(stage),
            nodes: (0..plan.nodes).map(node).collect(),
            runs_days: plan.runs_days,
            under_way: Arc::default(),
        })
    }

    /// Starts the nodes that are down on the books as they are; the jobs that they hold go on.
    pub(super) async fn start(&self) {
        for (index, node) in self.nodes.iter().enumerate() {
            if !node.is_running() {
                self.start_node(index, node).await;
            }
        }
    }

    async fn start_node(&self, index: usize, node: &Node) {
        let high_water_s = loop {
            match node.store.high_water_second().await {
                Ok(second) => break second,
                Err(_) => wait_ms(100).await,
            }
        };
        let vault = Arc::new(SimVault(Arc::clone(&self.stage)));
        let number = u8::try_from(index + 1).expect("few nodes");
        let engine = Engine::new(Parts {
            store: Arc::clone(&node.store) as _,
            vault: Arc::clone(&vault) as _,
            transport: Arc::clone(&self.receivers) as _,
            sms: Arc::clone(&self.phones) as _,
            clock: Arc::clone(&self.stage.clock) as _,
            dialects: self.dialects.clone(),
            channels: self.channels.clone(),
            mint: NumberMint::new(number, high_water_s),
            settings: Settings {
                public_url: PUBLIC_URL.to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
                statements_folder: "no statements here".into(),
                calendar: Calendar::ours(WithoutTable::WeekendsOnly),
            },
        });
        let mut tasks = JoinSet::new();
        let jobs = engine.clone();
        tasks.spawn(async move { jobs.run_jobs(std::future::pending()).await });
        if self.runs_days {
            let days = engine.clone();
            tasks.spawn(async move { days.run_days().await });
        }
        let mut excused_ms = LEASE_MS;
        if self.nodes.len() > 1 {
            let store = Arc::clone(&node.store);
            tasks.spawn(async move {
                loop {
                    wait_ms(LEASES_ENDED_MS).await;
                    store.leases_ended();
                }
            });
            excused_ms += LEASES_ENDED_MS;
        }
        let vault = Arc::downgrade(&vault);
        *node.running() = Some(Running {
            engine,
            tasks,
            vault,
        });
        let down_ms = self.stage.clock.passed_ms() - node.down_since_ms.load(Ordering::SeqCst);
        self.stage.excuse(down_ms + excused_ms);
        self.stage.line(&node.name, "starts", "", "");
    }

    /// One of the nodes that run dies.
    pub(super) async fn crash(&self) {
        let running: Vec<&Node> = self.nodes.iter().filter(|node| node.is_running()).collect();
        match running[..] {
            [] => {}
            [only] => self.crash_node(only).await,
            _ => {
                let one: &&Node = self.stage.dice.pick(&running);
                self.crash_node(one).await;
            }
        }
    }

    /// All of them die.
    pub(super) async fn crash_all(&self) {
        for node in &self.nodes {
            self.crash_node(node).await;
        }
    }

    /// Everything that runs there is dropped where it stands, and nothing of it may remain.
    async fn crash_node(&self, node: &Node) {
        let running = node.running().take();
        if let Some(mut running) = running {
            self.stage.line(&node.name, "crashes", "", "");
            running.tasks.shutdown().await;
            drop(running.engine);
            self.stage.turn.settle().await;
            self.stage.must(running.vault.strong_count() == 0, || {
                "an engine that was dropped is still held".to_owned()
            });
            if self.nodes.len() > 1 {
                // The other one takes over what this one held, once its leases have ended.
                self.stage.excuse(LEASE_MS + LEASES_ENDED_MS);
            }
            let passed_ms = self.stage.clock.passed_ms();
            node.down_since_ms.store(passed_ms, Ordering::SeqCst);
        }
    }

    /// Whether nobody waits for an engine, and none holds a job or runs a step of a business date.
    pub(super) fn is_quiet(&self) -> bool {
        let is_asked = self.under_way.load(Ordering::SeqCst) > 0;
        let running = DayStepState::Running.as_str();
        let mut steps = self.store.records_of(RecordKind::DayStep).into_iter();
        !is_asked && !self.store.holds_jobs() && !steps.any(|step| step.state == running)
    }

    /// Whether it has one node only.
    pub(super) fn is_alone(&self) -> bool {
        self.nodes.len() == 1
    }

    /// Whether all of it runs.
    pub(super) fn is_running(&self) -> bool {
        self.nodes.iter().all(Node::is_running)
    }

    /// Lets an engine do something; `None` if all are down or it dies meanwhile.
    pub(super) async fn run<T: Send + 'static, F>(
        &self,
        deed: impl FnOnce(Engine) -> F,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        {
            let up: Vec<&Node> = self.nodes.iter().filter(|node| node.is_running()).collect();
            let node = match up[..] {
                [] => return None,
                [only] => only,
                _ => *self.stage.dice.pick::<&Node>(&up),
            };
            let mut running = node.running();
            let running = running.as_mut()?;
            let deed = deed(running.engine.clone());
            let under_way = UnderWay::begin(&self.under_way);
            running.tasks.spawn(async move {
                let _ = answer.send(deed.await);
                drop(under_way);
            });
            while running.tasks.try_join_next().is_some() {}
        }
        answered.await.ok()
    }
}
