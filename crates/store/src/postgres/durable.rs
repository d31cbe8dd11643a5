//! Whether the server keeps what it answers: looked at once, when the books open.

use heliu_ports::store::StoreError;
use tokio_postgres::Client;

use super::fault::Fault;

/// Refuses a session in which COMMIT does not wait for disk and standbys. Ours ask for that, but
/// some poolers swallow what a session asks for, and then the server's defaults hold.
pub(crate) async fn check(client: &Client) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('fsync'), current_setting('synchronous_commit'),
        current_setting('client_min_messages')";
    let read = async {
        let row = client.query_one(sql, &[]).await?;
        Ok::<(String, String, String), Fault>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
    };
    let (fsync, waits_for, words) = read.await.map_err(StoreError::from)?;
    if fsync == "off" {
        // For tests only; the operator of a server without it hears so.
        tracing::warn!("the database runs with fsync=off: what was answered may be lost");
    }
    let is_durable = ["on", "remote_apply"].contains(&waits_for.as_str());
    let is_heard = !["error", "fatal", "panic"].contains(&words.as_str());
    if is_durable && is_heard {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "the database's sessions have synchronous_commit={waits_for} and client_min_messages={words}, so \
         what was answered could be lost unnoticed: take both out of the address's options, and let no \
         pooler in between drop the options of a session"
    )))
}
