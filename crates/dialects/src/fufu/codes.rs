//! Words: every state, error and kind of the house and what it is called on this wire.
//!
//! Matches without a catch-all arm, so that a new word of the house does not compile until it has
//! one here. Source: Fufu V1.1.1, section 5 (dictionaries); placement of errors: inferred,
//! README 3.

use heliu_trade::error::ErrorCode;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Zone;
use heliu_trade::wallet::{Funding, WalletKind};

pub(super) const SUCCESS: &str = "SUCCESS";
pub(super) const FAIL: &str = "FAIL";
/// Spelled so in the dictionary.
pub(super) const AREADY_REVOKED: &str = "AREADY_REVOKED";
pub(super) const ORDER_PAID: &str = "ORDER_PAID";
pub(super) const ORDER_FAILED: &str = "ORDER_FAILED";
pub(super) const HTTP_EXCEPTION: &str = "HTTP_EXCEPTION";
pub(super) const CREATE_SECURITY_CONNECTION_ERROR: &str = "CREATE_SECURITY_CONNECTION_ERROR";
pub(super) const SERVICE_UNAVAILABLE: &str = "SERVICE_UNAVAILABLE";
pub(super) const EXCEPTION: &str = "EXCEPTION";

/// Where an error goes in the frame, and its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    /// The call was not accepted: `result` says FAIL and there is no `data`.
    Call(&'static str),
    /// The operation did not work: `data` says FAIL.
    Operation(&'static str),
    /// The same, with the channel's own word.
    Channel,
}

pub(super) const fn wording(code: ErrorCode) -> Wording {
    match code {
        ErrorCode::InvalidParameter
        | ErrorCode::NotifyAddressRefused
        | ErrorCode::ReturnAddressRefused
        | ErrorCode::TerminalRequired
        | ErrorCode::ExpiryPassed
        | ErrorCode::LookupRefused
        | ErrorCode::UnsupportedWallet
        | ErrorCode::PayoutNotFound
        | ErrorCode::StatementNotFound
        | ErrorCode::StatementConflict
        | ErrorCode::UsernameTaken => Wording::Call("ILLEGAL_PARAMETER"),
        ErrorCode::InvalidSignature | ErrorCode::SignerNotAllowed | ErrorCode::StaleRequest => {
            Wording::Call("INVALID_SIGN")
        }
        ErrorCode::UnknownMerchant | ErrorCode::UnknownAgent | ErrorCode::WrongCredentials => {
            Wording::Call("UNREGISTERED_BUSI")
        }
        ErrorCode::RateLimited | ErrorCode::ServiceUnavailable => {
            Wording::Call(SERVICE_UNAVAILABLE)
        }
        ErrorCode::ChannelUnreachable => Wording::Call(HTTP_EXCEPTION),
        ErrorCode::ChannelNotSecured => Wording::Call(CREATE_SECURITY_CONNECTION_ERROR),
        ErrorCode::OutcomeUnknown => Wording::Call("IO_EXCEPTION"),
        ErrorCode::BooksUnavailable => Wording::Call("DATABASE_ERROR"),
        ErrorCode::Internal => Wording::Call(EXCEPTION),
        ErrorCode::NoContract | ErrorCode::MerchantNotEnabled => {
            Wording::Operation("INVALID_CONTRACT")
        }
        ErrorCode::InvalidAmount
        | ErrorCode::RefundExceedsRest
        | ErrorCode::RefundBalanceShort
        | ErrorCode::TooManyRefunds
        | ErrorCode::RefundConflict => Wording::Operation("AMT_ERROR"),
        ErrorCode::DuplicateOrder | ErrorCode::DuplicateRefund => {
            Wording::Operation("SERIAL_REPEAT")
        }
        ErrorCode::OrderNotFound | ErrorCode::RefundNotFound => {
            Wording::Operation("CHARGE_NONEXISTENT")
        }
        ErrorCode::OrderReversed => Wording::Operation(AREADY_REVOKED),
        ErrorCode::OrderPaid | ErrorCode::TooLate => Wording::Operation(ORDER_PAID),
        ErrorCode::OrderEnded => Wording::Operation(ORDER_FAILED),
        ErrorCode::OrderNotPaid => Wording::Operation("ORDER_NOT_PAID"),
        ErrorCode::OrderKindNotSupported => Wording::Operation("ORDER_TYPE_NOT_SUPPORTED"),
        ErrorCode::TooEarly => Wording::Operation("CANCEL_TOO_EARLY"),
        ErrorCode::OutsideHours => Wording::Operation(SERVICE_UNAVAILABLE),
        ErrorCode::Declined => Wording::Channel,
    }
}

/// The field that an error of the engine's is about, which knows no names of this wire.
pub(super) const fn field_of(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::NotifyAddressRefused => Some("notifyUrl"),
        _ => None,
    }
}

