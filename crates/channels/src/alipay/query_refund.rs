//! Asks what became of a refund: alipay.trade.fastpay.refund.query. Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult, Unknown};
use serde_json::Value;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::{Doubt, Stop, decline, same, same_fen, short, unknown};
use crate::json::put;
use crate::json::{text, yuan};
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// What the channel knows of a refund.
#[derive(Debug)]
pub(super) enum Found {
    /// It succeeded.
    Done(RefundEvidence),
    /// It was taken, and then ended without success.
    Ended(Decline),
    /// There is no such successful refund, yet or at all.
    NotYet,
    /// Nobody knows.
    Unknown(Unknown),
}

/// Changes nothing. "No such refund (yet)" is unknown: it may be repeated under its number, while
/// "pending" would wait for good for one that never arrived.
pub(super) async fn query_refund(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    Ok(match ask(upstream, order, refund).await? {
        Found::Done(evidence) => RefundResult::Succeeded(evidence),
        Found::Ended(decline) => RefundResult::Failed(decline),
        Found::NotYet => RefundResult::Unknown(unknown("the channel knows no such refund (yet)")),
        Found::Unknown(why) => RefundResult::Unknown(why),
    })
}

/// The question itself.
pub(super) async fn ask(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<Found, Stop> {
    let mut content = biz::about(order);
    put(&mut content, "out_request_no", refund.refund_no);
    if let Some(members) = content.as_object_mut() {
        members.insert(
            "query_options".to_owned(),
            serde_json::json!(["gmt_refund_pay"]),
        );
    }
    let call = Call {
        method: "alipay.trade.fastpay.refund.query",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(content),
    };
    let answer = match call_for(upstream, order, call).await? {
        Answer::Done(answer) => answer,
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) => return Ok(Found::Unknown(codes::unasked(&refusal))),
    };
    match text(&answer, "refund_status") {
        None => Ok(Found::NotYet),
        Some("REFUND_SUCCESS") => {
            compare(order, refund, &answer)?;
            Ok(Found::Done(RefundEvidence {
                channel_refund_no: refund.refund_no.to_owned(),
                cash_fen: yuan(&answer, "present_refund_buyer_amount"),
                refunded_at: text(&answer, "gmt_refund_pay")
                    .and_then(evidence::parse_time)
                    .unwrap_or_else(|| upstream.now()),
            }))
        }
        Some(codes::REFUND_FAIL) => {
            compare(order, refund, &answer)?;
            let reason = codes::REFUND_FAIL;
            Ok(Found::Ended(decline(reason, DeclineKind::Closed)))
        }
        Some(other) => Ok(Found::Unknown(unknown(format!(
            "refund_status {}",
            short(other)
        )))),
    }
}

/// It is about this refund of this order, and both amounts.
fn compare(
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
    answer: &Value,
) -> Result<(), Doubt> {
    same(
        "out_trade_no",
        &order_no(order),
        text(answer, "out_trade_no"),
    )?;
    same(
        "out_request_no",
        refund.refund_no,
        text(answer, "out_request_no"),
    )?;
    same_fen(
        "refund_amount",
        refund.refund_fen,
        yuan(answer, "refund_amount"),
    )?;
    same_fen(
        "total_amount",
        order.charge_fen,
        yuan(answer, "total_amount"),
    )
}
