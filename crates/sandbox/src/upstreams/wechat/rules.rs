//! What v2 and v3 decide alike: forms of numbers, prepay, close, refund. Each interface words it
//! itself.

use super::account::{SP_APPID, SP_MCHID};
use super::words;
use super::{ID, WAYS};
use crate::book::{Book, Order, Refund, RefundState, Scene, State, Timer};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::payer::{self, RefundFault};

/// A prepay can be paid for two hours (channels.md 1.5), in ms.
pub(super) const PREPAY_LIFE_MS: i64 = 2 * 3_600_000;
/// A balance refund lands after this long, in virtual ms; acceptance is not success (channels.md
/// 1.7).
const REFUND_LANDS_MS: i64 = 1_000;
/// Between refunds of one order (channels.md 1.7).
const REFUND_GAP_MS: i64 = 60_000;
/// Refunds an order can have (channels.md 1.7).
const MOST_REFUNDS: usize = 50;
/// Refunds are possible for a year.
const REFUND_WINDOW_MS: i64 = 365 * 86_400_000;
/// Close is refused this long after prepay, under the fault `early_close_refused` (1.6).
const EARLY_CLOSE_MS: i64 = 300_000;

/// Letters, digits and `_-*|` (channels.md 1.5).
pub(crate) fn is_number(text: &str, longest: usize) -> bool {
    !text.is_empty()
        && text.len() <= longest
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-*|".contains(&byte))
}

/// Like [`is_number`], but 64 long and with `@`: refund numbers (channels.md 1.7).
pub(crate) fn is_refund_number(text: &str) -> bool {
    is_number(&text.replace('@', "_"), 64)
}