/// `state`: 7 and 10 to 14 are states of refund and cancel records and never an order's.
pub(super) fn state(order: &Order) -> i64 {
    match order.state {
        OrderState::Open | OrderState::Paying => 0,
        OrderState::Paid if order.refunding.is_some() => 8,
        OrderState::Paid if order.is_refunded_whole() => 5,
        OrderState::Paid if order.refunded.is_some() => 4,
        OrderState::Paid if order.last_refund_failed => 9,
        OrderState::Paid => PAID,
        OrderState::Expired | OrderState::Reversed => 2,
        OrderState::Reversing => 3,
        OrderState::Failed | OrderState::Closed => 6,
    }
}

/// `state` of an order that is paid and not refunded.
pub(super) const PAID: i64 = 1;

/// `state` of a refund that a query found (ruling 55).
pub(super) const fn refund_state(refund: &Refund) -> i64 {
    match refund.state {
        RefundState::Refunding if refund.sent_at.is_none() => 10,
        RefundState::Refunding => 8,
        RefundState::Succeeded => 11,
        RefundState::Failed => 12,
    }
}

/// `trade_status` of a refund query.
pub(super) const fn trade_status(state: RefundState) -> &'static str {
    match state {
        RefundState::Refunding => "refunding",
        RefundState::Succeeded => "succ",
        RefundState::Failed => "fail",
    }
}

/// `channel_type` as it is emitted; "0": not known yet, or a wallet that this wire cannot name.
pub(super) const fn channel_type(wallet: Option<WalletKind>) -> &'static str {
    match wallet {
        Some(WalletKind::Alipay) => "1",
        Some(WalletKind::Wechat) => "2",
        Some(
            WalletKind::Unionpay
            | WalletKind::Qq
            | WalletKind::Jd
            | WalletKind::Bestpay
            | WalletKind::Ecny
            | WalletKind::Suning,
        )
        | None => "0",
    }
}

/// The wallet of a `channel_type`: the outer `None` is an unknown code, the inner one "0",
/// automatic.
#[expect(
    clippy::option_option,
    reason = "an unknown code and an open choice are two things"
)]
pub(super) fn wallet(channel_type: &str) -> Option<Option<WalletKind>> {
    match channel_type {
        "0" => Some(None),
        "1" => Some(Some(WalletKind::Alipay)),
        "2" => Some(Some(WalletKind::Wechat)),
        _ => None,
    }
}

/// `credit`.
pub(super) const fn credit(funding: Funding) -> &'static str {
    match funding {
        Funding::Credit => "credit",
        Funding::WalletCredit => "pcredit",
        Funding::Debit => "debit",
        Funding::Balance => "balance",
        Funding::Unknown => "unknown",
    }
}

/// The zone of a `time_zone` such as `泰国标准时间;Asia/Bangkok;+07:00`, of an IANA name alone or
/// an offset alone; China Standard Time if it is none of these (Fufu V1.1.1, section on time
/// zones).
pub(super) fn zone(time_zone: Option<&str>) -> Zone {
    let Some(text) = time_zone else {
        return Zone::BEIJING;
    };
    // The first of three parts is a name for people, though it may look like a zone's.
    let skipped = if text.split(';').count() >= 3 { 1 } else { 0 };
    let parts = || text.split(';').skip(skipped).map(str::trim);
    let named = parts()
        .filter(|part| !part.is_empty())
        .find_map(Zone::parse_iana);
    named
        .or_else(|| parts().find_map(Zone::parse_offset))
        .unwrap_or(Zone::BEIJING)
}
