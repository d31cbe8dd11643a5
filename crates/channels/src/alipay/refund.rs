//! Gives money back: alipay.trade.refund. Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::money::yuan_text;
use heliu_trade::verdict::{RefundEvidence, RefundResult};
use serde_json::Value;

use super::gateway::{Answer, Call, call_for};
use super::query_refund::{Found, ask};
use super::{biz, codes, evidence};
use crate::answer::{Doubt, Stop, present, same, unknown};
use crate::json::put;
use crate::json::{text, yuan};
use crate::order::order_no;
use crate::text::cut;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Longest reason, in bytes; the limit is 256 characters.
const REASON_BYTES_MAX: usize = 256;

/// A repeat under the same number has no second effect.
pub(super) async fn refund(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let mut content = biz::about(order);
    put(&mut content, "refund_amount", yuan_text(refund.refund_fen));
    put(&mut content, "out_request_no", refund.refund_no);
    let reason = cut(refund.reason, REASON_BYTES_MAX, "");
    if !reason.is_empty() {
        put(&mut content, "refund_reason", reason);
    }
    let call = Call {
        method: "alipay.trade.refund",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(content),
    };
    let answer = match call_for(upstream, order, call).await? {
        Answer::Done(answer) => answer,
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) => {
            return Ok(match codes::of_refund(&refusal) {
                Ok(decline) => RefundResult::Failed(decline),
                Err(why) => RefundResult::Unknown(why),
            });
        }
    };
    same(
        "out_trade_no",
        &order_no(order),
        text(&answer, "out_trade_no"),
    )?;
    match text(&answer, "fund_change") {
        Some("Y") => Ok(RefundResult::Succeeded(moved(upstream, refund, &answer)?)),
        // A repeat, or not yet: only the query can tell.
        Some("N") => Ok(match ask(upstream, order, refund).await? {
            Found::Done(evidence) => RefundResult::Succeeded(evidence),
            Found::Ended(decline) => RefundResult::Failed(decline),
            Found::NotYet => RefundResult::Pending,
            Found::Unknown(why) => RefundResult::Unknown(why),
        }),
        _ => Ok(RefundResult::Unknown(unknown(
            "the answer has no fund_change",
        ))),
    }
}

/// `refund_fee` is all that was ever refunded of the order: at least this refund.
fn moved(
    upstream: &dyn Upstream,
    refund: &ChannelRefund<'_>,
    answer: &Value,
) -> Result<RefundEvidence, Doubt> {
    let total_fen = present("refund_fee", yuan(answer, "refund_fee"))?;
    if total_fen < refund.refund_fen {
        return Err(Doubt::Mismatch(format!(
            "refund_fee is {total_fen} fen in all"
        )));
    }
    Ok(RefundEvidence {
        channel_refund_no: refund.refund_no.to_owned(),
        cash_fen: yuan(answer, "present_refund_buyer_amount"),
        refunded_at: text(answer, "gmt_refund_pay")
            .and_then(evidence::parse_time)
            .unwrap_or_else(|| upstream.now()),
    })
}
