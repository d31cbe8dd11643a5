//! 查询: an order as it stands, with news from the channel if it is open; on some wires a refund,
//! too.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Query, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use super::Caller;
use super::jobs::ask::Asked;
use crate::Inner;
use crate::payments::jobs::ask::ask_all;
use crate::payments::pay::auth_code_of;
use crate::payments::query_refund::refund_by_reference;
use crate::payments::reference::resolve;

/// A channel that was asked within this time is not asked again for a query, in ms (ruling 21).
const ASKED_RECENTLY_MS: i64 = 3_000;
/// How long a query, a close or a cancel waits for the channel's word, in ms (rulings 21 and 64).
const QUERY_WAIT_MS: i64 = 3_000;

pub(super) async fn run(inner: &Inner, caller: &Caller, query: Query) -> Result<Reply, TradeError> {
    let found = resolve(inner, caller, &query.order).await;
    let (order, attempts) = match found {
        Err(absent) if query.finds_refunds && absent.code == ErrorCode::OrderNotFound => {
            let refund = refund_by_reference(inner, caller, &query.order).await?;
            return refund.ok_or(absent);
        }
        found => found?,
    };
    let (order, attempts) = refresh(inner, caller, order, attempts).await;
    let auth_code = auth_code_of(inner, &order);
    Ok(Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code,
    })
}

/// Asks the channels about each live attempt of an open order, unless somebody did so just now.
/// Whatever goes wrong, the order as it stood is the answer.
async fn refresh(
    inner: &Inner,
    caller: &Caller,
    order: Order,
    attempts: Vec<Attempt>,
) -> (Order, Vec<Attempt>) {
    let now = inner.now();
    let is_due = |attempt: &Attempt| {
        let asked_at = attempt.asked_at.unwrap_or(attempt.sent_at);
        // What lies ahead was written by a clock that has been set back since.
        !(0..ASKED_RECENTLY_MS).contains(&now.since_ms(asked_at))
    };
    let patience = inner.patience(QUERY_WAIT_MS);
    let asked = ask_all(
        inner,
        caller.merchant_id(),
        order,
        attempts,
        is_due,
        patience,
    );
    let asked = asked.await;
    (asked.order, asked.attempts)
}

/// Asks the channels about each live attempt, whenever they were asked last: what follows
/// cannot be taken back.
pub(crate) async fn ask_first(
    inner: &Inner,
    caller: &Caller,
    order: Order,
    attempts: Vec<Attempt>,
) -> Asked {
    let patience = inner.patience(QUERY_WAIT_MS);
    ask_all(
        inner,
        caller.merchant_id(),
        order,
        attempts,
        |_| true,
        patience,
    )
    .await
}
