//! A day's report, and what stands on a book's accounts.

use deadpool_postgres::GenericClient;
use heliu_ports::journal::{Balance, JournalFilter};
use heliu_ports::lists::DayRow;
use heliu_trade::time::Timestamp;

use super::rows;
use crate::postgres::fault::Fault;
use crate::rows::lists::report::{ask, lines, read};
use crate::rows::lists::{Kind, journal};

/// What was booked from one instant up to another.
pub(crate) async fn report_day(
    client: &impl GenericClient,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayRow>, Fault> {
    let booked = rows(client, &ask(from, until, Kind::Postgres), read).await?;
    Ok(lines(booked))
}

/// What stands on the accounts of a book.
pub(crate) async fn balances(
    client: &impl GenericClient,
    filter: &JournalFilter,
) -> Result<Vec<Balance>, Fault> {
    let rolled = journal::rolled(filter);
    let rolled = rows(client, &rolled, |columns| columns.integer_opt()).await?;
    let asked = journal::balances(filter, rolled.into_iter().flatten().next());
    let found = rows(client, &asked, journal::read_balance).await?;
    Ok(journal::sorted(found))
}
