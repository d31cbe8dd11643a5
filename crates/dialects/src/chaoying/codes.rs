//! Words: every state, error and kind of the house and what it is called on this wire.
//!
//! Matches without a catch-all arm, so that a new word of the house does not compile until it has
//! one here. Source: Chaoying v2.5.3, sections 3.2 and 5; ruling 17.

use std::borrow::Cow;

use heliu_trade::attempt::Attempt;
use heliu_trade::directory::MerchantState;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::{Funding, WalletKind};

use crate::kind::Kind;
use crate::parameters::MISSING;

pub(super) const SUCCESS: &str = "SUCCESS";
const FAIL: &str = "FAIL";
const NEED_QUERY: &str = "NEED_QUERY";
const UNREACHABLE: &str = "30001";
pub(super) const CURRENCY: &str = "CNY";
/// `refund_channel`: back to where the money came from.
pub(super) const ORIGINAL: &str = "ORIGINAL";
/// `bank_type` of Alipay when it names no purse.
const ALIPAY_ACCOUNT: &str = "ALIPAYACCOUNT";

/// Begins what is told of a body as a whole.
const BODY: &str = "参数错误：请求体";
/// Ends what is told of one that is no form.
const WANTED: &str = "应为表单（application/x-www-form-urlencoded）";

/// The four words that open every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) state: &'static str,
    pub(super) code: Cow<'static, str>,
    /// Only on trade interfaces.
    pub(super) trade_state: Option<&'static str>,
    pub(super) msg: Cow<'static, str>,
}

impl Status {
    /// The call was understood and this became of its business.
    fn told(
        code: &'static str,
        trade_state: &'static str,
        msg: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            state: SUCCESS,
            code: code.into(),
            trade_state: Some(trade_state),
            msg: msg.into(),
        }
    }

    /// The call was refused.
    pub(super) fn failed(code: &'static str, msg: impl Into<Cow<'static, str>>) -> Self {
        Self {
            state: FAIL,
            code: code.into(),
            trade_state: None,
            msg: msg.into(),
        }
    }

    /// Done.
    pub(super) fn done(is_trade: bool) -> Self {
        Self {
            trade_state: is_trade.then_some(SUCCESS),
            ..Self::told("10000", SUCCESS, SUCCESS)
        }
    }

    /// The channel's word is not known yet.
    pub(super) fn unknown(is_trade: bool) -> Self {
        Self {
            trade_state: is_trade.then_some(NEED_QUERY),
            ..Self::failed(UNREACHABLE, "网络异常，请查询订单")
        }
    }

    /// A login code is on its way: `code` is how long it holds, in minutes.
    pub(super) fn login_code_sent(minutes: i64) -> Self {
        Self {
            code: minutes.to_string().into(),
            trade_state: None,
            ..Self::told("", SUCCESS, "短信验证码已发送")
        }
    }

    /// A fault on our side.
    pub(super) fn fault() -> Self {
        Self::failed("20006", "系统错误")
    }
}

/// What an order that is not paid says to `pay`, `facepay` and pre-orders; `None`: it is paid, or
/// for a pre-order still to be paid.
pub(super) fn unpaid(order: &Order, is_heard: bool) -> Option<Status> {
    match order.state {
        OrderState::Paid => None,
        OrderState::Reversing => Some(confirming()),
        OrderState::Open | OrderState::Paying if is_heard => Some(confirming()),
        OrderState::Open | OrderState::Paying => Some(Status::unknown(true)),
        OrderState::Failed => Some(declined(order.decline.as_ref())),
        OrderState::Closed | OrderState::Expired | OrderState::Reversed => Some(ended(order)),
    }
}

/// The payer confirms, or the order is being undone.
fn confirming() -> Status {
    Status::told("10001", NEED_QUERY, "支付中，请查询订单")
}

