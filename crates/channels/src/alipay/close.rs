//! Makes payment of a waiting order impossible: alipay.trade.close. Source: channel notes 2.5;
//! ruling 20.
//!
//! A precreated code that nobody scanned is not known there and cannot be closed; a cancel kills
//! it. A trade that cannot be closed any more is asked about, since "paid" and "closed before" are
//! one code.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::{CloseResult, ReversalResult, Verdict};

use super::gateway::{Answer, Call, call_for};
use super::query::query;
use super::reverse::reverse;
use super::{biz, codes};
use crate::answer::{Stop, same_if_present, unknown};
use crate::json::text;
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// May be repeated.
pub(super) async fn close(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<CloseResult, Stop> {
    let call = Call {
        method: "alipay.trade.close",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(biz::about(order)),
    };
    match call_for(upstream, order, call).await? {
        Answer::Done(answer) => {
            let found = text(&answer, "out_trade_no");
            same_if_present("out_trade_no", &order_no(order), found)?;
            Ok(CloseResult::Closed)
        }
        Answer::Waiting(_) => Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) if refusal.word == codes::TRADE_NOT_EXIST => {
            Ok(match reverse(upstream, order).await? {
                ReversalResult::Reversed => CloseResult::Closed,
                ReversalResult::TooLate => CloseResult::Unknown(unknown("too late to cancel")),
                ReversalResult::Unknown(why) => CloseResult::Unknown(why),
            })
        }
        Answer::Refused(refusal) if codes::is_past_closing(&refusal) => {
            Ok(match query(upstream, order).await? {
                Verdict::Paid(_) => CloseResult::Paid,
                Verdict::Declined(_) => CloseResult::Closed,
                Verdict::Pending | Verdict::Waiting => {
                    CloseResult::Unknown(codes::unasked(&refusal))
                }
                Verdict::Unknown(why) => CloseResult::Unknown(why),
            })
        }
        Answer::Refused(refusal) => Ok(CloseResult::Unknown(codes::unasked(&refusal))),
    }
}
