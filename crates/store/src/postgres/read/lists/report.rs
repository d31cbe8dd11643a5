//! A day's report.

use deadpool_postgres::GenericClient;
use heliu_ports::lists::DayRow;
use heliu_trade::time::Timestamp;

use super::rows;
use crate::postgres::fault::Fault;
use crate::rows::lists::Kind;
use crate::rows::lists::report::{ask, lines, read};

/// What was booked from one instant up to another.
pub(crate) async fn report_day(
    client: &impl GenericClient,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayRow>, Fault> {
    let booked = rows(client, &ask(from, until, Kind::Postgres), read).await?;
    Ok(lines(booked))
}
