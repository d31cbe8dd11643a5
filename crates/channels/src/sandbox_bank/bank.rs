//! One call of the bank: signed JSON, and an answer that is signed for this very request.

use bytes::Bytes;
use heliu_ports::channel::Upstream;
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::ChannelAccount;
use http::Method;
use serde_json::Value;

use super::sign;
use crate::account::required;
use crate::answer::Stop;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Carries a signature, both ways.
const SIGNATURE: &str = "X-Bank-Signature";

/// An answer that the bank signed.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// Calls; `path` begins behind the setting `base_url`.
pub(super) async fn call(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, Stop> {
    let base_url = required(account, "base_url")?.trim_end_matches('/');
    let url = format!("{base_url}{path}");
    let body = body.map(Value::to_string).unwrap_or_default();
    let time = upstream.now().beijing_rfc3339();
    let spec = sign::request(method.as_str(), target(&url), &time, &body);
    let signature = upstream.sign(&spec)?;
    let mut headers = vec![
        (
            "X-Bank-Customer",
            required(account, "customer_no")?.to_owned(),
        ),
        ("X-Bank-Time", time),
        (SIGNATURE, signature.clone()),
    ];
    if method != Method::GET {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    let request = OutRequest {
        method,
        url,
        headers,
        body: Bytes::from(body),
    };
    let response = upstream.send(request, TIMEOUT_MS).await?;
    let presented = response.headers.get(SIGNATURE);
    let presented = presented.and_then(|value| value.to_str().ok());
    let Some(presented) = presented else {
        let status = response.status;
        return Err(Stop::unknown(format!("HTTP {status}, not signed")));
    };
    let spec = sign::answer(&signature, response.status, &response.body);
    if !upstream.verify(&spec, presented) {
        return Err(Stop::unknown("the answer's signature does not hold"));
    }
    let body = serde_json::from_slice(&response.body)
        .map_err(|_| Stop::unknown("the answer is not JSON"))?;
    Ok(Answer {
        status: response.status,
        body,
    })
}

/// What stands on the request line.
fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}
