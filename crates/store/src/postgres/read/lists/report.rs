//! A day's report, and what stands on a book's accounts.

use deadpool_postgres::GenericClient;
use heliu_ports::journal::{Balance, JournalFilter};
use heliu_ports::lists::DayRow;
use heliu_trade::time::Timestamp;
use tokio_postgres::types::ToSql;

use super::rows;
use crate::columns::{Columns, Result as Read};
use crate::postgres::cells::text;
use crate::postgres::fault::Fault;
use crate::rows::lists::report::{ask, lines, read};
use crate::rows::lists::{Asked, Kind, journal};

/// What was booked from one instant up to another.
pub(crate) async fn report_day(
    client: &impl GenericClient,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayRow>, Fault> {
    let booked = rows(client, &ask(from, until, Kind::Postgres), read).await?;
    Ok(lines(booked))
}

/// What stands on the accounts of a book. Also a connection that commits asks for it.
pub(crate) async fn balances(
    client: &impl tokio_postgres::GenericClient,
    filter: &JournalFilter,
) -> Result<Vec<Balance>, Fault> {
    let rolled = journal::rolled(filter);
    let rolled = all(client, &rolled, |columns| columns.integer_opt()).await?;
    let rolled = rolled.into_iter().flatten().next();
    let asked = journal::balances(filter, rolled);
    let found = all(client, &asked, journal::read_balance).await?;
    Ok(journal::sorted(found))
}

async fn all<T>(
    client: &impl tokio_postgres::GenericClient,
    asked: &Asked,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let texts: Vec<_> = asked.texts.iter().map(|of| text(of)).collect();
    let places: Vec<_> = texts.iter().map(|of| of as &(dyn ToSql + Sync)).collect();
    let rows = client.query(&asked.sql, &places).await?;
    let values: Read<Vec<T>> = rows.iter().map(|row| read(&mut Columns::of(row))).collect();
    Ok(values?)
}