/// A payment that the channel refused, or never heard of (ruling 12).
pub(super) fn declined(decline: Option<&Decline>) -> Status {
    let is_unheard = |decline: &Decline| match decline.kind {
        DeclineKind::Unreachable | DeclineKind::NotSecured => true,
        DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed => false,
    };
    match decline {
        Some(decline) if is_unheard(decline) => Status {
            trade_state: Some(FAIL),
            ..Status::failed(UNREACHABLE, "网络异常，未发起支付")
        },
        decline => refused(decline.map(|decline| &*decline.reason)),
    }
}

fn refused(reason: Option<&str>) -> Status {
    Status::told("10006", FAIL, with_reason("支付失败", reason))
}

/// The channel's own word is told to the merchant.
pub(super) fn with_reason(sentence: &str, reason: Option<&str>) -> String {
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{sentence}：{reason}"),
        None => sentence.to_owned(),
    }
}

/// A closed or reversed order: reversed only if our books had it paid (ruling 17).
fn ended(order: &Order) -> Status {
    if order.state == OrderState::Reversed && order.payment.is_some() {
        Status::told("10005", FAIL, "订单已撤销")
    } else {
        Status::told("10004", FAIL, "订单已关闭")
    }
}

/// What `orderquery` says: what `pay` said, until there is news (ruling 17).
pub(super) fn queried(order: &Order, attempts: &[Attempt]) -> Status {
    match order.state {
        OrderState::Paid if order.refund_claimed().is_some() => {
            Status::told("10002", "REFUND", "转入退款")
        }
        OrderState::Paid => Status::done(true),
        OrderState::Reversing => confirming(),
        OrderState::Open | OrderState::Paying => {
            let is_confirming = |attempt: &Attempt| {
                attempt.is_payer_confirming() || order.scene.takes_at_once() && attempt.is_heard()
            };
            if attempts.iter().any(is_confirming) {
                confirming()
            } else if order.scene.takes_at_once() {
                Status::unknown(true)
            } else {
                Status::told("10003", NEED_QUERY, "未支付")
            }
        }
        OrderState::Closed | OrderState::Expired | OrderState::Reversed => ended(order),
        OrderState::Failed => refused(order.decline.as_ref().map(|decline| &*decline.reason)),
    }
}

/// What `refund` says.
pub(super) fn refunded(refund: &Refund) -> Status {
    match refund.state {
        RefundState::Succeeded => Status::done(true),
        RefundState::Refunding => Status::told("10001", "PROCESSING", "退款处理中"),
        RefundState::Failed => {
            let decline = refund.details.decline.as_ref();
            let reason = decline.map(|decline| &*decline.reason);
            Status::failed("20008", with_reason("退款失败", reason))
        }
    }
}

/// `refund_status`. A refund whose outcome nobody knows yet is being worked on here: PROCESSING.
/// NOTSURE would ask the merchant to send it again, which nobody needs to.
pub(super) const fn refund_status(state: RefundState) -> &'static str {
    match state {
        RefundState::Refunding => "PROCESSING",
        RefundState::Succeeded => SUCCESS,
        RefundState::Failed => FAIL,
    }
}

