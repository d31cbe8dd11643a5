//! Exchanges login codes: of pages for the payer's id, of mini programs for a session. Source:
//! ruling 45.
//!
//! The service is not the payment platform: JSON over GET, the app's secret in the address, no
//! signature.

use bytes::Bytes;
use heliu_ports::channel::{LookupRefused, Upstream};
use heliu_ports::wire::OutRequest;
use heliu_trade::command::MiniProgramSession;
use heliu_trade::directory::ChannelAccount;
use http::Method;
use serde_json::Value;

use super::party::address;
use super::sign::APP_SECRET;
use crate::answer::{Stop, present, short};
use crate::json::{text, whole};
use crate::text::query;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Where codes are exchanged, unless the account says otherwise.
const SNS_URL: &str = "https://api.weixin.qq.com";
/// How long a session holds, in s. The service does not say any more; it once said this.
const SESSION_LIFE_S: i64 = 7_200;

/// What the service says.
enum Answer {
    /// `errcode` is absent or 0.
    Done(Value),
    /// Another `errcode`.
    Refused(String),
}

/// The openid under `app_id` of the payer whose page brought `code`.
pub(super) async fn payer_id(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    app_id: &str,
    code: &str,
) -> Result<String, Stop> {
    let path = "/sns/oauth2/access_token";
    match exchange(upstream, account, path, app_id, ("code", code)).await? {
        Answer::Done(answer) => Ok(present("openid", text(&answer, "openid"))?.to_owned()),
        Answer::Refused(word) => Err(Stop::unknown(format!("the login service: errcode {word}"))),
    }
}

/// The session of the mini program `app_id` for its login code; the account holds its secret.
pub(super) async fn mini_program_session(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    app_id: &str,
    code: &str,
) -> Result<MiniProgramSession, LookupRefused> {
    let path = "/sns/jscode2session";
    let answer = match exchange(upstream, account, path, app_id, ("js_code", code)).await? {
        Answer::Done(answer) => answer,
        // Wrong, used, or a payer whom WeChat keeps out; everything else is ours or the service's
        // fault.
        Answer::Refused(word) if matches!(word.as_str(), "40029" | "40163" | "40226") => {
            return Err(LookupRefused::Refused(word));
        }
        Answer::Refused(word) => {
            return Err(Stop::unknown(format!("the login service: errcode {word}")).into());
        }
    };
    let owned = |name| {
        let found = present(name, text(&answer, name)).map_err(Stop::from)?;
        Ok::<_, Stop>(found.to_owned())
    };
    Ok(MiniProgramSession {
        payer_id: owned("openid")?,
        session_key: owned("session_key")?,
        union_id: text(&answer, "unionid").map(str::to_owned),
        expires_in_s: whole(&answer, "expires_in").unwrap_or(SESSION_LIFE_S),
    })
}

async fn exchange(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    path: &str,
    app_id: &str,
    code: (&str, &str),
) -> Result<Answer, Stop> {
    let base = address(account, "sns_url", SNS_URL);
    let secret = upstream.reveal(APP_SECRET)?;
    let pairs = query(&[
        ("appid", app_id),
        ("secret", &secret),
        code,
        ("grant_type", "authorization_code"),
    ]);
    let request = OutRequest {
        method: Method::GET,
        url: format!("{base}{path}?{pairs}"),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    // The transport's own words may quote the address, and the secret stands in it.
    let response = upstream
        .send(request, TIMEOUT_MS)
        .await
        .map_err(|_| Stop::unknown("the login service did not answer"))?;
    if response.status != 200 {
        let why = format!("the login service: HTTP {}", response.status);
        return Err(Stop::Unknown(why));
    }
    let answer: Value = serde_json::from_slice(&response.body)
        .map_err(|_| Stop::unknown("the login service did not answer JSON"))?;
    match answer.get("errcode") {
        Some(error) if error.as_i64() != Some(0) => Ok(Answer::Refused(short(&error.to_string()))),
        _ => Ok(Answer::Done(answer)),
    }
}
