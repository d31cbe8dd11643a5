//! The credential with which a terminal's kit may look at faces: get_wxpayface_authinfo, at a host
//! of its own. Sources: channel notes 1.21;
//! `pay.weixin.qq.com/wiki/doc/wxfacepay/develop/android/faceuser.html` for the words of
//! `return_code`.
//!
//! The answer has no `result_code`: what is not SUCCESS is a refusal, and unsigned. It moves no
//! money, so it is believed, except where it is not about what was asked.

use heliu_ports::channel::{LookupRefused, Upstream};
use heliu_trade::command::{FaceCredential, FaceCredentialReply};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::time::SECOND_MS;
use heliu_trade::wallet::WalletKind;

use super::party::{Parties, address};
use super::sign::V2Digest;
use super::xml::Fields;
use super::{codes, v2};
use crate::answer::{Stop, present, short};
use crate::json::digits;

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
/// Where credentials are given, unless the account says otherwise.
const FACE_URL: &str = "https://payapp.weixin.qq.com";
/// How long a credential holds where the answer does not say, in s: the document's example.
const LIFE_S: i64 = 3_600;

/// Changes nothing.
pub(super) async fn credential(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    contract: &Contract,
    request: &FaceCredential,
) -> Result<FaceCredentialReply, LookupRefused> {
    if request.wallet != WalletKind::Wechat {
        return Err(LookupRefused::Unsupported);
    }
    let parties = Parties::for_faces(account, contract)?;
    let fields = v2::fields(&[
        ("store_id", request.shop_id.clone()),
        ("store_name", request.shop_name.clone()),
        ("device_id", request.terminal_id.clone()),
        ("rawdata", request.raw_data.clone()),
        ("now", (upstream.now().as_ms() / SECOND_MS).to_string()),
        ("version", "1".to_owned()),
        ("sign_type", "MD5".to_owned()),
    ]);
    let base = address(account, "face_url", FACE_URL);
    let url = format!("{base}/face/get_wxpayface_authinfo");
    let answer = v2::send(upstream, url, &parties, fields, V2Digest::Md5, TIMEOUT_MS).await?;
    if v2::field(&answer, "return_code") != Some("SUCCESS") {
        return Err(refused(&answer));
    }
    v2::signed(upstream, &answer)?;
    v2::no_other_parties(&parties, &answer).map_err(Stop::from)?;
    let found = v2::field(&answer, "authinfo");
    let credential = present("authinfo", found).map_err(Stop::from)?;
    let expires_in_s = v2::field(&answer, "expires_in").and_then(digits);
    Ok(FaceCredentialReply {
        app_id: parties.provider.appid.to_owned(),
        sub_app_id: parties.sub_appid.map(str::to_owned),
        provider_merchant_no: parties.provider.mchid.to_owned(),
        sub_merchant_id: parties.sub_mchid.to_owned(),
        credential: credential.to_owned(),
        expires_in_s: expires_in_s.unwrap_or(LIFE_S),
    })
}

/// The refusal in the most exact word that there is.
fn refused(answer: &Fields) -> LookupRefused {
    let code = v2::field(answer, "return_code").filter(|code| *code != "FAIL");
    let word = v2::field(answer, "err_code")
        .or(code)
        .or(v2::field(answer, "return_msg"));
    match word {
        Some(word) if codes::refuses_lookup(word) => LookupRefused::Refused(short(word)),
        Some(word) => Stop::unknown(format!("the channel says {}", short(word))).into(),
        None => Stop::unknown("the transport failed: no return_msg").into(),
    }
}
