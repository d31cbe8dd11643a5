//! Makes an order that waits for its payer: alipay.trade.create for pages and mini
//! programs in the wallet, alipay.trade.precreate for codes. Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, PrepayResult, Upstream};
use heliu_trade::attempt::Handoff;
use heliu_trade::verdict::DeclineKind;
use serde_json::Value;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes};
use crate::answer::{Stop, decline, present, same};
use crate::json::put;
use crate::json::text;
use crate::order::order_no;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// May be repeated: the content comes from the order alone.
pub(super) async fn prepay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    match order.attempt.route.api.as_str() {
        biz::CREATE => create(upstream, order).await,
        biz::PRECREATE => precreate(upstream, order).await,
        api => Err(Stop::unknown(format!("no prepay over {api}"))),
    }
}

/// Payers are known by their partner id (16 digits, 2088...) or by an open id.
fn is_user_id(payer_id: &str) -> bool {
    payer_id.len() == 16
        && payer_id.starts_with("2088")
        && payer_id.bytes().all(|byte| byte.is_ascii_digit())
}

async fn create(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<PrepayResult, Stop> {
    let route = &order.attempt.route;
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let (member, payer) = match (given(&route.payer_id), given(&route.payer_login)) {
        (Some(id), _) if is_user_id(&id) => ("buyer_id", id),
        (Some(id), _) => ("buyer_open_id", id),
        (None, Some(login)) => ("buyer_logon_id", login),
        // Nothing is sent without a payer.
        (None, None) => {
            return Ok(PrepayResult::Declined(decline(
                "INVALID_PARAMETER",
                DeclineKind::Refused,
            )));
        }
    };
    let mut content = biz::new_order(order);
    put(&mut content, member, payer);
    if let Some(app_id) = route.sub_app_id.as_deref().filter(|id| !id.is_empty()) {
        put(&mut content, "product_code", "JSAPI_PAY");
        put(&mut content, "op_app_id", app_id);
    }
    made(
        upstream,
        order,
        "alipay.trade.create",
        content,
        "trade_no",
        Handoff::TradeNo,
    )
    .await
}

async fn precreate(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let content = biz::new_order(order);
    made(
        upstream,
        order,
        "alipay.trade.precreate",
        content,
        "qr_code",
        Handoff::CodeUrl,
    )
    .await
}

async fn made(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    method: &'static str,
    content: Value,
    member: &str,
    handoff: fn(String) -> Handoff,
) -> Result<PrepayResult, Stop> {
    let call = Call {
        method,
        timeout_ms: TIMEOUT_MS,
        parameters: vec![("notify_url", order.callback_url)],
        content: Some(content),
    };
    Ok(match call_for(upstream, order, call).await? {
        Answer::Done(answer) => {
            same(
                "out_trade_no",
                &order_no(order),
                text(&answer, "out_trade_no"),
            )?;
            let found = present(member, text(&answer, member))?;
            PrepayResult::Handed(handoff(found.to_owned()))
        }
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) => match codes::of_prepay(&refusal) {
            Ok(decline) => PrepayResult::Declined(decline),
            Err(why) => PrepayResult::Unknown(why),
        },
    })
}
