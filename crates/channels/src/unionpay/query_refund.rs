//! Asks what became of a refund: refundQuery. Source: channel notes 3.8.

use heliu_ports::channel::{ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::verdict::{DeclineKind, RefundEvidence, RefundResult};

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::{Stop, decline, present, same, same_fen, same_if_present, short, unknown};
use crate::json::{fen, text};
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// Changes nothing. "No such refund (yet)" is unknown: it may be repeated under its number.
pub(super) async fn query_refund(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    refund: &ChannelRefund<'_>,
) -> Result<RefundResult, Stop> {
    let call = Call {
        path: "/gateway/api/pay/refundQuery",
        timeout_ms: TIMEOUT_MS,
        content: vec![
            ("orderNo", refund.refund_no.to_owned()),
            ("orderType", biz::UNIONPAY.to_owned()),
            ("origOrderNo", order_no(order)),
        ],
    };
    let answer = match call_for(upstream, order, call).await? {
        Answer::Done(answer) => answer,
        Answer::Refused(code) => return Ok(RefundResult::Unknown(codes::unasked(&code))),
    };
    let text = |name| text(&answer, name);
    same("orderNo", refund.refund_no, text("orderNo"))?;
    same_if_present("origOrderNo", &order_no(order), text("origOrderNo"))?;
    match present("origRespCode", text("origRespCode"))? {
        "00" => {
            same_fen("txnAmt", refund.refund_fen, fen(&answer, "txnAmt"))?;
            let number = text("transIndex").unwrap_or(refund.refund_no);
            Ok(RefundResult::Succeeded(RefundEvidence {
                channel_refund_no: number.to_owned(),
                cash_fen: None,
                refunded_at: evidence::time(&answer).unwrap_or_else(|| upstream.now()),
            }))
        }
        // Taken and ended: its number brings nothing more.
        "01" => {
            if answer.get("txnAmt").is_some() {
                same_fen("txnAmt", refund.refund_fen, fen(&answer, "txnAmt"))?;
            }
            let failed = decline("REFUND_FAILED", DeclineKind::Closed);
            Ok(RefundResult::Failed(failed))
        }
        "02" => Ok(RefundResult::Pending),
        other => {
            let why = format!("origRespCode {}", short(other));
            Ok(RefundResult::Unknown(unknown(why)))
        }
    }
}
