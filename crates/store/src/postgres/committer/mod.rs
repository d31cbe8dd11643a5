//! Committers: each takes what waits, commits it in one transaction, then answers.
//!
//! Several work at the same time, each over a connection of its own: while the disk syncs one
//! batch, the next is decided. They are no different from the committers of other nodes: locks in
//! the order of keys and versions keep them apart. An answer leaves after COMMIT has returned,
//! never before.
//!
//! | part | what it does |
//! | --- | --- |
//! | `load` | begins: takes numbers, locks and loads what the steps name |
//! | `batch` | lets the core decide, step after step |
//! | `additions`, `following`, `exchanges`, `tables` | what is to be saved, as rows |
//! | `link`, `statements` | the connection |
//! | `recent`, `named` | what need not be read or written again |

mod additions;
mod batch;
mod exchanges;
mod follow_sql;
mod following;
mod link;
mod load;
mod named;
mod recent;
mod statements;
mod tables;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::store::{Commit, CommitError, StoreError};
use tokio::time::Instant;

use super::fault::{Fault, Treatment};
use super::inbox::Batch;
use super::shared::Shared;
use batch::{Failure, Outcome};
pub(crate) use following::Following;
use link::Link;
pub(crate) use named::Named;
pub(crate) use recent::Recent;

/// How often a transaction is repeated because others were in the way.
const TRIES_MAX: u32 = 8;
/// The first pause before such a repetition, in ms; each is longer than the one before.
const PAUSE_MS: u64 = 2;
/// How long a batch is held while the database is away; after that its callers hear of it.
const PATIENCE: Duration = Duration::from_secs(4);
/// Pause before the next attempt to reach it, in ms.
const RECONNECT_PAUSE_MS: u64 = 100;
/// How long a batch may take before its connection counts as dead, in s.
const BATCH_TIMEOUT_S: u64 = 20;
/// How long the fate of a commit whose answer was lost is asked for.
const FATE_PATIENCE: Duration = Duration::from_secs(30);
/// One asking, in s: it too waits for the standbys.
const FATE_TIMEOUT_S: u64 = 5;

