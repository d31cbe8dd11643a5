//! Asks what became of an order: queryOrder. Source: channel notes 3.8.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::Stop;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Changes nothing.
pub(super) async fn query(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<Verdict, Stop> {
    let call = Call {
        path: "/gateway/api/pay/queryOrder",
        timeout_ms: TIMEOUT_MS,
        content: biz::about(order),
    };
    match call_for(upstream, order, call).await? {
        Answer::Done(answer) => Ok(evidence::verdict(upstream, order, &answer)?),
        Answer::Refused(code) => Ok(Verdict::Unknown(codes::unasked(&code))),
    }
}
