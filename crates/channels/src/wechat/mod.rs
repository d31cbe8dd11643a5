//! WeChat Pay in partner mode: v2 where a payment code or the old page form needs it, v3 for the rest.
//!
//! Which family an attempt uses is fixed by its plan and remembered in its route (ruling 41): `v2` for
//! payment codes and pages of the merchant, `v3` for our own cashier page and for codes to scan. Refunds
//! go through v3 unless the account says otherwise. Sources of each rule: `README.md` beside this file.

mod callback;
mod close;
mod codes;
mod evidence;
mod party;
mod pay;
mod payer;
mod prepay;
mod query;
mod query_refund;
mod refund;
mod reverse;
mod sign;
mod v2;
mod v3;
mod xml;

use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Channel, ChannelDescriptor, ChannelOrder, ChannelRefund, Plan,
    PrepayResult, Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{CloseResult, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::WalletKind;

const ID: &str = "wechat_partner";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "微信支付（服务商）",
    settings: &[
        (
            "base_url",
            "https://api.mch.weixin.qq.com, or another address; a path in it is signed too",
        ),
        (
            "oauth_url",
            "where browsers are sent to log in; default https://open.weixin.qq.com",
        ),
        (
            "sns_url",
            "where login codes are exchanged; default https://api.weixin.qq.com",
        ),
        ("sp_mchid", "merchant number of the service provider"),
        ("sp_appid", "app id of the service provider"),
        (
            "merchant_serial_no",
            "serial number of the merchant certificate, upper-case hex",
        ),
        (
            "wechatpay_public_key_id",
            "PUB_KEY_ID_..., names the key that verifies v3 messages",
        ),
        (
            "refund_api",
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
            "wechatpay_public",
            "WeChat Pay public key, RSA, SPKI PEM; verifies",
        ),
        (
            "app_secret",
            "secret of sp_appid, as text; sent when a login code is exchanged",
        ),
    ],
    source: "pay.weixin.qq.com/doc/v3/partner and pay.weixin.qq.com/wiki/doc/api; channel notes 1",
};

/// The channel. It has no state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WechatPartner;

/// Gap between two queries, in ms (channel notes 1.16).
const QUERY_GAP_MS: i64 = 5_000;
/// Earliest reversal after the payment call, in ms (channel notes 1.16).
const REVERSE_AFTER_MS: i64 = 15_000;
/// Gap between two refunds of one order, in ms (channel notes 1.7).
const REFUND_GAP_MS: i64 = 60_000;
/// Refunds that one order takes (channel notes 1.7).
const REFUND_COUNT_MAX: u32 = 50;

impl Channel for WechatPartner {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        &DESCRIPTOR
    }

    fn plan(
        &self,
        _account: &ChannelAccount,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Option<Plan> {
        let is_barcode = scene == UpstreamScene::Barcode;
        let api = match scene {
            UpstreamScene::Barcode | UpstreamScene::MerchantPage => v2::API,
            UpstreamScene::CashierPage | UpstreamScene::Native => v3::API,
        };
        (wallet == WalletKind::Wechat).then_some(Plan {
            api,
            query_gap_ms: QUERY_GAP_MS,
            reverse_after_ms: if is_barcode { REVERSE_AFTER_MS } else { 0 },
            refund_gap_ms: REFUND_GAP_MS,
            refund_count_max: REFUND_COUNT_MAX,
            reverses_by_call: is_barcode,
        })
    }

    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        Box::pin(pay::pay(upstream, order, auth_code))
    }

    fn prepay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        Box::pin(prepay::prepay(upstream, order))
    }

    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict> {
        Box::pin(query::query(upstream, order))
    }

    fn reverse<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        Box::pin(reverse::reverse(upstream, order))
    }

    fn close<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        Box::pin(close::close(upstream, order))
    }

    fn refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(refund::refund(upstream, order, refund))
    }

    fn query_refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(query_refund::query_refund(upstream, order, refund))
    }

    fn callback(
        &self,
        upstream: &dyn Upstream,
        order: &ChannelOrder<'_>,
        request: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused> {
        callback::read(upstream, order, request)
    }

    fn acknowledge(
        &self,
        request: &WireRequest,
        outcome: Result<(), &CallbackRefused>,
    ) -> WireResponse {
        callback::acknowledge(request, outcome)
    }

    fn authorize_url(
        &self,
        account: &ChannelAccount,
        return_url: &str,
        state: &str,
    ) -> Option<String> {
        payer::authorize_url(account, return_url, state)
    }

    fn authorize_parameter(&self) -> &'static str {
        "code"
    }

    fn payer_id<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        code: &'a str,
    ) -> BoxFuture<'a, Result<String, Unknown>> {
        Box::pin(payer::payer_id(upstream, account, code))
    }
}