/// What an error says, unless the interface that was called words it in its own way.
pub(super) fn error(is_trade: bool, error: &TradeError) -> Status {
    let reason = error.reason.as_deref();
    match error.code {
        ErrorCode::UnknownAgent => Status::failed("20012", "代理商不存在"),
        ErrorCode::InvalidSignature => Status::failed("20002", "签名错误"),
        ErrorCode::InvalidParameter => Status::failed("20004", parameter(error)),
        ErrorCode::InvalidAmount => Status::failed("20004", about_field(error, "必须为正整数")),
        ErrorCode::NotifyAddressRefused => {
            Status::failed("20004", about_field(error, "不是可用的通知地址"))
        }
        ErrorCode::ReturnAddressRefused => {
            Status::failed("20004", about_field(error, "不是可用的网址"))
        }
        ErrorCode::TerminalRequired => Status::failed("20004", about_field(error, "不能为空")),
        ErrorCode::ExpiryPassed => Status::failed("20004", about_field(error, "必须晚于当前时间")),
        ErrorCode::LookupRefused => {
            let sentence = about_field(error, "未被支付渠道接受");
            Status::failed("20004", with_reason(&sentence, reason))
        }
        ErrorCode::UsernameTaken => Status::failed("20004", "参数错误：username已存在"),
        ErrorCode::StaleRequest => Status::failed("20004", "参数错误：请求已过期"),
        ErrorCode::PayoutNotFound | ErrorCode::StatementNotFound | ErrorCode::StatementConflict => {
            Status::failed("20004", "参数错误：没有这样的账单")
        }
        ErrorCode::UnsupportedWallet => {
            Status::failed("20004", about_field(error, "无法识别支付方式"))
        }
        ErrorCode::DuplicateOrder => Status::failed("20004", "参数错误：out_trade_no已存在"),
        ErrorCode::UnknownMerchant | ErrorCode::SignerNotAllowed => {
            Status::failed("20005", "商户不存在")
        }
        ErrorCode::MerchantNotEnabled => Status::failed("20005", "商户未启用"),
        ErrorCode::WrongCredentials => Status::failed("20005", "验证码或密码错误"),
        ErrorCode::RateLimited => Status::failed("20006", "请求过于频繁，请稍后再试"),
        ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable => {
            Status::failed("20006", "系统繁忙，请稍后再试")
        }
        ErrorCode::Internal => Status::fault(),
        ErrorCode::OrderNotFound => Status::failed("20007", "订单不存在"),
        ErrorCode::RefundNotFound => refund_not_found(),
        ErrorCode::RefundExceedsRest => Status::failed("20008", "退款金额超过可退金额"),
        ErrorCode::RefundConflict => Status::failed("20008", "订单金额不一致，或退款单号已被使用"),
        ErrorCode::DuplicateRefund => Status::failed("20008", "退款单号已存在"),
        ErrorCode::OrderNotPaid => Status::failed("20008", "订单未支付，不能退款"),
        ErrorCode::RefundBalanceShort => Status::failed("20008", "退款余额不足"),
        ErrorCode::TooManyRefunds => Status::failed("20008", "该订单退款次数过多"),
        ErrorCode::NoContract => Status::failed("20013", "商户未开通该支付方式"),
        ErrorCode::ChannelUnreachable
        | ErrorCode::ChannelNotSecured
        | ErrorCode::OutcomeUnknown => Status::unknown(is_trade),
        ErrorCode::TooLate => Status::failed("20011", "订单超过5分钟，不允许撤销"),
        ErrorCode::TooEarly => Status::failed("20011", "订单暂不允许撤销，请稍后再试"),
        ErrorCode::OutsideHours => Status::failed("20011", "当前时间不允许撤销"),
        ErrorCode::OrderPaid
        | ErrorCode::OrderReversed
        | ErrorCode::OrderEnded
        | ErrorCode::OrderKindNotSupported => {
            Status::failed("20004", "参数错误：out_trade_no已存在")
        }
        ErrorCode::Declined => refused(reason),
    }
}

/// The field that an error of the engine's is about, which knows no names of this wire.
pub(super) const fn field_of(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::NotifyAddressRefused => Some("notify_url"),
        ErrorCode::TerminalRequired => Some("device_info"),
        ErrorCode::ExpiryPassed => Some("time_expire"),
        ErrorCode::InvalidAmount => Some("total_fee"),
        ErrorCode::UnsupportedWallet => Some("auth_code"),
        ErrorCode::LookupRefused => Some("js_code"),
        _ => None,
    }
}

/// A pre-order's number that is paid already.
pub(super) fn paid_already() -> Status {
    Status::failed("20004", "参数错误：out_trade_no已支付")
}

/// A cancel that is not through yet: the order is to be queried (ruling 17).
pub(super) fn cancelling() -> Status {
    Status::told("10001", NEED_QUERY, "撤销中，请查询订单")
}

