//! Gives money back: refund. Source: channel notes 3.8.
//!
//! That a refund is taken does not say that it is done; so it is asked about at once.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::verdict::RefundResult;

use super::codes::Refusal;
use super::gateway::{Answer, Call, call_for};
use super::query_refund::query_refund;
use super::{biz, codes};
use crate::answer::{Stop, same_if_present};
use crate::json::text;
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// A repeat under the same number has no second effect: it is a duplicate.
pub(super) async fn refund(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let call = Call {
        path: "/gateway/api/pay/refund",
        timeout_ms: TIMEOUT_MS,
        content: vec![
            ("orderNo", refund.refund_no.to_owned()),
            ("orderType", biz::UNIONPAY.to_owned()),
            ("origOrderNo", order_no(order)),
            ("origTxnAmt", order.charge_fen.to_string()),
            ("txnAmt", refund.refund_fen.to_string()),
        ],
    };
    match call_for(upstream, order, call).await? {
        Answer::Done(answer) => {
            same_if_present("orderNo", refund.refund_no, text(&answer, "orderNo"))?;
        }
        Answer::Refused(code) => match codes::of_refund(&code) {
            Refusal::Declined(decline) => return Ok(RefundResult::Failed(decline)),
            Refusal::Unknown(why) => return Ok(RefundResult::Unknown(why)),
            // Whether it is ours only the question can tell.
            Refusal::Duplicate => return query_refund(upstream, order, refund).await,
            Refusal::Confirming => {}
        },
    }
    Ok(match query_refund(upstream, order, refund).await {
        Ok(RefundResult::Unknown(_)) | Err(_) => RefundResult::Pending,
        Ok(result) => result,
    })
}
