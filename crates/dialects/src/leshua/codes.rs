//! Words: every state, error and kind of the house and what it is called on this wire.
//!
//! Matches without a catch-all arm, so that a new word of the house does not compile until it has one
//! here. Source: Leshua trade services, sections 3 and 10; ruling 18.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::RefundState;
use heliu_trade::verdict::{DeclineKind, Evidence};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use crate::parameters::MISSING;

use super::{Service, attribute};

/// The field whose absence has a code of its own.
pub(super) const SUB_OPENID: &str = "sub_openid";

/// A code and its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
}

const fn word(code: &'static str, text: &'static str) -> Word {
    Word { code, text }
}

const BAD_SIGNATURE: Word = word("1", "签名错误");
const UNKNOWN_MERCHANT: Word = word("2", "商户不存在");
const MISSING_PARAMETER: Word = word("3", "缺少必填参数");
const UNKNOWN_SERVICE: Word = word("4", "未知接口");
const TOO_OFTEN: Word = word("5", "请求过于频繁");
const GATEWAY_FAULT: Word = word("9", "系统异常");

const BAD_PARAMETER: Word = word("-1001", "参数错误");
const ORDER_NOT_FOUND: Word = word("-1002", "订单不存在");
const ORDER_NUMBER_USED: Word = word("-1003", "订单号重复");
const ORDER_PAID: Word = word("-1004", "订单已支付");
const ORDER_CLOSED: Word = word("-1005", "订单已关闭");
const CLOSE_TOO_EARLY: Word = word("-1006", "条码支付订单5分钟内不允许关闭");
const CODE_INVALID: Word = word("-1007", "付款码无效或已过期");
const NO_CONTRACT: Word = word("-1008", "商户未开通该支付方式");
const MERCHANT_NOT_ENABLED: Word = word("-1009", "商户状态异常");
const REFUND_TOO_LARGE: Word = word("-1010", "退款金额超过可退金额");
const REFUND_NUMBER_USED: Word = word("-1011", "退款单号重复");
const REFUND_NOT_FOUND: Word = word("-1012", "退款单不存在");
const NOT_REFUNDABLE: Word = word("-1013", "订单状态不允许退款");
const NO_SUB_OPENID: Word = word("-1014", "缺少用户标识sub_openid");
/// The channel was not reached, or we failed.
pub(super) const FAULT: Word = word("-1099", "系统异常");

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
    /// The order's outcome is not known: anything but a status would be taken for a failure (ruling 18).
    InProgress,
    /// A close that finds its order ended already: its status is the answer.
    Ended,
    /// A refund that the channel refused: its status is the answer.
    RefundFailed,
}

/// What an error says; the word depends on what was asked, too.
pub(super) fn refusal(service: Option<Service>, error: &TradeError, is_verified: bool) -> Refusal {
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
        ErrorCode::LookupRefused => Business(CODE_INVALID),
        ErrorCode::InvalidParameter => parameter(error),
        ErrorCode::InvalidAmount
        | ErrorCode::NotifyAddressRefused
        | ErrorCode::ReturnAddressRefused
        | ErrorCode::TerminalRequired
        | ErrorCode::ExpiryPassed
        | ErrorCode::StaleRequest
        | ErrorCode::UsernameTaken
        | ErrorCode::UnsupportedWallet
        | ErrorCode::WrongCredentials => Business(BAD_PARAMETER),
        ErrorCode::OrderNotFound => Business(ORDER_NOT_FOUND),
        ErrorCode::DuplicateOrder => Business(duplicate(error.order.as_deref())),
        ErrorCode::OrderPaid
        | ErrorCode::OrderEnded
        | ErrorCode::OrderReversed
        | ErrorCode::OrderKindNotSupported => conflicting(service, error),
        ErrorCode::TooEarly => Business(CLOSE_TOO_EARLY),
        ErrorCode::NoContract => Business(NO_CONTRACT),
        ErrorCode::MerchantNotEnabled => Business(MERCHANT_NOT_ENABLED),
        ErrorCode::RefundExceedsRest => Business(REFUND_TOO_LARGE),
        ErrorCode::DuplicateRefund | ErrorCode::RefundConflict => Business(REFUND_NUMBER_USED),
        ErrorCode::RefundNotFound => Business(REFUND_NOT_FOUND),
        ErrorCode::OrderNotPaid
        | ErrorCode::TooManyRefunds
        | ErrorCode::TooLate
        | ErrorCode::OutsideHours => Business(NOT_REFUNDABLE),
        ErrorCode::Declined => match service {
            Some(Service::UnifiedRefund) => Refusal::RefundFailed,
            _ if is_lookup(service) => Business(CODE_INVALID),
            _ => Business(FAULT),
        },
        ErrorCode::ChannelUnreachable | ErrorCode::ChannelNotSecured => Business(FAULT),
        ErrorCode::OutcomeUnknown | ErrorCode::BooksUnavailable
            if service == Some(Service::UploadAuthcode) =>
        {
            Refusal::InProgress
        }
        ErrorCode::OutcomeUnknown => Business(FAULT),
        ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable | ErrorCode::Internal => {
            Gateway(GATEWAY_FAULT)
        }
    }
}

