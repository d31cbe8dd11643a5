//! Makes an order that waits for its payer: v2 unifiedorder for pages, mini programs and apps of
//! the merchant, v3 for our own page and for codes. Sources: channel notes 1.5, 1.23; ruling 41.

use std::collections::BTreeMap;

use heliu_ports::channel::{ChannelOrder, PrepayResult, Upstream};
use heliu_ports::signature::SignatureSpec;
use heliu_trade::attempt::Handoff;
use heliu_trade::time::SECOND_MS;
use heliu_trade::verdict::DeclineKind;
use heliu_trade::wallet::Scene;
use http::Method;
use serde_json::{Value, json};

use super::codes::{self, Refusal};
use super::party::{Provider, payer_id, sub_appid, sub_mchid};
use super::sale;
use super::sign::{self, V2Digest};
use super::{v2, v3};
use crate::answer::{Stop, decline, present, unknown};
use crate::json::put;
use crate::json::text;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Length of the nonce of an invocation, in characters.
const NONCE_CHARS: usize = 32;

/// May be repeated: the content comes from the order alone.
pub(super) async fn prepay(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let route = &order.attempt.route;
    match (route.api.as_str(), route.scene) {
        (v2::API, Scene::Jsapi | Scene::MiniProgram) => page_of_merchant(upstream, order).await,
        (v2::API, Scene::App) => app(upstream, order).await,
        (v3::API, Scene::Jsapi) => page_of_ours(upstream, order).await,
        (v3::API, Scene::Qr | Scene::Native) => native(upstream, order).await,
        (api, scene) => Err(Stop::unknown(format!(
            "no prepay of {} over {api}",
            scene.as_str()
        ))),
    }
}

/// Nothing is sent where the payer's id is needed and lacking.
fn nobody() -> PrepayResult {
    PrepayResult::Declined(decline("LACK_PARAMS", DeclineKind::Refused))
}

/// Under whose app the payer is known, and whether it is the sub-merchant's.
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

/// Makes a v2 order; `payer` is what names its payer.
async fn unifiedorder(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    trade_type: &str,
    payer: Option<(&'static str, String)>,
) -> Result<v2::Answer, Stop> {
    let mut fields = sale::v2(order);
    fields.push(("notify_url", order.callback_url.to_owned()));
    fields.push(("trade_type", trade_type.to_owned()));
    fields.extend(payer);
    v2::call(upstream, order, "/pay/unifiedorder", &fields, TIMEOUT_MS).await
}

async fn page_of_merchant(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let Some(payer_id) = payer_id(order) else {
        return Ok(nobody());
    };
    let (app_id, is_sub) = payer_app(order, Provider::of(order)?);
    let member = if is_sub { "sub_openid" } else { "openid" };
    let payer = Some((member, payer_id.to_owned()));
    match unifiedorder(upstream, order, "JSAPI", payer).await? {
        v2::Answer::Done(fields) => {
            let prepay_id = present("prepay_id", v2::field(&fields, "prepay_id"))?;
            invocation_v2(upstream, app_id, prepay_id)
        }
        v2::Answer::Refused(code) => Ok(refused(&code)),
    }
}

async fn app(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<PrepayResult, Stop> {
    let (app_id, _) = payer_app(order, Provider::of(order)?);
    match unifiedorder(upstream, order, "APP", None).await? {
        v2::Answer::Done(fields) => {
            let prepay_id = present("prepay_id", v2::field(&fields, "prepay_id"))?;
            invocation_app(upstream, app_id, sub_mchid(order), prepay_id)
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
    ];
    let spec = sign_members(&members);
    signed_invocation(upstream, &members, &spec, "paySign")
}

/// What an app invokes, in v2's form: 10-digit time, MD5, the digest that the order was signed
/// with. The partner is the sub-merchant, whose app it is; v3 would name the provider (channel
/// notes 1.23 and 9).
fn invocation_app(
    upstream: &dyn Upstream,
    app_id: &str,
    partner_id: &str,
    prepay_id: &str,
) -> Result<PrepayResult, Stop> {
    let members = [
        ("appid", app_id.to_owned()),
        ("partnerid", partner_id.to_owned()),
        ("prepayid", prepay_id.to_owned()),
        ("package", "Sign=WXPay".to_owned()),
        ("noncestr", upstream.nonce(NONCE_CHARS)),
        ("timestamp", now_s(upstream)),
    ];
    let spec = sign_members(&members);
    signed_invocation(upstream, &members, &spec, "sign")
}

fn now_s(upstream: &dyn Upstream) -> String {
    (upstream.now().as_ms() / SECOND_MS).to_string()
}

/// v2 signs all members of an invocation like a message.
fn sign_members(members: &[(&str, String)]) -> SignatureSpec {
    let fields: BTreeMap<_, _> = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    sign::v2(&fields, V2Digest::Md5)
}

fn signed_invocation(
    upstream: &dyn Upstream,
    members: &[(&str, String)],
    spec: &SignatureSpec,
    name: &str,
) -> Result<PrepayResult, Stop> {
    // The order exists upstream by now: a missing key is no reason to call it unreachable.
    let signature = upstream
        .sign(spec)
        .map_err(|error| Stop::unknown(error.to_string()))?;
    let mut signed: Vec<_> = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    signed.push((name.to_owned(), signature));
    Ok(PrepayResult::Handed(Handoff::Invocation(signed)))
}

/// The members that every v3 prepay has.
fn body_v3(order: &ChannelOrder<'_>, provider: Provider<'_>) -> Value {
    let mut body = json!({
        "sp_appid": provider.appid,
        "sp_mchid": provider.mchid,
        "sub_mchid": sub_mchid(order),
        "notify_url": order.callback_url,
    });
    if let Some(app_id) = sub_appid(order) {
        put(&mut body, "sub_appid", app_id);
    }
    sale::v3(order, &mut body);
    body
}

async fn page_of_ours(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<PrepayResult, Stop> {
    let Some(payer_id) = payer_id(order) else {
        return Ok(nobody());
    };
    let provider = Provider::of(order)?;
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
    let timestamp_s = now_s(upstream);
    let nonce = upstream.nonce(NONCE_CHARS);
    let package = format!("prepay_id={prepay_id}");
    let spec = sign::v3_invocation(app_id, &timestamp_s, &nonce, &package);
    let members = [
        ("appId", app_id.to_owned()),
        ("timeStamp", timestamp_s),
        ("nonceStr", nonce),
        ("package", package),
        ("signType", "RSA".to_owned()),
    ];
    signed_invocation(upstream, &members, &spec, "paySign")
}

async fn native(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Result<PrepayResult, Stop> {
    let body = body_v3(order, Provider::of(order)?);
    let path = "/v3/pay/partner/transactions/native";
    match v3::call(upstream, order, Method::POST, path, Some(&body), TIMEOUT_MS).await? {
        v3::Answer::Done(answer) => {
            let code_url = present("code_url", text(&answer, "code_url"))?;
            Ok(PrepayResult::Handed(Handoff::CodeUrl(code_url.to_owned())))
        }
        v3::Answer::Refused(code) => Ok(refused(&code)),
    }
}
