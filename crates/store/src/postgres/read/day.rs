//! Business dates: what is closed, and what was booked.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{ClosedDate, DayBalance, DayBalances, DayProof, Totals};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;
use tokio_postgres::types::ToSql;

use crate::columns::{Columns, Result as Read};
use crate::postgres::connections::{Parameters, all, first};
use crate::postgres::fault::Fault;
use crate::rows::day::{
    BALANCES, BEFORE, CLOCK_AHEAD, FIND, FIRST_BOOKED, OPEN_FROM, ROLLED_BRIDGE, ROLLED_THROUGH,
    ROLLED_TOTALS, Stretch, both_lines, date, read_balance, read_closed, stretch,
};

/// The last date that is closed.
pub(crate) async fn closed_through(
    client: &impl GenericClient,
) -> Result<Option<BusinessDate>, Fault> {
    let last = first(client, OPEN_FROM, &[], |columns| columns.at_opt()).await?;
    Ok(last.flatten().map(date))
}

/// A date that is closed.
pub(crate) async fn closed(
    client: &impl GenericClient,
    date: BusinessDate,
) -> Result<Option<ClosedDate>, Fault> {
    first(client, FIND, &[&date.end().as_ms()], read_closed).await
}

/// When the first entry was booked. It goes over all of the journal.
pub(crate) async fn first_booked(client: &impl GenericClient) -> Result<Option<Timestamp>, Fault> {
    let sql = format!("/* list */ {FIRST_BOOKED}");
    once(client, &sql, &[], |columns| columns.at_opt()).await
}

/// The first row of a query that is planned for what it asks, and not kept.
async fn once<T>(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
    read: impl Fn(&mut Columns<'_>) -> Read<Option<T>>,
) -> Result<Option<T>, Fault> {
    let row = client.query_opt(sql, parameters).await?;
    let value = row.as_ref().map(|row| read(&mut Columns::of(row)));
    Ok(value.transpose()?.flatten())
}

/// What was rolled up of a date.
pub(crate) async fn balances(
    client: &impl GenericClient,
    asked: &DayBalances,
) -> Result<Vec<DayBalance>, Fault> {
    let (owner, account) = asked.after.as_ref().map_or_else(Default::default, |place| {
        (place.0.name().into_owned(), place.1.name())
    });
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &asked.date.end().as_ms(),
        &owner,
        &account,
        &i64::from(asked.only_shares),
        &i64::from(asked.limit),
    ];
    let sql = format!("/* list */ {BALANCES}");
    all(client, &sql, &parameters, read_balance).await
}

/// The rows that were booked from one instant on, up to another one: by their time, which an index
/// of it knows roughly.
pub(crate) fn rows(from: i64, until: Option<i64>) -> String {
    let Stretch { booked, .. } = stretch(from, until);
    format!("journal_row j WHERE {booked}")
}

/// From when on the rows of a date were booked, and until when: all that is before the first date
/// counts to it.
pub(crate) async fn bounds(
    client: &impl GenericClient,
    date: BusinessDate,
) -> Result<(i64, i64), Fault> {
    let until = date.end().as_ms();
    let from = first(client, BEFORE, &[&until], |columns| columns.integer_opt()).await?;
    Ok((from.flatten().unwrap_or(i64::MIN), until))
}

/// Reads a closed date anew.
pub(crate) async fn prove(
    client: &impl GenericClient,
    date: BusinessDate,
) -> Result<DayProof, Fault> {
    let (from, until) = bounds(client, date).await?;
    let lines = both_lines(&rows(from, Some(until)));
    let sql = format!(
        "/* list */ SELECT count(*), CAST(coalesce(sum(greatest(amount_fen, 0)), 0) AS BIGINT), \
         CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM ({lines}) line"
    );
    let booked = once(client, &sql, &[], |columns| {
        Ok(Some((totals(columns)?, columns.integer()?)))
    });
    let (booked, sum_fen) = booked.await?.unwrap_or_default();
    let sql = format!("/* list */ {ROLLED_TOTALS}");
    let rolled = once(client, &sql, &[&until], |columns| totals(columns).map(Some)).await?;
    Ok(DayProof {
        booked,
        rolled: rolled.unwrap_or_default(),
        sum_fen,
        bridge_fen: bridge(client).await?,
    })
}

fn totals(columns: &mut Columns<'_>) -> Read<Totals> {
    Ok(Totals {
        lines: columns.number()?,
        debit_fen: columns.integer()?,
    })
}

/// What stands on the bridge in all books: as it was rolled up, and what was booked since.
async fn bridge(client: &impl GenericClient) -> Result<i64, Fault> {
    let rolled = first(client, ROLLED_THROUGH, &[], |columns| columns.integer_opt()).await?;
    let sql = format!("/* list */ {ROLLED_BRIDGE}");
    let sum_fen = once(client, &sql, &[], |columns| columns.integer_opt()).await?;
    let lines = both_lines(&rows(rolled.flatten().unwrap_or(i64::MIN), None));
    let sql = format!(
        "/* list */ SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM ({lines}) line \
         WHERE account = 'bridge'"
    );
    let since_fen = once(client, &sql, &[], |columns| columns.integer_opt()).await?;
    Ok(sum_fen.unwrap_or(0) + since_fen.unwrap_or(0))
}

/// How far the clock was moved, in ms.
pub(crate) async fn clock_ahead_ms(client: &impl GenericClient) -> Result<i64, Fault> {
    let ahead = first(client, CLOCK_AHEAD, &[], |columns| columns.integer()).await?;
    Ok(ahead.unwrap_or(0))
}
