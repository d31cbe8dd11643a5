//! Whether the database takes writes again, and has room for them.

use deadpool_postgres::Object;
use tokio_postgres::error::SqlState;

use crate::postgres::connect::Hanging;
use crate::postgres::fault::Fault;
use crate::postgres::node;
use crate::postgres::shared::Shared;

/// Takes about a MiB of the database's own disk for as long as the transaction lasts: a row may
/// still fit where no new page does.
const TAKE_ROOM: &str = "CREATE TEMPORARY TABLE heliu_probe ON COMMIT DROP AS
    SELECT repeat('0', 1000) AS filling FROM generate_series(1, 1000)";

/// Writes and commits something that says nothing new. Leaves nothing behind that waits for a
/// standby, however often it is asked.
pub(crate) async fn probe(client: &mut Object, shared: &Shared) -> Result<(), Fault> {
    let hanging = Hanging::begin(&shared.address, client);
    let result = write(client, shared).await;
    hanging.end();
    result
}

async fn write(client: &mut Object, shared: &Shared) -> Result<(), Fault> {
    if !node::renew(client, &shared.lease).await? {
        return Err(Fault::NodeLost);
    }
    let transaction = client.transaction().await?;
    match transaction.batch_execute(TAKE_ROOM).await {
        // Not every role may make temporary tables; then the renewal is all that we know.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {}
        taken => taken?,
    }
    Ok(transaction.rollback().await?)
}
