//! Asks what became of an order: alipay.trade.query. Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::Stop;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Changes nothing. A precreated code that nobody scanned is not known there: unknown.
pub(super) async fn query(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<Verdict, Stop> {
    let call = Call {
        method: "alipay.trade.query",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(biz::about(order)),
    };
    match call_for(upstream, order, call).await? {
        Answer::Done(trade) => Ok(evidence::verdict(order, &trade)?),
        Answer::Waiting(_) => Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) => Ok(Verdict::Unknown(codes::unasked(&refusal))),
    }
}
