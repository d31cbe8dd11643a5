//! Makes payment of an order impossible, a payment by code too: closeOrder. Source: channel notes
//! 3.8; rulings 20, 43, 47.
//!
//! The notes list no codes of its refusals: what was refused is asked about.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::{CloseResult, Verdict};

use super::gateway::{Answer, Call, call_for};
use super::query::query;
use super::{biz, codes};
use crate::answer::{Stop, is_absence_believed, same_if_present};
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
        path: "/gateway/api/pay/closeOrder",
        timeout_ms: TIMEOUT_MS,
        content: biz::about(order),
    };
    let code = match call_for(upstream, order, call).await? {
        Answer::Done(answer) => {
            same_if_present("orderNo", &order_no(order), text(&answer, "orderNo"))?;
            return Ok(CloseResult::Closed);
        }
        Answer::Refused(code) => code,
    };
    if codes::is_absent(&code) {
        return Ok(if is_absence_believed(upstream, order) {
            CloseResult::Closed
        } else {
            CloseResult::Unknown(codes::unasked(&code))
        });
    }
    Ok(match query(upstream, order).await? {
        Verdict::Paid(_) => CloseResult::Paid,
        Verdict::Declined(_) => CloseResult::Closed,
        Verdict::Pending | Verdict::Waiting => CloseResult::Unknown(codes::unasked(&code)),
        Verdict::Unknown(why) => CloseResult::Unknown(why),
    })
}
