//! Chaoying (超赢) open API v2.5.3: form bodies, JSON answers, one signature of the agent over
//! both.
//!
//! `README.md` beside this file names the source of each rule and the wire's weaknesses.

mod codes;
mod notify;
mod request;
mod response;
mod sign;
#[cfg(test)]
mod tests;

use heliu_ports::dialect::{
    Decoded, Descriptor, Dialect, Echo, EncodeContext, IdForm, Notice, PageReference, Policy,
    PrepayRepeat, Recording, Repeat, Route, SignerKind, Surface, SurfaceDescriptor, Switch,
    Undecoded,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{OutRequest, WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::{MINUTE_MS, SECOND_MS, Timestamp};
use heliu_trade::wallet::WalletKind;

use crate::lexical::is_path_in_any_case as is_path;

/// Its id, in tables and configuration.
const ID: &str = "chaoying";

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Chaoying v2.5.3",
    page_routes: &[PAGE_PATH],
    code_image_routes: &[CODE_IMAGE_PATH],
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
    agent_switches: &[
        Switch {
            name: setting::SIGN_PRE_ORDER,
            words: &["on", setting::OFF],
            meaning: "whether answers to pre-orders are signed like all others",
        },
        Switch {
            name: setting::SIGN_ORDER,
            words: &["ascii", setting::IGNORE_CASE],
            meaning: "in which order the names of an answer are signed",
        },
    ],
    wallets: &[
        WalletKind::Wechat,
        WalletKind::Alipay,
        WalletKind::Unionpay,
        WalletKind::Qq,
        WalletKind::Jd,
        WalletKind::Bestpay,
    ],
    policy: Policy {
        repeat: Repeat::Refuse,
        prepay_repeat: PrepayRepeat::HandAgain,
        refund_repeat: RefundRepeat::RetryFailed,
        terminal_wallets: &[WalletKind::Qq],
        pay_wait_ms: 10 * SECOND_MS,
        answers_pending: true,
        horizon_ms: 6 * MINUTE_MS,
        prepay_life_ms: 30 * MINUTE_MS,
        refund_wait_ms: 5 * SECOND_MS,
        refund_query_wait_ms: 0,
        close_barcode_after_ms: None,
        // The channel's earliest reversal, 15 s after the payment, included (ruling 65).
        cancel_wait_ms: 20 * SECOND_MS,
        cancel: CancelRules {
            not_before_ms: 0,
            hours_s: None,
            takes_paid: true,
            takes_prepay: true,
            paid_until_ms: Some(5 * MINUTE_MS),
            accepts_ended: true,
        },
        notify_gaps_ms: &[
            15 * SECOND_MS,
            15 * SECOND_MS,
            30 * SECOND_MS,
            3 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            60 * MINUTE_MS,
        ],
        notify_connect_timeout_ms: 3 * SECOND_MS,
        notify_timeout_ms: 3 * SECOND_MS,
    },
    source: "Chaoying open API v2.5.3, 2019-08-06",
};

static TRADE: Gateway = Gateway(&SurfaceDescriptor {
    name: "trade",
    routes: &[
        Route::post(GATEWAY_PATH),
        Route::post(Interface::WechatPreOrder.path()),
        Route::post(Interface::AlipayPreOrder.path()),
        Route::post(Interface::PartnerNumbers.path()),
        Route::post(Interface::MerchantInfo.path()),
    ],
    signer: SignerKind::Agent,
    key_roles: &[KeyRole::AGENT.0],
    body_bytes_max: BODY_BYTES_MAX,
    freshness_ms: None,
    recording: Recording::Text,
    notices: &NoticeKind::ALL,
});

static LOGINS: Gateway = Gateway(&SurfaceDescriptor {
    name: "logins",
    routes: &[
        Route::post(Interface::Register.path()),
        Route::post(Interface::LoginCode.path()),
        Route::post(Interface::FindMerchant.path()),
        Route::post(Interface::MiniProgramSession.path()),
    ],
    signer: SignerKind::Agent,
    key_roles: &[KeyRole::AGENT.0],
    body_bytes_max: BODY_BYTES_MAX,
    freshness_ms: None,
    // Every value is private (ruling 53).
    recording: Recording::TextOnceRead,
    notices: &[],
});

static SURFACES: [&dyn Surface; 2] = [&TRADE, &LOGINS];

/// `goods_detail` alone may have 6000 characters: 54 000 bytes when they are Chinese and
/// encoded.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// One address for seven interfaces, told apart by `method`.
const GATEWAY_PATH: &str = "/UnifiedPay/Gateway";
/// Where `pay_url` leads.
const PAGE_PATH: &str = "/pay/alipay/jspay";
/// Where `code_img_url` leads.
const CODE_IMAGE_PATH: &str = "/pay/qrcode";
/// Type of every answer.
const CONTENT_TYPE: &str = "application/json;charset=utf-8";

/// The interfaces. Source: Chaoying v2.5.3, section 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    /// 获取SDK调用凭证
    FaceAuth,
    /// 刷脸支付
    FacePay,
    /// 刷卡支付: the shop scans the payer.
    Pay,
    /// 订单查询
    OrderQuery,
    /// 交易退款
    Refund,
    /// 退款查询
    RefundQuery,
    /// 交易撤销
    Cancel,
    /// 微信预下单
    WechatPreOrder,
    /// 支付宝预下单
    AlipayPreOrder,
    /// 注册超赢虚拟商户
    Register,
    /// 下发获取超赢商户号验证短信
    LoginCode,
    /// 获取超赢商户号
    FindMerchant,
    /// 获取超赢商户微信子商户号
    PartnerNumbers,
    /// 获取超赢商户基础信息
    MerchantInfo,
    /// 小程序用户code登录
    MiniProgramSession,
}

