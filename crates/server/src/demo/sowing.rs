//! What all that is sown needs: the channel accounts at the sandbox, and the contracts of merchants
//! with them.

use std::collections::BTreeMap;

use heliu_office::channels::NewChannelAccount;
use heliu_office::merchants::NewContract;
use heliu_trade::funds::{AccountFunds, FundsMode};

use super::portals::Portals;

/// What small shops pay.
const FEE: &str = "0.38%";

pub(super) fn text_map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

pub(super) fn wechat(portals: &Portals) -> NewChannelAccount {
    let account = &portals.wechat;
    let sandbox_url = &portals.base_url;
    let base_url = format!("{sandbox_url}/wechat");
    NewChannelAccount {
        channel_account_id: DIRECT.wechat.to_owned(),
        channel: Some("wechat_partner".to_owned()),
        settings: text_map(&[
            ("base_url", &base_url),
            ("oauth_url", &base_url),
            ("sns_url", &base_url),
            ("face_url", &base_url),
            ("sp_mchid", &account.sp_mchid),
            ("sp_appid", &account.sp_appid),
            ("merchant_serial_no", &account.merchant_serial_no),
            ("wechatpay_public_key_id", &account.wechatpay_public_key_id),
        ]),
        keys: text_map(&[
            ("api_v2", &account.api_v2_key),
            ("api_v3", &account.api_v3_key),
            ("merchant_private", &account.merchant_private_key_pem),
            ("wechatpay_public", &account.wechatpay_public_key_pem),
            ("app_secret", &account.sp_app_secret),
        ]),
    }
}

pub(super) fn alipay(portals: &Portals) -> NewChannelAccount {
    let account = &portals.alipay;
    let sandbox_url = &portals.base_url;
    NewChannelAccount {
        channel_account_id: DIRECT.alipay.to_owned(),
        channel: Some("alipay_isv".to_owned()),
        settings: text_map(&[
            ("gateway_url", &format!("{sandbox_url}/alipay/gateway.do")),
            (
                "oauth_url",
                &format!("{sandbox_url}/alipay/oauth2/publicAppAuthorize.htm"),
            ),
            ("app_id", &account.app_id),
            ("seller_id", &account.seller_id),
            ("isv_pid", &account.isv_pid),
        ]),
        keys: text_map(&[
            ("app_private", &account.app_private_key_pem),
            ("alipay_public", &account.alipay_public_key_pem),
        ]),
    }
}

pub(super) fn unionpay(portals: &Portals) -> NewChannelAccount {
    let account = &portals.unionpay;
    let sandbox_url = &portals.base_url;
    let base_url = format!("{sandbox_url}/unionpay");
    NewChannelAccount {
        channel_account_id: DIRECT.unionpay.to_owned(),
        channel: Some("unionpay_partner".to_owned()),
        settings: text_map(&[
            ("base_url", &base_url),
            ("qr_url", &base_url),
            ("serProvId", &account.ser_prov_id),
            // The cashier page asks who pays before a contract is looked at.
            ("merId", &account.mer_id),
        ]),
        keys: text_map(&[
            ("provider_private", &account.provider_private_key_pem),
            ("unionpay_public", &account.unionpay_public_key_pem),
        ]),
    }
}

/// A wallet's account of this id whose money comes to the platform, which pays it on.
pub(super) fn held(mut account: NewChannelAccount, id: &str) -> NewChannelAccount {
    id.clone_into(&mut account.channel_account_id);
    let mode = FundsMode::Held.as_str().to_owned();
    account.settings.insert(AccountFunds::MODE.to_owned(), mode);
    account
}

/// The bank that pays merchants out.
pub(super) fn bank(portals: &Portals) -> NewChannelAccount {
    let account = &portals.bank;
    let base_url = format!("{}/payout_bank", portals.base_url);
    NewChannelAccount {
        channel_account_id: "bank-sandbox".to_owned(),
        channel: Some("sandbox_bank".to_owned()),
        settings: text_map(&[
            ("base_url", &base_url),
            ("customer_no", &account.customer_no),
        ]),
        keys: text_map(&[("bank_hmac", &account.hmac_key)]),
    }
}

/// The accounts of a merchant whom the wallets pay themselves.
pub(super) const DIRECT: Accounts = Accounts {
    wechat: "wechat-sandbox",
    alipay: "alipay-sandbox",
    unionpay: "unionpay-sandbox",
};
/// The accounts of a merchant whom the platform pays.
pub(super) const HELD: Accounts = Accounts {
    wechat: "wechat-held-sandbox",
    alipay: "alipay-held-sandbox",
    unionpay: "unionpay-held-sandbox",
};

/// The account of each wallet that a merchant's payments go through.
pub(super) struct Accounts {
    pub(super) wechat: &'static str,
    pub(super) alipay: &'static str,
    pub(super) unionpay: &'static str,
}

/// A merchant's contracts with all wallets; `wechat_app` is its own app there, if it has one.
pub(super) fn contracts(
    portals: &Portals,
    accounts: &Accounts,
    wechat_app: Option<&str>,
) -> Vec<NewContract> {
    let fee = || FEE.to_owned();
    vec![
        NewContract {
            wallet: "wechat".to_owned(),
            channel_account_id: accounts.wechat.to_owned(),
            sub_merchant_id: portals.wechat.sub_mchid.clone(),
            sub_app_id: wechat_app.map(str::to_owned),
            fee: fee(),
        },
        NewContract {
            wallet: "alipay".to_owned(),
            channel_account_id: accounts.alipay.to_owned(),
            sub_merchant_id: portals.alipay.seller_id.clone(),
            sub_app_id: None,
            fee: fee(),
        },
        NewContract {
            wallet: "unionpay".to_owned(),
            channel_account_id: accounts.unionpay.to_owned(),
            sub_merchant_id: portals.unionpay.mer_id.clone(),
            sub_app_id: None,
            fee: fee(),
        },
    ]
}

/// What goes with those contracts whose channel wants it.
pub(super) fn tokens(portals: &Portals) -> BTreeMap<String, String> {
    text_map(&[("alipay", &portals.alipay.app_auth_token)])
}
