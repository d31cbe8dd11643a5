//! Alipay's open platform, acting for merchants by their authorisation (ISV mode), with plain keys.
//!
//! The route's `sub_merchant_id` is the merchant's `app_auth_token`, since that is what names the merchant
//! in every call; it is worth as much as a secret and is sent in bodies only. Sources of each rule:
//! `README.md` beside this file.

mod biz;
mod callback;
mod close;
mod codes;
mod envelope;
mod evidence;
mod gateway;
mod pay;
mod payer;
mod prepay;
mod query;
mod query_refund;
mod refund;
mod reverse;
mod sign;

use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Channel, ChannelDescriptor, ChannelOrder, ChannelRefund, Plan,
    PrepayResult, Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{CloseResult, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::WalletKind;

const ID: &str = "alipay_isv";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "支付宝（服务商）",
    settings: &[
        (
            "gateway_url",
            "https://openapi.alipay.com/gateway.do, or another full address",
        ),
        (
            "oauth_url",
            "full address of publicAppAuthorize.htm, where browsers are sent to log in",
        ),
        ("app_id", "id of the application that signs"),
        (
            "seller_id",
            "the merchant's partner id; leave it out where an account serves several",
        ),
        (
            "isv_pid",
            "the vendor's partner id, sent as sys_service_provider_id",
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
    source: "opendocs.alipay.com/open; channel notes 2",
};

/// The channel. It has no state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlipayIsv;

/// Gap between two queries, in ms (channel notes 2.6: 3 to 5 s).
const QUERY_GAP_MS: i64 = 3_000;
/// Earliest reversal of a payment by code after its call, in ms (ruling 13).
const REVERSE_AFTER_MS: i64 = 15_000;
/// Refunds that one order takes: a cap of our own.
const REFUND_COUNT_MAX: u32 = 50;

impl Channel for AlipayIsv {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        &DESCRIPTOR
    }

    fn plan(
        &self,
        _account: &ChannelAccount,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Option<Plan> {
        let (api, reverse_after_ms) = match scene {
            UpstreamScene::Barcode => (biz::PAY, REVERSE_AFTER_MS),
            UpstreamScene::MerchantPage | UpstreamScene::CashierPage => (biz::CREATE, 0),
            UpstreamScene::Native => (biz::PRECREATE, 0),
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
        "auth_code"
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
