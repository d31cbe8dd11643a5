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
//! | `facets` | what the port asks, one file a facet |
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
mod facets;
mod fault;
mod inbox;
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

use heliu_ports::exchange_shares::LogLimits;
use heliu_ports::store::StoreError;
use heliu_trade::id::NODE_MAX;
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
    turns: Arc<tokio::sync::Mutex<()>>,
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
    /// accepted. The books are marked then ([`Upkeep::damages`]).
    ///
    /// [`Upkeep::damages`]: heliu_ports::store::Upkeep::damages
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
            turns: Arc::default(),
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
