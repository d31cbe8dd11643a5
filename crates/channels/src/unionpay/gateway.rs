//! One call: a signed JSON object both ways. Sources: channel notes 3.2, 3.8.

use bytes::Bytes;
use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::ChannelAccount;
use http::Method;
use serde_json::{Map, Value};

use super::biz::{Content, mer_id_of};
use super::sign::{self, SIGNATURE};
use super::{codes, message};
use crate::account::{optional, required};
use crate::answer::{Stop, present, same_if_present};
use crate::json::text;

/// Where orders are made, unless the account says otherwise.
const BASE_URL: &str = "https://partner.95516.com";

/// A call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// Below the base address.
    pub(super) path: &'a str,
    /// For the whole call, in ms.
    pub(super) timeout_ms: i64,
    /// Its own members.
    pub(super) content: Content<'a>,
}

/// A verified answer that names nobody else.
#[derive(Debug)]
pub(super) enum Answer {
    /// `respCode` is 00.
    Done(Value),
    /// Another `respCode`.
    Refused(String),
}

/// Calls for the merchant of an order.
pub(super) async fn call_for(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    call: Call<'_>,
) -> Result<Answer, Stop> {
    let mer_id = mer_id_of(order)?;
    self::call(upstream, order.account, Some(mer_id), call).await
}

/// Calls for a merchant, or for the service provider alone.
pub(super) async fn call(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    mer_id: Option<&str>,
    call: Call<'_>,
) -> Result<Answer, Stop> {
    let provider = required(account, "serProvId")?;
    let base = optional(account, "base_url").unwrap_or(BASE_URL);
    let mut content = call.content;
    content.push(("serProvId", provider.to_owned()));
    content.extend(mer_id.map(|mer_id| ("merId", mer_id.to_owned())));
    content.retain(|(_, value)| !value.is_empty());
    let members = content.iter().map(|(name, value)| (*name, value.as_str()));
    let signature = upstream.sign(&sign::request(members))?;
    content.push((SIGNATURE, signature));
    let body: Map<String, Value> = content
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let request = OutRequest {
        method: Method::POST,
        url: format!("{}{}", base.trim_end_matches('/'), call.path),
        headers: vec![("Content-Type", "application/json; charset=utf-8".to_owned())],
        body: Bytes::from(Value::Object(body).to_string()),
    };
    let response = upstream.send(request, call.timeout_ms).await?;
    if response.status != 200 {
        return Err(Stop::unknown(format!("HTTP {}", response.status)));
    }
    let answer = message::open(upstream, &response.body)
        .map_err(|unbelieved| Stop::unknown(format!("the answer: {}", unbelieved.why())))?;
    same_if_present("serProvId", provider, text(&answer, "serProvId"))?;
    if let Some(mer_id) = mer_id {
        same_if_present("merId", mer_id, text(&answer, "merId"))?;
    }
    Ok(match present("respCode", text(&answer, "respCode"))? {
        codes::DONE => Answer::Done(answer),
        code => Answer::Refused(code.to_owned()),
    })
}
