//! Marks of the books: what all nodes must have alike.

use deadpool_postgres::GenericClient;

use crate::postgres::connections::first;
use crate::postgres::fault::Fault;

/// Writes a mark unless it stands; the value that stands. Of two nodes at once one writes its own.
/// One that stands is written as it is: so it is told once the standbys have it, also if this is
/// the second try of a call whose answer was lost.
pub(crate) async fn mark(
    client: &impl GenericClient,
    name: &str,
    value: &str,
) -> Result<String, Fault> {
    let sql = "INSERT INTO mark AS standing (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = standing.value RETURNING value";
    let standing = first(client, sql, &[&name, &value], |columns| columns.string()).await?;
    standing.ok_or_else(|| Fault::Damaged(format!("the mark {name} is there and is not found")))
}

/// A mark that stands.
pub(crate) async fn standing(
    client: &impl GenericClient,
    name: &str,
) -> Result<Option<String>, Fault> {
    let sql = "SELECT value FROM mark WHERE name = $1";
    first(client, sql, &[&name], |columns| columns.string()).await
}
