//! Connections for reads, others for single changes, and the one place where those are tried again.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{GenericClient, Object, Pool};
use heliu_ports::store::StoreError;
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
const READERS_MAX: usize = 8;
/// Single changes at once.
const CHANGERS_MAX: usize = 3;
/// How long a caller waits for a single change.
const CHANGE_LIMIT: Duration = Duration::from_secs(15);

/// A small pool.
pub(crate) struct Readers {
    pub(crate) pool: Pool,
    limit: Option<Duration>,
    condition: Arc<Condition>,
}

impl Readers {
    /// For what changes nothing. The server limits most of it; a walk over all books may take its time.
    pub(crate) fn of_reads(
        address: &Address,
        condition: &Arc<Condition>,
    ) -> Result<Self, StoreError> {
        Self::of(address, READERS_MAX, None, condition)
    }

    /// For what changes something. No limit of the server's ends a commit that waits for a standby. So the
    /// caller is told after a while, and the connection goes back with the commit still waiting in it: the
    /// next change waits behind it, and no more hang than there are connections. Reads have others.
    pub(crate) fn of_changes(
        address: &Address,
        condition: &Arc<Condition>,
    ) -> Result<Self, StoreError> {
        Self::of(address, CHANGERS_MAX, Some(CHANGE_LIMIT), condition)
    }

    fn of(
        address: &Address,
        size: usize,
        limit: Option<Duration>,
        condition: &Arc<Condition>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            pool: address.pool(size)?,
            limit,
            condition: Arc::clone(condition),
        })
    }

    /// What `work` comes to, if it takes no longer than is allowed here; what is lasting is kept in mind.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        let result = match self.limit {
            None => work.await,
            Some(limit) => tokio::time::timeout(limit, work)
                .await
                .unwrap_or(Err(Fault::Late(limit.as_secs()))),
        };
        result.map_err(|fault| {
            let is_lasting = fault.is_lasting();
            let error = StoreError::from(fault);
            if is_lasting {
                self.condition.spoiled(&error);
            }
            error
        })
    }
}

/// Runs `$read` with a connection `$client` of the pool, again over another one while the database is away.
macro_rules! with_client {
    ($readers:expr, $client:ident => $read:expr) => {
        $readers
            .within(async {
                let mut tries = 0;
                loop {
                    let result = async {
                        let $client = &mut $readers.pool.get().await?;
                        $read.await
                    };
                    match result.await {
                        Err(fault) if $crate::postgres::readers::is_worth_a_try(&fault, tries) => {
                            $crate::postgres::readers::pause(tries).await;
                            tries += 1;
                        }
                        result => break result,
                    }
                }
            })
            .await
    };
}
pub(crate) use with_client;

/// Whether something that changes nothing, or the same when repeated, is tried again.
pub(crate) fn is_worth_a_try(fault: &Fault, tries: u32) -> bool {
    let is_curable = matches!(fault.treatment(), Treatment::Again | Treatment::Reconnect);
    is_curable && tries < TRIES_MAX
}

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

/// A transaction that only reads, so that all of it sees the same instant. It may walk over all books, so it
/// may take its time.
pub(crate) async fn snapshot(
    client: &mut Object,
) -> Result<deadpool_postgres::Transaction<'_>, Fault> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    transaction
        .batch_execute("SET LOCAL statement_timeout = 0")
        .await?;
    Ok(transaction)
}
