//! WeChat Pay in partner mode: v2 where a payment code or the old page form needs it, v3 for the
//! rest.
//!
//! Which family an attempt uses is fixed by its plan and remembered in its route (ruling 41): `v2`
//! for payment codes and for pages, mini programs and apps of the merchant, `face` for faces, `v3`
//! for our own cashier page and for codes to scan. Refunds go through v3 unless the account says
//! otherwise. Sources of each rule: `README.md` beside this file.

mod callback;
mod certificates;
mod close;
mod codes;
mod evidence;
mod face;
mod notes;
mod party;
mod pay;
mod payer;
mod payer_of_code;
mod prepay;
mod query;
mod query_refund;
mod refund;
mod reverse;
mod sale;
mod sign;
mod sns;
mod v2;
mod v3;
mod xml;

use heliu_ports::channel::{ChannelDescriptor, Plan, UpstreamScene};
use heliu_ports::setting::{Setting, SettingForm};
use heliu_trade::wallet::WalletKind;

use crate::protocol::{FaceTable, KeysTable, LoginTable, LookupTable, Protocol, SessionTable};

const ID: &str = "wechat_partner";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "微信支付（服务商）",
    settings: &[
        Setting::required(
            "base_url",
            SettingForm::Address,
            "https://api.mch.weixin.qq.com, or another address; a path in it is signed too",
        ),
        Setting::optional(
            "oauth_url",
            SettingForm::Address,
            "where browsers are sent to log in; default https://open.weixin.qq.com",
        ),
        Setting::optional(
            "sns_url",
            SettingForm::Address,
            "where login codes are exchanged; default https://api.weixin.qq.com",
        ),
        Setting::required(
            "sp_mchid",
            SettingForm::Digits(8, 32),
            "merchant number of the service provider",
        ),
        Setting::required(
            "sp_appid",
            SettingForm::Word(6, 32),
            "app id of the service provider",
        ),
        Setting::optional(
            "face_appid",
            SettingForm::Word(6, 32),
            "app id of the service provider for face pay, where it differs from sp_appid",
        ),
        Setting::optional(
            "face_url",
            SettingForm::Address,
            "where terminals' credentials are given; default https://payapp.weixin.qq.com",
        ),
        Setting::required(
            "merchant_serial_no",
            SettingForm::Hex(8, 64),
            "serial number of the merchant certificate, upper-case hex",
        ),
        Setting::optional(
            "wechatpay_public_key_id",
            SettingForm::Word(8, 64),
            "PUB_KEY_ID_..., names the key wechatpay_public; leave both out where WeChat signs by platform \
             certificates",
        ),
        Setting::optional(
            "refund_api",
            SettingForm::OneOf(&["v3", "v2"]),
            "v3 (default) or v2, which needs the client certificate",
        ),
    ],
    keys: &[
        ("api_v2", "APIv2 key, 32 ASCII characters"),
        ("api_v3", "APIv3 key, 32 ASCII bytes (AES-256-GCM)"),
        (
            "merchant_private",
            "merchant private key, RSA, PKCS#8 PEM; signs",
        ),
        (
            "app_secret",
            "secret of sp_appid, or of the mini program whose account this is, as text; sent when a login \
             code is exchanged",
        ),
    ],
    optional_keys: &[
        (
            "wechatpay_public",
            "WeChat Pay public key, RSA, SPKI PEM; verifies what is signed under wechatpay_public_key_id. Without \
             both the account is one that WeChat signs for by platform certificates",
        ),
        (
            "client_certificate",
            "apiclient_cert.pem and apiclient_key.pem in one text; v2 reversals and refunds are made with it, \
             unless a proxy of yours adds it",
        ),
    ],
    named_keys: &[(
        "wechatpay_public",
        "another key that verifies WeChat's messages, by its serial: a platform certificate (wechatpay_public/SERIAL=\
         @wechatpay_SERIAL.pem) or a further public key (wechatpay_public/PUB_KEY_ID_...); certificates are fetched \
         by themselves where WeChat gives them",
    )],
    contract_keys: &[],
    check_sub_merchant_id: |_| Ok(()),
    source: "pay.weixin.qq.com/doc/v3/partner and pay.weixin.qq.com/wiki/doc/api; channel notes 1",
};

/// The channel. It has no state.
pub(crate) static PROTOCOL: Protocol = Protocol {
    descriptor: &DESCRIPTOR,
    plan,
    provider_names: party::provider_names,
    pay: |upstream, order, code| Box::pin(pay::pay(upstream, order, code)),
    prepay: |upstream, order| Box::pin(prepay::prepay(upstream, order)),
    query: |upstream, order| Box::pin(query::query(upstream, order)),
    reverse: |upstream, order| Box::pin(reverse::reverse(upstream, order)),
    close: |upstream, order| Box::pin(close::close(upstream, order)),
    refund: |upstream, order, refund| Box::pin(refund::refund(upstream, order, refund)),
    query_refund: |upstream, order, refund| {
        Box::pin(query_refund::query_refund(upstream, order, refund))
    },
    callback: callback::read,
    acknowledge: callback::acknowledge,
    logins: Some(LoginTable {
        authorize_url: payer::authorize_url,
        authorize_parameter: "code",
        payer_id: |upstream, account, code| Box::pin(payer::payer_id(upstream, account, code)),
    }),
    face_kits: Some(FaceTable(|upstream, account, contract, request| {
        Box::pin(face::credential(upstream, account, contract, request))
    })),
    mini_programs: Some(SessionTable(|upstream, account, app_id, code| {
        Box::pin(sns::mini_program_session(upstream, account, app_id, code))
    })),
    key_publisher: Some(KeysTable(|upstream, account| {
        Box::pin(certificates::published_keys(upstream, account))
    })),
    payer_codes: Some(LookupTable(|upstream, account, contract, request| {
        Box::pin(payer_of_code::payer_of_code(
            upstream, account, contract, request,
        ))
    })),
    payouts: None,
    payout_files: None,
};

/// Gap between two queries, in ms (channel notes 1.16).
const QUERY_GAP_MS: i64 = 5_000;
/// Earliest reversal after the payment call, in ms (channel notes 1.16).
const REVERSE_AFTER_MS: i64 = 15_000;
/// Gap between two refunds of one order, in ms (channel notes 1.7).
const REFUND_GAP_MS: i64 = 60_000;
/// Refunds that one order takes (channel notes 1.7).
const REFUND_COUNT_MAX: u32 = 50;

fn plan(wallet: WalletKind, scene: UpstreamScene) -> Option<Plan> {
    let (api, reverses_by_call) = match scene {
        UpstreamScene::Barcode => (v2::API, true),
        UpstreamScene::Face => (v2::FACE_API, true),
        UpstreamScene::MerchantPage | UpstreamScene::MiniProgram | UpstreamScene::App => {
            (v2::API, false)
        }
        UpstreamScene::CashierPage | UpstreamScene::Native => (v3::API, false),
    };
    (wallet == WalletKind::Wechat).then_some(Plan {
        api,
        query_gap_ms: QUERY_GAP_MS,
        reverse_after_ms: if reverses_by_call {
            REVERSE_AFTER_MS
        } else {
            0
        },
        refund_gap_ms: REFUND_GAP_MS,
        refund_count_max: REFUND_COUNT_MAX,
        reverses_by_call,
    })
}
