//! Makes a payment by code or face as if not paid: v2 reverse and facepayreverse, which need the
//! client certificate. Sources: channel notes 1.17, 1.21.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::ReversalResult;
use heliu_trade::wallet::Scene;

use super::codes;
use super::v2::{self, Answer};
use crate::answer::{Stop, unknown};
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Reversing what is reversed succeeds again.
pub(super) async fn reverse(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<ReversalResult, Stop> {
    let path = match order.attempt.route.scene {
        Scene::Barcode => "/secapi/pay/reverse",
        Scene::Face => "/secapi/pay/facepayreverse",
        _ => {
            return Err(Stop::unknown(
                "only payments by code or face can be reversed",
            ));
        }
    };
    let fields = [("out_trade_no", order_no(order))];
    match v2::call(upstream, order, path, &fields, TIMEOUT_MS).await? {
        Answer::Done(fields) => Ok(match v2::field(&fields, "recall") {
            Some("N") => ReversalResult::Reversed,
            Some("Y") => ReversalResult::Unknown(unknown("recall=Y: repeat")),
            _ => ReversalResult::Unknown(unknown("the answer has no recall")),
        }),
        Answer::Refused(code) if codes::is_too_late(&code) => Ok(ReversalResult::TooLate),
        Answer::Refused(code) => Ok(ReversalResult::Unknown(codes::unasked(&code))),
    }
}
