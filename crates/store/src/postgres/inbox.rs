//! What waits for the committers: commands, which are waited for, and exchange records, which are
//! not.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::store::{Commit, CommitError, Committed, StoreError};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::Instant;

use super::fault::Fault;

/// Commands that may wait; a further caller waits for a place, so that memory stays bounded.
const COMMANDS_MAX: usize = 8192;
/// Exchange records that may wait; further ones are dropped and counted.
const RECORDS_MAX: usize = 8192;
/// Bytes of exchange records that may wait.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Commands in one transaction: enough to share round trips and the disk's sync, few enough that
/// nobody waits long.
const BATCH_MAX: usize = 128;
/// Exchange records in one transaction.
const RECORD_BATCH_MAX: usize = 512;
/// How long a caller waits for a commit: longer than a batch is held while the database is away,
/// shorter than tills wait. Whether the command is written is not known after that.
pub(crate) const COMMIT_LIMIT: Duration = Duration::from_secs(15);
/// How long exchange records wait for a command to ride with.
const RECORD_IDLE: Duration = Duration::from_millis(50);

/// A command and who waits for it.
pub(crate) struct Work {
    pub(crate) commit: Commit,
    pub(crate) reply: oneshot::Sender<Result<Committed, CommitError>>,
    /// When the caller stops waiting: what was not begun by then is not begun any more.
    pub(crate) give_up_at: Instant,
}

/// What a committer is to do next: never nothing.
pub(crate) struct Batch {
    pub(crate) works: Vec<Work>,
    pub(crate) records: Vec<ExchangeRecord>,
}

/// The queue between callers and committers.
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    places: Semaphore,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    works: VecDeque<Work>,
    records: VecDeque<ExchangeRecord>,
    record_bytes: usize,
    is_closed: bool,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            arrived: Notify::new(),
            places: Semaphore::new(COMMANDS_MAX),
            dropped: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a command, waiting for a place if there is none.
    pub(crate) async fn send(&self, work: Work) -> Result<(), StoreError> {
        let stopped = || StoreError::unavailable("the books are closed");
        self.places.acquire().await.map_err(|_| stopped())?.forget();
        {
            let mut waiting = self.lock();
            if waiting.is_closed {
                return Err(stopped());
            }
            waiting.works.push_back(work);
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// Adds an exchange record, or drops it if too many wait.
    pub(crate) fn record(&self, record: ExchangeRecord) {
        let bytes = record.bytes();
        {
            let mut waiting = self.lock();
            let is_full = waiting.records.len() >= RECORDS_MAX
                || waiting.record_bytes + bytes > RECORD_BYTES_MAX;
            if waiting.is_closed || is_full {
                drop(waiting);
                self.count_dropped(1);
                return;
            }
            waiting.record_bytes += bytes;
            waiting.records.push_back(record);
            if waiting.records.len() > 1 {
                return;
            }
        }
        self.arrived.notify_one();
    }

    pub(crate) fn count_dropped(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Exchange records that were lost since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// What waits, at once; else waits. `None`: nobody can send any more, and all is done.
    pub(crate) async fn next(&self) -> Option<Batch> {
        loop {
            let mut arrived = std::pin::pin!(self.arrived.notified());
            arrived.as_mut().enable();
            let has_records = {
                let mut waiting = self.lock();
                if !waiting.works.is_empty()
                    && let Some(batch) = self.take(&mut waiting)
                {
                    return Some(batch);
                }
                if waiting.is_closed {
                    // The others are to hear of it too.
                    self.arrived.notify_one();
                    return self.take(&mut waiting);
                }
                !waiting.records.is_empty()
            };
            if !has_records {
                arrived.await;
            } else if tokio::time::timeout(RECORD_IDLE, arrived).await.is_err() {
                let mut waiting = self.lock();
                if let Some(batch) = self.take(&mut waiting) {
                    return Some(batch);
                }
            }
        }
    }

    /// `None` if nothing is left to do, also because every caller has given up.
    fn take(&self, waiting: &mut Waiting) -> Option<Batch> {
        // In the order of their arrival, so those whose callers have gone are the first.
        let now = Instant::now();
        let late = waiting
            .works
            .iter()
            .take_while(|work| work.give_up_at <= now);
        let late = late.count();
        for work in waiting.works.drain(..late) {
            let error = StoreError::from(Fault::Late(COMMIT_LIMIT.as_secs()));
            let _gone = work.reply.send(Err(error.into()));
        }
        let count = waiting.works.len().min(BATCH_MAX);
        let works: Vec<Work> = waiting.works.drain(..count).collect();
        let count = waiting.records.len().min(RECORD_BATCH_MAX);
        let records: Vec<ExchangeRecord> = waiting.records.drain(..count).collect();
        waiting.record_bytes -= records.iter().map(ExchangeRecord::bytes).sum::<usize>();
        self.places.add_permits(late + works.len());
        if !(waiting.works.is_empty() && waiting.records.is_empty()) {
            self.arrived.notify_one();
        }
        let is_empty = works.is_empty() && records.is_empty();
        (!is_empty).then_some(Batch { works, records })
    }

    /// Takes nothing more; what waits is still done.
    pub(crate) fn close(&self) {
        self.places.close();
        self.lock().is_closed = true;
        self.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use heliu_trade::id::OrderNo;
    use heliu_trade::step::{Action, Step, Target};
    use heliu_trade::time::Timestamp;

    use super::*;

    fn work(give_up_at: Instant) -> (Work, oneshot::Receiver<Result<Committed, CommitError>>) {
        let (reply, answer) = oneshot::channel();
        let step = Step {
            merchant_id: "a merchant".into(),
            target: Target::Order(OrderNo::from_u64(1)),
            now: Timestamp::from_ms(0),
            action: Action::CloseOrder,
        };
        let commit = Commit {
            step,
            exchange: None,
            audit: None,
        };
        let work = Work {
            commit,
            reply,
            give_up_at,
        };
        (work, answer)
    }

    #[tokio::test]
    async fn commands_whose_callers_gave_up_are_told_so_and_make_no_batch() {
        let inbox = Arc::new(Inbox::new());
        let now = Instant::now();
        let (late, answer) = work(now);
        inbox.send(late).await.expect("a place");
        let taking = {
            let inbox = Arc::clone(&inbox);
            tokio::spawn(async move { inbox.next().await.map(|batch| batch.works.len()) })
        };
        let heard = answer.await.expect("told").expect_err("late");
        assert!(heard.to_string().contains("did not answer"), "{heard}");
        assert!(!taking.is_finished(), "there is nothing to do");
        let (in_time, _answer) = work(now + COMMIT_LIMIT);
        inbox.send(in_time).await.expect("a place");
        assert_eq!(taking.await.expect("no panic"), Some(1));
    }
}
