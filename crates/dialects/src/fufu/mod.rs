//! Fufu (付付) open API V1.1.1: JSON bodies, the signature in the query.
//!
//! `README.md` beside this file names the source of each rule and the wire's weaknesses.

mod codes;
mod members;
mod notify;
mod request;
mod response;
mod sign;
#[cfg(test)]
mod tests;

use heliu_ports::dialect::{
    Decoded, Descriptor, Dialect, Echo, EncodeContext, IdForm, Notice, PageReference, Policy,
    PrepayRepeat, Recording, Repeat, Route, SignerKind, Surface, SurfaceDescriptor, Undecoded,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{OutRequest, WireRequest, WireResponse};
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::{MINUTE_MS, SECOND_MS, Timestamp};
use heliu_trade::wallet::WalletKind;

use crate::lexical::is_path;

/// Its id, in tables and configuration.
const ID: &str = "fufu";

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Fufu V1.1.1",
    page_routes: &[PAGE_PATH],
    code_image_routes: &[],
    app_id: IdForm {
        min: 1,
        max: 32,
        has_letters: true,
    },
    agent_id: IdForm {
        min: 1,
        max: 32,
        has_letters: true,
    },
    app_switches: &[],
    agent_switches: &[],
    wallets: &[WalletKind::Wechat, WalletKind::Alipay],
    policy: Policy {
        repeat: Repeat::Refuse,
        prepay_repeat: PrepayRepeat::Refuse,
        refund_repeat: RefundRepeat::Refuse,
        terminal_wallets: &[],
        pay_wait_ms: 80 * SECOND_MS,
        answers_pending: false,
        horizon_ms: 75 * SECOND_MS,
        prepay_life_ms: 5 * MINUTE_MS,
        refund_wait_ms: 5 * SECOND_MS,
        refund_query_wait_ms: 0,
        close_barcode_after_ms: None,
        cancel_wait_ms: 10 * SECOND_MS,
        cancel: CancelRules {
            not_before_ms: 15 * SECOND_MS,
            hours_s: Some((3600, 23 * 3600)),
            takes_paid: false,
            takes_prepay: false,
            paid_until_ms: None,
            accepts_ended: false,
        },
        notify_gaps_ms: &[5 * SECOND_MS; 4],
        notify_connect_timeout_ms: 3 * SECOND_MS,
        notify_timeout_ms: 10 * SECOND_MS,
    },
    source: "Fufu open API V1.1.1, 2018-01-15",
};

static TRADE: SurfaceDescriptor = SurfaceDescriptor {
    name: "trade",
    routes: &[
        Route::post(Interface::Order.path()),
        Route::post(Interface::PreOrder.path()),
        Route::post(Interface::Refund.path()),
        Route::post(Interface::Query.path()),
        Route::post(Interface::Cancel.path()),
        Route::post(Interface::Close.path()),
        Route::post(Interface::RefundQuery.path()),
    ],
    signer: SignerKind::App,
    key_roles: &[KeyRole::TRADE.0],
    body_bytes_max: 64 * 1024,
    freshness_ms: None,
    recording: Recording::Text,
    notices: &NoticeKind::ALL,
};

/// Where `qr_code` leads.
const PAGE_PATH: &str = "/online/pay";
/// Type of every body that we send.
const CONTENT_TYPE: &str = "application/json;charset=UTF-8";

/// The interfaces that merchants call. Source: Fufu V1.1.1, section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    /// 被掃交易: the shop scans the payer.
    Order,
    /// 主掃交易: the payer scans, or pays inside the wallet.
    PreOrder,
    /// 退款
    Refund,
    /// 查詢
    Query,
    /// 撤單
    Cancel,
    /// 關閉訂單
    Close,
    /// 退款查詢
    RefundQuery,
}

impl Interface {
    const ALL: [Self; 7] = [
        Self::Order,
        Self::PreOrder,
        Self::Refund,
        Self::Query,
        Self::Cancel,
        Self::Close,
        Self::RefundQuery,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Order => "/gateway/pay/order",
            Self::PreOrder => "/gateway/pay/preOrder",
            Self::Refund => "/gateway/pay/refund",
            Self::Query => "/gateway/pay/query",
            Self::Cancel => "/gateway/pay/cancel",
            Self::Close => "/gateway/pay/close",
            Self::RefundQuery => "/gateway/pay/refundQuery",
        }
    }

    /// The interface of a path.
    fn of(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| is_path(path, interface.path()))
    }
}

/// Texts of a request that are stored with what it makes and come back in answers.
mod attribute {
    pub(super) const OPERATOR_ID: &str = "operator_id";
    pub(super) const TERMINAL_ID: &str = "terminal_id";
    pub(super) const MERCHANT_PARAM: &str = "merchant_param";
    /// Kept for reports, never returned.
    pub(super) const STORE_ID: &str = "store_id";
    pub(super) const TIME_ZONE: &str = "time_zone";
}

/// The dialect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fufu;

impl Dialect for Fufu {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &[&Trade]
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        notify::render(notice)
    }

    fn acknowledges(&self, answer: &WireResponse) -> bool {
        notify::acknowledges(answer)
    }

    fn page(&self, path: &str, query: &str) -> Option<PageReference> {
        request::page(path, query)
    }

    fn page_url(&self, order: &Order, public_url: &str, _proof: &str) -> String {
        response::prepaid::page_url(order, public_url)
    }
}

/// Payments, their refunds and what is asked about them.
#[derive(Debug, Clone, Copy)]
struct Trade;

impl Surface for Trade {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        &TRADE
    }

    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        request::decode(request)
    }

    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        Outgoing::Plain(response::encode(echo, outcome, context))
    }

    fn sign_request(&self, request: WireRequest, now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(request, now)
    }
}
