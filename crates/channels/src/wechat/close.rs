//! Makes payment of a waiting order impossible: v2 closeorder or v3 close. Sources: channel notes
//! 1.6, 1.18.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::CloseResult;
use http::Method;
use serde_json::json;

use super::codes::{self, CloseRefusal};
use super::party::{Provider, sub_mchid};
use super::{v2, v3};
use crate::answer::{Stop, is_absence_believed};
use crate::order::order_no;
use crate::text::encode;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Closing what is closed succeeds again. WeChat refuses for a while after the prepay: unknown.
pub(super) async fn close(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<CloseResult, Stop> {
    let route = &order.attempt.route;
    if route.scene.takes_at_once() {
        return Err(Stop::unknown(
            "a payment by code or face is reversed, not closed",
        ));
    }
    if route.api == v2::API {
        by_v2(upstream, order).await
    } else {
        by_v3(upstream, order).await
    }
}

fn refused(upstream: &dyn Upstream, order: &ChannelOrder<'_>, code: &str) -> CloseResult {
    if codes::is_absent(code) && is_absence_believed(upstream, order) {
        return CloseResult::Closed;
    }
    match codes::of_close(code) {
        CloseRefusal::Closed => CloseResult::Closed,
        CloseRefusal::Paid => CloseResult::Paid,
        CloseRefusal::Unknown(why) => CloseResult::Unknown(why),
    }
}

async fn by_v2(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<CloseResult, Stop> {
    let fields = [("out_trade_no", order_no(order))];
    match v2::call(upstream, order, "/pay/closeorder", &fields, TIMEOUT_MS).await? {
        v2::Answer::Done(_) => Ok(CloseResult::Closed),
        v2::Answer::Refused(code) => Ok(refused(upstream, order, &code)),
    }
}

async fn by_v3(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<CloseResult, Stop> {
    let provider = Provider::of(order)?;
    let number = order_no(order);
    let path = format!(
        "/v3/pay/partner/transactions/out-trade-no/{}/close",
        encode(&number)
    );
    let body = json!({"sp_mchid": provider.mchid, "sub_mchid": sub_mchid(order)});
    match v3::call(
        upstream,
        order,
        Method::POST,
        &path,
        Some(&body),
        TIMEOUT_MS,
    )
    .await?
    {
        v3::Answer::Done(_) => Ok(CloseResult::Closed),
        v3::Answer::Refused(code) => Ok(refused(upstream, order, &code)),
    }
}
