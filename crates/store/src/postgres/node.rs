//! This node's number: leased in the database, so that no two nodes give the same numbers.
//!
//! An instance that restarts takes its old number back at once; a new one takes the number that has
//! been free for longest. Whoever takes a number removes the committers of the run that had it:
//! from then on nothing of that run can be committed, whatever it believes, and the high water that
//! is read afterwards is final.

use deadpool_postgres::GenericClient;
use heliu_ports::store::StoreError;
use tokio_postgres::{Client, Transaction};

use super::connect::{Address, Purpose};
use super::connections::first;
use super::fault::Fault;

/// How long a number belongs to a node that is not heard of any more, in s.
pub(crate) const LEASE_S: i64 = 30;

/// The advisory lock under which nodes take numbers: "node" in ASCII.
const LOCK: i64 = 0x6e_6f_64_65;

/// A number and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    /// 0 to 63.
    pub(crate) node: u8,
    /// This process, from its start to its end.
    pub(crate) run_no: i64,
    /// The highest second of any number that was committed under it before.
    pub(crate) high_water_second: u64,
}

/// Takes a number, and makes jobs due that its last holder held when it ended.
pub(crate) async fn take(
    client: &mut Client,
    instance: &str,
    committers: usize,
) -> Result<Lease, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::unavailable(format!("no randomness: {error}")))?;
    let run_no = i64::from_le_bytes(bytes) & i64::MAX;
    let lease = lease(client, instance, run_no, committers).await?;
    lease.ok_or_else(|| {
        StoreError::refused("all 64 node numbers are in use; stop a node, or wait until the lease of one that died ends",
        )
    })
}

async fn lease(
    client: &mut Client,
    instance: &str,
    run_no: i64,
    committers: usize,
) -> Result<Option<Lease>, Fault> {
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    // The row itself is not locked yet: batches of its last holder may still write their high
    // water.
    let sql = "SELECT node, run_no FROM node WHERE instance = $1 OR leased_until < now()
        ORDER BY coalesce(instance = $1, false) DESC, leased_until, node LIMIT 1";
    let Some(row) = transaction.query_opt(sql, &[&instance]).await? else {
        return Ok(None);
    };
    let (node, last_run): (i16, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "DELETE FROM committer WHERE run_no = $1";
    transaction.execute(sql, &[&last_run]).await?;
    let sql =
        "UPDATE node SET instance = $2, run_no = $3, leased_until = now() + $4 * INTERVAL '1 s'
        WHERE node = $1 RETURNING high_water_second";
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    let lease_s = LEASE_S as f64;
    let row = transaction
        .query_one(sql, &[&node, &instance, &run_no, &lease_s])
        .await?;
    let high_water_second: i64 = row.try_get(0)?;
    let sql = "INSERT INTO committer (run_no, committer_index, batch_index)
        SELECT $1, committer_index, 0 FROM generate_series(0, $2::BIGINT - 1) AS committer_index";
    let committers = i64::try_from(committers).unwrap_or(i64::MAX);
    transaction.execute(sql, &[&run_no, &committers]).await?;
    let sql = "UPDATE job SET due_at = leased_at, leased_at = NULL, leased_by = NULL WHERE leased_by = $1";
    let rearmed = transaction.execute(sql, &[&node]).await?;
    transaction.commit().await?;
    if rearmed > 0 {
        tracing::info!(jobs = rearmed, "jobs that were under way are due again");
    }
    Ok(Some(Lease {
        node: u8::try_from(node).unwrap_or(0),
        run_no,
        high_water_second: u64::try_from(high_water_second).unwrap_or(0),
    }))
}

/// Keeps nodes from taking numbers until the transaction ends; how many have one.
pub(crate) async fn lock_out(transaction: &Transaction<'_>) -> Result<i64, Fault> {
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let sql = "SELECT count(*) FROM node WHERE leased_until > now()";
    Ok(transaction.query_one(sql, &[]).await?.try_get(0)?)
}

/// Ends all runs, also of a node that was paused and knows nothing of it: none can commit or renew
/// any more. Numbers, and whose they were, stay. Only where nodes are locked out and none serves.
pub(crate) async fn end_runs(transaction: &Transaction<'_>) -> Result<(), Fault> {
    let sql = "DELETE FROM committer; UPDATE node SET run_no = NULL WHERE run_no IS NOT NULL";
    Ok(transaction.batch_execute(sql).await?)
}

/// Keeps the number for another while; `false` if another process has it.
pub(crate) async fn renew(client: &Client, lease: &Lease) -> Result<bool, Fault> {
    let sql = "UPDATE node SET leased_until = now() + $3 * INTERVAL '1 s' WHERE node = $1 AND run_no = $2";
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    let lease_s = LEASE_S as f64;
    let renewed = client
        .execute(sql, &[&i16::from(lease.node), &lease.run_no, &lease_s])
        .await?;
    Ok(renewed == 1)
}

/// Whether the number is still this process's.
pub(crate) async fn confirm(client: &impl GenericClient, lease: &Lease) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM node WHERE node = $1 AND run_no = $2";
    let (node, run_no) = (i16::from(lease.node), lease.run_no);
    let found = first(client, sql, &[&node, &run_no], |_| Ok(())).await?;
    found.ok_or(Fault::NodeLost)
}

/// Gives the number back, with whatever its run still holds.
pub(crate) async fn release(address: &Address, lease: &Lease) -> Result<(), Fault> {
    let client = address.connect(Purpose::Keeping, |_| ()).await?;
    let sql = "UPDATE node SET leased_until = now() WHERE node = $1 AND run_no = $2";
    client
        .execute(sql, &[&i16::from(lease.node), &lease.run_no])
        .await?;
    Ok(())
}
