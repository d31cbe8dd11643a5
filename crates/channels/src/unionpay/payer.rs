//! Finds out who the payer is: the browser inside the wallet brings a code, which is exchanged for
//! the payer's id. Source: channel notes 3.9.
//!
//! The wire knows no state: the state stands in the address of the return, which comes back as it
//! went.

use heliu_ports::channel::{LookupRefused, Upstream};
use heliu_trade::command::{PayerFound, PayerLookup};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::wallet::WalletKind;

use super::biz::mer_id;
use super::codes;
use super::gateway::{Answer, Call, call};
use crate::account::optional;
use crate::answer::{Stop, present};
use crate::json::text;
use crate::text::query;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Where browsers are sent, unless the account says otherwise.
const QR_URL: &str = "https://qr.95516.com";
/// Where codes are exchanged, unless the account says otherwise.
const USER_ID_PATH: &str = "/gateway/api/pay/getUserId";
/// The payer's app, unless the account or the browser says otherwise.
const APP_UP_IDENTIFIER: &str = "UnionPay/1.0 CloudPay";
/// By which a browser tells the payer's app.
const BROWSER_MARK: &str = "UnionPay/";

/// The page that knows the payer; it asks nothing.
pub(super) fn authorize_url(
    account: &ChannelAccount,
    return_url: &str,
    state: &str,
) -> Option<String> {
    let base = optional(account, "qr_url").unwrap_or(QR_URL);
    let separator = if return_url.contains('?') { '&' } else { '?' };
    let return_url = format!("{return_url}{separator}{}", query(&[("state", state)]));
    let pairs = query(&[("version", "1.0.0"), ("redirectUrl", &return_url)]);
    Some(format!(
        "{}/qrcGtwWeb-web/api/userAuth?{pairs}",
        base.trim_end_matches('/')
    ))
}

/// The payer's user id.
pub(super) async fn payer_id(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    code: &str,
) -> Result<String, Stop> {
    let mer_id = optional(account, "merId");
    match exchange(upstream, account, mer_id, code, None).await? {
        Answer::Done(answer) => Ok(present("userId", text(&answer, "userId"))?.to_owned()),
        Answer::Refused(code) => Err(Stop::Unknown(codes::unasked(&code).why)),
    }
}

/// The user id of a payer whose browser brought a code to a merchant's own page.
pub(super) async fn payer_of_code(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    contract: &Contract,
    request: &PayerLookup,
) -> Result<PayerFound, LookupRefused> {
    if request.wallet != WalletKind::Unionpay {
        return Err(LookupRefused::Unsupported);
    }
    let mer_id = mer_id(account, &contract.sub_merchant_id)?;
    let app = request.user_agent.as_deref().and_then(app_up_identifier);
    match exchange(upstream, account, Some(mer_id), &request.code, app).await? {
        Answer::Done(answer) => {
            let found = present("userId", text(&answer, "userId")).map_err(Stop::from)?;
            Ok(PayerFound {
                payer_id: found.to_owned(),
            })
        }
        Answer::Refused(code) if codes::refuses_lookup(&code) => Err(LookupRefused::Refused(code)),
        Answer::Refused(code) => Err(LookupRefused::Unknown(codes::unasked(&code))),
    }
}

async fn exchange(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    mer_id: Option<&str>,
    code: &str,
    app: Option<String>,
) -> Result<Answer, Stop> {
    if code.is_empty() {
        return Err(Stop::unknown("the browser brought no code"));
    }
    let ours = || {
        optional(account, "app_up_identifier")
            .unwrap_or(APP_UP_IDENTIFIER)
            .to_owned()
    };
    let exchange = Call {
        path: optional(account, "user_id_path").unwrap_or(USER_ID_PATH),
        timeout_ms: TIMEOUT_MS,
        content: vec![
            ("userAuthCode", unblanked(code)),
            ("appUpIdentifier", app.unwrap_or_else(ours)),
        ],
    };
    call(upstream, account, mer_id, exchange).await
}

/// `UnionPay/<version> <app>`, as the browser says it; none if it does not.
fn app_up_identifier(user_agent: &str) -> Option<String> {
    let (_, rest) = user_agent.split_once(BROWSER_MARK)?;
    let mut words = rest.split_whitespace();
    let version = words.next()?;
    let app: String = words
        .next()?
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    (!app.is_empty()).then(|| format!("{BROWSER_MARK}{version} {app}"))
}

/// Codes and ids have the letters of Base64, and a plus in an address or a form is read as a blank.
pub(super) fn unblanked(id: &str) -> String {
    id.trim().replace(' ', "+")
}
