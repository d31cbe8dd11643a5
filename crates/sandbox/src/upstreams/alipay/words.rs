//! Alipay's words and numbers for what an order is.

use super::ID;
use crate::book::{Book, Order, State};
use crate::clock;
use crate::crypto::{random_below, random_hex, stable_hash};
use crate::error::SandboxError;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::alipay::buyer_id;

/// The one interface.
const API: &str = "Alipay";

/// An order of a seller that nobody has paid.
pub(super) fn new_order(seller: &str, number: &str, now_ms: i64) -> Order {
    Order::new(ID, API, seller, number, now_ms)
}

/// `trade_status` (channels.md 2.5).
pub(super) fn state(order: &Order) -> &'static str {
    match order.state {
        State::Lost | State::Unscanned => "TRADE_NOT_EXIST",
        State::NotPay | State::UserPaying => "WAIT_BUYER_PAY",
        State::Paid if order.refunded_fen() < order.total_fen => "TRADE_SUCCESS",
        State::Paid | State::PayError | State::Closed | State::Revoked => "TRADE_CLOSED",
    }
}

/// `fund_channel` (ruling 34 tells them apart).
pub(super) fn paid_with(order: &Order) -> &'static str {
    match stable_hash(&order.number) % 3 {
        0 => "ALIPAYACCOUNT",
        1 => "PCREDIT",
        _ => "BANKCARD",
    }
}

/// 28 digits: the day, 22001, and a number.
pub(super) fn trade_no(book: &Book<'_>) -> Result<String, SandboxError> {
    Ok(format!(
        "{}22001{:09}{:06}",
        clock::day(book.now_ms),
        book.next_sequence()? % 1_000_000_000,
        random_below(1_000_000)?
    ))
}

/// `notify_id`.
pub(super) fn event_id(at_ms: i64) -> Result<String, SandboxError> {
    Ok(format!("{}{}", clock::compact(at_ms), random_hex(10)?))
}

/// Names the usual payer of an order that names none.
pub(super) fn name_payer(order: &mut Order) {
    if order.openid.is_empty() {
        order.openid = buyer_id(DEFAULT_PAYER);
    }
}
