//! Gives money back: v3, or v2 where the account says so. Sources: channel notes 1.7, 1.19;
//! ruling 41.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{DeclineKind, RefundEvidence, RefundResult};
use http::Method;
use serde_json::{Value, json};

use super::party::sub_mchid;
use super::{codes, v2, v3};
use crate::account::optional;
use crate::answer::{
    Doubt, Stop, decline, present, same, same_fen, same_if_present, short, unknown,
};
use crate::json::{digits, fen, text};
use crate::order::order_no;
use crate::text::cut;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 80;

/// A repeat under the same number has no second effect.
pub(super) async fn refund(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    if uses_v2(order.account) {
        by_v2(upstream, order, refund).await
    } else {
        by_v3(upstream, order, refund).await
    }
}

/// Whether the account asks for v2 refunds.
pub(super) fn uses_v2(account: &ChannelAccount) -> bool {
    optional(account, "refund_api") == Some(v2::API)
}

/// What a refused refund proves.
fn refused(code: &str) -> RefundResult {
    if codes::refuses_refund(code) {
        RefundResult::Failed(decline(code, DeclineKind::Refused))
    } else {
        RefundResult::Unknown(codes::unasked(code))
    }
}

async fn by_v3(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let mut body = json!({
        "sub_mchid": sub_mchid(order),
        "out_trade_no": order_no(order),
        "out_refund_no": refund.refund_no,
        "notify_url": order.callback_url,
        "amount": {
            "refund": refund.refund_fen,
            "total": order.charge_fen,
            "currency": "CNY",
        },
    });
    let reason = cut(refund.reason, REASON_BYTES_MAX, "");
    if let (false, Some(members)) = (reason.is_empty(), body.as_object_mut()) {
        members.insert("reason".to_owned(), reason.into());
    }
    let path = "/v3/refund/domestic/refunds";
    match v3::call(upstream, order, Method::POST, path, Some(&body), TIMEOUT_MS).await? {
        v3::Answer::Done(answer) => Ok(result_v3(upstream, order, refund, &answer)?),
        v3::Answer::Refused(code) => Ok(refused(&code)),
    }
}

/// What a refund object of v3 says about `refund`.
pub(super) fn result_v3(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
    object: &Value,
) -> Result<RefundResult, Doubt> {
    same(
        "out_refund_no",
        refund.refund_no,
        text(object, "out_refund_no"),
    )?;
    let amount = present("amount", object.get("amount"))?;
    same_fen("amount.refund", refund.refund_fen, fen(amount, "refund"))?;
    status_v3(upstream, order, object, "status")
}

/// What a refund object says about a refund of this order; `member` carries the state.
pub(super) fn status_v3(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    object: &Value,
    member: &str,
) -> Result<RefundResult, Doubt> {
    same(
        "out_trade_no",
        &order_no(order),
        text(object, "out_trade_no"),
    )?;
    let amount = present("amount", object.get("amount"))?;
    same_fen("amount.total", order.charge_fen, fen(amount, "total"))?;
    same_if_present("amount.currency", "CNY", text(amount, "currency"))?;
    let found = Found {
        refund_id: text(object, "refund_id"),
        cash_fen: fen(amount, "payer_refund"),
        refunded_at: text(object, "success_time").and_then(Timestamp::parse_rfc3339),
    };
    result(upstream, present(member, text(object, member))?, found)
}

/// What a refund's report says beside its state.
pub(super) struct Found<'a> {
    /// WeChat's number of it.
    pub(super) refund_id: Option<&'a str>,
    /// The payer's cash in it, in fen.
    pub(super) cash_fen: Option<i64>,
    /// When it arrived.
    pub(super) refunded_at: Option<Timestamp>,
}

/// The states of v3 and v2.
pub(super) fn result(
    upstream: &dyn Upstream,
    status: &str,
    found: Found<'_>,
) -> Result<RefundResult, Doubt> {
    Ok(match status {
        "SUCCESS" => RefundResult::Succeeded(RefundEvidence {
            channel_refund_no: present("refund_id", found.refund_id)?.to_owned(),
            cash_fen: found.cash_fen,
            refunded_at: found.refunded_at.unwrap_or_else(|| upstream.now()),
        }),
        "PROCESSING" => RefundResult::Pending,
        // Taken and ended: its number brings nothing more.
        "CLOSED" | "REFUNDCLOSE" => RefundResult::Failed(decline(status, DeclineKind::Closed)),
        "ABNORMAL" | "CHANGE" => RefundResult::Unknown(unknown(format!(
            "refund status {status}: the money could not reach the payer; somebody settles it by hand at \
             the channel, and it may still succeed"
        ))),
        other => RefundResult::Unknown(unknown(format!("refund status {}", short(other)))),
    })
}

async fn by_v2(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let asked = [
        ("out_trade_no", order_no(order)),
        ("out_refund_no", refund.refund_no.to_owned()),
        ("total_fee", order.charge_fen.to_string()),
        ("refund_fee", refund.refund_fen.to_string()),
        ("refund_fee_type", "CNY".to_owned()),
        ("refund_desc", cut(refund.reason, REASON_BYTES_MAX, "")),
    ];
    match v2::call(upstream, order, "/secapi/pay/refund", &asked, TIMEOUT_MS).await? {
        v2::Answer::Done(fields) => {
            let found = |name| v2::field(&fields, name);
            same("out_refund_no", refund.refund_no, found("out_refund_no"))?;
            same("out_trade_no", &order_no(order), found("out_trade_no"))?;
            same_fen(
                "total_fee",
                order.charge_fen,
                found("total_fee").and_then(digits),
            )?;
            same_fen(
                "refund_fee",
                refund.refund_fen,
                found("refund_fee").and_then(digits),
            )?;
            // Acceptance is not success.
            Ok(RefundResult::Pending)
        }
        v2::Answer::Refused(code) => Ok(refused(&code)),
    }
}
