//! A day's report.

use heliu_ports::lists::DayRow;
use heliu_trade::time::Timestamp;
use rusqlite::Connection;

use super::rows;
use crate::rows::lists::Kind;
use crate::rows::lists::report::{ask, lines, read};
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
