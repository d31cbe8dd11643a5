//! Takes the money by the payer's code: micropay. Source: channel notes 3.8.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;

use super::codes::Refusal;
use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::Stop;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 10_000;

/// One call, never repeated. What it leaves open is asked about; a payment that comes after all is
/// notified too.
pub(super) async fn pay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    auth_code: &str,
) -> Result<Verdict, Stop> {
    let scene = order.attempt.route.scene;
    if scene != Scene::Barcode {
        let why = format!("no payment of {} here", scene.as_str());
        return Err(Stop::Unreached(why));
    }
    let mut content = biz::new_order(order, biz::UNIONPAY);
    content.push(("authCode", auth_code.to_owned()));
    content.push(("backUrl", order.callback_url.to_owned()));
    let call = Call {
        path: "/gateway/api/pay/micropay",
        timeout_ms: TIMEOUT_MS,
        content,
    };
    Ok(match call_for(upstream, order, call).await? {
        Answer::Done(answer) => Verdict::Paid(evidence::paid(upstream, order, &answer)?),
        Answer::Refused(code) => match codes::of_pay(order.account, &code) {
            Refusal::Declined(decline) => Verdict::Declined(decline),
            Refusal::Confirming => Verdict::Pending,
            Refusal::Duplicate => Verdict::Unknown(codes::unasked(&code)),
            Refusal::Unknown(why) => Verdict::Unknown(why),
        },
    })
}
