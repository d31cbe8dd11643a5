//! Makes an order as if not paid: alipay.trade.cancel, within 24 hours. Sources: channel notes 2.5,
//! 2.6.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::ReversalResult;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes};
use crate::answer::{Stop, same_if_present, short, unknown};
use crate::json::text;
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Works on any order, an unknown one included; a repeat has no second effect.
pub(super) async fn reverse(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<ReversalResult, Stop> {
    let call = Call {
        method: "alipay.trade.cancel",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(biz::about(order)),
    };
    let answer = match call_for(upstream, order, call).await? {
        Answer::Done(answer) => answer,
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) if refusal.word == codes::TRADE_CANCEL_TIME_OUT => {
            return Ok(ReversalResult::TooLate);
        }
        Answer::Refused(refusal) => {
            return Ok(ReversalResult::Unknown(codes::unasked(&refusal)));
        }
    };
    same_if_present(
        "out_trade_no",
        &order_no(order),
        text(&answer, "out_trade_no"),
    )?;
    Ok(
        match (text(&answer, "retry_flag"), text(&answer, "action")) {
            (Some("Y"), _) => ReversalResult::Unknown(unknown("retry_flag=Y: repeat")),
            (None | Some("N"), None | Some("close" | "refund")) => ReversalResult::Reversed,
            (flag, action) => ReversalResult::Unknown(unknown(format!(
                "retry_flag {}, action {}",
                short(flag.unwrap_or("absent")),
                short(action.unwrap_or("absent"))
            ))),
        },
    )
}
