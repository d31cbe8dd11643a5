//! Makes an order that waits for its payer: v2 unifiedorder for a page of the merchant, v3 for our own
//! page and for codes. Sources: channel notes 1.5, 1.23; ruling 41.

use std::collections::BTreeMap;

use heliu_ports::channel::{ChannelOrder, PrepayResult, Upstream};
use heliu_trade::attempt::Handoff;
use heliu_trade::time::SECOND_MS;
use heliu_trade::verdict::DeclineKind;
use heliu_trade::wallet::Scene;
use http::Method;
use serde_json::{Value, json};

use super::codes::{self, Refusal};
use super::party::{Provider, order_no, sub_appid, sub_mchid};
use super::sign::{self, V2Digest};
use super::{v2, v3};
use crate::answer::{Stop, decline, present, unknown};
use crate::json::text;
use crate::text::cut;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Longest v2 `body`, in bytes.
const BODY_BYTES_MAX: usize = 128;
/// Longest v3 `description`, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 127;
/// Length of the nonce of an invocation, in characters.
const NONCE_CHARS: usize = 32;

/// May be repeated: the content comes from the order alone.
pub(super) async fn prepay(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> PrepayResult {
    let route = &order.attempt.route;
    let made = match (route.api.as_str(), route.scene) {
        (v2::API, Scene::Jsapi) => page_of_merchant(upstream, order).await,
        (v3::API, Scene::Jsapi) => page_of_ours(upstream, order).await,
        (v3::API, Scene::Qr) => native(upstream, order).await,
        (api, scene) => Err(Stop::unknown(format!(
            "no prepay of {} over {api}",
            scene.as_str()
        ))),
    };
    made.unwrap_or_else(Stop::into_prepay)
}

/// The payer's id, which both page forms need; nothing is sent without it.
fn payer_id<'a>(order: &'a ChannelOrder<'_>) -> Result<&'a str, PrepayResult> {
    let id = order
        .attempt
        .route
        .payer_id
        .as_deref()
        .filter(|id| !id.is_empty());
    id.ok_or_else(|| PrepayResult::Declined(decline("LACK_PARAMS", DeclineKind::Refused)))
}

/// Under whose app the payer is known, and which member carries the payer's id.
fn payer_app<'a>(order: &'a ChannelOrder<'_>, provider: Provider<'a>) -> (&'a str, bool) {
    sub_appid(order).map_or((provider.appid, false), |app_id| (app_id, true))
}

fn refused(code: &str) -> PrepayResult {
    match codes::of_prepay(code) {
        Refusal::Declined(decline) => PrepayResult::Declined(decline),
        Refusal::Confirming => PrepayResult::Unknown(unknown("the payer is paying already")),
        Refusal::Unknown(why) => PrepayResult::Unknown(why),
    }
}

async fn page_of_merchant(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let payer_id = match payer_id(order) {
        Ok(payer_id) => payer_id,
        Err(declined) => return Ok(declined),
    };
    let (app_id, is_sub) = payer_app(order, Provider::of(order.account)?);
    let number = order_no(order);
    let mut fields = vec![
        ("body", cut(order.subject, BODY_BYTES_MAX, &number)),
        ("out_trade_no", number),
        ("total_fee", order.charge_fen.to_string()),
        ("fee_type", "CNY".to_owned()),
        ("spbill_create_ip", order.terminal_ip.to_owned()),
        ("notify_url", order.callback_url.to_owned()),
        ("trade_type", "JSAPI".to_owned()),
        (
            if is_sub { "sub_openid" } else { "openid" },
            payer_id.to_owned(),
        ),
    ];
    fields.extend(v2::life(order));
    match v2::call(upstream, order, "/pay/unifiedorder", &fields, TIMEOUT_MS).await? {
        v2::Answer::Done(fields) => {
            let prepay_id = present("prepay_id", v2::field(&fields, "prepay_id"))?;
            invocation_v2(upstream, app_id, prepay_id)
        }
        v2::Answer::Refused(code) => Ok(refused(&code)),
    }
}

