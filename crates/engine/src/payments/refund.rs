//! 退款: booked at once, sent by a job, waited for a while.

use heliu_trade::attempt::Attempt;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::command::{RefundCommand, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::subject::Owner;
use heliu_trade::order::Order;
use heliu_trade::refund_limit::{RefundLimit, is_held};
use heliu_trade::step::{Action, RequestRefund, Target};

use super::Caller;
use crate::Inner;
use crate::common::books::refused;
use crate::common::directory::books_unavailable;
use crate::common::terms::terms_of;
use crate::payments::check_notify_url;
use crate::payments::reference::resolve;
use crate::payments::wait::wait_until_refunded;

pub(super) async fn run(
    inner: &Inner,
    caller: &mut Caller,
    refund: RefundCommand,
) -> Result<Reply, TradeError> {
    let (order, attempts) = resolve(inner, caller, &refund.order).await?;
    let order_no = order.order_no;
    if let Some(stated) = refund
        .order_amount_minor
        .filter(|a| *a != order.amount_minor)
    {
        let message = format!(
            "the order is of {}, not of {stated}; state the order's own amount",
            order.amount_minor
        );
        return Err(TradeError::new(ErrorCode::RefundConflict, message).about(&order));
    }
    check_notify_url(inner, refund.notify_url.as_deref())?;
    let limit = limit_of(inner, &order, &attempts).await?;
    let policy = caller.policy();
    let refund_no = inner.mint_refund_no();
    let app_id = caller.app_id().clone();
    let target = Target::NewRefund(order_no, app_id, refund.merchant_refund_no.clone());
    let request = RequestRefund {
        refund_no,
        merchant_refund_no: refund.merchant_refund_no,
        amount_minor: refund.amount_minor,
        reason: refund.reason,
        attributes: refund.attributes,
        notify_url: refund.notify_url,
        repeat: policy.refund_repeat,
        limit,
    };
    let action = Action::RequestRefund(Box::new(request));
    let (exchange, audit) = (caller.exchange.take(), caller.audit.take());
    let committed = inner
        .commit_audited(caller.merchant_id(), target, action, exchange, audit)
        .await
        .map_err(refused)?;
    // A repeat finds the refund that stands, under the number that it got then.
    let refund_no = committed.after.refund.map_or(refund_no, |r| r.refund_no);
    let patience = inner.patience(policy.refund_wait_ms);
    let (order, attempts, refund) =
        wait_until_refunded(inner, caller.merchant_id(), order_no, refund_no, patience)
            .await
            .map_err(books_unavailable)?;
    Ok(Reply::Refund {
        order: Box::new(order),
        refund: Box::new(refund),
        attempts,
    })
}

/// How far the merchant's balance may be taken for it. Only what concerns held money is read.
async fn limit_of(
    inner: &Inner,
    order: &Order,
    attempts: &[Attempt],
) -> Result<Option<RefundLimit>, TradeError> {
    if !is_held(order, attempts) {
        return Ok(None);
    }
    let (now, owner) = (inner.now(), Owner::Merchant(order.merchant_id.clone()));
    let terms = terms_of(inner, &owner, BusinessDate::of(now)).await?;
    Ok(RefundLimit::of(order, &terms, now))
}
