//! Items of settlements, and whose records wait. What goes over journals takes its time.

use deadpool_postgres::{GenericClient, Object};
use heliu_ports::store::{Booked, OwnerStanding, Waiting};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::record::Record;
use heliu_trade::settlement::SettlementSums;
use tokio_postgres::types::ToSql;

use crate::columns::{Columns, Result as Read, integer};
use crate::postgres::connections::{all, snapshot};
use crate::postgres::fault::Fault;
use crate::rows::{record, settlement};

/// The name behind which owners are read.
fn name(after: Option<&Owner>) -> String {
    after.map_or_else(String::new, |owner| owner.name().into_owned())
}

pub(crate) async fn owners_to_settle(
    client: &mut Object,
    booked: Booked,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<Owner>, Fault> {
    let sql = settlement::owners_to_settle(booked);
    let key: [&(dyn ToSql + Sync); 2] = [&name(after), &i64::from(limit)];
    let snapshot = snapshot(client).await?;
    // It names instants, so it is another one each day and not kept.
    let rows = snapshot.query(&sql, &key).await?;
    let owners: Read<Vec<_>> = rows
        .iter()
        .map(|row| settlement::read_owner(&mut Columns::of(row)))
        .collect();
    Ok(owners?)
}

pub(crate) async fn sum_items(
    client: &mut Object,
    subject: &Subject,
) -> Result<SettlementSums, Fault> {
    let (owner, number) = (subject.owner.name(), integer(subject.no.as_u64()));
    let key: [&(dyn ToSql + Sync); 2] = [&owner, &number];
    let snapshot = snapshot(client).await?;
    let sums = all(
        &snapshot,
        &settlement::sum_items(),
        &key,
        settlement::read_sum,
    )
    .await?;
    Ok(settlement::total(sums))
}

pub(crate) async fn owners_waiting(
    client: &impl GenericClient,
    waiting: &Waiting,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<Owner>, Fault> {
    let (after, kind, limit) = (name(after), waiting.kind.as_str(), i64::from(limit));
    let key: [&(dyn ToSql + Sync); 4] = [&after, &kind, &waiting.state, &limit];
    all(
        client,
        settlement::OWNERS_WAITING,
        &key,
        settlement::read_owner,
    )
    .await
}

pub(crate) async fn waiting_records(
    client: &impl GenericClient,
    waiting: &Waiting,
    owner: &Owner,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    let (owner, kind, limit) = (owner.name(), waiting.kind.as_str(), i64::from(limit));
    let key: [&(dyn ToSql + Sync); 4] = [&owner, &kind, &waiting.state, &limit];
    all(client, &record::waiting(), &key, record::read).await
}

pub(crate) async fn standings(
    client: &mut Object,
    after: Option<&Owner>,
    limit: u32,
) -> Result<Vec<OwnerStanding>, Fault> {
    let key: [&(dyn ToSql + Sync); 2] = [&name(after), &i64::from(limit)];
    let snapshot = snapshot(client).await?;
    all(
        &snapshot,
        &settlement::standings(),
        &key,
        settlement::read_standing,
    )
    .await
}