/// A cancel that left its order paid.
pub(super) fn cancel_refused() -> Status {
    Status::failed("20011", "撤销失败")
}

/// No such refund.
pub(super) fn refund_not_found() -> Status {
    Status::failed("20010", "退款不存在")
}

/// Whether the order's state forbids what was asked.
pub(super) const fn is_conflict(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::OrderPaid
            | ErrorCode::OrderReversed
            | ErrorCode::OrderEnded
            | ErrorCode::OrderKindNotSupported
    )
}

/// What such a conflict says to who pays or queries: the order has ended.
pub(super) fn ended_already(error: &TradeError) -> Option<Status> {
    is_conflict(error.code).then(|| match error.order.as_deref() {
        Some(order) if order.state == OrderState::Reversed => ended(order),
        _ => Status::told("10004", FAIL, "订单已关闭"),
    })
}

fn parameter(error: &TradeError) -> String {
    match Kind::of_error(error) {
        Some(Kind::Json) => return format!("{BODY}是JSON，{WANTED}"),
        Some(Kind::Xml) => return format!("{BODY}是XML，{WANTED}"),
        Some(Kind::Form) | None => {}
    }
    let problem = match error.field.as_deref() {
        _ if error.message.ends_with(MISSING) => "不能为空",
        Some("method") => "不正确",
        _ => "格式不正确",
    };
    about_field(error, problem)
}

fn about_field(error: &TradeError, problem: &str) -> String {
    match &error.field {
        Some(field) => format!("参数错误：{field}{problem}"),
        // Not one of its parameters: what came cannot be read.
        None => format!("{BODY}{problem}"),
    }
}

/// The wallet of a `paytype`, in any case.
pub(super) fn wallet(paytype: &str) -> Option<WalletKind> {
    WalletKind::ALL
        .into_iter()
        .find(|wallet| self::paytype(*wallet).is_some_and(|own| own.eq_ignore_ascii_case(paytype)))
}

/// `paytype`; `None`: this wire cannot name it.
const fn paytype(wallet: WalletKind) -> Option<&'static str> {
    match wallet {
        WalletKind::Wechat => Some("WECHAT"),
        WalletKind::Alipay => Some("ALIPAY"),
        WalletKind::Unionpay => Some("UNIONPAY"),
        WalletKind::Qq => Some("QQ"),
        WalletKind::Jd => Some("JDPAY"),
        WalletKind::Bestpay => Some("BESTPAY"),
        WalletKind::Ecny | WalletKind::Suning => None,
    }
}

/// `bank_type`: the wallet's own word. UnionPay tells the kind of card only, for which the
/// dictionary has no word; these are made like WeChat's, a bank and its kind of card (inferred).
pub(super) fn bank(
    wallet: Option<WalletKind>,
    funding: Funding,
    told: Option<&str>,
) -> Option<&str> {
    match wallet? {
        WalletKind::Unionpay => Some(match funding {
            Funding::Debit => "UNIONPAY_DEBIT",
            Funding::Credit | Funding::WalletCredit => "UNIONPAY_CREDIT",
            Funding::Balance | Funding::Unknown => "UNIONPAY",
        }),
        WalletKind::Alipay => told.or(Some(ALIPAY_ACCOUNT)),
        WalletKind::Wechat
        | WalletKind::Qq
        | WalletKind::Jd
        | WalletKind::Bestpay
        | WalletKind::Ecny
        | WalletKind::Suning => told,
    }
}

/// `mch_state`.
pub(super) const fn merchant_state(state: MerchantState) -> &'static str {
    match state {
        MerchantState::Pending => "0",
        MerchantState::Enabled => "20",
        MerchantState::Disabled => "30",
    }
}

/// `is_subscribe` and its like.
pub(super) const fn yes_or_no(is_true: bool) -> &'static str {
    if is_true { "Y" } else { "N" }
}
