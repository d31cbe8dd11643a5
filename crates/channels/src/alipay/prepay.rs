//! Makes an order that waits for its payer: alipay.trade.create for pages and mini
//! programs in the wallet, alipay.trade.precreate for codes. Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, PrepayResult, Upstream};
use heliu_trade::attempt::Handoff;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::DeclineKind;
use serde_json::Value;

use super::gateway::{Answer, Call, call_for};
use super::{biz, codes, is_partner_id};
use crate::account::optional;
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

/// Payers are known by their partner id or by an open id: one of the application that signs, or one
/// of the app whose page invokes the trade (channel notes 2.5 and 9).
fn payer_member(account: &ChannelAccount, app_id: Option<&str>, payer_id: &str) -> &'static str {
    if is_partner_id(payer_id) {
        "buyer_id"
    } else if app_id.is_some_and(|app_id| Some(app_id) != optional(account, "app_id")) {
        "op_buyer_open_id"
    } else {
        "buyer_open_id"
    }
}

async fn create(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<PrepayResult, Stop> {
    let route = &order.attempt.route;
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let app_id = route.sub_app_id.as_deref().filter(|id| !id.is_empty());
    let (member, payer) = match (given(&route.payer_id), given(&route.payer_login)) {
        (Some(id), _) => (payer_member(order.account, app_id, &id), id),
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
    if let Some(app_id) = app_id {
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
