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
//! | `facets` | what the port asks, one file a facet |
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
mod facets;
mod fault;
mod inbox;
mod listening;
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

use heliu_ports::exchange_shares::LogLimits;
use heliu_ports::store::StoreError;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::condition::Condition;
use committer::{Committer, Named, Recent};
use connect::{Address, Purpose};
use connections::{Connections, with_client};
use inbox::Inbox;
use log::Log;
pub(crate) use migrate::STEPS;
pub(crate) use moving::Database;
use news::News;
use probing::Prober;
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
/// [`Upkeep::close`](heliu_ports::store::Upkeep::close).
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

    /// A mark of the books, if they have it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn standing_mark(&self, name: &str) -> Result<Option<String>, StoreError> {
        with_client!(self.readers, client => write::marks::standing(client, name))
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
