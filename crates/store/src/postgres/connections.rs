//! Connections for reads, others for single changes, and the one place where those are limited, and
//! tried again.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{GenericClient, Object, Pool, Transaction};
use heliu_ports::store::StoreError;
use tokio::time::Instant;
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::ToSql;

use super::connect::Address;
use super::fault::{Fault, Treatment};
use crate::columns::{Columns, Result as Read};
use crate::condition::Condition;

/// How often a read is tried again while the database is away; pauses double, so this is about 3 s.
const TRIES_MAX: u32 = 5;
/// The first pause, in ms.
const PAUSE_MS: u64 = 100;

/// Reads at once; further ones wait.
const READS_MAX: usize = 8;
/// Single changes at once.
const CHANGES_MAX: usize = 3;
/// How long a caller waits for a short read: longer than the server works on one.
const READ_LIMIT: Duration = Duration::from_secs(20);
/// How long a caller waits for a single change.
const CHANGE_LIMIT: Duration = Duration::from_secs(15);

/// What becomes of a connection whose answer is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhenLate {
    /// It is closed: whatever hangs there does nothing.
    Close,
    /// It stays: a commit that waits for a standby waits on in the server, whoever hangs up, and
    /// each new connection would be one more that waits.
    Keep,
}

/// A small pool of connections.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool,
    limit: Option<Duration>,
    tries_max: u32,
    when_late: WhenLate,
    condition: Arc<Condition>,
}

impl Connections {
    /// For what changes nothing.
    pub(crate) fn of_reads(
        address: &Address,
        condition: &Arc<Condition>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            pool: address.pool(READS_MAX)?,
            limit: Some(READ_LIMIT),
            tries_max: TRIES_MAX,
            when_late: WhenLate::Close,
            condition: Arc::clone(condition),
        })
    }

    /// For what changes something. No limit of the server's ends a commit that waits for a standby.
    /// So the caller is told after a while, and the connection goes back with the commit still
    /// waiting in it: the next change waits behind it, and no more hang than there are connections.
    /// Reads have others.
    pub(crate) fn of_changes(
        address: &Address,
        condition: &Arc<Condition>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            pool: address.pool(CHANGES_MAX)?,
            limit: Some(CHANGE_LIMIT),
            tries_max: TRIES_MAX,
            when_late: WhenLate::Keep,
            condition: Arc::clone(condition),
        })
    }

    /// The same for walks over many books, which take their time.
    pub(crate) fn for_walks(&self) -> Self {
        Self {
            limit: None,
            ..self.clone()
        }
    }

    /// The same for looks that are to tell what is wrong now: nothing is tried again. They see to
    /// it themselves that nothing of theirs hangs on in the server.
    pub(crate) fn for_a_look(&self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            tries_max: 0,
            when_late: WhenLate::Close,
            ..self.clone()
        }
    }

    /// The patience of one caller, which begins now.
    pub(crate) fn patience(&self) -> Patience {
        let limit = self.limit;
        Patience {
            tries: 0,
            limit,
            give_up_at: limit.map(|limit| Instant::now() + limit),
        }
    }

    /// A connection.
    pub(crate) async fn lend(&self, patience: &Patience) -> Result<Object, Fault> {
        patience.wait(async { Ok(self.pool.get().await?) }).await
    }

    /// Takes a connection back, unless it is of no further use: another one finds the new leader,
    /// and prepares its statements for the schema of today.
    pub(crate) fn take_back<T>(&self, client: Object, result: &Result<T, Fault>) {
        let is_spent = match result {
            Err(Fault::Late(_)) => self.when_late == WhenLate::Close,
            Err(fault) => fault.spends_connection(),
            Ok(_) => false,
        };
        if is_spent {
            drop(Object::take(client));
        }
    }

    /// Whether something that changes nothing, or the same when repeated, is to be tried again;
    /// waits before that.
    pub(crate) async fn is_worth_a_try(&self, fault: &Fault, patience: &mut Patience) -> bool {
        let is_curable = matches!(fault.treatment(), Treatment::Again | Treatment::Reconnect);
        if !is_curable || patience.tries >= self.tries_max || patience.is_over() {
            return false;
        }
        pause(patience.tries).await;
        patience.tries += 1;
        true
    }

    /// A fault as the caller hears it.
    pub(crate) fn told(&self, fault: Fault) -> StoreError {
        fault.noted(&self.condition)
    }
}

/// How long a caller still waits, and how often it has tried.
pub(crate) struct Patience {
    tries: u32,
    limit: Option<Duration>,
    give_up_at: Option<Instant>,
}

impl Patience {
    fn is_over(&self) -> bool {
        self.give_up_at.is_some_and(|at| at <= Instant::now())
    }

    /// What `work` comes to, if it comes in time.
    pub(crate) async fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let (Some(limit), Some(at)) = (self.limit, self.give_up_at) else {
            return work.await;
        };
        let late = |_| Err(Fault::Late(limit.as_secs()));
        tokio::time::timeout_at(at, work).await.unwrap_or_else(late)
    }
}

/// Runs `$work` with a connection `$client` of the pool, again over another one while the database
/// is away.
macro_rules! with_client {
    ($connections:expr, $client:ident => $work:expr) => {
        async {
            let connections = &$connections;
            let mut patience = connections.patience();
            let fault = loop {
                let result = match connections.lend(&patience).await {
                    Ok(mut lent) => {
                        let $client = &mut lent;
                        let result = patience.wait(async { $work.await }).await;
                        connections.take_back(lent, &result);
                        result
                    }
                    Err(fault) => Err(fault),
                };
                match result {
                    Ok(value) => return Ok(value),
                    Err(fault) => {
                        if !connections.is_worth_a_try(&fault, &mut patience).await {
                            break fault;
                        }
                    }
                }
            };
            Err(connections.told(fault))
        }
        .await
    };
}
pub(crate) use with_client;

/// Waits before the next try.
pub(crate) async fn pause(tries: u32) {
    tokio::time::sleep(Duration::from_millis(PAUSE_MS << tries.min(TRIES_MAX))).await;
}

/// What a query takes.
pub(crate) type Parameters<'p> = &'p [&'p (dyn ToSql + Sync)];

/// All rows of a query, by a statement that is kept.
pub(crate) async fn all<T>(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, parameters).await?;
    let values: Read<Vec<T>> = rows.iter().map(|row| read(&mut Columns::of(row))).collect();
    Ok(values?)
}

/// The first row of a query, by a statement that is kept.
pub(crate) async fn first<T>(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Option<T>, Fault> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, parameters).await?;
    let value = rows.first().map(|row| read(&mut Columns::of(row)));
    Ok(value.transpose()?)
}

/// Changes rows by a statement that is kept; how many.
pub(crate) async fn change(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<u64, Fault> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, parameters).await?)
}

/// A transaction that only reads, so that all of it sees the same instant. It may walk over all
/// books, so it may take its time.
pub(crate) async fn snapshot(client: &mut Object) -> Result<Transaction<'_>, Fault> {
    instant(client, "SET LOCAL statement_timeout = 0").await
}

/// The same for a list for people, of which a statement may go over whole tables; short reads must
/// not, see `connect`.
pub(crate) async fn list_instant(client: &mut Object) -> Result<Transaction<'_>, Fault> {
    instant(client, "SET LOCAL enable_seqscan = on").await
}

async fn instant<'c>(client: &'c mut Object, allows: &str) -> Result<Transaction<'c>, Fault> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    transaction.batch_execute(allows).await?;
    Ok(transaction)
}
