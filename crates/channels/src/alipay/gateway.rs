//! One call of the gateway: a signed form, an answer whose node is signed. Sources: channel notes
//! 2.1, 2.2, 2.4.

use std::collections::BTreeMap;

use bytes::Bytes;
use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::ChannelAccount;
use http::Method;
use serde_json::Value;

use super::envelope;
use super::sign::{self, APP_AUTH_TOKEN};
use crate::account::{optional, required};
use crate::answer::{Stop, short};
use crate::json;

/// A call of a method.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// Such as `alipay.trade.pay`.
    pub(super) method: &'static str,
    /// For the whole call, in ms.
    pub(super) timeout_ms: i64,
    /// Public parameters of its own, such as `notify_url`; empty ones are left out.
    pub(super) parameters: Vec<(&'static str, &'a str)>,
    /// The business content, if the method takes one.
    pub(super) content: Option<Value>,
}

/// An answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// Signed; code 10000, or no code where the method has none.
    Done(Value),
    /// Signed; code 10003: the payer is asked.
    Waiting(Value),
    /// A refusal.
    Refused(Refusal),
}

/// A refusal by the gateway or by the business behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The `sub_code` without its prefix `ACQ.`, or the `code` (ruling 16).
    pub(super) word: String,
    /// Whether the gateway refused the request itself: nothing was begun.
    pub(super) is_gateway: bool,
    /// Whether it is signed.
    pub(super) is_signed: bool,
}

/// Calls for the merchant of an order.
pub(super) async fn call_for(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    mut call: Call<'_>,
) -> Result<Answer, Stop> {
    let token = upstream.reveal_of_contract(APP_AUTH_TOKEN)?;
    call.parameters.push(("app_auth_token", &token));
    self::call(upstream, order.account, call).await
}

/// Calls for the application itself.
pub(super) async fn call(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    call: Call<'_>,
) -> Result<Answer, Stop> {
    let url = required(account, "gateway_url")?.to_owned();
    let timestamp = upstream.now().beijing_spaced();
    let content = call
        .content
        .as_ref()
        .map(Value::to_string)
        .unwrap_or_default();
    let fixed = [
        ("app_id", required(account, "app_id")?),
        ("method", call.method),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", &timestamp),
        ("version", "1.0"),
        ("biz_content", &content),
        // Empty ones are left out: an account without certificates signs with plain keys.
        (
            "app_cert_sn",
            optional(account, "app_cert_sn").unwrap_or_default(),
        ),
        (
            "alipay_root_cert_sn",
            optional(account, "alipay_root_cert_sn").unwrap_or_default(),
        ),
    ];
    let mut parameters: BTreeMap<String, String> = fixed
        .iter()
        .chain(&call.parameters)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let signature = upstream.sign(&sign::request(&parameters))?;
    parameters.insert("sign".to_owned(), signature);
    // All of it in the body: tokens and payment codes stay out of addresses.
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&parameters)
        .finish();
    let request = OutRequest {
        method: Method::POST,
        url,
        headers: vec![(
            "Content-Type",
            "application/x-www-form-urlencoded;charset=utf-8".to_owned(),
        )],
        body: Bytes::from(body),
    };
    let response = upstream.send(request, call.timeout_ms).await?;
    if response.status != 200 {
        return Err(Stop::unknown(format!("HTTP {}", response.status)));
    }
    judge(upstream, &call, &response.body)
}

/// What an answer proves, once its signature is looked at.
fn judge(upstream: &dyn Upstream, call: &Call<'_>, body: &[u8]) -> Result<Answer, Stop> {
    let envelope = envelope::open(call.method, body).map_err(Stop::unknown)?;
    let is_signed = match &envelope.sign {
        Some(presented) if upstream.verify(&sign::node(envelope.node), presented) => true,
        Some(_) => return Err(Stop::unknown("the answer's signature does not hold")),
        None if envelope.is_error => false,
        None => return Err(Stop::unknown("the answer is not signed")),
    };
    let node: Value =
        serde_json::from_str(envelope.node).map_err(|_| Stop::unknown("the node is not JSON"))?;
    let code = json::text(&node, "code");
    let word = json::text(&node, "sub_code").or(code).unwrap_or("no code");
    let word = word.strip_prefix("ACQ.").unwrap_or(word).to_owned();
    match code {
        Some("10000") if is_signed && !envelope.is_error => Ok(Answer::Done(node)),
        // Methods without business content (the login) say success by having no code.
        None if is_signed && !envelope.is_error && call.content.is_none() => Ok(Answer::Done(node)),
        Some("10003") if is_signed && !envelope.is_error => Ok(Answer::Waiting(node)),
        Some("20001" | "40001" | "40002" | "40003" | "40006") => Ok(Answer::Refused(Refusal {
            word,
            is_gateway: true,
            is_signed,
        })),
        Some("40004") if is_signed => Ok(Answer::Refused(Refusal {
            word,
            is_gateway: false,
            is_signed,
        })),
        _ => Err(Stop::unknown(format!("the gateway says {}", short(&word)))),
    }
}
