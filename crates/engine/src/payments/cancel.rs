//! 撤销: make a barcode order as if not paid, at its merchant's wish.

use heliu_trade::command::{Cancel, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::step::{Action, Target};

use super::Caller;
use crate::Inner;
use crate::common::books::{order_of, refused};
use crate::common::directory::books_unavailable;
use crate::payments::query::ask_first;
use crate::payments::reference::resolve;
use crate::payments::wait::wait_until_decided;

/// Queries, then reverses, and waits a while; it goes on by itself after the answer (ruling
/// 19).
pub(super) async fn run(
    inner: &Inner,
    caller: &mut Caller,
    cancel: Cancel,
) -> Result<Reply, TradeError> {
    let policy = caller.policy();
    let patience = inner.patience(policy.cancel_wait_ms);
    let (order, attempts) = resolve(inner, caller, &cancel.order).await?;
    let order_no = order.order_no;
    // Asked only if the cancel is allowed at all: the rules are checked again when it is
    // committed.
    let age_ms = inner.now().since_ms(order.created_at);
    let is_old_enough = age_ms.abs() >= policy.cancel.not_before_ms;
    if is_old_enough && (order.scene.takes_at_once() || policy.cancel.takes_prepay) {
        ask_first(inner, caller, order, attempts).await;
    }
    let action = Action::RequestReversal {
        rules: Some(policy.cancel),
    };
    let exchange = caller.exchange.take();
    let committed = inner
        .commit(
            caller.merchant_id(),
            Target::Order(order_no),
            action,
            exchange,
        )
        .await
        .map_err(refused)?;
    let (order, _) = order_of(committed)?;
    let waited = wait_until_decided(inner, caller.merchant_id(), order.order_no, patience).await;
    let (order, attempts) = waited.map_err(books_unavailable)?;
    if order.state == heliu_trade::order::OrderState::Paid {
        let message = "the order is paid; refund it instead";
        return Err(TradeError::new(ErrorCode::OrderPaid, message).about(&order));
    }
    Ok(Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: None,
    })
}
