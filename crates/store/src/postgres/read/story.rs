//! All that the books hold of an order, and walks over all orders. Callers give a snapshot.

use deadpool_postgres::GenericClient;
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_ports::store::{BooksDamage, OrderKey, OrderStory};
use heliu_trade::id::{MerchantId, OrderNo, PlatformNo};
use heliu_trade::invariant::OrderBook;

use super::orders::{find_order, refunds_of_order};
use super::trail::trail;
use crate::columns::integer;
use crate::postgres::connections::{all, first};
use crate::postgres::fault::Fault;
use crate::rows::damage::{DAMAGES, read_damage};
use crate::rows::{exchange, order};

/// An order's book with its exchanges.
pub(crate) async fn order_story(
    client: &impl GenericClient,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Option<OrderStory>, Fault> {
    let Some(book) = order_book(client, merchant, order_no).await? else {
        return Ok(None);
    };
    let number = integer(order_no.as_u64());
    Ok(Some(OrderStory {
        book,
        exchanges: all(client, exchange::OF_ORDER, &[&number], exchange::read).await?,
    }))
}

/// One exchange with its answer.
pub(crate) async fn find_exchange(
    client: &impl GenericClient,
    exchange_no: PlatformNo,
) -> Result<Option<(ExchangeRequest, Option<ExchangeAnswer>)>, Fault> {
    let number = integer(exchange_no.as_u64());
    first(client, exchange::BY_NUMBER, &[&number], exchange::read).await
}

async fn order_book(
    client: &impl GenericClient,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Option<OrderBook>, Fault> {
    let found = find_order(client, merchant, &OrderKey::Platform(order_no)).await?;
    let Some((order, attempts)) = found else {
        return Ok(None);
    };
    let refunds = refunds_of_order(client, merchant, order_no).await?;
    let trail = trail(client, &order.subject()).await?;
    Ok(Some(OrderBook {
        order,
        attempts,
        refunds,
        trail,
    }))
}

/// The books of up to `limit` orders after `after`, in key order.
pub(crate) async fn order_books(
    client: &impl GenericClient,
    after: Option<&(MerchantId, OrderNo)>,
    limit: u32,
) -> Result<Vec<OrderBook>, Fault> {
    // No merchant's id is empty, so this stands before all of them.
    let (merchant, order_no) = after.map_or(("", 0), |(merchant, order_no)| {
        (merchant.as_str(), integer(order_no.as_u64()))
    });
    let sql = "SELECT merchant_id, order_no FROM trade_order
        WHERE (merchant_id, order_no) > ($1, $2) ORDER BY merchant_id, order_no LIMIT $3";
    let limit = i64::from(limit);
    let keys = all(
        client,
        sql,
        &[&merchant, &order_no, &limit],
        order::read_key,
    )
    .await?;
    let mut books = Vec::with_capacity(keys.len());
    for (merchant, order_no) in keys {
        books.extend(order_book(client, &merchant, order_no).await?);
    }
    Ok(books)
}

/// The sum of all journal lines, in fen: a row that names a counter-account balances by itself.
pub(crate) async fn journal_sum_fen(client: &impl GenericClient) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(sum(amount_fen), 0)::BIGINT FROM journal_row
        WHERE counter_account IS NULL";
    let sum = first(client, sql, &[], |columns| columns.integer()).await?;
    Ok(sum.unwrap_or(0))
}

/// The damages in spite of which somebody went on with the file that these books come from.
pub(crate) async fn damages(client: &impl GenericClient) -> Result<Vec<BooksDamage>, Fault> {
    all(client, DAMAGES, &[], read_damage).await
}