/// Whether a service asks a wallet for a payer.
const fn is_lookup(service: Option<Service>) -> bool {
    matches!(service, Some(Service::QueryOpenid | Service::QueryUserid))
}

fn parameter(error: &TradeError) -> Refusal {
    let is_missing = error.message.ends_with(MISSING);
    match error.field.as_deref() {
        Some(SUB_OPENID) if is_missing => Refusal::Business(NO_SUB_OPENID),
        _ if is_missing => Refusal::Gateway(MISSING_PARAMETER),
        Some(attribute::SERVICE) => Refusal::Gateway(UNKNOWN_SERVICE),
        _ => Refusal::Business(BAD_PARAMETER),
    }
}

/// An order's number that is in use, by what became of that order.
fn duplicate(order: Option<&Order>) -> Word {
    match order.map(|order| order.state) {
        Some(OrderState::Paid) => ORDER_PAID,
        Some(
            OrderState::Closed | OrderState::Expired | OrderState::Reversing | OrderState::Reversed,
        ) => ORDER_CLOSED,
        Some(OrderState::Open | OrderState::Paying | OrderState::Failed) | None => {
            ORDER_NUMBER_USED
        }
    }
}

/// The order's state forbids what was asked.
fn conflicting(service: Option<Service>, error: &TradeError) -> Refusal {
    match (service, error.code) {
        (Some(Service::UnifiedRefund), _) => Refusal::Business(NOT_REFUNDABLE),
        (_, ErrorCode::OrderPaid) => Refusal::Business(ORDER_PAID),
        (Some(Service::CloseOrder), ErrorCode::OrderKindNotSupported) => {
            Refusal::Business(BAD_PARAMETER)
        }
        (Some(Service::CloseOrder), _) if error.order.is_some() => Refusal::Ended,
        _ => Refusal::Business(ORDER_CLOSED),
    }
}

/// A payment that the channel refused in the call, where that is told by a code and not by the status: its
/// code could not be read, or nobody was reached (rulings 12 and 15).
pub(super) fn declined(order: &Order) -> Option<Word> {
    let kind = order.decline.as_ref().map(|decline| decline.kind)?;
    match kind {
        _ if order.state != OrderState::Failed => None,
        DeclineKind::CodeInvalid => Some(CODE_INVALID),
        DeclineKind::Unreachable | DeclineKind::NotSecured => Some(FAULT),
        DeclineKind::Refused | DeclineKind::Closed => None,
    }
}

/// A prepay order's number whose order can no longer be handed over.
pub(super) fn not_payable(order: &Order) -> Word {
    match order.state {
        OrderState::Failed | OrderState::Open | OrderState::Paying => FAULT,
        OrderState::Paid
        | OrderState::Closed
        | OrderState::Expired
        | OrderState::Reversing
        | OrderState::Reversed => duplicate(Some(order)),
    }
}

/// A close that left its order paid.
pub(super) const fn close_refused() -> Word {
    ORDER_PAID
}

/// No such refund.
pub(super) const fn refund_not_found() -> Word {
    REFUND_NOT_FOUND
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

/// `status` that a close tells: our side has made payment impossible, also while the channel is still to be
/// told (ruling 20).
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

/// `bank_type`: the wallet's own word, with the words of this wire for a balance; the kind of card for
/// UnionPay. Source: section 3.5.
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
