//! Plays the payer: what paying, declining, leaving and waiting do to an order and its
//! notifications.

mod due;
mod refund;
mod ways;

pub(crate) use due::settle;
pub(crate) use refund::{RefundFault, refund, refund_fault};
pub(crate) use ways::Ways;

use crate::book::{Book, NewNotification, Order, State, Timer};
use crate::codes::{Effect, Plan};
use crate::error::SandboxError;

/// How long after an answered reversal the late money arrives, in virtual ms.
const LATE_SUCCESS_MS: i64 = 1_000;

/// Takes the money, writes the order down, and plans the notification.
pub(crate) fn pay(book: &mut Book<'_>, ways: &Ways, order: &mut Order) -> Result<(), SandboxError> {
    if order.transaction_id.is_empty() {
        order.transaction_id = (ways.transaction_id)(book)?;
    }
    (ways.promote)(order);
    (ways.name_payer)(order);
    order.state = State::Paid;
    order.paid_ms = Some(book.now_ms);
    order.closed_ms = None;
    book.save(order)?;
    book.add_handle(order, "transaction", &order.transaction_id)?;
    tell(book, order, (ways.of_payment)(order))
}

/// Plans a notification, if there is one.
fn tell(
    book: &mut Book<'_>,
    order: &Order,
    notification: Option<NewNotification>,
) -> Result<(), SandboxError> {
    notification.map_or(Ok(()), |new| book.notify(order, &new))
}

/// The payer declines for good; each upstream has its own word for that.
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
        let late = book.take_fault(&order.channel, "late_success")?;
        if let Some(ms) = late {
            book.add_timer(order, Timer::LateSuccess, ms.unwrap_or(LATE_SUCCESS_MS), "")?;
        }
    }
    Ok(())
}

/// Closes an order whose time is over; other orders stay as they are.
pub(crate) fn expire_if_due(
    book: &mut Book<'_>,
    ways: &Ways,
    order: &mut Order,
) -> Result<(), SandboxError> {
    let due = order.expires_ms.is_some_and(|at_ms| at_ms <= book.now_ms);
    if due && order.is_open() {
        let was_seen = order.state != State::Unscanned;
        order.state = State::Closed;
        order.closed_ms = Some(book.now_ms);
        book.save(order)?;
        if was_seen && !order.scene.is_at_till() {
            tell(book, order, (ways.of_expiry)(order))?;
        }
    }
    Ok(())
}
