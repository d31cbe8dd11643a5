//! One call of the v3 interfaces: JSON, RSA signatures in headers. Sources: channel notes 1.1, 1.2,
//! 1.13.

use bytes::Bytes;
use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_ports::keys::NamedCheck;
use heliu_ports::signature::SignatureSpec;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::{SECOND_MS, Timestamp};
use http::{HeaderMap, Method};
use serde_json::Value;

use super::party::base_url;
use super::{codes, sign};
use crate::account::{optional, required};
use crate::answer::{Stop, short};
use crate::json;

/// The word of this family in routes.
pub(super) const API: &str = "v3";

/// Length of a nonce, in characters (channel notes 1.1: at most 32).
const NONCE_CHARS: usize = 32;
/// Most that the clocks may differ, in ms (channel notes 1.2).
const SKEW_MS_MAX: i64 = 300 * SECOND_MS;
/// Begins the signature of a probe, which must fail (channel notes 1.2).
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// An answer that can be believed.
#[derive(Debug)]
pub(super) enum Answer {
    /// 2xx and signed; null if it has no body.
    Done(Value),
    /// An error with this `code`.
    Refused(String),
}

/// The setting that names the key `wechatpay_public`; without it WeChat signs by platform
/// certificates.
const PUBLIC_KEY_ID: &str = "wechatpay_public_key_id";

/// Whether an account can ask v3 at all; one for a mini program's logins need not.
pub(super) fn is_served(account: &ChannelAccount) -> bool {
    let has = |name| optional(account, name).is_some();
    has("sp_mchid") && has("merchant_serial_no")
}

/// Sends one request; `path` is that of the interface, with its query.
pub(super) async fn call(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    method: Method,
    path: &str,
    body: Option<&Value>,
    timeout_ms: i64,
) -> Result<Answer, Stop> {
    let account = order.account;
    let response = send(upstream, account, method, path, body, timeout_ms).await?;
    let verified = verify(upstream, account, &response.headers, &response.body);
    judge(&response, verified)
}

/// What an answer proves, once it is known whether WeChat signed it.
pub(super) fn judge(response: &WireResponse, verified: Result<(), String>) -> Result<Answer, Stop> {
    match response.status {
        200..=299 => {
            verified.map_err(Stop::unknown)?;
            parse(&response.body).map(Answer::Done)
        }
        400..=599 => {
            // Errors may be unsigned; a signature that is there must hold (channel notes 1.2).
            if response.headers.contains_key("Wechatpay-Signature") {
                verified.map_err(Stop::unknown)?;
            }
            refusal(response.status, &response.body)
        }
        status => Err(Stop::unknown(format!("HTTP {status}"))),
    }
}

/// Signs and sends; what comes back is not believed yet.
pub(super) async fn send(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    method: Method,
    path: &str,
    body: Option<&Value>,
    timeout_ms: i64,
) -> Result<WireResponse, Stop> {
    let url = format!("{}{path}", base_url(account)?);
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut headers = vec![
        (
            "Authorization",
            authorization(upstream, account, &method, &url, &body)?,
        ),
        ("Accept", "application/json".to_owned()),
        ("User-Agent", "heliu".to_owned()),
    ];
    // The answer is signed by the key that is named here; by a certificate if none is (channel
    // notes 9).
    headers.extend(optional(account, PUBLIC_KEY_ID).map(|id| ("Wechatpay-Serial", id.to_owned())));
    if method != Method::GET {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    let request = OutRequest {
        method,
        url,
        headers,
        body: Bytes::from(body),
    };
    Ok(upstream.send(request, timeout_ms).await?)
}

fn authorization(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    method: &Method,
    url: &str,
    body: &str,
) -> Result<String, Stop> {
    let mchid = required(account, "sp_mchid")?;
    let serial = required(account, "merchant_serial_no")?;
    let timestamp_s = upstream.now().as_ms() / SECOND_MS;
    let nonce = upstream.nonce(NONCE_CHARS);
    let spec = sign::v3_request(
        method.as_str(),
        request_target(url),
        timestamp_s,
        &nonce,
        body,
    );
    let signature = upstream.sign(&spec)?;
    Ok(format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp_s}\",\
         serial_no=\"{serial}\",signature=\"{signature}\""
    ))
}

/// Path and query as they stand on the request line, a path in the base address included.
fn request_target(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// The JSON of a body; null if there is none.
pub(super) fn parse(body: &[u8]) -> Result<Value, Stop> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|_| Stop::unknown("the answer is not JSON"))
}

fn refusal(status: u16, body: &[u8]) -> Result<Answer, Stop> {
    let object = parse(body).map_err(|_| Stop::unknown(format!("HTTP {status}")))?;
    match json::text(&object, "code") {
        Some(code) if codes::is_answer(status, code) => Ok(Answer::Refused(code.to_owned())),
        Some(code) => Err(Stop::unknown(format!("HTTP {status} {}", short(code)))),
        None => Err(Stop::unknown(format!("HTTP {status} without a code"))),
    }
}

/// Whether WeChat signed these bytes just now with the key that it names, which is one of the
/// account's.
pub(super) fn verify(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), String> {
    let signed = Signed::read(upstream, headers, body)?;
    let Signed {
        serial,
        spec,
        signature,
    } = &signed;
    let check = if Some(*serial) == optional(account, PUBLIC_KEY_ID) {
        match upstream.verify(spec, signature) {
            true => NamedCheck::Holds,
            false => NamedCheck::Fails,
        }
    } else {
        upstream.verify_by(serial, spec, signature)
    };
    match check {
        NamedCheck::Holds => Ok(()),
        NamedCheck::Fails => Err("the signature does not hold".to_owned()),
        NamedCheck::UnknownKey => Err(format!(
            "Wechatpay-Serial names {}, a key that the account does not have",
            short(serial)
        )),
    }
}

/// The signature of a message: who says to have made it, over what.
pub(super) struct Signed<'a> {
    /// Names the key.
    pub(super) serial: &'a str,
    /// What is signed.
    pub(super) spec: SignatureSpec,
    /// The signature.
    pub(super) signature: &'a str,
}

impl<'a> Signed<'a> {
    /// All headers are there, it is no probe, and it was made just now.
    pub(super) fn read(
        upstream: &dyn Upstream,
        headers: &'a HeaderMap,
        body: &[u8],
    ) -> Result<Self, String> {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("the header {name} is missing"))
        };
        let timestamp = header("Wechatpay-Timestamp")?;
        let nonce = header("Wechatpay-Nonce")?;
        let serial = header("Wechatpay-Serial")?;
        let signature = header("Wechatpay-Signature")?;
        let sent_at = json::digits(timestamp)
            .and_then(|seconds| seconds.checked_mul(SECOND_MS))
            .map(Timestamp::from_ms)
            .ok_or("Wechatpay-Timestamp is not a number of seconds")?;
        if upstream.now().since_ms(sent_at).saturating_abs() > SKEW_MS_MAX {
            return Err("Wechatpay-Timestamp is more than 300 s away".to_owned());
        }
        if signature.starts_with(PROBE) {
            return Err("the signature is a probe".to_owned());
        }
        Ok(Self {
            serial,
            spec: sign::v3_message(timestamp, nonce, body),
            signature,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_base_address_is_on_the_request_line() {
        for (url, target) in [
            ("https://api.mch.weixin.qq.com/v3/pay?a=1", "/v3/pay?a=1"),
            ("http://127.0.0.1:8090/wechat/v3/pay", "/wechat/v3/pay"),
            ("http://127.0.0.1:8090", "/"),
        ] {
            assert_eq!(request_target(url), target);
        }
    }
}