/// An app id; a sub-merchant may have several, so only the form is checked.
pub(crate) fn is_app_id(text: &str) -> bool {
    text.len() == 18
        && text.starts_with("wx")
        && text
            .bytes()
            .skip(2)
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A full http(s) address without a query, at most 255 bytes.
pub(crate) fn is_notify_url(text: &str) -> bool {
    text.len() <= 255
        && !text.contains(['?', '#', ' '])
        && (text.starts_with("http://") || text.starts_with("https://"))
        && text
            .parse::<http::Uri>()
            .is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
}

/// An openid as one can be told from others by form only.
pub(crate) fn is_openid(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// A fresh WeChat order with the parties filled in.
pub(crate) fn new_order(
    book: &Book<'_>,
    number: &str,
    sub_mchid: &str,
    api: &str,
    scene: Scene,
) -> Order {
    let mut order = Order::new(ID, api, "", number, book.now_ms);
    order.merchant = sub_mchid.to_owned();
    order.app_id = SP_APPID.to_owned();
    order.scene = scene;
    order
}

/// Why a prepay is refused.
pub(crate) enum PrepayRefusal {
    OtherContent,
    OtherMerchant,
    Paid,
    Closed,
}

/// Creates the order, or repeats the prepay of one that is unpaid and has the same content.
pub(crate) fn prepay(
    book: &mut Book<'_>,
    wanted: Order,
) -> Result<Result<Order, PrepayRefusal>, SandboxError> {
    let known = book
        .order(ID, "", &wanted.number)?
        .filter(|known| known.state != State::Lost);
    let (mut order, fresh) = match known {
        None => (wanted, true),
        Some(mut order) => {
            payer::expire_if_due(book, &WAYS, &mut order)?;
            if order.tombstone {
                return Ok(Err(PrepayRefusal::Closed));
            }
            if order.merchant != wanted.merchant {
                return Ok(Err(PrepayRefusal::OtherMerchant));
            }
            match order.state {
                State::Paid => return Ok(Err(PrepayRefusal::Paid)),
                State::NotPay if order.content == wanted.content => (order, false),
                State::NotPay | State::UserPaying | State::Lost | State::Unscanned => {
                    return Ok(Err(PrepayRefusal::OtherContent));
                }
                State::Closed | State::Revoked | State::PayError => {
                    return Ok(Err(PrepayRefusal::Closed));
                }
            }
        }
    };
    if fresh || book.now_ms - order.prepaid_ms >= PREPAY_LIFE_MS {
        if let Some(old) = order.prepay_id.take() {
            book.drop_handle(ID, "prepay", &old)?;
        }
        let prepay_id = words::prepay_id(book)?;
        book.add_handle(&order, "prepay", &prepay_id)?;
        order.prepay_id = Some(prepay_id);
    }
    order.prepaid_ms = book.now_ms;
    if order.scene == Scene::Native {
        // A repeat gives a new code and voids the old (channels.md 1.5).
        if let Some(old) = order.code.take() {
            book.drop_handle(ID, "code", &old)?;
        }
        let code = format!("weixin://wxpay/bizpayurl?pr={}", random_hex(5)?);
        book.add_handle(&order, "code", &code)?;
        order.code = Some(code);
    }
    book.save(&order)?;
    if fresh && let Some(at_ms) = order.expires_ms {
        let in_ms = at_ms - book.now_ms;
        book.add_timer(&order, Timer::Expire, in_ms, "")?;
    }
    Ok(Ok(order))
}

/// Why a close is refused.
pub(crate) enum CloseRefusal {
    Unknown,
    AtTill,
    Paid,
    AlreadyClosed,
    TooEarly,
}

/// Closes an unpaid order. Orders of the till can only be reversed (channels.md 1.6).
pub(crate) fn close(
    book: &mut Book<'_>,
    number: &str,
    sub_mchid: &str,
) -> Result<Result<(), CloseRefusal>, SandboxError> {
    let order = book.order(ID, "", number)?;
    let Some(mut order) =
        order.filter(|order| order.merchant == sub_mchid && order.state != State::Lost)
    else {
        return Ok(Err(CloseRefusal::Unknown));
    };
    payer::expire_if_due(book, &WAYS, &mut order)?;
    if order.scene.is_at_till() {
        return Ok(Err(CloseRefusal::AtTill));
    }
    match order.state {
        State::Paid => Ok(Err(CloseRefusal::Paid)),
        State::Closed | State::Revoked | State::PayError => Ok(Err(CloseRefusal::AlreadyClosed)),
        _ => {
            let early = book.now_ms - order.prepaid_ms < EARLY_CLOSE_MS;
            if early && book.take_fault(ID, "early_close_refused")?.is_some() {
                return Ok(Err(CloseRefusal::TooEarly));
            }
            payer::end_unpaid(book, &mut order, State::Closed)?;
            Ok(Ok(()))
        }
    }
}

/// A refund as asked for, in either interface.
pub(crate) struct WantedRefund {
    pub(crate) sub_mchid: String,
    pub(crate) transaction_id: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) refund_number: String,
    pub(crate) total_fen: i64,
    pub(crate) refund_fen: i64,
    pub(crate) reason: Option<String>,
    pub(crate) notify_url: Option<String>,
    pub(crate) api: &'static str,
}

/// Why a refund is refused.
pub(crate) enum RefundRefusal {
    UnknownOrder,
    NotPaid,
    OtherContent,
    TotalMismatch,
    TooMuch,
    TooMany,
    TooSoon,
    TooLate,
}

/// Accepts a refund or answers the repeat of one. The money moves a moment later.
pub(crate) fn refund(
    book: &mut Book<'_>,
    wanted: WantedRefund,
) -> Result<Result<(Order, Refund), RefundRefusal>, SandboxError> {
    let refuse = |refusal| Ok(Err(refusal));
    let found = match (&wanted.transaction_id, &wanted.number) {
        (Some(id), _) => book.order_by(ID, "transaction", id)?,
        (None, Some(number)) => book.order(ID, "", number)?,
        (None, None) => None,
    };
    let found =
        found.filter(|order| order.merchant == wanted.sub_mchid && order.state != State::Lost);
    let Some(mut order) = found else {
        return refuse(RefundRefusal::UnknownOrder);
    };
    // The refund number is unique for the service provider: one used elsewhere is another refund's.
    if let Some(holder) = book.order_by(ID, "refund", &wanted.refund_number)? {
        let known = holder
            .refunds
            .iter()
            .find(|refund| refund.number == wanted.refund_number);
        return match known {
            Some(known)
                if holder.number == order.number
                    && known.amount_fen == wanted.refund_fen
                    && holder.total_fen == wanted.total_fen =>
            {
                Ok(Ok((order, known.clone())))
            }
            _ => refuse(RefundRefusal::OtherContent),
        };
    }
    if order.state != State::Paid {
        return refuse(RefundRefusal::NotPaid);
    }
    if order.total_fen != wanted.total_fen {
        return refuse(RefundRefusal::TotalMismatch);
    }
    if order
        .paid_ms
        .is_some_and(|at_ms| book.now_ms - at_ms > REFUND_WINDOW_MS)
    {
        return refuse(RefundRefusal::TooLate);
    }
    if wanted.refund_fen > order.total_fen - order.refunding_fen() {
        return refuse(RefundRefusal::TooMuch);
    }
    if order.refunds.len() >= MOST_REFUNDS {
        return refuse(RefundRefusal::TooMany);
    }
    let last_ms = order.refunds.iter().map(|refund| refund.created_ms).max();
    if last_ms.is_some_and(|at_ms| book.now_ms - at_ms < REFUND_GAP_MS) {
        return refuse(RefundRefusal::TooSoon);
    }
    let (cash_fen, coupon_fen) = order.split_refund(wanted.refund_fen);
    let refund = Refund {
        number: wanted.refund_number,
        refund_id: words::refund_id(book)?,
        amount_fen: wanted.refund_fen,
        cash_fen,
        coupon_fen,
        state: RefundState::Processing,
        reason: wanted.reason,
        notify_url: wanted.notify_url,
        api: wanted.api.to_owned(),
        created_ms: book.now_ms,
        done_ms: None,
    };
    order.refunds.push(refund.clone());
    book.save(&order)?;
    book.add_handle(&order, "refund", &refund.number)?;
    book.add_handle(&order, "refund_id", &refund.refund_id)?;
    match payer::refund_fault(book, ID)? {
        None => book.add_timer(&order, Timer::RefundDone, REFUND_LANDS_MS, &refund.number)?,
        Some(RefundFault::Ends(timer, ms)) => book.add_timer(&order, timer, ms, &refund.number)?,
        Some(RefundFault::Open) => {}
    }
    Ok(Ok((order, refund)))
}

/// Whether a service provider's number is ours.
pub(crate) fn is_our_mchid(mchid: &str) -> bool {
    mchid == SP_MCHID
}
