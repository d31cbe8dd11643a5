//! Plays the payer: what paying, declining, leaving and waiting do to an order and its
//! notifications.

mod due;
mod refund;

pub(crate) use due::settle;
pub(crate) use refund::{RefundFault, refund, refund_fault};

use crate::book::{Book, Channel, Order, State, Timer};
use crate::codes::{Effect, Plan};
use crate::error::SandboxError;
use crate::notices;
use crate::promotions;
use crate::wallet::{DEFAULT_PAYER, buyer_id, openid, user_id};

/// How long after an answered reversal the late money arrives, in virtual ms.
const LATE_SUCCESS_MS: i64 = 1_000;

/// Takes the money, writes the order down, and plans the notification.
pub(crate) fn pay(book: &mut Book<'_>, order: &mut Order) -> Result<(), SandboxError> {
    if order.transaction_id.is_empty() {
        order.transaction_id = match order.channel {
            Channel::Wechat => book.wechat_id("4200")?,
            Channel::Alipay => book.alipay_trade_no()?,
            Channel::Unionpay => book.trans_index()?,
        };
    }
    promotions::apply(order);
    if order.openid.is_empty() {
        order.openid = match order.channel {
            Channel::Wechat => openid(&order.app_id, DEFAULT_PAYER),
            Channel::Alipay => buyer_id(DEFAULT_PAYER),
            Channel::Unionpay => user_id(DEFAULT_PAYER),
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
    notices::payment(book, order)
}

/// The payer declines for good: WeChat PAYERROR, Alipay TRADE_CLOSED without payment, UnionPay 06.
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
pub(crate) fn ask(book: &mut Book<'_>, order: &mut Order, plan: &Plan) -> Result<(), SandboxError> {
    order.state = State::UserPaying;
    book.save(order)?;
    match plan.effect {
        Effect::ConfirmsLater => book.add_timer(order, Timer::Confirm, plan.thinks_ms(), ""),
        Effect::DeclinesLater => book.add_timer(order, Timer::Decline, plan.thinks_ms(), ""),
        _ => Ok(()),
    }
}

/// Ends an unpaid order; with the fault `late_success` the money arrives nevertheless a moment
/// later.
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
        if order.channel == Channel::Alipay && was_seen && !order.scene.is_at_till() {
            notices::payment(book, order)?;
        }
    }
    Ok(())
}