/// One committer, over one connection at a time.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    index: i64,
    batch_index: i64,
    link: Option<Link>,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, index: i64) -> Self {
        Self {
            shared,
            index,
            batch_index: 0,
            link: None,
        }
    }

    /// Serves the inbox until it is closed.
    pub(crate) async fn run(mut self) {
        while let Some(Batch { works, records }) = self.shared.inbox.next().await {
            let (commits, replies): (Vec<_>, Vec<_>) = works
                .into_iter()
                .map(|work| (work.commit, work.reply))
                .unzip();
            let results = self.results(&commits, &records).await;
            for (reply, result) in replies.into_iter().zip(results) {
                // A caller that went away is not missed.
                let _gone = reply.send(match result {
                    Ok(outcome) => outcome.map_err(CommitError::Rejected),
                    Err(error) => Err(CommitError::Store(error)),
                });
            }
        }
    }

    /// All together; if one of them is to blame for a failure, in halves, so that the others pass
    /// and it is left alone.
    fn results<'c>(
        &'c mut self,
        commits: &'c [Commit],
        records: &'c [ExchangeRecord],
    ) -> BoxFuture<'c, Vec<Result<Outcome, StoreError>>> {
        Box::pin(async move {
            let fault = match self.settle(commits, records).await {
                Ok(outcomes) => {
                    self.shared.condition.written();
                    return outcomes.into_iter().map(Ok).collect();
                }
                Err(fault) => fault,
            };
            let is_split = fault.treatment() == Treatment::Split;
            if is_split && !commits.is_empty() && !records.is_empty() {
                let results = self.results(commits, &[]).await;
                self.results(&[], records).await;
                return results;
            }
            if is_split && commits.len() > 1 {
                let (first, second) = commits.split_at(commits.len() / 2);
                let mut results = self.results(first, &[]).await;
                results.extend(self.results(second, &[]).await);
                return results;
            }
            self.shared.inbox.count_dropped(records.len());
            let count = commits.len();
            if matches!(fault.treatment(), Treatment::Reconnect | Treatment::Refuse) {
                self.shared.condition.not_written();
            }
            let error = fault.noted(&self.shared.condition);
            tracing::error!(%error, commits = count, records = records.len(), "a batch cannot be written");
            vec![Err(error); count]
        })
    }

    /// The one place where transactions are repeated, within bounds.
    async fn settle(
        &mut self,
        commits: &[Commit],
        records: &[ExchangeRecord],
    ) -> Result<Vec<Outcome>, Fault> {
        let give_up_at = Instant::now() + PATIENCE;
        let is_alone = commits.len() == 1;
        let mut tries = 0;
        loop {
            let fault = match self.transact(commits, records).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(fault) => fault,
            };
            let pause_ms = match fault.treatment() {
                Treatment::Again if tries < TRIES_MAX => PAUSE_MS << tries,
                // Another node took a number after we had looked: decided anew, the command sees
                // it.
                Treatment::Split if is_alone && fault.is_taken_number() && tries < TRIES_MAX => {
                    PAUSE_MS << tries
                }
                Treatment::Reconnect if Instant::now() < give_up_at => RECONNECT_PAUSE_MS,
                _ => return Err(fault),
            };
            tries += 1;
            tracing::debug!(error = %fault, tries, "a batch is tried again");
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// One transaction. If its answer is lost, what became of it is looked up.
    async fn transact(
        &mut self,
        commits: &[Commit],
        records: &[ExchangeRecord],
    ) -> Result<Vec<Outcome>, Fault> {
        self.batch_index += 1;
        let shared = Arc::clone(&self.shared);
        let link = self.link().await?;
        let limit = Duration::from_secs(BATCH_TIMEOUT_S);
        let running = batch::run(&shared, link, commits, records);
        let failure = match running.within(limit).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(failure) => failure,
        };
        let Failure { fault, decided } = failure;
        let is_away = fault.treatment() == Treatment::Reconnect;
        if is_away || !link.roll_back().await {
            self.link = None;
        }
        match decided {
            Some(decided) if is_away && self.was_committed().await? => {
                tracing::warn!("a commit whose answer was lost was found written");
                Ok(decided.after_commit(&shared))
            }
            _ => Err(fault),
        }
    }

    /// The connection, a new one if the last is lost, marked with the batch that begins.
    async fn link(&mut self) -> Result<&mut Link, Fault> {
        let mut link = match self.link.take().filter(|link| !link.client.is_closed()) {
            Some(link) => link,
            None => Link::open(&self.shared.address, self.shared.lease.run_no, self.index).await?,
        };
        link.batch_index = self.batch_index;
        Ok(self.link.insert(link))
    }

    /// Whether the last batch was committed. Its first statement wrote its index into the
    /// committer's row: while its transaction lives, the row is locked and we wait; then the row
    /// tells. Taking the lock is a write, so the answer comes when the standbys have everything up
    /// to it, that commit included: what only the leader has may still be lost, and is not told.
    async fn was_committed(&mut self) -> Result<bool, Fault> {
        let give_up_at = Instant::now() + FATE_PATIENCE;
        loop {
            let limit = Duration::from_secs(FATE_TIMEOUT_S);
            let fault = match tokio::time::timeout(limit, self.read_fate()).await {
                Ok(Ok(fate)) => return fate,
                Ok(Err(fault)) => fault,
                Err(_) => Fault::Late(FATE_TIMEOUT_S),
            };
            if Instant::now() >= give_up_at {
                return Err(Fault::FateUnknown(
                    StoreError::from(fault).text().to_owned(),
                ));
            }
            tokio::time::sleep(Duration::from_millis(RECONNECT_PAUSE_MS)).await;
        }
    }

    async fn read_fate(&self) -> Result<Result<bool, Fault>, Fault> {
        let purpose = super::connect::Purpose::Committing;
        let client = self.shared.address.connect(purpose, |_| ()).await?;
        let sql = "SELECT batch_index FROM committer WHERE run_no = $1 AND committer_index = $2
            FOR UPDATE";
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
            [&self.shared.lease.run_no, &self.index];
        let Some(row) = client.query_opt(sql, &key).await? else {
            let why = "another process has taken this node's number meanwhile".to_owned();
            return Ok(Err(Fault::FateUnknown(why)));
        };
        let batch_index: i64 = row.try_get(0)?;
        Ok(Ok(batch_index >= self.batch_index))
    }
}
