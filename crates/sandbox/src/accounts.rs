//! The enrolled service provider of each channel, and the keys both sides hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::crypto::{RsaKey, random_hex};
use crate::error::SandboxError;
use crate::store::Store;
use crate::wechat_keys::WechatKeys;

/// The service provider's number at WeChat; fixed so that transcripts are comparable.
pub(crate) const SP_MCHID: &str = "1900007001";
/// The service provider's own app id at WeChat.
pub(crate) const SP_APPID: &str = "wx5a5a00000heliusp";
/// The sub-merchant that exists from the first start.
pub(crate) const SUB_MCHID: &str = "1900007109";
/// The sub-merchant's mini program; the documents' vectors use it.
pub(crate) const SUB_APPID: &str = "wx00000000fufudemo";
/// The application at Alipay.
pub(crate) const ALIPAY_APP_ID: &str = "2021000000007001";
/// The software vendor's own partner id at Alipay.
pub(crate) const ISV_PID: &str = "2088000000007001";
/// The seller that exists from the first start.
pub(crate) const SELLER_ID: &str = "2088000000007109";
/// The service provider's number at UnionPay; `S` and digits, as public examples have it.
pub(crate) const SER_PROV_ID: &str = "S2026010110000007001";
/// The merchant at UnionPay that exists from the first start.
pub(crate) const MER_ID: &str = "777290000007109";

/// Where text messages are handed in.
pub(crate) const SMS_PATH: &str = "/sms";

/// What all portals would hand over: the platform's side of every key, which here protects nothing.
#[derive(Clone, Serialize, Deserialize)]
pub struct PortalKeys {
    /// Where the sandbox is reached, without a trailing slash; each channel has its folder there.
    pub base_url: String,
    /// WeChat's part.
    pub wechat: WechatAccount,
    /// Alipay's part.
    pub alipay: AlipayAccount,
    /// UnionPay's part.
    pub unionpay: UnionpayAccount,
    /// The part of the provider of text messages.
    pub sms: SmsAccount,
}

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

/// What Alipay's open platform would hand to the vendor in key mode (channels.md 2).
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayAccount {
    /// The application's id.
    pub app_id: String,
    /// PKCS#8 PEM; signs requests.
    pub app_private_key_pem: String,
    /// SPKI PEM; verifies answers and notifications.
    pub alipay_public_key_pem: String,
    /// The first merchant's authorisation; more come from `POST /control/sub_merchants`.
    pub app_auth_token: String,
    /// The first merchant's partner id.
    pub seller_id: String,
    /// The vendor's partner id.
    pub isv_pid: String,
}

/// What UnionPay would hand to the service provider (channels.md 3.8).
#[derive(Clone, Serialize, Deserialize)]
pub struct UnionpayAccount {
    /// `serProvId`, the service provider's number.
    pub ser_prov_id: String,
    /// `merId` of the first merchant; more come from `POST /control/sub_merchants`.
    pub mer_id: String,
    /// PKCS#8 PEM; signs requests. In the world it comes in a `.pfx` file (channels.md 3.6).
    pub provider_private_key_pem: String,
    /// SPKI PEM; verifies answers and notifications.
    pub unionpay_public_key_pem: String,
}

/// What a provider of text messages would hand to its customer.
#[derive(Clone, Serialize, Deserialize)]
pub struct SmsAccount {
    /// Where messages are handed in.
    pub url: String,
    /// The bearer token that goes with each.
    pub token: String,
}

/// All secrets of both sides, loaded once.
pub(crate) struct Accounts {
    pub(crate) merchant: RsaKey,
    pub(crate) wechat_keys: WechatKeys,
    pub(crate) app: RsaKey,
    pub(crate) alipay_key: RsaKey,
    pub(crate) provider: RsaKey,
    pub(crate) unionpay_key: RsaKey,
    pub(crate) sp_app_secret: String,
    pub(crate) sub_app_secret: String,
    pub(crate) merchant_serial_no: String,
    pub(crate) api_v3_key: String,
    pub(crate) api_v2_key: String,
    pub(crate) sms_token: String,
    first_token: String,
}

