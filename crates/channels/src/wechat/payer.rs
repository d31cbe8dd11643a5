//! Finds out who the payer is: the web login of WeChat. Source: ruling 45.

use bytes::Bytes;
use heliu_ports::channel::Upstream;
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::Unknown;
use http::Method;
use serde_json::Value;

use super::sign::APP_SECRET;
use crate::account::{optional, required};
use crate::answer::{Stop, short};
use crate::json;
use crate::text::encode;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Where browsers are sent, unless the account says otherwise.
const OAUTH_URL: &str = "https://open.weixin.qq.com";
/// Where codes are exchanged, unless the account says otherwise.
const SNS_URL: &str = "https://api.weixin.qq.com";

/// The login page; it asks nothing of the payer (`snsapi_base`).
pub(super) fn authorize_url(
    account: &ChannelAccount,
    return_url: &str,
    state: &str,
) -> Option<String> {
    let base = optional(account, "oauth_url")
        .unwrap_or(OAUTH_URL)
        .trim_end_matches('/');
    let app_id = required(account, "sp_appid").ok()?;
    Some(format!(
        "{base}/connect/oauth2/authorize?appid={}&redirect_uri={}&response_type=code\
         &scope=snsapi_base&state={}#wechat_redirect",
        encode(app_id),
        encode(return_url),
        encode(state)
    ))
}

/// The payer's openid under the service provider's app.
pub(super) async fn payer_id(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    code: &str,
) -> Result<String, Unknown> {
    exchange(upstream, account, code)
        .await
        .map_err(Stop::into_unknown)
}

async fn exchange(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    code: &str,
) -> Result<String, Stop> {
    let base = optional(account, "sns_url")
        .unwrap_or(SNS_URL)
        .trim_end_matches('/');
    let app_id = required(account, "sp_appid")?;
    let secret = upstream.reveal(APP_SECRET)?;
    let url = format!(
        "{base}/sns/oauth2/access_token?appid={}&secret={}&code={}&grant_type=authorization_code",
        encode(app_id),
        encode(&secret),
        encode(code)
    );
    let request = OutRequest {
        method: Method::GET,
        url,
        headers: Vec::new(),
        body: Bytes::new(),
    };
    // The transport's own words may quote the address, and the secret stands in it.
    let response = upstream
        .send(request, TIMEOUT_MS)
        .await
        .map_err(|_| Stop::unknown("the login service did not answer"))?;
    if response.status != 200 {
        return Err(Stop::unknown(format!(
            "the login service: HTTP {}",
            response.status
        )));
    }
    let answer: Value = serde_json::from_slice(&response.body)
        .map_err(|_| Stop::unknown("the login service did not answer JSON"))?;
    match (json::text(&answer, "openid"), answer.get("errcode")) {
        (Some(openid), None) => Ok(openid.to_owned()),
        (_, Some(error)) => Err(Stop::unknown(format!(
            "the login service: errcode {}",
            short(&error.to_string())
        ))),
        (None, None) => Err(Stop::unknown("the login service named no openid")),
    }
}
