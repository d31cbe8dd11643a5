//! Items of settlements, and whose records wait.

use heliu_ports::store::{Booked, OwnerStanding, Waiting};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::record::Record;
use heliu_trade::settlement::SettlementSums;
use rusqlite::{Connection, params};

use crate::columns::integer;
use crate::rows::{record, settlement};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, all_of};

/// The name behind which owners are read.
fn name(after: Option<&Owner>) -> String {
    after.map_or_else(String::new, |owner| owner.name().into_owned())
}

pub(crate) fn owners_to_settle(
    connection: &Connection,
    booked: Booked,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<Owner>, Fault> {
    // It names instants, so it is another one each day and not kept.
    let mut statement = connection.prepare(&settlement::owners_to_settle(booked))?;
    all_of(
        &mut statement,
        params![name(after), limit],
        settlement::read_owner,
    )
}

pub(crate) fn sum_items(
    connection: &Connection,
    subject: &Subject,
) -> Result<SettlementSums, Fault> {
    let key = params![subject.owner.name(), integer(subject.no.as_u64())];
    let sums = all(
        connection,
        &settlement::sum_items(),
        key,
        settlement::read_sum,
    )?;
    Ok(settlement::total(sums))
}

pub(crate) fn owners_waiting(
    connection: &Connection,
    waiting: &Waiting,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<Owner>, Fault> {
    let key = params![name(after), waiting.kind.as_str(), waiting.state, limit];
    all(
        connection,
        settlement::OWNERS_WAITING,
        key,
        settlement::read_owner,
    )
}

pub(crate) fn waiting_records(
    connection: &Connection,
    waiting: &Waiting,
    owner: &Owner,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    let key = params![owner.name(), waiting.kind.as_str(), waiting.state, limit];
    all(connection, &record::waiting(), key, record::read)
}

pub(crate) fn standings(
    connection: &Connection,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<OwnerStanding>, Fault> {
    let key = params![name(after), limit];
    all(
        connection,
        &settlement::standings(),
        key,
        settlement::read_standing,
    )
}