impl Interface {
    const ALL: [Self; 15] = [
        Self::FaceAuth,
        Self::FacePay,
        Self::Pay,
        Self::OrderQuery,
        Self::Refund,
        Self::RefundQuery,
        Self::Cancel,
        Self::WechatPreOrder,
        Self::AlipayPreOrder,
        Self::Register,
        Self::LoginCode,
        Self::FindMerchant,
        Self::PartnerNumbers,
        Self::MerchantInfo,
        Self::MiniProgramSession,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::FaceAuth
            | Self::FacePay
            | Self::Pay
            | Self::OrderQuery
            | Self::Refund
            | Self::RefundQuery
            | Self::Cancel => GATEWAY_PATH,
            Self::WechatPreOrder => "/Open/WECHAT_PreOrder",
            Self::AlipayPreOrder => "/Open/ALIPAY_PreOrder",
            Self::Register => "/UnifiedPay/Mch_Reg",
            Self::LoginCode => "/Mch/GetMchSMSValid",
            Self::FindMerchant => "/Mch/GetMchId",
            Self::PartnerNumbers => "/Open/GetPartnerId",
            Self::MerchantInfo => "/Open/GetMchInfo",
            Self::MiniProgramSession => "/Open/WXA_Code2Session",
        }
    }

    /// The value of `method`, on the address where it decides.
    const fn method(self) -> Option<&'static str> {
        match self {
            Self::FaceAuth => Some("getfaceauth"),
            Self::FacePay => Some("facepay"),
            Self::Pay => Some("pay"),
            Self::OrderQuery => Some("orderquery"),
            Self::Refund => Some("refund"),
            Self::RefundQuery => Some("refundquery"),
            Self::Cancel => Some("cancel"),
            Self::WechatPreOrder
            | Self::AlipayPreOrder
            | Self::Register
            | Self::LoginCode
            | Self::FindMerchant
            | Self::PartnerNumbers
            | Self::MerchantInfo
            | Self::MiniProgramSession => None,
        }
    }

    /// Whether its answers have a `trade_state`.
    const fn is_trade(self) -> bool {
        self.method().is_some() || self.is_pre_order()
    }

    /// Whether it makes an order that waits for its payer.
    const fn is_pre_order(self) -> bool {
        matches!(self, Self::WechatPreOrder | Self::AlipayPreOrder)
    }

    /// The interface of a path and a `method`, both in any case.
    fn of(path: &str, method: Option<&str>) -> Option<Self> {
        let route = route(path)?;
        Self::ALL.into_iter().find(|interface| {
            interface.path() == route
                && interface
                    .method()
                    .is_none_or(|own| method.is_some_and(|method| method.eq_ignore_ascii_case(own)))
        })
    }
}

/// The canonical form of a path.
fn route(path: &str) -> Option<&'static str> {
    let mut routes = Interface::ALL.into_iter().map(Interface::path);
    routes.find(|route| is_path(path, route))
}

/// Texts of a request that are stored with what it makes, and values that an answer repeats.
mod attribute {
    /// What `orderquery` calls the way it was paid.
    pub(super) const TRADE_TYPE: &str = "trade_type";
    pub(super) const ATTACH: &str = "attach";
    /// Kept for reports, never returned.
    pub(super) const OP_USER_ID: &str = "op_user_id";
    pub(super) const OP_SHOP_ID: &str = "op_shop_id";
    pub(super) const OP_DEVICE_ID: &str = "op_device_id";
    /// A basket that nobody can read.
    pub(super) const GOODS_DETAIL: &str = "goods_detail";
    /// Who signs.
    pub(super) const AGENT_ID: &str = "agent_id";
    /// Echo: which interface of the one address.
    pub(super) const METHOD: &str = "method";
    /// Echo: for answers that name the merchant and are about no order.
    pub(super) const MCH_ID: &str = "mch_id";
}

/// Switches of an agent.
mod setting {
    /// Whether pre-order answers are signed too.
    pub(super) const SIGN_PRE_ORDER: &str = "sign_preorder";
    /// They are not, as the printed samples have it.
    pub(super) const OFF: &str = "off";
    /// In which order names are signed.
    pub(super) const SIGN_ORDER: &str = "sign_order";
    /// Without regard to case.
    pub(super) const IGNORE_CASE: &str = "ignore_case";
}

/// The dialect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chaoying;

impl Dialect for Chaoying {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &SURFACES
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

    fn page_url(&self, order: &Order, public_url: &str, proof: &str) -> String {
        response::prepaid::page_url(order, public_url, proof)
    }

    fn code_image(&self, path: &str, query: &str) -> Option<String> {
        request::code_image(path, query)
    }
}

/// A surface of this wire: all are read and worded alike, and told apart by path and `method`.
#[derive(Debug, Clone, Copy)]
struct Gateway(&'static SurfaceDescriptor);

impl Surface for Gateway {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        self.0
    }

    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        request::decode(request)
    }

    fn command_of_reading(
        &self,
        request: &WireRequest,
        reading: &str,
    ) -> Option<Result<Command, TradeError>> {
        request::command_of_reading(request, reading)
    }

    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        response::encode(echo, outcome, context)
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(request)
    }
}
