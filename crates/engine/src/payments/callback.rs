//! A channel tells us something: checked like a stranger, stored, then acknowledged.

use heliu_ports::channel::{CallbackNews, CallbackRefused};
use heliu_ports::store::{CommitError, RefundKey, StoreError};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{RefundResult, ReversalResult};

use super::jobs::reverse_unknown::is_return_no;
use crate::common::patience::Patience;
use crate::common::upstream::Connection;
use crate::{Engine, Inner};

impl Engine {
    /// Takes a callback on the address that carries `token`; `None` if the token is not ours.
    ///
    /// A repeat is acknowledged the same way and has no second effect. What cannot be stored is not
    /// acknowledged, so that the channel comes again.
    pub async fn callback(&self, token: &str, request: &WireRequest) -> Option<WireResponse> {
        let inner = &self.inner;
        let (merchant_id, order_no, attempt_no) = inner.open_callback_token(token)?;
        let (order, attempts) = inner.load_order(&merchant_id, order_no).await.ok()?;
        let attempt = attempts
            .iter()
            .find(|attempt| attempt.attempt_no == attempt_no)?;
        let connection = inner.connect(&merchant_id, &order, attempt).await.ok()?;
        let outcome =
            take_callback(inner, &merchant_id, &order, attempt, &connection, request).await;
        if let Err(refused) = &outcome {
            let account = &attempt.route.channel_account_id;
            tracing::warn!(%order_no, %account, cause = %refused, "a callback was refused");
            metrics::counter!("heliu_callbacks_refused_total").increment(1);
        }
        let channel = connection.channel();
        Some(channel.acknowledge(request, outcome.as_ref().copied()))
    }
}

async fn take_callback(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
    connection: &Connection<'_>,
    request: &WireRequest,
) -> Result<(), CallbackRefused> {
    let (channel, line) = (connection.channel(), &connection.line);
    let news = match channel.callback(line, &connection.view(), request) {
        Ok(news) => news,
        Err(refused) => {
            if let CallbackRefused::Mismatch(why) = &refused {
                let action = Action::RefuseEvidence {
                    attempt_no: attempt.attempt_no,
                    why: format!("callback: {why}"),
                };
                let target = Target::Order(order.order_no);
                let _ = inner.commit(merchant_id, target, action, None).await;
            }
            return Err(refused);
        }
    };
    let stored = match news {
        CallbackNews::Nothing => Ok(()),
        CallbackNews::Payment(verdict) => inner
            .commit_verdict(
                merchant_id,
                order.order_no,
                attempt.attempt_no,
                verdict,
                Patience::none(),
            )
            .await
            .map(|_| ()),
        CallbackNews::Refund {
            refund_no,
            refund_fen,
            result,
        } => {
            take_refund_news(
                inner,
                merchant_id,
                order,
                attempt,
                &refund_no,
                refund_fen,
                result,
            )
            .await
        }
    };
    stored.map_err(|cause| CallbackRefused::Malformed(format!("not stored: {cause}")))
}

async fn take_refund_news(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
    refund_no: &str,
    refund_fen: i64,
    result: RefundResult,
) -> Result<(), CommitError> {
    if is_return_no(attempt, refund_no) {
        compare_refund(
            inner,
            merchant_id,
            order,
            attempt,
            refund_fen,
            order.charge_fen,
        )
        .await?;
        if matches!(result, RefundResult::Succeeded(_)) {
            let action = Action::RecordReversal {
                attempt_no: attempt.attempt_no,
                saw_money: true,
                result: ReversalResult::Reversed,
            };
            inner
                .commit(merchant_id, Target::Order(order.order_no), action, None)
                .await?;
        }
        return Ok(());
    }
    let known = match Refund::no_of_upstream(refund_no) {
        Some(number) => {
            inner
                .store
                .find_refund(merchant_id, RefundKey::Platform(number))
                .await?
        }
        None => None,
    };
    let Some((order_no, refund)) = known.filter(|(number, _)| *number == order.order_no) else {
        return Err(StoreError::missing(format!("no refund {refund_no} of this order")).into());
    };
    if refund.upstream_no() != refund_no {
        // An earlier try, which the channel had ended. Should it have paid all the same, people
        // must look: a later try may pay again.
        if matches!(result, RefundResult::Succeeded(_)) {
            let action = Action::RefuseEvidence {
                attempt_no: attempt.attempt_no,
                why: format!("refund {refund_no} had failed, now the channel paid it"),
            };
            let target = Target::Order(order.order_no);
            inner.commit(merchant_id, target, action, None).await?;
        }
        return Ok(());
    }
    let ours_fen = refund.amounts.payable_fen;
    compare_refund(inner, merchant_id, order, attempt, refund_fen, ours_fen).await?;
    let notification_no = inner.mint_notification_no();
    let action = Action::RecordRefund {
        retry_count: refund.details.retry_count,
        result,
        notification_no,
    };
    let target = Target::Refund(order_no, refund.refund_no);
    inner
        .commit(merchant_id, target, action, None)
        .await
        .map(|_| ())
}

/// A refund of another amount than ours is an alarm and is not believed.
async fn compare_refund(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
    theirs_fen: i64,
    ours_fen: i64,
) -> Result<(), CommitError> {
    if theirs_fen == ours_fen {
        return Ok(());
    }
    let why = format!("the channel refunds {theirs_fen} fen, we {ours_fen} fen");
    let action = Action::RefuseEvidence {
        attempt_no: attempt.attempt_no,
        why: why.clone(),
    };
    inner
        .commit(merchant_id, Target::Order(order.order_no), action, None)
        .await?;
    Err(StoreError::conflict(why).into())
}
