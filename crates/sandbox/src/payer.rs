//! Plays the payer: what a payment code leads to, and what paying does to an order.

use crate::book::{Book, Channel, Order, Scene, State, Timer};
use crate::crypto::{md5_hex_lower, stable_hash};
use crate::error::SandboxError;
use crate::notify;

/// How long a payer takes to type a password or to decline, in virtual ms.
const CONFIRM_MS: i64 = 3_000;
/// How long after an answered reversal the late money arrives, in virtual ms.
const LATE_SUCCESS_MS: i64 = 1_000;
/// The promotion of the demo: takes 2 fen off (ruling 15).
const PROMOTION_TAG: &str = "CY_PROMOTION_001";
/// A WeChat prepay can be paid for two hours (channels.md 1.5).
pub(crate) const PREPAY_LIFE_MS: i64 = 2 * 3_600_000;
/// Who pays when nobody else is named.
pub(crate) const DEFAULT_PAYER: &str = "payer-1";

/// The effects of the last two digits of a payment code (ruling 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Pays,
    ConfirmsLater,
    NeverConfirms,
    DeclinesLater,
    NotEnoughMoney,
    CodeExpired,
    SystemErrorButPaid,
    SilentButPaid,
    SilentAndLost,
    PaysWithDiscount,
    WrongSignatureButPaid,
}

/// The effect of two digits.
pub(crate) fn effect_of_digits(digits: &str) -> Effect {
    match digits {
        "90" => Effect::ConfirmsLater,
        "91" => Effect::NeverConfirms,
        "92" => Effect::DeclinesLater,
        "93" => Effect::NotEnoughMoney,
        "94" => Effect::CodeExpired,
        "95" => Effect::SystemErrorButPaid,
        "96" => Effect::SilentButPaid,
        "97" => Effect::SilentAndLost,
        "98" => Effect::PaysWithDiscount,
        "99" => Effect::WrongSignatureButPaid,
        _ => Effect::Pays,
    }
}

/// The effect of a payment code: set by `/control/codes` for exactly this code, else by its digits.
pub(crate) fn effect(book: &Book<'_>, code: &str) -> Result<Effect, SandboxError> {
    let set = book.digits_of(code)?;
    let digits = set
        .as_deref()
        .unwrap_or_else(|| code.get(code.len().saturating_sub(2)..).unwrap_or("00"));
    Ok(effect_of_digits(digits))
}

/// A tenth of the amount, at least 1 fen, none on 1 fen (ruling 15, code 98).
pub(crate) fn tenth_fen(total_fen: i64) -> i64 {
    if total_fen <= 1 {
        0
    } else {
        (total_fen / 10).max(1)
    }
}

/// Whether a payment code has WeChat's form (channels.md 5).
pub(crate) fn is_wechat_code(code: &str) -> bool {
    code.len() == 18 && starts_between(code, 10, 15)
}

/// Whether a payment code has Alipay's form (channels.md 5).
pub(crate) fn is_alipay_code(code: &str) -> bool {
    (16..=24).contains(&code.len()) && starts_between(code, 25, 30)
}

fn starts_between(code: &str, first: u8, last: u8) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
        && code
            .get(..2)
            .and_then(|prefix| prefix.parse::<u8>().ok())
            .is_some_and(|prefix| (first..=last).contains(&prefix))
}

/// WeChat's name of a payer within one app; stable per app and payer (ruling 45).
pub(crate) fn openid(app_id: &str, payer: &str) -> String {
    let hash = md5_hex_lower(&format!("openid {app_id} {payer}"));
    format!("oSBX{}", &hash[..24])
}

/// Alipay's name of a payer: 2088 and twelve digits.
pub(crate) fn buyer_id(payer: &str) -> String {
    format!(
        "2088{:012}",
        stable_hash(&format!("buyer {payer}")) % 1_000_000_000_000
    )
}

/// `bank_type` or `fund_channel`, the same for the same order (ruling 34 tells them apart).
pub(crate) fn paid_with(order: &Order) -> &'static str {
    let hash = stable_hash(&order.number);
    match order.channel {
        Channel::Wechat => match hash % 4 {
            0 => "OTHERS",
            1 => "CFT",
            2 => "ICBC_DEBIT",
            _ => "CMB_CREDIT",
        },
        Channel::Alipay => match hash % 3 {
            0 => "ALIPAYACCOUNT",
            1 => "PCREDIT",
            _ => "BANKCARD",
        },
    }
}

