//! What an open store does by itself: keeps its node's number, makes room for the months to come,
//! cuts off the old end of the exchange log.

use std::sync::Arc;
use std::time::Duration;

use heliu_ports::store::StoreNews;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_postgres::Client;

use super::connect::{Hanging, Purpose};
use super::fault::Fault;
use super::log::Log;
use super::node::{self, LEASE_S};
use super::shared::Shared;

/// Pause between two renewals of the lease: two may fail.
const RENEWAL: Duration = Duration::from_secs(LEASE_S.unsigned_abs() / 3);
/// How long a chore may take. One that is late is given up with its connection, so that a server
/// that hangs holds up no renewal that another one would take; the server finishes what it can of
/// it.
const CHORE_LIMIT: Duration = Duration::from_secs(10);
/// Pause between two looks for other work, also for jobs of nodes that died: about a job's lease.
const UPKEEP: Duration = Duration::from_secs(60);
/// The advisory lock of whoever cuts the log: "logs" in ASCII.
const LOCK: i64 = 0x6c_6f_67_73;

/// Works until the store closes, then gives the number back. `client` is the connection over which
/// the store was opened, with its upkeep done and its number fresh.
pub(crate) async fn run(shared: Arc<Shared>, client: Client, mut closed: watch::Receiver<bool>) {
    let mut client = Some(client);
    let mut upkeep_at = Instant::now() + UPKEEP;
    // Jobs of nodes that died before this one started.
    shared.news.tell_engine(StoreNews::LeasesEnded);
    loop {
        let mut is_log_full = false;
        tokio::select! {
            () = tokio::time::sleep(RENEWAL) => {}
            () = shared.log.wanted() => is_log_full = true,
            _ = closed.wait_for(|is_closed| *is_closed) => break,
        }
        let is_upkeep = is_log_full || Instant::now() >= upkeep_at;
        client = match keep_number(&shared, client.take()).await {
            Ok(kept) => Some(kept),
            Err(fault) => {
                shared.condition.not_written();
                let error = fault.noted(&shared.condition);
                tracing::warn!(%error, "the lease of this node's number is not renewed");
                None
            }
        };
        if is_upkeep && let Some(kept) = client.take() {
            client = match within(CHORE_LIMIT, upkeep(&kept, &shared.log)).await {
                Ok(()) => Some(kept),
                Err(fault) => {
                    let error = fault.noted(&shared.condition);
                    tracing::warn!(%error, "months to come or the log's old end wait for the next time");
                    None
                }
            };
        }
        if is_upkeep {
            upkeep_at = Instant::now() + UPKEEP;
            shared.news.tell_engine(StoreNews::LeasesEnded);
        }
    }
    if let Err(error) = node::release(&shared.address, &shared.lease).await {
        tracing::debug!(%error, "the lease of this node's number ends by itself");
    }
}

/// Renews the lease; the connection over which it was renewed.
async fn keep_number(shared: &Shared, client: Option<Client>) -> Result<Client, Fault> {
    let client = match client.filter(|client| !client.is_closed()) {
        Some(client) => client,
        None => shared.address.connect(Purpose::Keeping, |_| ()).await?,
    };
    let hanging = Hanging::begin(&shared.address, &client);
    let renewed = within(CHORE_LIMIT, node::renew(&client, &shared.lease)).await;
    if !matches!(renewed, Err(Fault::Late(_))) {
        hanging.end();
    }
    if renewed? {
        Ok(client)
    } else {
        Err(Fault::NodeLost)
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let late = |_| Err(Fault::Late(limit.as_secs()));
    tokio::time::timeout(limit, work).await.unwrap_or_else(late)
}

/// Makes the partitions of this month and the two after it, and cuts the log if nobody else does.
pub(crate) async fn upkeep(client: &Client, log: &Log) -> Result<(), Fault> {
    let sql = "SELECT make_partitions((date_trunc('month', now() AT TIME ZONE 'UTC')
        + month * INTERVAL '1 month')::DATE) FROM generate_series(0, 2) AS month";
    client.query(sql, &[]).await?;
    let sql = "SELECT pg_try_advisory_lock($1)";
    let is_ours: bool = client.query_one(sql, &[&LOCK]).await?.try_get(0)?;
    if !is_ours {
        return Ok(());
    }
    let result = log.cut(client).await;
    client
        .query("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await?;
    result
}
