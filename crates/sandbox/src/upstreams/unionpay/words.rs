//! UnionPay's words and numbers for what an order is.

use super::ID;
use crate::book::{Book, Order, State};
use crate::clock;
use crate::crypto::{random_below, random_hex, stable_hash};
use crate::error::SandboxError;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::unionpay::user_id;

/// The one interface.
const API: &str = "Unionpay";

/// An order of a merchant that nobody has paid.
pub(super) fn new_order(mer_id: &str, number: &str, now_ms: i64) -> Order {
    Order::new(ID, API, mer_id, number, now_ms)
}

/// `origRespCode` (channels.md 3.8).
pub(super) fn state(order: &Order) -> &'static str {
    match order.state {
        // What is not there has no origRespCode; 34 is the respCode that says so.
        State::Lost => "34",
        State::Paid if order.refunding_fen() == 0 => "00",
        State::Paid => "01",
        State::Unscanned | State::NotPay => "02",
        State::Closed => "03",
        State::Revoked => "04",
        State::UserPaying => "05",
        State::PayError => "06",
    }
}

/// `cardAttr`: 01 debit, 02 credit (ruling 34 tells them apart).
pub(super) fn paid_with(order: &Order) -> &'static str {
    match stable_hash(&order.number) % 2 {
        0 => "01",
        _ => "02",
    }
}

/// `transIndex`, 24 digits: the time and a number. Its form is not public.
pub(super) fn trans_index(book: &Book<'_>) -> Result<String, SandboxError> {
    Ok(format!(
        "{}{:06}{:04}",
        clock::compact(book.now_ms),
        book.next_sequence()? % 1_000_000,
        random_below(10_000)?
    ))
}

/// The id of a notification.
pub(super) fn event_id(at_ms: i64) -> Result<String, SandboxError> {
    Ok(format!("{}{}", clock::compact(at_ms), random_hex(10)?))
}

/// Names the usual payer of an order that names none.
pub(super) fn name_payer(order: &mut Order) {
    if order.openid.is_empty() {
        order.openid = user_id(DEFAULT_PAYER);
    }
}
