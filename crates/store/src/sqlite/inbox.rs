//! What waits for the writer: commands, which are waited for, and exchange records, which are not.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::store::StoreError;
use tokio::sync::Semaphore;

use super::work::Work;

/// Commands that may wait; a further caller waits for a place, so that memory stays bounded.
const COMMANDS_MAX: usize = 8192;
/// Exchange records that may wait; further ones are dropped and counted.
const RECORDS_MAX: usize = 8192;
/// Bytes of exchange records that may wait.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Commands in one transaction: enough to share a disk's sync, few enough that nobody waits long.
const BATCH_MAX: usize = 256;
/// Exchange records in one transaction.
const RECORD_BATCH_MAX: usize = 1024;
/// How long a batch that is begun waits for callers who are expected back. Only under load: a
/// caller who is alone is not expected to be followed.
const GATHERING: Duration = Duration::from_micros(200);
/// How long exchange records wait for a command to ride with.
const RECORD_IDLE: Duration = Duration::from_millis(50);
/// How long nothing must come before the writer tidies up.
const CHORE_IDLE: Duration = Duration::from_millis(200);

/// The queue between callers and the writer thread.
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    places: Semaphore,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    commands: VecDeque<Work>,
    records: VecDeque<ExchangeRecord>,
    record_bytes: usize,
    writer_sleeps: bool,
    last_batch: usize,
    is_closed: bool,
}

/// What the writer is to do next.
pub(crate) enum Next {
    /// Commands, perhaps none, and records, perhaps none.
    Batch(Vec<Work>, Vec<ExchangeRecord>),
    /// Nothing came for a while.
    Idle,
    /// Nobody can send any more, and all is done.
    Closed,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            wake: Condvar::new(),
            places: Semaphore::new(COMMANDS_MAX),
            dropped: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a command, waiting for a place if there is none.
    pub(crate) async fn send(&self, work: Work) -> Result<(), StoreError> {
        let stopped = || StoreError::unavailable("the writer has stopped");
        self.places.acquire().await.map_err(|_| stopped())?.forget();
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Err(stopped());
        }
        waiting.commands.push_back(work);
        self.rouse(waiting);
        Ok(())
    }

    /// Adds an exchange record, or drops it if too many wait.
    pub(crate) fn record(&self, record: ExchangeRecord) {
        let bytes = record.bytes();
        let mut waiting = self.lock();
        let is_full =
            waiting.records.len() >= RECORDS_MAX || waiting.record_bytes + bytes > RECORD_BYTES_MAX;
        if waiting.is_closed || is_full {
            drop(waiting);
            self.count_dropped(1);
            return;
        }
        waiting.record_bytes += bytes;
        waiting.records.push_back(record);
        if waiting.records.len() == 1 {
            self.rouse(waiting);
        }
    }

    fn rouse(&self, waiting: MutexGuard<'_, Waiting>) {
        let sleeps = waiting.writer_sleeps;
        drop(waiting);
        if sleeps {
            self.wake.notify_one();
        }
    }

    pub(crate) fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Exchange records that were lost since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// What waits, at once; else sleeps. With `has_chores`, wakes when nothing has come for a
    /// while.
    pub(crate) fn next(&self, has_chores: bool) -> Next {
        let mut waiting = self.lock();
        loop {
            if !waiting.commands.is_empty() {
                return self.take(self.gather(waiting));
            }
            if waiting.is_closed {
                return if waiting.records.is_empty() {
                    Next::Closed
                } else {
                    self.take(waiting)
                };
            }
            let patience = match (waiting.records.is_empty(), has_chores) {
                (false, _) => Some(RECORD_IDLE),
                (true, true) => Some(CHORE_IDLE),
                (true, false) => None,
            };
            waiting.writer_sleeps = true;
            let is_over;
            (waiting, is_over) = match patience {
                None => (
                    self.wake
                        .wait(waiting)
                        .unwrap_or_else(PoisonError::into_inner),
                    false,
                ),
                Some(patience) => {
                    let (waiting, result) = self
                        .wake
                        .wait_timeout(waiting, patience)
                        .unwrap_or_else(PoisonError::into_inner);
                    (waiting, result.timed_out())
                }
            };
            waiting.writer_sleeps = false;
            if is_over && waiting.commands.is_empty() {
                return if waiting.records.is_empty() {
                    Next::Idle
                } else {
                    self.take(waiting)
                };
            }
        }
    }

    /// Most callers who were answered come back with their next command. If less than half of the
    /// last batch is there, the others are under way: a commit for each small part would cost them
    /// all more than the pause, by its pages and its sync.
    fn gather<'i>(&self, waiting: MutexGuard<'i, Waiting>) -> MutexGuard<'i, Waiting> {
        if waiting.is_closed || waiting.commands.len() * 2 >= waiting.last_batch {
            return waiting;
        }
        // Nobody rouses a writer that does not sleep, so this is one pause, and commands cost no
        // wake-ups.
        self.wake
            .wait_timeout(waiting, GATHERING)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    fn take(&self, mut waiting: MutexGuard<'_, Waiting>) -> Next {
        let count = waiting.commands.len().min(BATCH_MAX);
        let commands: Vec<Work> = waiting.commands.drain(..count).collect();
        waiting.last_batch = count;
        let count = waiting.records.len().min(RECORD_BATCH_MAX);
        let records: Vec<ExchangeRecord> = waiting.records.drain(..count).collect();
        waiting.record_bytes -= records.iter().map(ExchangeRecord::bytes).sum::<usize>();
        drop(waiting);
        self.places.add_permits(commands.len());
        Next::Batch(commands, records)
    }

    /// Takes nothing more; what waits is still done.
    pub(crate) fn close(&self) {
        self.places.close();
        self.lock().is_closed = true;
        self.wake.notify_one();
    }

    /// The writer is gone: whoever waits hears of it by the dropped answer.
    pub(crate) fn abandon(&self) {
        self.close();
        self.lock().commands.clear();
    }
}
