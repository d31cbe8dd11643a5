//! 关单: no further payment possible.

use heliu_trade::command::{Close, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::step::{Action, CancelRules, Target};

use super::Caller;
use crate::Inner;
use crate::common::books::{order_of, refused};
use crate::common::directory::books_unavailable;
use crate::payments::query::ask_first;
use crate::payments::reference::resolve;
use crate::payments::wait::wait_until_decided;

/// Asks the channel first, always: a payer who paid a second ago is not given back (ruling 20).
/// The channel is told by a job. One that does not say in time whether the order is paid leaves
/// it open, and a job asks on (ruling 64).
pub(super) async fn run(
    inner: &Inner,
    caller: &mut Caller,
    close: Close,
) -> Result<Reply, TradeError> {
    let (order, attempts) = resolve(inner, caller, &close.order).await?;
    let (order_no, scene) = (order.order_no, order.scene);
    let asked = ask_first(inner, caller, order, attempts).await;
    let barcode_after_ms = caller.policy().close_barcode_after_ms;
    let rules = barcode_after_ms
        .filter(|_| scene.takes_at_once())
        .map(undecided_barcode);
    let waits = rules.is_some() && asked.is_answered;
    let action = match (asked.is_answered, rules) {
        (false, rules) => Action::AwaitClose { rules },
        (true, None) => Action::CloseOrder,
        (true, rules) => Action::RequestReversal { rules },
    };
    let (exchange, audit) = (caller.exchange.take(), caller.audit.take());
    let target = Target::Order(order_no);
    let committed = inner
        .commit_audited(caller.merchant_id(), target, action, exchange, audit)
        .await
        .map_err(refused)?;
    let (order, attempts) = if waits {
        let patience = inner.patience(caller.policy().cancel_wait_ms);
        wait_until_decided(inner, caller.merchant_id(), order_no, patience)
            .await
            .map_err(books_unavailable)?
    } else {
        order_of(committed)?
    };
    Ok(Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: None,
    })
}

/// Closing a payment whose payer has consented already is its reversal, as long as nobody knows
/// that it was paid.
const fn undecided_barcode(after_ms: i64) -> CancelRules {
    CancelRules {
        not_before_ms: after_ms,
        hours_s: None,
        takes_paid: false,
        takes_prepay: false,
        paid_until_ms: None,
        accepts_ended: true,
    }
}
