//! A day's report, and what stands on a book's accounts.

use heliu_ports::journal::{Balance, JournalFilter};
use heliu_ports::lists::DayRow;
use heliu_trade::time::Timestamp;
use rusqlite::Connection;

use super::rows;
use crate::rows::lists::report::{ask, lines, read};
use crate::rows::lists::{Kind, journal};
use crate::sqlite::fault::Fault;

/// What was booked from one instant up to another.
pub(crate) fn report_day(
    connection: &Connection,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayRow>, Fault> {
    let booked = rows(connection, &ask(from, until, Kind::Sqlite), read)?;
    Ok(lines(booked))
}

/// What stands on the accounts of a book.
pub(crate) fn balances(
    connection: &Connection,
    filter: &JournalFilter,
) -> Result<Vec<Balance>, Fault> {
    let rolled = rows(connection, &journal::rolled(filter), |columns| {
        columns.integer_opt()
    })?;
    let asked = journal::balances(filter, rolled.into_iter().flatten().next());
    let found = rows(connection, &asked, journal::read_balance)?;
    Ok(journal::sorted(found))
}
