//! Single orders, refunds and notifications, by their keys.

use heliu_ports::store::{NotificationFilter, OrderKey, RefundKey};
use heliu_trade::attempt::Attempt;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{MerchantId, NotificationNo, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, params};

use crate::columns::integer;
use crate::rows::{attempt, order, refund, timeline};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, first};

/// Orders as [`order::read`] reads them, that fulfil a condition on `o`.
pub(crate) fn select_orders(condition: &str) -> String {
    format!(
        "SELECT {} FROM trade_order AS o JOIN order_state AS s USING (merchant_id, order_no)
         LEFT JOIN refund_totals AS r USING (merchant_id, order_no) WHERE {condition}",
        order::COLUMNS
    )
}

/// All attempts of an order as [`attempt::read`] reads them, by their numbers.
pub(crate) fn select_attempts() -> String {
    format!(
        "SELECT {} FROM attempt AS a LEFT JOIN evidence AS e USING (merchant_id, order_no, attempt_no)
         WHERE a.merchant_id = ?1 AND a.order_no = ?2 ORDER BY a.attempt_no",
        attempt::COLUMNS
    )
}

/// An order and its attempts.
pub(crate) fn find_order(
    connection: &Connection,
    merchant: &MerchantId,
    key: &OrderKey,
) -> Result<Option<(Order, Vec<Attempt>)>, Fault> {
    let merchant = merchant.as_str();
    let head = match key {
        OrderKey::Platform(order_no) => {
            let sql = select_orders("o.merchant_id = ?1 AND o.order_no = ?2");
            let key = params![merchant, integer(order_no.as_u64())];
            first(connection, &sql, key, order::read)?
        }
        OrderKey::Merchant(app, number) => {
            let sql =
                select_orders("o.merchant_id = ?1 AND o.app_id = ?2 AND o.merchant_order_no = ?3");
            let key = params![merchant, app.as_str(), number];
            first(connection, &sql, key, order::read)?
        }
    };
    let Some(head) = head else { return Ok(None) };
    let key = params![merchant, integer(head.key().0.as_u64())];
    let attempts = all(connection, &select_attempts(), key, attempt::read)?;
    Ok(Some(
        head.with_attempts(attempts.into_iter().flatten().collect())?,
    ))
}

/// A refund and its order's number.
pub(crate) fn find_refund(
    connection: &Connection,
    merchant: &MerchantId,
    key: &RefundKey,
) -> Result<Option<(OrderNo, Refund)>, Fault> {
    let select = format!(
        "SELECT {} FROM refund WHERE merchant_id = ?1",
        refund::COLUMNS
    );
    let merchant = merchant.as_str();
    let found = match key {
        RefundKey::Platform(refund_no) => {
            let sql = format!("{select} AND refund_no = ?2");
            let key = params![merchant, integer(refund_no.as_u64())];
            first(connection, &sql, key, refund::read)?
        }
        RefundKey::Merchant(app, number) => {
            let sql = format!("{select} AND app_id = ?2 AND merchant_refund_no = ?3");
            first(
                connection,
                &sql,
                params![merchant, app.as_str(), number],
                refund::read,
            )?
        }
    };
    Ok(found.map(|refund| (refund.order_no, refund)))
}

/// All refunds of an order, oldest first.
pub(crate) fn refunds_of_order(
    connection: &Connection,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Vec<Refund>, Fault> {
    let sql = format!(
        "SELECT {} FROM refund WHERE merchant_id = ?1 AND order_no = ?2 ORDER BY refund_no",
        refund::COLUMNS
    );
    let key = params![merchant.as_str(), integer(order_no.as_u64())];
    all(connection, &sql, key, refund::read)
}

/// A notification.
pub(crate) fn find_notification(
    connection: &Connection,
    subject: &Subject,
    notification_no: NotificationNo,
) -> Result<Option<Notification>, Fault> {
    let key = params![
        subject.owner.name(),
        integer(subject.no.as_u64()),
        integer(notification_no.as_u64())
    ];
    let sql = timeline::notification();
    first(connection, &sql, key, timeline::read_notification)
}

/// Notifications of all owners, newest first.
pub(crate) fn list_notifications(
    connection: &Connection,
    filter: &NotificationFilter,
) -> Result<Vec<Notification>, Fault> {
    let select = format!(
        "SELECT {} FROM notification",
        timeline::NOTIFICATION_COLUMNS
    );
    let order = "ORDER BY notification_no DESC LIMIT ?1";
    let read = timeline::read_notification;
    if let Some(number) = filter.number {
        let sql = format!("{select} WHERE notification_no = ?1");
        return all(connection, &sql, [integer(number.as_u64())], read);
    }
    match filter.state {
        None => {
            let sql = format!("{select} {order}");
            all(connection, &sql, [filter.limit], read)
        }
        Some(state) => {
            // The word stands in the text, so that SQLite sees which index fits; it is one of ours.
            let sql = format!("{select} WHERE state = '{}' {order}", state.as_str());
            all(connection, &sql, [filter.limit], read)
        }
    }
}

/// When the earliest job is due.
pub(crate) fn next_job_at(connection: &Connection) -> Result<Option<Timestamp>, Fault> {
    let sql = "SELECT min(due_at) FROM job";
    let at: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    Ok(at.map(Timestamp::from_ms))
}

/// The highest second of a node's numbers.
pub(crate) fn high_water_second(connection: &Connection, node: u8) -> Result<u64, Fault> {
    let sql = "SELECT high_water_second FROM node WHERE node = ?1";
    let second: i64 = connection.query_row(sql, [node], |row| row.get(0))?;
    Ok(u64::try_from(second).unwrap_or(0))
}
