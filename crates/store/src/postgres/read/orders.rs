//! Single orders, refunds, notifications and codes, by their keys.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{NotificationFilter, OrderKey, RefundKey};
use heliu_trade::attempt::Attempt;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{MerchantId, NotificationNo, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;
use tokio_postgres::Row;

use crate::columns::{Columns, Result as Read, integer};
use crate::postgres::connections::{all, first};
use crate::postgres::fault::Fault;
use crate::rows::{attempt, order, refund, timeline};

/// Keys of orders, one by our number.
pub(crate) const ONE: &str = "(SELECT $1::TEXT, $2::BIGINT) AS k (merchant_id, order_no)";
/// Keys of orders, one by the merchant's number.
pub(crate) const REGISTERED: &str = "(SELECT merchant_id, order_no FROM order_register
    WHERE merchant_id = $1 AND app_id = $2 AND merchant_order_no = $3) AS k (merchant_id, order_no)";
/// Keys of orders, many by our numbers.
pub(crate) const MANY: &str = "unnest($1::TEXT[], $2::BIGINT[]) AS k (merchant_id, order_no)";

/// The orders of `keys` with their attempts: one row an attempt, or one row if there is none, by
/// key and age. One statement, so that both are of the same instant.
pub(crate) fn select(keys: &str) -> String {
    format!(
        "SELECT {}, {} \
         FROM {keys} \
         JOIN trade_order o ON o.merchant_id = k.merchant_id AND o.order_no = k.order_no \
         JOIN order_state s ON s.merchant_id = o.merchant_id AND s.order_no = o.order_no \
         LEFT JOIN refund_totals r ON r.merchant_id = o.merchant_id AND r.order_no = o.order_no \
         LEFT JOIN attempt a ON a.merchant_id = o.merchant_id AND a.order_no = o.order_no \
         LEFT JOIN evidence e ON e.merchant_id = a.merchant_id AND e.order_no = a.order_no \
             AND e.attempt_no = a.attempt_no \
         ORDER BY o.merchant_id, o.order_no, a.attempt_no",
        order::COLUMNS,
        attempt::COLUMNS
    )
}

/// Reads the rows of [`select`].
pub(crate) fn read_all(rows: &[Row]) -> Read<Vec<(Order, Vec<Attempt>)>> {
    let mut found: Vec<(order::Head, Vec<attempt::Head>)> = Vec::new();
    for row in rows {
        let columns = &mut Columns::of(row);
        let head = order::read(columns)?;
        let attempt = attempt::read(columns)?;
        match found.last_mut() {
            Some((last, attempts)) if last.key() == head.key() => attempts.extend(attempt),
            _ => found.push((head, attempt.into_iter().collect())),
        }
    }
    let whole = found
        .into_iter()
        .map(|(head, attempts)| head.with_attempts(attempts));
    whole.collect()
}

/// An order and its attempts.
pub(crate) async fn find_order(
    client: &impl GenericClient,
    merchant: &MerchantId,
    key: &OrderKey,
) -> Result<Option<(Order, Vec<Attempt>)>, Fault> {
    let merchant = merchant.as_str();
    let rows = match key {
        OrderKey::Platform(order_no) => {
            let statement = client.prepare_cached(&select(ONE)).await?;
            let order_no = integer(order_no.as_u64());
            client.query(&statement, &[&merchant, &order_no]).await?
        }
        OrderKey::Merchant(app, number) => {
            let sql = select(REGISTERED);
            let statement = client.prepare_cached(&sql).await?;
            let app = app.as_str();
            client.query(&statement, &[&merchant, &app, number]).await?
        }
    };
    Ok(read_all(&rows)?.pop())
}

/// A refund and its order's number.
pub(crate) async fn find_refund(
    client: &impl GenericClient,
    merchant: &MerchantId,
    key: &RefundKey,
) -> Result<Option<(OrderNo, Refund)>, Fault> {
    let select = format!(
        "SELECT {} FROM refund WHERE merchant_id = $1",
        refund::COLUMNS
    );
    let merchant = merchant.as_str();
    let found = match key {
        RefundKey::Platform(refund_no) => {
            let sql = format!("{select} AND refund_no = $2");
            let refund_no = integer(refund_no.as_u64());
            first(client, &sql, &[&merchant, &refund_no], refund::read).await?
        }
        RefundKey::Merchant(app, number) => {
            let sql = format!("{select} AND app_id = $2 AND merchant_refund_no = $3");
            let app = app.as_str();
            first(client, &sql, &[&merchant, &app, number], refund::read).await?
        }
    };
    Ok(found.map(|refund| (refund.order_no, refund)))
}

/// All refunds of an order, oldest first.
pub(crate) async fn refunds_of_order(
    client: &impl GenericClient,
    merchant: &MerchantId,
    order_no: OrderNo,
) -> Result<Vec<Refund>, Fault> {
    let sql = format!(
        "SELECT {} FROM refund WHERE merchant_id = $1 AND order_no = $2 ORDER BY refund_no",
        refund::COLUMNS
    );
    let (merchant, order_no) = (merchant.as_str(), integer(order_no.as_u64()));
    all(client, &sql, &[&merchant, &order_no], refund::read).await
}

/// Whether a channel gave this content to an attempt.
pub(crate) async fn is_issued_code(
    client: &impl GenericClient,
    content: &str,
) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM issued_code WHERE content = $1";
    Ok(first(client, sql, &[&content], |_| Ok(())).await?.is_some())
}

/// A notification.
pub(crate) async fn find_notification(
    client: &impl GenericClient,
    subject: &Subject,
    notification_no: NotificationNo,
) -> Result<Option<Notification>, Fault> {
    let (owner, subject_no) = (subject.owner.name(), integer(subject.no.as_u64()));
    let number = integer(notification_no.as_u64());
    let key: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&owner, &subject_no, &number];
    let sql = timeline::notification();
    first(client, &sql, &key, timeline::read_notification).await
}

/// Notifications of all owners, newest first.
pub(crate) async fn list_notifications(
    client: &impl GenericClient,
    filter: &NotificationFilter,
) -> Result<Vec<Notification>, Fault> {
    let select = format!(
        "SELECT {} FROM notification",
        timeline::NOTIFICATION_COLUMNS
    );
    let order = "ORDER BY notification_no DESC LIMIT $1";
    let read = timeline::read_notification;
    let limit = i64::from(filter.limit);
    match (filter.number, filter.state) {
        (Some(number), _) => {
            let sql = format!("{select} WHERE notification_no = $1");
            all(client, &sql, &[&integer(number.as_u64())], read).await
        }
        (None, None) => all(client, &format!("{select} {order}"), &[&limit], read).await,
        (None, Some(state)) => {
            // The word stands in the text, so that the planner sees which index fits; it is one of
            // ours.
            let sql = format!("{select} WHERE state = '{}' {order}", state.as_str());
            all(client, &sql, &[&limit], read).await
        }
    }
}

/// When the earliest job is due.
pub(crate) async fn next_job_at(client: &impl GenericClient) -> Result<Option<Timestamp>, Fault> {
    let sql = "SELECT min(due_at) FROM job";
    let at = first(client, sql, &[], |columns| columns.at_opt()).await?;
    Ok(at.flatten())
}

/// The highest second of a node's numbers.
pub(crate) async fn high_water_second(client: &impl GenericClient, node: u8) -> Result<u64, Fault> {
    let sql = "SELECT high_water_second FROM node WHERE node = $1";
    let node = i16::from(node);
    let second = first(client, sql, &[&node], |columns| columns.number()).await?;
    Ok(second.unwrap_or(0))
}
