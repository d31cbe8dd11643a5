//! Checks WeChat's notifications like a stranger's, and answers them. Sources: channel notes 1.2,
//! 1.3, 1.11, 1.19, 1.23.
//!
//! v3 sends JSON with the signature in headers, v2 sends XML that carries its own. A v2 refund
//! notice has no signature at all; we never ask for one, and it is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliu_ports::channel::{CallbackNews, CallbackRefused, ChannelOrder, Upstream};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::verdict::Verdict;
use serde_json::{Value, json};

use super::evidence::{notified_v2, verdict_v3};
use super::party::{Parties, Provider, sub_mchid};
use super::refund::status_v3;
use super::sign::API_V3;
use super::{v2, v3, xml};
use crate::answer::{Doubt, Stop, same};
use crate::json::text;

/// Verifies, opens, compares.
pub(super) fn read(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    request: &WireRequest,
) -> Result<CallbackNews, CallbackRefused> {
    let parties = Parties::of(order).map_err(|stop| match stop {
        Stop::Unreached(why) | Stop::NotSecured(why) | Stop::Unknown(why) => {
            CallbackRefused::Signature(why)
        }
    })?;
    if is_v3(request) {
        v3::verify(upstream, order.account, &request.headers, &request.body)
            .map_err(CallbackRefused::Signature)?;
        read_v3(upstream, order, parties.provider, &request.body)
    } else {
        read_v2(upstream, order, &parties, &request.body)
    }
}

fn is_v3(request: &WireRequest) -> bool {
    request.headers.contains_key("Wechatpay-Signature")
        || request.body.trim_ascii_start().starts_with(b"{")
}

fn malformed(what: &str) -> CallbackRefused {
    CallbackRefused::Malformed(what.to_owned())
}

fn read_v3(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    provider: Provider<'_>,
    body: &[u8],
) -> Result<CallbackNews, CallbackRefused> {
    let event: Value = serde_json::from_slice(body).map_err(|_| malformed("it is not JSON"))?;
    let kind = text(&event, "event_type").ok_or_else(|| malformed("event_type is missing"))?;
    match kind {
        "TRANSACTION.SUCCESS" => {
            let transaction = open(upstream, &event)?;
            Ok(CallbackNews::Payment(verdict_v3(
                order,
                provider,
                &transaction,
            )?))
        }
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => Ok(refund_news(
            upstream,
            order,
            provider,
            &open(upstream, &event)?,
        )?),
        _ => Ok(CallbackNews::Nothing),
    }
}

/// Opens the sealed content of an event.
fn open(upstream: &dyn Upstream, event: &Value) -> Result<Value, CallbackRefused> {
    let resource = event
        .get("resource")
        .ok_or_else(|| malformed("resource is missing"))?;
    let opened = open_box(upstream, resource)?;
    serde_json::from_slice(&opened).map_err(|_| malformed("the content is not JSON"))
}

/// Opens a box of v3: algorithm, nonce, associated data and ciphertext (channel notes 1.3).
pub(super) fn open_box(
    upstream: &dyn Upstream,
    sealed: &Value,
) -> Result<Vec<u8>, CallbackRefused> {
    if text(sealed, "algorithm") != Some("AEAD_AES_256_GCM") {
        return Err(malformed("the content is sealed by another algorithm"));
    }
    let boxed = text(sealed, "ciphertext")
        .and_then(|sealed| STANDARD.decode(sealed).ok())
        .ok_or_else(|| malformed("ciphertext is not Base64"))?;
    let nonce = text(sealed, "nonce").unwrap_or_default();
    let associated = text(sealed, "associated_data").unwrap_or_default();
    upstream
        .open_gcm(API_V3, nonce.as_bytes(), associated.as_bytes(), &boxed)
        .ok_or_else(|| CallbackRefused::Signature("the content does not open".to_owned()))
}

fn refund_news(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    provider: Provider<'_>,
    refund: &Value,
) -> Result<CallbackNews, Doubt> {
    same("sp_mchid", provider.mchid, text(refund, "sp_mchid"))?;
    same("sub_mchid", sub_mchid(order), text(refund, "sub_mchid"))?;
    let refund_no = crate::answer::present("out_refund_no", text(refund, "out_refund_no"))?;
    let amount = refund.get("amount");
    let refund_fen = amount.and_then(|amount| crate::json::fen(amount, "refund"));
    let refund_fen = crate::answer::present("amount.refund", refund_fen)?;
    let result = status_v3(upstream, order, refund, "refund_status")?;
    Ok(CallbackNews::Refund {
        refund_no: refund_no.to_owned(),
        refund_fen,
        result,
    })
}

fn read_v2(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    parties: &Parties<'_>,
    body: &[u8],
) -> Result<CallbackNews, CallbackRefused> {
    let fields = xml::read(body).map_err(malformed)?;
    if !v2::is_signed(upstream, &fields) {
        return Err(CallbackRefused::Signature(
            "the signature does not hold".to_owned(),
        ));
    }
    let is_success = |name: &str| v2::field(&fields, name) == Some("SUCCESS");
    if !is_success("return_code") || !is_success("result_code") {
        // A failed try of the payer's; the order can still be paid.
        return Ok(CallbackNews::Nothing);
    }
    Ok(CallbackNews::Payment(Verdict::Paid(notified_v2(
        order, parties, &fields,
    )?)))
}

/// v3: 200 without a body, or 4xx with a reason; v2: XML either way.
pub(super) fn acknowledge(
    request: &WireRequest,
    outcome: Result<(), &CallbackRefused>,
) -> WireResponse {
    const JSON: &str = "application/json";
    const XML: &str = "text/xml; charset=utf-8";
    match (is_v3(request), outcome) {
        (true, Ok(())) => WireResponse::new(200, JSON, ""),
        (true, Err(refused)) => {
            let (status, message) = match refused {
                CallbackRefused::Signature(_) => (401, "signature"),
                CallbackRefused::Malformed(_) => (400, "malformed"),
                CallbackRefused::Mismatch(_) => (400, "mismatch"),
            };
            let body = json!({"code": "FAIL", "message": message});
            WireResponse::new(status, JSON, body.to_string())
        }
        (false, Ok(())) => WireResponse::new(200, XML, envelope("SUCCESS", "OK")),
        (false, Err(_)) => WireResponse::new(200, XML, envelope("FAIL", "refused")),
    }
}

fn envelope(code: &str, message: &str) -> String {
    format!(
        "<xml><return_code><![CDATA[{code}]]></return_code>\
         <return_msg><![CDATA[{message}]]></return_msg></xml>"
    )
}