/// Takes the money, writes the order down, and plans the notification.
pub(crate) fn pay(book: &mut Book<'_>, order: &mut Order) -> Result<(), SandboxError> {
    if order.transaction_id.is_empty() {
        order.transaction_id = match order.channel {
            Channel::Wechat => book.wechat_id("4200")?,
            Channel::Alipay => book.alipay_trade_no()?,
        };
    }
    if order.discount_fen == 0
        && order.goods_tag.as_deref() == Some(PROMOTION_TAG)
        && order.total_fen > 2
    {
        order.discount_fen = 2;
    }
    if order.openid.is_empty() {
        order.openid = match order.channel {
            Channel::Wechat => openid(&order.app_id, DEFAULT_PAYER),
            Channel::Alipay => buyer_id(DEFAULT_PAYER),
        };
    }
    if order.sub_openid.is_none()
        && let Some(app) = &order.sub_app_id
    {
        order.sub_openid = Some(openid(app, DEFAULT_PAYER));
    }
    order.state = State::Paid;
    order.paid_ms = Some(book.now_ms);
    order.closed_ms = None;
    book.save(order)?;
    book.add_handle(order, "transaction", &order.transaction_id)?;
    notify::payment(book, order)
}

/// The payer declines for good: WeChat PAYERROR, Alipay TRADE_CLOSED without payment.
pub(crate) fn decline(
    book: &mut Book<'_>,
    order: &mut Order,
    failure: &str,
) -> Result<(), SandboxError> {
    order.state = State::PayError;
    order.failure = Some(failure.to_owned());
    order.closed_ms = Some(book.now_ms);
    book.save(order)
}

/// Lets the payer of a barcode think: the order waits, and a timer may decide.
pub(crate) fn ask(
    book: &mut Book<'_>,
    order: &mut Order,
    effect: Effect,
) -> Result<(), SandboxError> {
    order.state = State::UserPaying;
    book.save(order)?;
    match effect {
        Effect::ConfirmsLater => book.add_timer(order, Timer::Confirm, CONFIRM_MS, ""),
        Effect::DeclinesLater => book.add_timer(order, Timer::Decline, CONFIRM_MS, ""),
        _ => Ok(()),
    }
}

/// Ends an unpaid order; with the fault `late_success` the money arrives nevertheless a moment later.
pub(crate) fn end_unpaid(
    book: &mut Book<'_>,
    order: &mut Order,
    state: State,
) -> Result<(), SandboxError> {
    let was_payable = order.is_open() || order.state == State::Lost;
    order.state = state;
    order.closed_ms = Some(book.now_ms);
    book.save(order)?;
    if was_payable && order.total_fen > 0 {
        let late = book.take_fault(order.channel, "late_success")?;
        if let Some(ms) = late {
            book.add_timer(order, Timer::LateSuccess, ms.unwrap_or(LATE_SUCCESS_MS), "")?;
        }
    }
    Ok(())
}

/// Closes an order whose time is over; other orders stay as they are.
pub(crate) fn expire_if_due(book: &mut Book<'_>, order: &mut Order) -> Result<(), SandboxError> {
    let due = order.expires_ms.is_some_and(|at_ms| at_ms <= book.now_ms);
    if due && order.is_open() {
        let was_seen = order.state != State::Unscanned;
        order.state = State::Closed;
        order.closed_ms = Some(book.now_ms);
        book.save(order)?;
        if order.channel == Channel::Alipay && was_seen && order.scene != Scene::Barcode {
            notify::payment(book, order)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_forms() {
        assert!(is_wechat_code("134567890123456789"));
        assert!(!is_wechat_code("164567890123456789"));
        assert!(!is_wechat_code("13456789012345678"));
        assert!(is_alipay_code("284214903060794755"));
        assert!(!is_alipay_code("314214903060794755"));
        assert!(!is_alipay_code("28421490306079475x"));
        assert!(!is_wechat_code("1三4567890123456"));
    }

    #[test]
    fn a_tenth_is_floored_but_never_all() {
        let of = [
            (1, 0),
            (2, 1),
            (9, 1),
            (10, 1),
            (19, 1),
            (20, 2),
            (1000, 100),
        ];
        for (total_fen, discount_fen) in of {
            assert_eq!(tenth_fen(total_fen), discount_fen);
        }
    }
}
