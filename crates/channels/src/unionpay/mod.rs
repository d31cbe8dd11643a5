//! UnionPay's QR codes over the JSON interfaces for service providers, one provider for many
//! merchants.
//!
//! The route's `sub_merchant_id` is the merchant's `merId`. There is no call that reverses: an
//! order in doubt is closed, and refunded if it turns out paid (ruling 47). What the public text
//! does not say is chosen here and kept in settings; sources of each rule: `README.md` beside this
//! file.

mod biz;
mod callback;
mod close;
mod codes;
mod evidence;
mod gateway;
mod message;
mod notes;
mod pay;
mod payer;
mod prepay;
mod query;
mod query_refund;
mod refund;
mod reverse;
mod sign;

use heliu_ports::channel::{ChannelDescriptor, Plan, UpstreamScene};
use heliu_ports::setting::{Setting, SettingForm};
use heliu_trade::wallet::WalletKind;

use crate::protocol::{LoginTable, LookupTable, Protocol};

const ID: &str = "unionpay_partner";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "银联二维码（服务商）",
    settings: &[
        Setting::optional(
            "base_url",
            SettingForm::Address,
            "where orders are made; default https://partner.95516.com",
        ),
        Setting::optional(
            "qr_url",
            SettingForm::Address,
            "where browsers are sent to be known; default https://qr.95516.com",
        ),
        Setting::required(
            "serProvId",
            SettingForm::Word(1, 32),
            "number of the service provider",
        ),
        Setting::optional(
            "merId",
            SettingForm::Word(1, 32),
            "the merchant, where contracts name none; leave it out where an account serves several",
        ),
        Setting::optional(
            "termId",
            SettingForm::Word(8, 8),
            "terminal of merchants who state none, 8 letters or digits; default 00000001",
        ),
        Setting::optional(
            "frontUrl",
            SettingForm::Address,
            "where the payer's browser goes after paying; not sent without it",
        ),
        Setting::optional(
            "user_id_path",
            SettingForm::Path,
            "where codes are exchanged for user ids; default /gateway/api/pay/getUserId",
        ),
        Setting::optional(
            "app_up_identifier",
            SettingForm::Text,
            "the payer's app where it does not tell itself; default UnionPay/1.0 CloudPay",
        ),
        Setting::optional(
            "expiry_member",
            SettingForm::Word(1, 64),
            "the member that carries an order's end, yyyyMMddHHmmss; default payTimeout; none: not sent",
        ),
        Setting::optional(
            "card_member",
            SettingForm::Word(1, 64),
            "the member that tells the card, 1 debit and 2 credit; default cardAttr",
        ),
        Setting::optional(
            "code_invalid",
            SettingForm::Words,
            "respCodes, with commas between, by which a payment code is refused as unreadable or expired; \
             default 61",
        ),
    ],
    keys: &[
        (
            "provider_private",
            "the service provider's private key, RSA, PKCS#8 PEM; signs",
        ),
        (
            "unionpay_public",
            "UnionPay's public key, RSA, SPKI PEM; verifies",
        ),
    ],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[],
    check_sub_merchant_id: |_| Ok(()),
    source: "open.unionpay.com, apiSvcId 468; channel notes 3.2, 3.8, 3.9",
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
        authorize_parameter: "userAuthCode",
        payer_id: |upstream, account, code| Box::pin(payer::payer_id(upstream, account, code)),
    }),
    face_kits: None,
    mini_programs: None,
    key_publisher: None,
    payer_codes: Some(LookupTable(|upstream, account, contract, request| {
        Box::pin(payer::payer_of_code(upstream, account, contract, request))
    })),
    payouts: None,
    payout_files: None,
};

/// Gap between two queries, in ms (channel notes 3.5: the first after 5 s).
const QUERY_GAP_MS: i64 = 5_000;
/// Earliest close of a payment by code after its call, in ms (ruling 13).
const REVERSE_AFTER_MS: i64 = 15_000;
/// Refunds that one order takes: a cap of our own.
const REFUND_COUNT_MAX: u32 = 50;

fn plan(wallet: WalletKind, scene: UpstreamScene) -> Option<Plan> {
    let (api, reverse_after_ms) = match scene {
        UpstreamScene::Barcode => (biz::MICROPAY, REVERSE_AFTER_MS),
        UpstreamScene::MerchantPage | UpstreamScene::CashierPage | UpstreamScene::Native => {
            (biz::UNIFIEDORDER, 0)
        }
        // These interfaces have no such thing.
        UpstreamScene::Face | UpstreamScene::MiniProgram | UpstreamScene::App => return None,
    };
    (wallet == WalletKind::Unionpay).then_some(Plan {
        api,
        query_gap_ms: QUERY_GAP_MS,
        reverse_after_ms,
        refund_gap_ms: 0,
        refund_count_max: REFUND_COUNT_MAX,
        reverses_by_call: false,
    })
}
