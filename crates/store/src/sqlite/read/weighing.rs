//! What decisions weigh, as it stands on the connection that asks.

use heliu_ports::journal::{JournalFilter, weighed};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::payout::RunningRefund;
use heliu_trade::record::Balances;
use heliu_trade::refund_limit::RefundCover;
use rusqlite::{Connection, params};

use super::lists::report;
use crate::columns::integer;
use crate::rows::{refund, settlement};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, first};

/// What stands on an owner's accounts.
pub(crate) fn balances(connection: &Connection, owner: &Owner) -> Result<Balances, Fault> {
    let found = report::balances(connection, &JournalFilter::whole(owner.clone()))?;
    Ok(weighed(owner, found))
}

/// Refunds of a merchant's held money that run.
pub(crate) fn running_refunds(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<Vec<RunningRefund>, Fault> {
    let key = params![merchant.as_str()];
    let rows = all(connection, &refund::running(), key, refund::read_running)?;
    Ok(refund::held(rows))
}

/// What stands behind a refund of an order.
pub(crate) fn cover(connection: &Connection, order: &Subject) -> Result<RefundCover, Fault> {
    let balances = balances(connection, &order.owner)?;
    let running = match order.owner.merchant() {
        Some(merchant) => running_refunds(connection, merchant)?,
        None => Vec::new(),
    };
    let key = params![order.owner.name(), integer(order.no.as_u64())];
    let item = first(connection, settlement::IS_SETTLED, key, |_| Ok(()))?;
    Ok(RefundCover::of(&balances, &running, item.is_some()))
}