impl Accounts {
    /// Loads the accounts, or makes them at the first start.
    pub(crate) fn load(store: &Store) -> Result<Self, SandboxError> {
        let text = |name: &str,
                    make: &dyn Fn() -> Result<String, SandboxError>|
         -> Result<String, SandboxError> {
            if let Some(value) = store.setting(name)? {
                return Ok(value);
            }
            let value = make()?;
            store.set_setting(name, &value)?;
            Ok(value)
        };
        let key = |name: &str| -> Result<RsaKey, SandboxError> {
            let stored = text(name, &|| Ok(STANDARD.encode(RsaKey::generate()?)))?;
            let der = STANDARD
                .decode(stored)
                .map_err(|_| SandboxError::Key("a stored key is not Base64"))?;
            RsaKey::from_pkcs8(&der)
        };
        let first_token = text("app_auth_token", &|| {
            Ok(format!("202601BB{}", random_hex(16)?))
        })?;
        let sp_app_secret = text("sp_app_secret", &|| random_hex(16))?;
        let sub_app_secret = text("sub_app_secret", &|| random_hex(16))?;
        let public_key_id = text("public_key_id", &|| {
            Ok(format!(
                "PUB_KEY_ID_01{SP_MCHID}2026010100{}",
                random_hex(5)?.to_uppercase()
            ))
        })?;
        store.set_app(SP_APPID, &sp_app_secret)?;
        store.set_app(SUB_APPID, &sub_app_secret)?;
        store.add_sub_merchant("wechat", SUB_MCHID, SUB_MCHID)?;
        store.add_sub_merchant("alipay", &first_token, SELLER_ID)?;
        store.add_sub_merchant("unionpay", MER_ID, MER_ID)?;
        Ok(Self {
            merchant: key("merchant_key")?,
            wechat_keys: WechatKeys::load(store, key("wechatpay_key")?, public_key_id)?,
            app: key("app_key")?,
            alipay_key: key("alipay_key")?,
            provider: key("provider_key")?,
            unionpay_key: key("unionpay_key")?,
            sp_app_secret,
            sub_app_secret,
            merchant_serial_no: text("merchant_serial_no", &|| Ok(random_hex(20)?.to_uppercase()))?,
            api_v3_key: text("api_v3_key", &|| random_hex(16))?,
            api_v2_key: text("api_v2_key", &|| random_hex(16))?,
            sms_token: text("sms_token", &|| random_hex(16))?,
            first_token,
        })
    }

    fn wechat(&self) -> WechatAccount {
        WechatAccount {
            sp_mchid: SP_MCHID.to_owned(),
            sp_appid: SP_APPID.to_owned(),
            sp_app_secret: self.sp_app_secret.clone(),
            sub_mchid: SUB_MCHID.to_owned(),
            sub_appid: SUB_APPID.to_owned(),
            sub_app_secret: self.sub_app_secret.clone(),
            merchant_private_key_pem: self.merchant.private_pem(),
            merchant_serial_no: self.merchant_serial_no.clone(),
            api_v3_key: self.api_v3_key.clone(),
            api_v2_key: self.api_v2_key.clone(),
            wechatpay_public_key_pem: self.wechat_keys.public_pem(),
            wechatpay_public_key_id: self.wechat_keys.public_key_id.clone(),
        }
    }

    /// All of them, for whoever reaches the sandbox at `base_url`.
    pub(crate) fn portal_keys(&self, base_url: &str) -> PortalKeys {
        PortalKeys {
            base_url: base_url.to_owned(),
            wechat: self.wechat(),
            alipay: self.alipay(),
            unionpay: self.unionpay(),
            sms: SmsAccount {
                url: format!("{base_url}{}", SMS_PATH),
                token: self.sms_token.clone(),
            },
        }
    }

    fn unionpay(&self) -> UnionpayAccount {
        UnionpayAccount {
            ser_prov_id: SER_PROV_ID.to_owned(),
            mer_id: MER_ID.to_owned(),
            provider_private_key_pem: self.provider.private_pem(),
            unionpay_public_key_pem: self.unionpay_key.public_pem(),
        }
    }

    fn alipay(&self) -> AlipayAccount {
        AlipayAccount {
            app_id: ALIPAY_APP_ID.to_owned(),
            app_private_key_pem: self.app.private_pem(),
            alipay_public_key_pem: self.alipay_key.public_pem(),
            app_auth_token: self.first_token.clone(),
            seller_id: SELLER_ID.to_owned(),
            isv_pid: ISV_PID.to_owned(),
        }
    }
}
