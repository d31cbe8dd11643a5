//! Single orders, refunds, notifications and codes, by their keys.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{NotificationFilter, OrderKey, RefundKey};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, NotificationNo, OrderNo};
use heliu_trade::notification::Notification;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;

use crate::postgres::columns::{Columns, integer};
use crate::postgres::fault::Fault;
use crate::postgres::readers::{all, first};
use crate::postgres::rows::{order, refund, timeline};

/// An order and its attempts.
pub(crate) async fn find_order(
    client: &impl GenericClient,
    merchant: &MerchantId,
    key: &OrderKey,
) -> Result<Option<(Order, Vec<Attempt>)>, Fault> {
    let merchant = merchant.as_str();
    let rows = match key {
        OrderKey::Platform(order_no) => {
            let statement = client.prepare_cached(&order::select(order::ONE)).await?;
            let order_no = integer(order_no.as_u64());
            client.query(&statement, &[&merchant, &order_no]).await?
        }
        OrderKey::Merchant(app, number) => {
            let sql = order::select(order::REGISTERED);
            let statement = client.prepare_cached(&sql).await?;
            let app = app.as_str();
            client.query(&statement, &[&merchant, &app, number]).await?
        }
    };
    Ok(order::read_all(&rows)?.pop())
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
    match key {
        RefundKey::Platform(refund_no) => {
            let sql = format!("{select} AND refund_no = $2");
            let refund_no = integer(refund_no.as_u64());
            first(client, &sql, &[&merchant, &refund_no], refund::read).await
        }
        RefundKey::Merchant(app, number) => {
            let sql = format!("{select} AND app_id = $2 AND merchant_refund_no = $3");
            let app = app.as_str();
            first(client, &sql, &[&merchant, &app, number], refund::read).await
        }
    }
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
    let refunds = all(client, &sql, &[&merchant, &order_no], refund::read).await?;
    Ok(refunds.into_iter().map(|(_, refund)| refund).collect())
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
    merchant: &MerchantId,
    order_no: OrderNo,
    notification_no: NotificationNo,
) -> Result<Option<Notification>, Fault> {
    let sql = format!(
        "SELECT {} FROM notification
         WHERE merchant_id = $1 AND order_no = $2 AND notification_no = $3",
        timeline::NOTIFICATION_COLUMNS
    );
    let merchant = merchant.as_str();
    let (order_no, number) = (
        integer(order_no.as_u64()),
        integer(notification_no.as_u64()),
    );
    let key: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&merchant, &order_no, &number];
    let found = first(client, &sql, &key, timeline::read_notification).await?;
    Ok(found.map(|(_, notification)| notification))
}

/// Notifications of all merchants, newest first.
pub(crate) async fn list_notifications(
    client: &impl GenericClient,
    filter: &NotificationFilter,
) -> Result<Vec<(MerchantId, Notification)>, Fault> {
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
            // The word stands in the text, so that the planner sees which index fits; it is one of ours.
            let sql = format!("{select} WHERE state = '{}' {order}", state.as_str());
            all(client, &sql, &[&limit], read).await
        }
    }
}

/// When the earliest job is due.
pub(crate) async fn next_job_at(client: &impl GenericClient) -> Result<Option<Timestamp>, Fault> {
    let sql = "SELECT min(due_at) FROM job";
    let at = first(client, sql, &[], |row| Columns::of(row).at_opt()).await?;
    Ok(at.flatten())
}

/// The highest second of a node's numbers.
pub(crate) async fn high_water_second(client: &impl GenericClient, node: u8) -> Result<u64, Fault> {
    let sql = "SELECT high_water_second FROM node WHERE node = $1";
    let read = |row: &tokio_postgres::Row| Columns::of(row).number();
    let second = first(client, sql, &[&i16::from(node)], read).await?;
    Ok(second.unwrap_or(0))
}
