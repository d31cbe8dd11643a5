//! What decisions weigh, as it stands on the connection that asks.

use heliu_ports::journal::{JournalFilter, weighed};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::payout::RunningRefund;
use heliu_trade::record::{Balances, Name, Record, RecordKind};
use heliu_trade::refund_limit::RefundCover;
use tokio_postgres::GenericClient;
use tokio_postgres::types::ToSql;

use super::lists::report;
use crate::columns::{Columns, Result as Read, integer};
use crate::postgres::fault::Fault;
use crate::rows::{record, refund, settlement};

/// By a number for all balances, and one for the owner's.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(hashtext('balances'), hashtext($1))";

/// Steps that weigh an owner's balances take turns until their transactions end. They take them
/// behind all else that they wait for, so that none waits for the other.
pub(crate) async fn take_turn(client: &impl GenericClient, owner: &Owner) -> Result<(), Fault> {
    client.execute(TAKE_TURN, &[&owner.name()]).await?;
    Ok(())
}

/// What stands on an owner's accounts. A statement of its own: it sees what stood when the turn
/// came.
pub(crate) async fn balances(
    client: &impl GenericClient,
    owner: &Owner,
) -> Result<Balances, Fault> {
    let found = report::balances(client, &JournalFilter::whole(owner.clone())).await?;
    Ok(weighed(owner, found))
}

/// Refunds of a merchant's held money that run.
pub(crate) async fn running_refunds(
    client: &impl GenericClient,
    merchant: &MerchantId,
) -> Result<Vec<RunningRefund>, Fault> {
    let key: [&(dyn ToSql + Sync); 1] = [&merchant.as_str()];
    let rows = client.query(&refund::running(), &key).await?;
    let rows: Read<Vec<_>> = rows
        .iter()
        .map(|row| refund::read_running(&mut Columns::of(row)))
        .collect();
    Ok(refund::held(rows?))
}

/// The bills that keep something for a refund, by their mark; locked until the transaction ends.
pub(crate) async fn bills(client: &impl GenericClient, mark: &Name) -> Result<Vec<Record>, Fault> {
    let sql = record::marked() + " FOR UPDATE OF r";
    let kind = RecordKind::Payout.as_str();
    let key: [&(dyn ToSql + Sync); 3] = [&kind, &mark.what, &mark.text];
    let rows = client.query(&sql, &key).await?;
    let bills: Read<Vec<_>> = rows
        .iter()
        .map(|row| record::read(&mut Columns::of(row)))
        .collect();
    Ok(bills?)
}

/// What stands behind a refund of an order.
pub(crate) async fn cover(
    client: &impl GenericClient,
    order: &Subject,
) -> Result<RefundCover, Fault> {
    let balances = balances(client, &order.owner).await?;
    let running = match order.owner.merchant() {
        Some(merchant) => running_refunds(client, merchant).await?,
        None => Vec::new(),
    };
    let (owner, number) = (order.owner.name(), integer(order.no.as_u64()));
    let key: [&(dyn ToSql + Sync); 2] = [&owner, &number];
    let item = client.query_opt(settlement::IS_SETTLED, &key).await?;
    Ok(RefundCover::of(&balances, &running, item.is_some()))
}
