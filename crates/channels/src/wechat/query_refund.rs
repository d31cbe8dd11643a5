//! Asks what became of a refund: v3, or v2 where the account says so. Sources: channel notes 1.7,
//! 1.19.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::RefundResult;
use http::Method;

use super::party::sub_mchid;
use super::refund::{Found, result, result_v3, uses_v2};
use super::{codes, v2, v3};
use crate::answer::{Stop, present, same, same_fen, unknown};
use crate::json::digits;
use crate::order::order_no;
use crate::text::encode;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Most refunds that one page lists.
const PAGE: i64 = 20;

/// Changes nothing. A refund that WeChat does not know is unknown: it may be repeated under its
/// number.
pub(super) async fn query_refund(
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

async fn by_v3(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let path = format!(
        "/v3/refund/domestic/refunds/{}?sub_mchid={}",
        encode(refund.refund_no),
        encode(sub_mchid(order))
    );
    match v3::call(upstream, order, Method::GET, &path, None, TIMEOUT_MS).await? {
        v3::Answer::Done(answer) => Ok(result_v3(upstream, order, refund, &answer)?),
        v3::Answer::Refused(code) => Ok(RefundResult::Unknown(codes::unasked(&code))),
    }
}

async fn by_v2(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let asked = [("out_refund_no", refund.refund_no.to_owned())];
    match v2::call(upstream, order, "/pay/refundquery", &asked, TIMEOUT_MS).await? {
        v2::Answer::Done(fields) => listed(upstream, order, refund, &fields),
        v2::Answer::Refused(code) => Ok(RefundResult::Unknown(codes::unasked(&code))),
    }
}

/// Finds the refund among the indexed fields.
fn listed(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
    fields: &super::xml::Fields,
) -> Result<RefundResult, Stop> {
    let found = |name: &str| v2::field(fields, name);
    same("out_trade_no", &order_no(order), found("out_trade_no"))?;
    same_fen(
        "total_fee",
        order.charge_fen,
        found("total_fee").and_then(digits),
    )?;
    let indexed = |name: &str, index: i64| v2::field(fields, &format!("{name}_{index}"));
    let ours = (0..PAGE).find(|index| indexed("out_refund_no", *index) == Some(refund.refund_no));
    let Some(index) = ours else {
        return Ok(RefundResult::Unknown(unknown(
            "the answer does not list this refund",
        )));
    };
    same_fen(
        "refund_fee",
        refund.refund_fen,
        indexed("refund_fee", index).and_then(digits),
    )?;
    let coupon_fen = indexed("coupon_refund_fee", index).and_then(digits);
    let facts = Found {
        refund_id: indexed("refund_id", index),
        cash_fen: coupon_fen.map(|coupon_fen| (refund.refund_fen - coupon_fen).max(0)),
        refunded_at: indexed("refund_success_time", index)
            .and_then(Timestamp::parse_beijing_spaced),
    };
    let status = present("refund_status", indexed("refund_status", index))?;
    Ok(result(upstream, status, facts)?)
}
