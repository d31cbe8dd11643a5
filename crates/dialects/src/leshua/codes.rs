//! Words: every state, error and kind of the house and what it is called on this wire.
//!
//! Matches without a catch-all arm, so that a new word of the house does not compile until it has
//! one here. Source: Leshua trade services, sections 3 and 10; ruling 18.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::RefundState;
use heliu_trade::verdict::{DeclineKind, Evidence};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use crate::parameters::MISSING;

use super::attribute;

/// A code and its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
}

const fn word(code: &'static str, text: &'static str) -> Word {
    Word { code, text }
}

// Of the gateway: `resp_code`. Ours, but for the first two texts, which staff pages name.
const BAD_SIGNATURE: Word = word("1", "验签失败");
const UNKNOWN_MERCHANT: Word = word("2", "无效商户号");
const MISSING_PARAMETER: Word = word("3", "缺少必填参数");
const UNKNOWN_SERVICE: Word = word("4", "未知接口");
const TOO_OFTEN: Word = word("5", "请求过于频繁");
pub(super) const GATEWAY_FAULT: Word = word("9", "系统异常");

// Of the business: `error_code`. The published table says codes and texts, not which service
// answers which of two similar ones; that is our reading of its families (ruling 57): -20xxx the
// gateway's own checks, -1xxx payments, -4xxx query and close, -5xxx refunds.
pub(super) const BAD_PARAMETER: Word = word("-20001", "参数错误或无效");
const BAD_ORDER_NUMBER: Word = word("-20003", "商户订单号格式有误");
pub(super) const BAD_PAY_WAY: Word = word("-20008", "支付类型错误");
const BAD_AMOUNT: Word = word("-20009", "订单金额填写有误");
/// The channel was not reached, or gave no order for the payer.
const CHANNEL_FAULT: Word = word("-20010", "系统错误");
pub(super) const CODE_INVALID: Word = word("-20013", "非法的授权码");
const CODE_UNKNOWN: Word = word("-20014", "未知类型的授权码");
const BAD_FLAG: Word = word("-20015", "非法的公众号支付标识");
pub(super) const NO_SUCH_ORDER: Word = word("-20018", "无效的第三方订单号或者乐刷订单号");
const NO_SUCH_REFUND: Word = word("-20022", "无效的第三方退款订单号");
const NO_NUMBER: Word = word("-20024", "乐刷或第三方订单号必填1个");
pub(super) const ORDER_PAID: Word = word("-20027", "该订单已支付");
const ORDER_NUMBER_USED: Word = word("-1006", "该订单号已被用");
const CLOSE_TOO_EARLY: Word = word("-4004", "订单正在处理中");
const ORDER_NOT_FOUND: Word = word("-4006", "订单不存在");
const NO_REFUND_NOW: Word = word("-5015", "暂不支持退款");
/// The same row of the table, with the reason that Leshua gives (section 4.5).
const REFUND_BALANCE_SHORT: Word = word("-5015", "退款余额不足");
pub(super) const NOT_REFUNDABLE: Word = word("-5016", "订单状态异常");
const REFUND_TOO_LARGE: Word = word("-5017", "订单可退金额不足");
const TOO_MANY_REFUNDS: Word = word("-5018", "订单退款次数超限");
pub(super) const NO_REFUNDS: Word = word("-5019", "订单未发起退款");
const REFUND_NUMBER_USED: Word = word("-5103", "商户退款id已存在");
// No row of the table says these, and their numbers are free in it.
const NO_CONTRACT: Word = word("-1008", "商户未开通该支付方式");
const MERCHANT_NOT_ENABLED: Word = word("-1009", "商户状态异常");

/// `error_code` of a notice about what went well, for apps that want one.
pub(super) const NO_ERROR: &str = "0";
/// `pay_way` of a query that failed before any order was known (ruling 57).
const UNKNOWN_PAY_WAY: &str = "UNKNOWN";

/// 支付中
pub(super) const IN_PROGRESS: &str = "0";
/// 支付成功
pub(super) const PAID: &str = "2";
/// 订单关闭
const CLOSED: &str = "6";
/// 支付失败
const FAILED: &str = "8";
/// 退款中
const REFUNDING: &str = "10";
/// 退款成功
const REFUNDED: &str = "11";
/// 退款失败
pub(super) const REFUND_FAILED: &str = "12";

/// How an error is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `resp_code`: the gateway did not do what was asked, and signs nothing.
    Gateway(Word),
    /// `error_code`: the business failed for good.
    Business(Word),
}

