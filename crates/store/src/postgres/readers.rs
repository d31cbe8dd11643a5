//! Connections for reads and single changes, and the one place where those are tried again.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{GenericClient, Object, Pool};
use heliu_ports::store::StoreError;
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::ToSql;

use super::fault::{Fault, Treatment};
use crate::columns::{Columns, Result as Read};
use crate::condition::Condition;

/// How often a read is tried again while the database is away; pauses double, so this is about 3 s.
const TRIES_MAX: u32 = 5;
/// The first pause, in ms.
const PAUSE_MS: u64 = 100;

/// A small pool.
pub(crate) struct Readers {
    pub(crate) pool: Pool,
    pub(crate) condition: Arc<Condition>,
}

impl Readers {
    /// For the caller; what is lasting is kept in mind.
    pub(crate) fn told(&self, fault: Fault) -> StoreError {
        let is_lasting = fault.is_lasting();
        let error = StoreError::from(fault);
        if is_lasting {
            self.condition.spoiled(&error);
        }
        error
    }
}

/// Runs `$read` with a connection `$client` of the pool, again over another one while the database is away.
macro_rules! with_client {
    ($readers:expr, $client:ident => $read:expr) => {{
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
                result => break result.map_err(|fault| $readers.told(fault)),
            }
        }
    }};
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
