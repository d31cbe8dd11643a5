//! Finds out who the payer is: the web login of Alipay. Source: ruling 45.

use heliu_ports::channel::Upstream;
use heliu_trade::directory::ChannelAccount;

use super::codes;
use super::gateway::{Answer, Call, call};
use crate::account::{optional, required};
use crate::answer::Stop;
use crate::json::text;
use crate::text::query;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Where browsers are sent, unless the account says otherwise.
const OAUTH_URL: &str = "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm";

/// The login page; it asks nothing of the payer (`auth_base`).
pub(super) fn authorize_url(
    account: &ChannelAccount,
    return_url: &str,
    state: &str,
) -> Option<String> {
    let base = optional(account, "oauth_url").unwrap_or(OAUTH_URL);
    let pairs = query(&[
        ("app_id", required(account, "app_id").ok()?),
        ("scope", "auth_base"),
        ("redirect_uri", return_url),
        ("state", state),
    ]);
    Some(format!("{base}?{pairs}"))
}

/// The payer's user id, or open id where the application only gets that.
pub(super) async fn payer_id(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    code: &str,
) -> Result<String, Stop> {
    let exchange = Call {
        method: "alipay.system.oauth.token",
        timeout_ms: TIMEOUT_MS,
        parameters: vec![("grant_type", "authorization_code"), ("code", code)],
        content: None,
    };
    match call(upstream, account, exchange).await? {
        Answer::Done(answer) => text(&answer, "user_id")
            .or(text(&answer, "open_id"))
            .map(str::to_owned)
            .ok_or_else(|| Stop::unknown("the login named no user_id")),
        Answer::Waiting(_) => Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) => Err(Stop::Unknown(codes::unasked(&refusal).why)),
    }
}
