//! Checks UnionPay's notifications like a stranger's, and answers them. Sources: channel notes 3.4,
//! 3.8.
//!
//! Only what was paid is notified. A message that tells a result all the same is believed only if
//! the result is success; anything else, and what is about a refund, is left to the next question.

use heliu_ports::channel::{CallbackNews, CallbackRefused, ChannelOrder, Upstream};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::verdict::Verdict;

use super::message::{self, Unbelieved};
use super::{codes, evidence};
use crate::answer::same_if_present;
use crate::json::text;
use crate::order::order_no;

/// Success with a defect that clearing settles (channel notes 3.4).
const DONE_WITH_DEFECT: &str = "A6";

/// Verifies, compares.
pub(super) fn read(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    request: &WireRequest,
) -> Result<CallbackNews, CallbackRefused> {
    let message =
        message::open(upstream, &request.body).map_err(|unbelieved| match unbelieved {
            Unbelieved::Malformed(why) => CallbackRefused::Malformed(why.to_owned()),
            Unbelieved::Unsigned(_) => CallbackRefused::Signature(unbelieved.why()),
        })?;
    evidence::compare_parties(order, &message)?;
    let of_order = text(&message, "origOrderNo");
    same_if_present("origOrderNo", &order_no(order), of_order)?;
    let is_other = ["respCode", "origRespCode"]
        .iter()
        .filter_map(|name| text(&message, name))
        .any(|code| code != codes::DONE && code != DONE_WITH_DEFECT);
    if of_order.is_some() || is_other {
        return Ok(CallbackNews::Nothing);
    }
    let evidence = evidence::paid(upstream, order, &message)?;
    Ok(CallbackNews::Payment(Verdict::Paid(evidence)))
}

/// Exactly `success`; otherwise by status too, so that it comes again.
pub(super) fn acknowledge(
    _request: &WireRequest,
    outcome: Result<(), &CallbackRefused>,
) -> WireResponse {
    match outcome {
        Ok(()) => WireResponse::new(200, "text/plain", "success"),
        Err(_) => WireResponse::new(400, "text/plain", "failure"),
    }
}