/// What an error says, unless the service that was asked for words it in its own way.
pub(super) fn refusal(error: &TradeError, is_verified: bool) -> Refusal {
    use Refusal::{Business, Gateway};
    match error.code {
        ErrorCode::InvalidSignature => Gateway(BAD_SIGNATURE),
        ErrorCode::UnknownMerchant | ErrorCode::UnknownAgent | ErrorCode::SignerNotAllowed => {
            Gateway(UNKNOWN_MERCHANT)
        }
        ErrorCode::RateLimited => Gateway(TOO_OFTEN),
        _ if !is_verified => match error.code {
            ErrorCode::InvalidParameter | ErrorCode::InvalidAmount => Gateway(MISSING_PARAMETER),
            _ => Gateway(GATEWAY_FAULT),
        },
        ErrorCode::InvalidParameter => parameter(error),
        ErrorCode::InvalidAmount if error.field.as_deref() == Some(attribute::REFUND_AMOUNT) => {
            Business(BAD_PARAMETER)
        }
        ErrorCode::InvalidAmount => Business(BAD_AMOUNT),
        ErrorCode::NotifyAddressRefused
        | ErrorCode::ReturnAddressRefused
        | ErrorCode::TerminalRequired
        | ErrorCode::ExpiryPassed
        | ErrorCode::StaleRequest
        | ErrorCode::UsernameTaken
        | ErrorCode::WrongCredentials
        // Of another surface.
        | ErrorCode::PayoutNotFound
        | ErrorCode::StatementNotFound
        | ErrorCode::StatementConflict => Business(BAD_PARAMETER),
        // What a wallet says of a payer's code.
        ErrorCode::LookupRefused => Business(CODE_INVALID),
        ErrorCode::UnsupportedWallet => Business(CODE_UNKNOWN),
        ErrorCode::OrderNotFound => Business(ORDER_NOT_FOUND),
        ErrorCode::DuplicateOrder => Business(duplicate(error.order.as_deref())),
        ErrorCode::OrderPaid => Business(ORDER_PAID),
        ErrorCode::OrderEnded | ErrorCode::OrderReversed | ErrorCode::OrderKindNotSupported => {
            Business(ORDER_NUMBER_USED)
        }
        ErrorCode::TooEarly => Business(CLOSE_TOO_EARLY),
        ErrorCode::NoContract => Business(NO_CONTRACT),
        ErrorCode::MerchantNotEnabled => Business(MERCHANT_NOT_ENABLED),
        ErrorCode::RefundExceedsRest => Business(REFUND_TOO_LARGE),
        ErrorCode::DuplicateRefund | ErrorCode::RefundConflict => Business(REFUND_NUMBER_USED),
        // The newest refund was asked for, and the order that has none is named.
        ErrorCode::RefundNotFound if error.order.is_some() => Business(NO_REFUNDS),
        ErrorCode::RefundNotFound => Business(NO_SUCH_REFUND),
        ErrorCode::OrderNotPaid => Business(NOT_REFUNDABLE),
        ErrorCode::TooManyRefunds => Business(TOO_MANY_REFUNDS),
        ErrorCode::RefundBalanceShort => Business(REFUND_BALANCE_SHORT),
        ErrorCode::TooLate | ErrorCode::OutsideHours => Business(NO_REFUND_NOW),
        ErrorCode::Declined
        | ErrorCode::ChannelUnreachable
        | ErrorCode::ChannelNotSecured
        | ErrorCode::OutcomeUnknown => Business(CHANNEL_FAULT),
        ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable | ErrorCode::Internal => {
            Gateway(GATEWAY_FAULT)
        }
    }
}

/// The field that an error of the engine's is about, which knows no names of this wire.
pub(super) const fn field_of(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::NotifyAddressRefused => Some(attribute::NOTIFY_URL),
        ErrorCode::ReturnAddressRefused => Some(attribute::JUMP_URL),
        _ => None,
    }
}

fn parameter(error: &TradeError) -> Refusal {
    let is_missing = error.message.ends_with(MISSING);
    match error.field.as_deref() {
        Some(attribute::LESHUA_ORDER_ID) => Refusal::Business(NO_NUMBER),
        // There where others must be: what is missing depends on another field.
        Some(attribute::SUB_OPENID) => Refusal::Business(BAD_PARAMETER),
        _ if is_missing => Refusal::Gateway(MISSING_PARAMETER),
        Some(attribute::SERVICE) => Refusal::Gateway(UNKNOWN_SERVICE),
        Some(attribute::THIRD_ORDER_ID) => Refusal::Business(BAD_ORDER_NUMBER),
        Some(attribute::PAY_WAY) => Refusal::Business(BAD_PAY_WAY),
        Some(attribute::JSPAY_FLAG) => Refusal::Business(BAD_FLAG),
        Some(attribute::MERCHANT_REFUND_ID) => Refusal::Business(NO_SUCH_REFUND),
        _ => Refusal::Business(BAD_PARAMETER),
    }
}

/// An order's number that is in use, by what became of that order.
fn duplicate(order: Option<&Order>) -> Word {
    match order.map(|order| order.state) {
        Some(OrderState::Paid) => ORDER_PAID,
        Some(
            OrderState::Open
            | OrderState::Paying
            | OrderState::Failed
            | OrderState::Closed
            | OrderState::Expired
            | OrderState::Reversing
            | OrderState::Reversed,
        )
        | None => ORDER_NUMBER_USED,
    }
}

