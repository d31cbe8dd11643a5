//! All that the books hold of an order, and walks over all orders.

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_ports::store::{OrderKey, OrderStory};
use heliu_trade::id::{MerchantId, OrderNo, PlatformNo};
use heliu_trade::invariant::OrderBook;
use rusqlite::{Connection, params};

use super::orders::{find_order, refunds_of_order};
use crate::columns::integer;
use crate::rows::{exchange, journal, order, timeline};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;

/// An order's book with its deliveries and exchanges.
pub(crate) fn order_story(
    connection: &Connection,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Option<OrderStory>, Fault> {
    let Some(book) = order_book(connection, merchant, order_no)? else {
        return Ok(None);
    };
    let number = integer(order_no.as_u64());
    let key = params![merchant.as_str(), number];
    Ok(Some(OrderStory {
        book,
        deliveries: all(
            connection,
            timeline::DELIVERIES_OF_ORDER,
            key,
            timeline::read_delivery,
        )?,
        exchanges: all(connection, exchange::OF_ORDER, [number], exchange::read)?,
    }))
}

/// One exchange with its answer.
pub(crate) fn find_exchange(
    connection: &Connection,
    exchange_no: PlatformNo,
) -> Result<Option<(ExchangeRequest, Option<ExchangeAnswer>)>, Fault> {
    let number = integer(exchange_no.as_u64());
    Ok(all(connection, exchange::BY_NUMBER, [number], exchange::read)?.pop())
}

fn order_book(
    connection: &Connection,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Option<OrderBook>, Fault> {
    let found = find_order(connection, merchant, &OrderKey::Platform(order_no))?;
    let Some((order, attempts)) = found else {
        return Ok(None);
    };
    let key = params![merchant.as_str(), integer(order_no.as_u64())];
    let notifications = format!(
        "SELECT {} FROM notification WHERE merchant_id = ?1 AND order_no = ?2
         ORDER BY notification_no",
        timeline::NOTIFICATION_COLUMNS
    );
    let jobs = format!(
        "SELECT {} FROM job WHERE merchant_id = ?1 AND order_no = ?2 ORDER BY due_at, kind, subject",
        timeline::JOB_COLUMNS
    );
    let refunds = refunds_of_order(connection, merchant, order_no)?;
    let notifications = all(connection, &notifications, key, timeline::read_notification)?;
    Ok(Some(OrderBook {
        order,
        attempts,
        refunds,
        entries: journal::entries(all(connection, journal::OF_ORDER, key, journal::read)?),
        events: all(
            connection,
            timeline::EVENTS_OF_ORDER,
            key,
            timeline::read_event,
        )?,
        notifications: notifications
            .into_iter()
            .map(|(_, notification)| notification)
            .collect(),
        jobs: all(connection, &jobs, key, timeline::read_job)?,
    }))
}

/// The books of up to `limit` orders after `after`, in key order.
pub(crate) fn order_books(
    connection: &Connection,
    after: Option<&(MerchantId, OrderNo)>,
    limit: u32,
) -> Result<Vec<OrderBook>, Fault> {
    // No merchant's id is empty, so this stands before all of them.
    let (merchant, order_no) = after.map_or(("", 0), |(merchant, order_no)| {
        (merchant.as_str(), integer(order_no.as_u64()))
    });
    let sql = "SELECT merchant_id, order_no FROM trade_order
        WHERE (merchant_id, order_no) > (?1, ?2) ORDER BY merchant_id, order_no LIMIT ?3";
    let keys: Vec<(MerchantId, OrderNo)> = all(
        connection,
        sql,
        params![merchant, order_no, limit],
        order::read_key,
    )?;
    let mut books = Vec::with_capacity(keys.len());
    for (merchant, order_no) in keys {
        books.extend(order_book(connection, &merchant, order_no)?);
    }
    Ok(books)
}

/// The sum of all journal lines, in fen. A row with a counter-account is two lines that cancel out.
pub(crate) fn journal_sum_fen(connection: &Connection) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(sum(amount_fen), 0) FROM journal_row WHERE counter_account IS NULL";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
