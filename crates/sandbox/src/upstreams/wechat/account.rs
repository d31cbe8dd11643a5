//! The service provider that is enrolled at WeChat, and the keys that both sides hold.

use serde::{Deserialize, Serialize};

use super::ID;
use super::keys::WechatKeys;
use crate::accounts::{Opened, PortalAccount};
use crate::book::Book;
use crate::crypto::{RsaKey, random_hex};
use crate::error::SandboxError;
use crate::store::Store;

/// The service provider's number; fixed so that transcripts are comparable.
pub(super) const SP_MCHID: &str = "1900007001";
/// The service provider's own app id.
pub(super) const SP_APPID: &str = "wx5a5a00000heliusp";
/// The sub-merchant that exists from the first start.
const SUB_MCHID: &str = "1900007109";
/// The sub-merchant's mini program; the documents' vectors use it.
const SUB_APPID: &str = "wx00000000fufudemo";

/// What WeChat's enrolment portal would hand to the service provider (channels.md 1, key material).
#[derive(Clone, Serialize, Deserialize)]
pub struct WechatAccount {
    /// The service provider's merchant number.
    pub sp_mchid: String,
    /// The service provider's app id.
    pub sp_appid: String,
    /// The secret with which login codes of `sp_appid` are exchanged.
    pub sp_app_secret: String,
    /// The first sub-merchant; more come from `POST /control/sub_merchants`.
    pub sub_mchid: String,
    /// An app id of the sub-merchant; any `wx[0-9a-z]{16}` is accepted in payments.
    pub sub_appid: String,
    /// The secret with which login codes of `sub_appid` are exchanged.
    pub sub_app_secret: String,
    /// PKCS#8 PEM; signs v3 requests and paySign.
    pub merchant_private_key_pem: String,
    /// Upper-case hex; names the merchant certificate.
    pub merchant_serial_no: String,
    /// 32 ASCII bytes; opens v3 notifications.
    pub api_v3_key: String,
    /// 32 ASCII characters; signs v2.
    pub api_v2_key: String,
    /// SPKI PEM; verifies v3 answers and notifications.
    pub wechatpay_public_key_pem: String,
    /// `PUB_KEY_ID_...`, the value of `Wechatpay-Serial`.
    pub wechatpay_public_key_id: String,
}

impl PortalAccount for WechatAccount {
    const UPSTREAM: &'static str = ID;
}

/// The keys of both sides.
pub(super) struct Keys {
    /// Signs v3 requests and paySign.
    pub(super) merchant: RsaKey,
    /// Names the merchant's certificate.
    pub(super) merchant_serial_no: String,
    /// Sign v3 answers and notifications.
    pub(super) own: WechatKeys,
    /// Opens v3 notifications.
    pub(super) api_v3: String,
    /// Signs v2.
    pub(super) api_v2: String,
}

/// Makes or finds the account.
pub(super) fn open(store: &Store) -> Result<Opened, SandboxError> {
    let secret = || random_hex(16);
    let sp_app_secret = store.kept("sp_app_secret", &secret)?;
    let sub_app_secret = store.kept("sub_app_secret", &secret)?;
    let public_key_id = store.kept("public_key_id", &|| {
        Ok(format!(
            "PUB_KEY_ID_01{SP_MCHID}2026010100{}",
            random_hex(5)?.to_uppercase()
        ))
    })?;
    store.set_app(SP_APPID, &sp_app_secret)?;
    store.set_app(SUB_APPID, &sub_app_secret)?;
    store.add_sub_merchant(ID, SUB_MCHID, SUB_MCHID)?;
    let serial_no = || Ok(random_hex(20)?.to_uppercase());
    let keys = Keys {
        merchant: store.kept_key("merchant_key")?,
        merchant_serial_no: store.kept("merchant_serial_no", &serial_no)?,
        own: WechatKeys::load(store, store.kept_key("wechatpay_key")?, public_key_id)?,
        api_v3: store.kept("api_v3_key", &secret)?,
        api_v2: store.kept("api_v2_key", &secret)?,
    };
    let account = WechatAccount {
        sp_mchid: SP_MCHID.to_owned(),
        sp_appid: SP_APPID.to_owned(),
        sp_app_secret,
        sub_mchid: SUB_MCHID.to_owned(),
        sub_appid: SUB_APPID.to_owned(),
        sub_app_secret,
        merchant_private_key_pem: keys.merchant.private_pem(),
        merchant_serial_no: keys.merchant_serial_no.clone(),
        api_v3_key: keys.api_v3.clone(),
        api_v2_key: keys.api_v2.clone(),
        wechatpay_public_key_pem: keys.own.public_pem(),
        wechatpay_public_key_id: keys.own.public_key_id.clone(),
    };
    Opened::new(keys, &account)
}

/// Enrols one more sub-merchant.
pub(super) fn enrol(book: &Book<'_>) -> Result<serde_json::Value, SandboxError> {
    let sub_mchid = format!("19{:08}", book.next_sequence()? % 100_000_000);
    book.add_sub_merchant(ID, &sub_mchid, &sub_mchid)?;
    Ok(serde_json::json!({"sub_mchid": sub_mchid, "sub_appid": SUB_APPID}))
}
