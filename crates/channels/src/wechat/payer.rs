//! Finds out who the payer is: the web login of WeChat. Source: ruling 45.

use heliu_ports::channel::Upstream;
use heliu_trade::directory::ChannelAccount;

use super::party::address;
use super::sns;
use crate::account::required;
use crate::answer::Stop;
use crate::text::query;

/// Where browsers are sent, unless the account says otherwise.
const OAUTH_URL: &str = "https://open.weixin.qq.com";

/// The login page; it asks nothing of the payer (`snsapi_base`).
pub(super) fn authorize_url(
    account: &ChannelAccount,
    return_url: &str,
    state: &str,
) -> Option<String> {
    let base = address(account, "oauth_url", OAUTH_URL);
    let pairs = query(&[
        ("appid", required(account, "sp_appid").ok()?),
        ("redirect_uri", return_url),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", state),
    ]);
    Some(format!(
        "{base}/connect/oauth2/authorize?{pairs}#wechat_redirect"
    ))
}

/// The payer's openid under the service provider's app.
pub(super) async fn payer_id(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    code: &str,
) -> Result<String, Stop> {
    sns::payer_id(upstream, account, required(account, "sp_appid")?, code).await
}
