//! Takes the money by the payer's code: alipay.trade.pay. Sources: channel notes 2.4, 2.5.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, evidence};
use crate::answer::{Stop, same};
use crate::json::put;
use crate::json::text;
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 10_000;

/// One call, never repeated.
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
    let mut content = biz::new_order(order);
    put(&mut content, "scene", "bar_code");
    put(&mut content, "auth_code", auth_code);
    put(&mut content, "product_code", "FACE_TO_FACE_PAYMENT");
    let call = Call {
        method: "alipay.trade.pay",
        timeout_ms: TIMEOUT_MS,
        parameters: vec![("notify_url", order.callback_url)],
        content: Some(content),
    };
    Ok(match call_for(upstream, order, call).await? {
        Answer::Done(trade) => Verdict::Paid(evidence::paid(order, &trade)?),
        Answer::Waiting(trade) => {
            same(
                "out_trade_no",
                &order_no(order),
                text(&trade, "out_trade_no"),
            )?;
            Verdict::Pending
        }
        Answer::Refused(refusal) => match codes::of_pay(&refusal) {
            Ok(decline) => Verdict::Declined(decline),
            Err(why) => Verdict::Unknown(why),
        },
    })
}
