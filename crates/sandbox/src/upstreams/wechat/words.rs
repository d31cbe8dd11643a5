//! WeChat's words and numbers for what an order is.

use crate::book::{Book, Order, RefundState, Scene, State};
use crate::clock;
use crate::crypto::{random_below, random_hex, stable_hash};
use crate::error::SandboxError;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::wechat::openid;

/// How the order book calls API v2 and v3: they share it (channels.md 7), but not one paySign.
pub(super) const V2: &str = "V2";
pub(super) const V3: &str = "V3";

/// `trade_state` (channels.md 1.6).
pub(super) fn state(order: &Order) -> &'static str {
    match order.state {
        State::Lost | State::Unscanned | State::NotPay => "NOTPAY",
        State::UserPaying => "USERPAYING",
        State::Paid if order.refunds.is_empty() => "SUCCESS",
        State::Paid => "REFUND",
        State::PayError => "PAYERROR",
        State::Closed => "CLOSED",
        State::Revoked => "REVOKED",
    }
}

/// v2 and v3 `trade_type`.
pub(super) fn trade_type(order: &Order) -> &'static str {
    match order.scene {
        Scene::Barcode => "MICROPAY",
        Scene::Face => "FACEPAY",
        Scene::Native => "NATIVE",
        Scene::Jsapi => "JSAPI",
        Scene::App => "APP",
        Scene::H5 => "MWEB",
    }
}

/// v2's `refund_status` (channels.md 1.19).
pub(super) fn refund_v2(state: RefundState) -> &'static str {
    match state {
        RefundState::Closed => "REFUNDCLOSE",
        other => other.word(),
    }
}

/// `bank_type` (ruling 34 tells them apart).
pub(super) fn paid_with(order: &Order) -> &'static str {
    match stable_hash(&order.number) % 4 {
        0 => "OTHERS",
        1 => "CFT",
        2 => "ICBC_DEBIT",
        _ => "CMB_CREDIT",
    }
}

/// The number of a payment.
pub(super) fn transaction_id(book: &Book<'_>) -> Result<String, SandboxError> {
    number(book, "4200")
}

/// The number of a refund.
pub(super) fn refund_id(book: &Book<'_>) -> Result<String, SandboxError> {
    number(book, "5030")
}

/// 28 digits.
fn number(book: &Book<'_>, prefix: &str) -> Result<String, SandboxError> {
    Ok(format!(
        "{prefix}000001{}{:06}{:04}",
        clock::day(book.now_ms),
        book.next_sequence()? % 1_000_000,
        random_below(10_000)?
    ))
}

/// `wx`, the time, and 20 hex digits.
pub(super) fn prepay_id(book: &Book<'_>) -> Result<String, SandboxError> {
    Ok(format!(
        "wx{}{}",
        clock::compact(book.now_ms),
        random_hex(10)?
    ))
}

/// The id of a notification.
pub(super) fn event_id(at_ms: i64) -> Result<String, SandboxError> {
    Ok(format!("EV-{}{}", clock::compact(at_ms), random_hex(6)?))
}

/// Names the usual payer of an order that names none, in each app that is concerned.
pub(super) fn name_payer(order: &mut Order) {
    if order.openid.is_empty() {
        order.openid = openid(&order.app_id, DEFAULT_PAYER);
    }
    if order.sub_openid.is_none()
        && let Some(app) = &order.sub_app_id
    {
        order.sub_openid = Some(openid(app, DEFAULT_PAYER));
    }
}