/// What the page invokes, in v2's form: 13-digit time, MD5 (ruling 41).
fn invocation_v2(
    upstream: &dyn Upstream,
    app_id: &str,
    prepay_id: &str,
) -> Result<PrepayResult, Stop> {
    let members = [
        ("appId", app_id.to_owned()),
        ("timeStamp", format!("{:013}", upstream.now().as_ms())),
        ("nonceStr", upstream.nonce(NONCE_CHARS)),
        ("package", format!("prepay_id={prepay_id}")),
        ("signType", "MD5".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let signed: BTreeMap<_, _> = members.clone().into();
    signed_invocation(upstream, members, &sign::v2(&signed, V2Digest::Md5))
}

fn signed_invocation(
    upstream: &dyn Upstream,
    members: [(String, String); 5],
    spec: &heliu_ports::signature::SignatureSpec,
) -> Result<PrepayResult, Stop> {
    // The order exists upstream by now: a missing key is no reason to call it unreachable.
    let signature = upstream
        .sign(spec)
        .map_err(|error| Stop::unknown(error.to_string()))?;
    let mut members = Vec::from(members);
    members.push(("paySign".to_owned(), signature));
    Ok(PrepayResult::Handed(Handoff::Invocation(members)))
}

/// The members that every v3 prepay has.
fn body_v3(order: &ChannelOrder<'_>, provider: Provider<'_>) -> Value {
    let number = order_no(order);
    let mut body = json!({
        "sp_appid": provider.appid,
        "sp_mchid": provider.mchid,
        "sub_mchid": sub_mchid(order),
        "description": cut(order.subject, DESCRIPTION_BYTES_MAX, &number),
        "out_trade_no": number,
        "notify_url": order.callback_url,
        "amount": {"total": order.charge_fen, "currency": "CNY"},
    });
    if let Some(app_id) = sub_appid(order) {
        put(&mut body, "sub_appid", app_id.into());
    }
    if let Some(expires_at) = order.expires_at {
        put(
            &mut body,
            "time_expire",
            expires_at.beijing_rfc3339().into(),
        );
    }
    if !order.terminal_ip.is_empty() {
        put(
            &mut body,
            "scene_info",
            json!({"payer_client_ip": order.terminal_ip}),
        );
    }
    body
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

async fn page_of_ours(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let payer_id = match payer_id(order) {
        Ok(payer_id) => payer_id,
        Err(declined) => return Ok(declined),
    };
    let provider = Provider::of(order.account)?;
    let (app_id, is_sub) = payer_app(order, provider);
    let mut body = body_v3(order, provider);
    let member = if is_sub { "sub_openid" } else { "sp_openid" };
    put(&mut body, "payer", json!({member: payer_id}));
    let path = "/v3/pay/partner/transactions/jsapi";
    match v3::call(upstream, order, Method::POST, path, Some(&body), TIMEOUT_MS).await? {
        v3::Answer::Done(answer) => {
            let prepay_id = present("prepay_id", text(&answer, "prepay_id"))?;
            invocation_v3(upstream, app_id, prepay_id)
        }
        v3::Answer::Refused(code) => Ok(refused(&code)),
    }
}

/// What the page invokes, in v3's form: 10-digit time, RSA.
fn invocation_v3(
    upstream: &dyn Upstream,
    app_id: &str,
    prepay_id: &str,
) -> Result<PrepayResult, Stop> {
    let timestamp_s = (upstream.now().as_ms() / SECOND_MS).to_string();
    let nonce = upstream.nonce(NONCE_CHARS);
    let package = format!("prepay_id={prepay_id}");
    let spec = sign::v3_invocation(app_id, &timestamp_s, &nonce, &package);
    let members = [
        ("appId", app_id.to_owned()),
        ("timeStamp", timestamp_s),
        ("nonceStr", nonce),
        ("package", package),
        ("signType", "RSA".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    signed_invocation(upstream, members, &spec)
}

async fn native(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<PrepayResult, Stop> {
    let body = body_v3(order, Provider::of(order.account)?);
    let path = "/v3/pay/partner/transactions/native";
    match v3::call(upstream, order, Method::POST, path, Some(&body), TIMEOUT_MS).await? {
        v3::Answer::Done(answer) => {
            let code_url = present("code_url", text(&answer, "code_url"))?;
            Ok(PrepayResult::Handed(Handoff::CodeUrl(code_url.to_owned())))
        }
        v3::Answer::Refused(code) => Ok(refused(&code)),
    }
}
