//! Takes the money by the payer's code or face: v2 micropay and facepay. Sources: channel notes
//! 1.15, 1.21.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;

use super::codes::{self, Refusal};
use super::evidence::paid_v2;
use super::party::payer_id;
use super::sale;
use super::v2::{self, Answer};
use crate::answer::Stop;

/// For the whole call, in ms: several cards may be tried in turn (channel notes 1.16).
const TIMEOUT_MS: i64 = 10_000;

/// One call, never repeated.
pub(super) async fn pay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    code: &str,
) -> Result<Verdict, Stop> {
    let mut fields = sale::v2(order);
    let path = match order.attempt.route.scene {
        Scene::Barcode => {
            fields.push(("auth_code", code.to_owned()));
            "/pay/micropay"
        }
        Scene::Face => {
            fields.push(("face_code", code.to_owned()));
            // The terminal may know whose face it is; whom it names must be the payer.
            fields.extend(payer_id(order).map(|id| ("openid", id.to_owned())));
            "/pay/facepay"
        }
        scene => {
            let why = format!("nobody consents beforehand in {}", scene.as_str());
            return Err(Stop::Unreached(why));
        }
    };
    Ok(
        match v2::call(upstream, order, path, &fields, TIMEOUT_MS).await? {
            Answer::Done(fields) => Verdict::Paid(paid_v2(order, &fields)?),
            Answer::Refused(code) => match codes::of_pay(&code) {
                Refusal::Declined(decline) => Verdict::Declined(decline),
                Refusal::Confirming => Verdict::Pending,
                Refusal::Unknown(why) => Verdict::Unknown(why),
            },
        },
    )
}
