//! Brings the schema up to date: forward only, each step whole or not at all.

use heliu_ports::store::StoreError;
use tokio_postgres::Client;

use super::fault::Fault;

/// The steps, oldest first; a step that has been released is never changed.
const STEPS: [&str; 1] = [include_str!("../../migrations/postgres/0001_books.sql")];

/// The advisory lock under which nodes that start at once take turns: "heliu" in ASCII.
const LOCK: i64 = 0x68_65_6c_69_75;

/// Applies the steps that are missing. Nodes may do it at once: one works, the others wait for it.
pub(crate) async fn migrate(client: &mut Client, name: &str) -> Result<(), StoreError> {
    let explain = |fault: Fault| {
        StoreError(format!(
            "{name} cannot be opened: {}",
            StoreError::from(fault).0
        ))
    };
    let locked = client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await;
    locked.map_err(|error| explain(error.into()))?;
    let result = steps(client).await;
    let unlocked = client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await;
    let version = result.map_err(explain)?;
    unlocked.map_err(|error| explain(error.into()))?;
    let known = STEPS.len();
    if version > known {
        return Err(StoreError(format!(
            "{name} has schema {version}, this program knows {known}: it was written by a newer version; \
             start that one"
        )));
    }
    Ok(())
}

/// Applies what is missing; the version afterwards.
async fn steps(client: &mut Client) -> Result<usize, Fault> {
    // Asked first, since a notice about a table that is there would stand in every log.
    let sql = "SELECT to_regclass('schema_version') IS NOT NULL";
    let is_known: bool = client.query_one(sql, &[]).await?.try_get(0)?;
    if !is_known {
        client
            .batch_execute("CREATE TABLE schema_version (version BIGINT PRIMARY KEY)")
            .await?;
    }
    let sql = "SELECT coalesce(max(version), 0) FROM schema_version";
    let version: i64 = client.query_one(sql, &[]).await?.try_get(0)?;
    let mut version = usize::try_from(version).unwrap_or(usize::MAX);
    while let Some(step) = STEPS.get(version) {
        let transaction = client.transaction().await?;
        transaction.batch_execute(step).await?;
        version += 1;
        let number = i64::try_from(version).unwrap_or(i64::MAX);
        let sql = "INSERT INTO schema_version (version) VALUES ($1)";
        transaction.execute(sql, &[&number]).await?;
        transaction.commit().await?;
    }
    Ok(version)
}
