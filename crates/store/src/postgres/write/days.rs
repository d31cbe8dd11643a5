//! Business dates are closed, and rolled up.

use deadpool_postgres::{GenericClient, Object};
use heliu_ports::store::{ClosedDate, RolledUp};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;

use crate::columns::integer;
use crate::postgres::connections::{change, first};
use crate::postgres::fault::Fault;
use crate::postgres::read::day::{bounds, closed, rows};
use crate::rows::day::{CLOSE, ROLLED, sums};
use crate::rows::office::{LAST_AUDIT, read_link};

/// Whoever books holds the journal for this until its transaction ends, and reads then, in the
/// statement that books, from when on it may. So this waits for those who may still book into the
/// date, and those behind it wait for this, and find it closed. No node has to be told. They wait
/// no longer than this says.
const STOP_BOOKING: &str =
    "SET LOCAL lock_timeout = 1000; LOCK TABLE ONLY journal_row IN SHARE MODE";

/// Closes a date.
pub(crate) async fn close(
    client: &mut Object,
    date: BusinessDate,
    now: Timestamp,
) -> Result<ClosedDate, Fault> {
    if let Some(closed) = closed(client, date).await? {
        return Ok(closed);
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(STOP_BOOKING).await?;
    let last = first(&transaction, LAST_AUDIT, &[], read_link).await?;
    let last = last.unwrap_or_default();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
        &date.end().as_ms(),
        &now.as_ms(),
        &integer(last.seq),
        &last.hash,
    ];
    change(&transaction, CLOSE, &parameters).await?;
    let closed = closed(&transaction, date).await?;
    transaction.commit().await?;
    closed.ok_or_else(|| Fault::Damaged(format!("{date} was closed and is not")))
}

/// Rolls a date up, in the database.
pub(crate) async fn roll_up(client: &mut Object, date: BusinessDate) -> Result<RolledUp, Fault> {
    let transaction = client.transaction().await?;
    let may_take_long = "SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on";
    transaction.batch_execute(may_take_long).await?;
    let (from, until) = bounds(&transaction, date).await?;
    let sums = sums(&rows(from, Some(until)));
    let sql = format!(
        "/* list */ INSERT INTO day_balance (owner, account, debit_fen, credit_fen, bridged_fen, \
         line_count, open_from) SELECT summed.*, {until}::BIGINT FROM ({sums}) summed \
         ON CONFLICT (owner, account, open_from) DO UPDATE SET debit_fen = excluded.debit_fen, \
         credit_fen = excluded.credit_fen, bridged_fen = excluded.bridged_fen, \
         line_count = excluded.line_count"
    );
    let accounts = transaction.execute(sql.as_str(), &[]).await?;
    let sql = "/* list */ SELECT CAST(coalesce(sum(line_count), 0) AS BIGINT) FROM day_balance
        WHERE open_from = $1";
    let lines = first(&transaction, sql, &[&until], |columns| columns.number()).await?;
    let lines = lines.unwrap_or(0);
    change(&transaction, ROLLED, &[&integer(lines), &until]).await?;
    transaction.commit().await?;
    Ok(RolledUp { accounts, lines })
}
