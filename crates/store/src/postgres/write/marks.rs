//! Marks of the books: what all nodes must have alike.

use deadpool_postgres::GenericClient;

use crate::postgres::fault::Fault;
use crate::postgres::readers::{change, first};

/// Writes a mark unless it stands; the value that stands. Of two nodes at once one writes.
pub(crate) async fn mark(
    client: &impl GenericClient,
    name: &str,
    value: &str,
) -> Result<String, Fault> {
    let sql = "INSERT INTO mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    change(client, sql, &[&name, &value]).await?;
    let sql = "SELECT value FROM mark WHERE name = $1";
    let standing = first(client, sql, &[&name], |columns| columns.string()).await?;
    standing.ok_or_else(|| Fault::Damaged(format!("the mark {name} is there and is not found")))
}
