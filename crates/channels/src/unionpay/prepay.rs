//! Makes an order that waits for its payer: unifiedorder. With the payer's id its answer is an
//! address for the browser inside the wallet, without one it is the content of a code. Sources:
//! channel notes 3.8, 3.9; ruling 47.

use heliu_ports::channel::{ChannelOrder, PrepayResult, Upstream};
use heliu_trade::attempt::Handoff;
use heliu_trade::verdict::DeclineKind;
use heliu_trade::wallet::Scene;

use super::codes::Refusal;
use super::gateway::{Answer, Call, call_for};
use super::payer::unblanked;
use super::{biz, codes};
use crate::account::optional;
use crate::answer::{Doubt, Stop, decline, present, same_fen, same_if_present};
use crate::json::{fen, text};
use crate::order::{order_no, terminal_ip};

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// May be repeated: the content comes from the order alone.
pub(super) async fn prepay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let route = &order.attempt.route;
    let mut content = biz::new_order(order, biz::UP_JS);
    let handoff = match (route.api.as_str(), route.scene) {
        (biz::UNIFIEDORDER, Scene::Qr | Scene::Native) => Handoff::CodeUrl,
        (biz::UNIFIEDORDER, Scene::Jsapi) => {
            let Some(payer_id) = route.payer_id.as_deref().filter(|id| !id.is_empty()) else {
                // Nothing is sent without it: the answer would be a code for anybody.
                let nobody = decline("LACK_PARAMS", DeclineKind::Refused);
                return Ok(PrepayResult::Declined(nobody));
            };
            content.push(("userId", unblanked(payer_id)));
            content.push(("customerIp", terminal_ip(order).to_owned()));
            Handoff::Redirect
        }
        (api, scene) => {
            let why = format!("no prepay of {} over {api}", scene.as_str());
            return Err(Stop::unknown(why));
        }
    };
    content.push(("backUrl", order.callback_url.to_owned()));
    let front_url = optional(order.account, "frontUrl").unwrap_or_default();
    content.push(("frontUrl", front_url.to_owned()));
    content.extend(biz::expiry(order));
    let call = Call {
        path: "/gateway/api/pay/unifiedorder",
        timeout_ms: TIMEOUT_MS,
        content,
    };
    Ok(match call_for(upstream, order, call).await? {
        Answer::Done(answer) => {
            same_if_present("orderNo", &order_no(order), text(&answer, "orderNo"))?;
            if answer.get("txnAmt").is_some() {
                same_fen("txnAmt", order.charge_fen, fen(&answer, "txnAmt"))?;
            }
            let address = present("payData", text(&answer, "payData"))?;
            PrepayResult::Handed(handoff(web_address(address)?.to_owned()))
        }
        Answer::Refused(code) => match codes::of_call(&code) {
            Refusal::Declined(decline) => PrepayResult::Declined(decline),
            Refusal::Confirming | Refusal::Duplicate => {
                PrepayResult::Unknown(codes::unasked(&code))
            }
            Refusal::Unknown(why) => PrepayResult::Unknown(why),
        },
    })
}

/// A browser is sent there: it must be an address of the web, not a script, and fit a header.
fn web_address(address: &str) -> Result<&str, Doubt> {
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic());
    present("payData", Some(address).filter(|_| is_web && is_plain))
}
