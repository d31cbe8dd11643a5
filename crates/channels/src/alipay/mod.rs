//! Alipay's open platform, acting for merchants by their authorisation (ISV mode), with plain keys.
//!
//! The route's `sub_merchant_id` is the merchant's partner id (PID or smid), which may be told.
//! What names the merchant in a call is its `app_auth_token`: a secret, a key of the contract, sent
//! in bodies only. Sources of each rule: `README.md` beside this file.

mod biz;
mod callback;
mod close;
mod codes;
mod envelope;
mod evidence;
mod gateway;
mod notes;
mod pay;
mod payer;
mod prepay;
mod query;
mod query_refund;
mod refund;
mod reverse;
mod sign;
mod transfer;

use heliu_ports::channel::{ChannelDescriptor, Plan, UpstreamScene};
use heliu_ports::setting::{Setting, SettingForm};
use heliu_trade::wallet::WalletKind;

use crate::payout_table::PayoutTable;
use crate::protocol::{LoginTable, Protocol};

const ID: &str = "alipay_isv";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "支付宝（服务商）",
    settings: &[
        Setting::required(
            "gateway_url",
            SettingForm::Address,
            "https://openapi.alipay.com/gateway.do, or another full address",
        ),
        Setting::optional(
            "oauth_url",
            SettingForm::Address,
            "full address of publicAppAuthorize.htm, where browsers are sent to log in",
        ),
        Setting::required(
            "app_id",
            SettingForm::Digits(8, 32),
            "id of the application that signs",
        ),
        Setting::optional(
            "seller_id",
            SettingForm::Digits(16, 16),
            "the merchant's partner id; leave it out where an account serves several",
        ),
        Setting::optional(
            "isv_pid",
            SettingForm::Digits(16, 16),
            "the vendor's partner id, sent as sys_service_provider_id",
        ),
        Setting::optional(
            "app_cert_sn",
            SettingForm::Hex(32, 32),
            "number of the application's certificate; Alipay wants it for transfers",
        ),
        Setting::optional(
            "alipay_root_cert_sn",
            SettingForm::Text,
            "numbers of Alipay's root certificates, joined by underscores; goes with app_cert_sn",
        ),
        Setting::optional(
            "transfer_title",
            SettingForm::Text,
            "what payees read as the title of a payout; 结算款 by default",
        ),
    ],
    keys: &[
        (
            "app_private",
            "the application's private key, RSA, PKCS#8 PEM; signs",
        ),
        (
            "alipay_public",
            "Alipay's public key, RSA, SPKI PEM; verifies",
        ),
    ],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[(
        "app_auth_token",
        "the token by which the merchant lets this application act for it, as text",
    )],
    check_sub_merchant_id: check_partner_id,
    source: "opendocs.alipay.com/open; channel notes 2",
};

/// The channel. It has no state.
pub(crate) static PROTOCOL: Protocol = Protocol {
    descriptor: &DESCRIPTOR,
    plan,
    provider_names: biz::provider_names,
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
        authorize_parameter: "auth_code",
        payer_id: |upstream, account, code| Box::pin(payer::payer_id(upstream, account, code)),
    }),
    face_kits: None,
    mini_programs: None,
    key_publisher: None,
    payer_codes: None,
    payouts: Some(PayoutTable {
        send: |upstream, payout| Box::pin(transfer::send(upstream, payout)),
        query: |upstream, payout| Box::pin(transfer::query(upstream, payout)),
    }),
    payout_files: None,
};

/// Merchants are known by their PID or smid. A token has letters, too, so it cannot be entered in
/// its place.
fn check_partner_id(text: &str) -> Result<(), &'static str> {
    if is_partner_id(text) {
        Ok(())
    } else {
        Err("a merchant of Alipay is known by its PID or smid: 16 digits that begin with 2088")
    }
}

/// Whether a text is a partner id; payers have such ids too.
fn is_partner_id(text: &str) -> bool {
    text.len() == 16 && text.starts_with("2088") && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Gap between two queries, in ms (channel notes 2.6: 3 to 5 s).
const QUERY_GAP_MS: i64 = 3_000;
/// Earliest reversal of a payment by code after its call, in ms (ruling 13).
const REVERSE_AFTER_MS: i64 = 15_000;
/// Refunds that one order takes: a cap of our own.
const REFUND_COUNT_MAX: u32 = 50;

fn plan(wallet: WalletKind, scene: UpstreamScene) -> Option<Plan> {
    let (api, reverse_after_ms) = match scene {
        UpstreamScene::Barcode => (biz::PAY, REVERSE_AFTER_MS),
        UpstreamScene::MerchantPage | UpstreamScene::CashierPage | UpstreamScene::MiniProgram => {
            (biz::CREATE, 0)
        }
        UpstreamScene::Native => (biz::PRECREATE, 0),
        // To come (ruling 46).
        UpstreamScene::Face | UpstreamScene::App => return None,
    };
    (wallet == WalletKind::Alipay).then_some(Plan {
        api,
        query_gap_ms: QUERY_GAP_MS,
        reverse_after_ms,
        refund_gap_ms: 0,
        refund_count_max: REFUND_COUNT_MAX,
        // Cancel works on any order, paid or not, known or not (channel notes 2.5).
        reverses_by_call: true,
    })
}