/// A payment that the channel refused in the call, where that is told by a code and not by the
/// status: its code could not be read, or nobody was reached (rulings 12 and 15).
pub(super) fn declined(order: &Order) -> Option<Word> {
    let kind = order.decline.as_ref().map(|decline| decline.kind)?;
    match kind {
        _ if order.state != OrderState::Failed => None,
        DeclineKind::CodeInvalid => Some(CODE_INVALID),
        DeclineKind::Unreachable | DeclineKind::NotSecured => Some(CHANNEL_FAULT),
        DeclineKind::Refused | DeclineKind::Closed => None,
    }
}

/// A prepay order's number whose order can no longer be handed over.
pub(super) fn not_payable(order: &Order) -> Word {
    match order.state {
        OrderState::Failed | OrderState::Open | OrderState::Paying => CHANNEL_FAULT,
        OrderState::Paid
        | OrderState::Closed
        | OrderState::Expired
        | OrderState::Reversing
        | OrderState::Reversed => duplicate(Some(order)),
    }
}

/// `pay_way` of a query that failed: clients read it of each (ruling 57).
pub(super) fn failed_query_pay_way(order: Option<&Order>) -> &'static str {
    order
        .and_then(|order| order.wallet)
        .and_then(pay_way)
        .unwrap_or(UNKNOWN_PAY_WAY)
}

/// `status` of an order. Source: section 3.1.
pub(super) fn status(order: &Order) -> &'static str {
    match order.state {
        OrderState::Open | OrderState::Paying | OrderState::Reversing => IN_PROGRESS,
        OrderState::Paid if order.refunding.is_some() => REFUNDING,
        OrderState::Paid if order.is_refunded_whole() => REFUNDED,
        OrderState::Paid => PAID,
        OrderState::Closed | OrderState::Expired | OrderState::Reversed => CLOSED,
        OrderState::Failed => FAILED,
    }
}

/// `status` that a close tells: our side has made payment impossible, also while the channel is
/// still to be told (ruling 20).
pub(super) fn closed_status(order: &Order) -> &'static str {
    match order.state {
        OrderState::Reversing => CLOSED,
        OrderState::Open
        | OrderState::Paying
        | OrderState::Paid
        | OrderState::Failed
        | OrderState::Closed
        | OrderState::Expired
        | OrderState::Reversed => status(order),
    }
}

/// `status` of a refund.
pub(super) const fn refund_status(state: RefundState) -> &'static str {
    match state {
        RefundState::Refunding => REFUNDING,
        RefundState::Succeeded => REFUNDED,
        RefundState::Failed => REFUND_FAILED,
    }
}

/// The wallet of a `pay_way`, in any case.
pub(super) fn wallet(pay_way: &str) -> Option<WalletKind> {
    WalletKind::ALL
        .into_iter()
        .find(|wallet| self::pay_way(*wallet).is_some_and(|own| own.eq_ignore_ascii_case(pay_way)))
}

/// `pay_way`; `None`: this wire cannot name it.
pub(super) const fn pay_way(wallet: WalletKind) -> Option<&'static str> {
    match wallet {
        WalletKind::Wechat => Some("WXZF"),
        WalletKind::Alipay => Some("ZFBZF"),
        WalletKind::Unionpay => Some("UPSMZF"),
        WalletKind::Qq
        | WalletKind::Jd
        | WalletKind::Bestpay
        | WalletKind::Ecny
        | WalletKind::Suning => None,
    }
}

/// `trade_type`. Source: section 3.4.
pub(super) const fn trade_type(scene: Scene) -> &'static str {
    match scene {
        Scene::Barcode | Scene::Face => "MICROPAY",
        Scene::Native => "NATIVE",
        Scene::Jsapi => "JSAPI",
        Scene::Qr => "JSAPIQuick",
        Scene::MiniProgram => "SmPgPay",
        Scene::App => "APP",
    }
}

/// `bank_type`: the wallet's own word, with the words of this wire for a balance; the kind of card
/// for UnionPay. Source: section 3.5.
pub(super) fn bank(wallet: Option<WalletKind>, evidence: &Evidence) -> Option<&str> {
    let told = evidence
        .notes
        .as_ref()
        .and_then(|notes| notes.bank.as_deref());
    match wallet? {
        WalletKind::Unionpay => match evidence.funding {
            Funding::Debit => Some("1"),
            Funding::Credit => Some("2"),
            Funding::WalletCredit | Funding::Balance | Funding::Unknown => None,
        },
        WalletKind::Wechat if evidence.funding == Funding::Balance => Some("OTHERS"),
        WalletKind::Wechat => told.or(Some("OTHERS")),
        WalletKind::Alipay => told.or(Some("ALIPAYACCOUNT")),
        WalletKind::Qq
        | WalletKind::Jd
        | WalletKind::Bestpay
        | WalletKind::Ecny
        | WalletKind::Suning => told,
    }
}
