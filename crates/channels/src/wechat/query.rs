//! Asks what became of an order: v2 orderquery for orders made by v2, facepayquery for faces, v3
//! for the others. Sources: channel notes 1.6, 1.18, 1.21.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;
use http::Method;

use super::evidence::{verdict_v2, verdict_v3};
use super::party::{Provider, sub_mchid};
use super::{codes, sale, v2, v3};
use crate::answer::Stop;
use crate::order::order_no;
use crate::text::encode;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Changes nothing.
pub(super) async fn query(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<Verdict, Stop> {
    match order.attempt.route.api.as_str() {
        v2::API => by_v2(upstream, order, "/pay/orderquery").await,
        v2::FACE_API => by_v2(upstream, order, "/pay/facepayquery").await,
        _ => by_v3(upstream, order).await,
    }
}

async fn by_v2(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    path: &str,
) -> Result<Verdict, Stop> {
    let mut fields = vec![("out_trade_no", order_no(order))];
    fields.extend(sale::asked_v2(order));
    match v2::call(upstream, order, path, &fields, TIMEOUT_MS).await? {
        v2::Answer::Done(fields) => Ok(verdict_v2(order, &fields)?),
        v2::Answer::Refused(code) => Ok(Verdict::Unknown(codes::unasked(&code))),
    }
}

async fn by_v3(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<Verdict, Stop> {
    let provider = Provider::of(order)?;
    let path = format!(
        "/v3/pay/partner/transactions/out-trade-no/{}?sp_mchid={}&sub_mchid={}",
        encode(&order_no(order)),
        encode(provider.mchid),
        encode(sub_mchid(order))
    );
    match v3::call(upstream, order, Method::GET, &path, None, TIMEOUT_MS).await? {
        v3::Answer::Done(transaction) => Ok(verdict_v3(order, provider, &transaction)?),
        v3::Answer::Refused(code) => Ok(Verdict::Unknown(codes::unasked(&code))),
    }
}
