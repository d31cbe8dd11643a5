//! Takes the money by the payer's code: v2 micropay. Source: channel notes 1.15.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;

use super::codes::{self, Refusal};
use super::evidence::paid_v2;
use super::party::order_no;
use super::v2::{self, Answer};
use crate::answer::Stop;
use crate::text::cut;

/// For the whole call, in ms: several cards may be tried in turn (channel notes 1.16).
const TIMEOUT_MS: i64 = 10_000;
/// Longest `body`, in bytes.
const BODY_BYTES_MAX: usize = 128;

/// One call, never repeated.
pub(super) async fn pay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    auth_code: &str,
) -> Verdict {
    take(upstream, order, auth_code)
        .await
        .unwrap_or_else(Stop::into_verdict)
}

async fn take(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    auth_code: &str,
) -> Result<Verdict, Stop> {
    let number = order_no(order);
    let mut fields = vec![
        ("body", cut(order.subject, BODY_BYTES_MAX, &number)),
        ("out_trade_no", number),
        ("total_fee", order.charge_fen.to_string()),
        ("fee_type", "CNY".to_owned()),
        ("spbill_create_ip", order.terminal_ip.to_owned()),
        ("auth_code", auth_code.to_owned()),
    ];
    fields.extend(v2::life(order));
    let answer = v2::call(upstream, order, "/pay/micropay", &fields, TIMEOUT_MS).await?;
    Ok(match answer {
        Answer::Done(fields) => Verdict::Paid(paid_v2(order, &fields)?),
        Answer::Refused(code) => match codes::of_pay(&code) {
            Refusal::Declined(decline) => Verdict::Declined(decline),
            Refusal::Confirming => Verdict::Pending,
            Refusal::Unknown(why) => Verdict::Unknown(why),
        },
    })
}
