//! `GET /control/orders...` and `GET /control/transcript`: what the upstreams believe and what was
//! said.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, refuse};
use crate::book::{Book, Order, Refund, State as OrderState};
use crate::error::SandboxError;
use crate::payer;
use crate::state::Inner;

#[derive(Deserialize)]
pub(super) struct Filter {
    channel: Option<String>,
    limit: Option<u32>,
    skip: Option<u32>,
}

/// One order; of several with that number (there may be one a seller) the newest, or the newest
/// of `?channel=`.
pub(super) async fn show(
    State(inner): State<Arc<Inner>>,
    Path(number): Path<String>,
    Query(filter): Query<Filter>,
) -> Response {
    answer(one(&inner, &number, filter.channel.as_deref()))
}

fn one(inner: &Inner, number: &str, channel: Option<&str>) -> Result<Value, Refusal> {
    inner.look(|book| {
        let mut found = book.orders_numbered(number)?.into_iter();
        let wanted = found.find(|order| {
            order.state != OrderState::Lost && channel.is_none_or(|name| name == order.channel)
        });
        let Some(mut order) = wanted else {
            return Ok(refuse(404, format!("no channel knows the order {number}")));
        };
        payer::expire_if_due(book, &inner.till(&order.channel)?.ways, &mut order)?;
        describe(inner, book, &order).map(Ok)
    })?
}

/// The newest orders after the first `skip` (0), at most `limit` (20, at most 200).
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Query(filter): Query<Filter>,
) -> Response {
    let limit = filter.limit.unwrap_or(20).min(200);
    let skip = filter.skip.unwrap_or_default();
    answer(
        inner
            .look(|book| {
                let orders = book.newest_orders(limit, skip)?;
                let orders: Result<Vec<Value>, SandboxError> = orders
                    .iter()
                    .map(|order| describe(&inner, book, order))
                    .collect();
                Ok(json!({"orders": orders?}))
            })
            .map_err(Refusal::from),
    )
}

/// The last raw exchanges, oldest first.
pub(super) async fn transcript(State(inner): State<Arc<Inner>>) -> Response {
    answer(Ok(json!({"exchanges": inner.transcript.entries()})))
}

fn describe(inner: &Inner, book: &Book<'_>, order: &Order) -> Result<Value, SandboxError> {
    let till = inner.till(&order.channel)?;
    let refunds: Vec<Value> = order.refunds.iter().map(describe_refund).collect();
    Ok(json!({
        "channel": order.channel, "out_trade_no": order.number, "merchant": order.merchant,
        "state": (till.state_word)(order), "inner_state": format!("{:?}", order.state),
        "scene": format!("{:?}", order.scene), "api": order.api,
        "transaction_id": order.transaction_id, "prepay_id": order.prepay_id, "code": order.code,
        "total_fen": order.total_fen, "cash_fen": order.cash_fen(), "discount_fen": order.discount_fen,
        "refunded_fen": order.refunded_fen(), "refunding_fen": order.refunding_fen() - order.refunded_fen(),
        "paid": order.paid_ms.is_some(), "money_back": order.money_back, "tombstone": order.tombstone,
        "charged_fen": charged_fen(order), "paid_with": order.paid_ms.map(|_| (till.paid_with)(order)),
        "openid": order.openid, "sub_openid": order.sub_openid, "failure": order.failure,
        "subject": order.subject, "attach": order.attach, "notify_url": order.notify_url,
        "created_ms": order.created_ms, "expires_ms": order.expires_ms, "paid_ms": order.paid_ms,
        "closed_ms": order.closed_ms, "refunds": refunds, "notifications": book.notifications_of(order)?,
    }))
}

/// What the payer is charged in the end: nothing unless paid, less what went back.
fn charged_fen(order: &Order) -> i64 {
    match order.paid_ms {
        Some(_) if !order.money_back => order.total_fen - order.refunded_fen(),
        _ => 0,
    }
}

fn describe_refund(refund: &Refund) -> Value {
    json!({
        "out_refund_no": refund.number, "refund_id": refund.refund_id, "state": refund.state.word(),
        "amount_fen": refund.amount_fen, "cash_fen": refund.cash_fen, "coupon_fen": refund.coupon_fen,
        "reason": refund.reason, "notify_url": refund.notify_url,
        "created_ms": refund.created_ms, "done_ms": refund.done_ms,
    })
}
