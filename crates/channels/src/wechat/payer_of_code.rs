//! Who shows a payment code: v2 authcodetoopenid. The code is the merchant's from then on, until it
//! refreshes. Source: channel notes 1.20.

use heliu_ports::channel::{LookupRefused, Upstream};
use heliu_trade::command::{PayerFound, PayerLookup};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::wallet::WalletKind;

use super::codes;
use super::party::{Parties, base_url};
use super::sign::V2Digest;
use super::v2::{self, Answer};
use crate::answer::{Stop, present, short};

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;

/// The payer's id under the merchant's own app if one is asked about, else under the service
/// provider's.
pub(super) async fn payer_of_code(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    contract: &Contract,
    request: &PayerLookup,
) -> Result<PayerFound, LookupRefused> {
    if request.wallet != WalletKind::Wechat {
        return Err(LookupRefused::Unsupported);
    }
    let parties = Parties::under_app(account, contract, request.app_id.as_deref())?;
    let url = format!("{}/tools/authcodetoopenid", base_url(account)?);
    let fields = v2::fields(&[("auth_code", request.code.clone())]);
    let digest = V2Digest::Md5;
    match v2::ask(upstream, url, &parties, fields, digest, TIMEOUT_MS).await? {
        Answer::Done(fields) => {
            let member = if parties.sub_appid.is_some() {
                "sub_openid"
            } else {
                "openid"
            };
            let found = present(member, v2::field(&fields, member)).map_err(Stop::from)?;
            Ok(PayerFound {
                payer_id: found.to_owned(),
            })
        }
        Answer::Refused(code) if codes::refuses_lookup(&code) => {
            Err(LookupRefused::Refused(short(&code)))
        }
        Answer::Refused(code) => Err(LookupRefused::Unknown(codes::unasked(&code))),
    }
}
