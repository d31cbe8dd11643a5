//! What happens to orders by itself when its time has come: payers decide, refunds settle, orders
//! expire.

use crate::book::{Book, Order, RefundState, State, Timer};
use crate::error::SandboxError;
use crate::notices;

/// Lets everything happen that was due by now. Runs before every look at the books, so that an
/// answer never depends on whether the timer task was scheduled in time.
pub(crate) fn settle(book: &mut Book<'_>) -> Result<(), SandboxError> {
    let (now_ms, verb) = (book.now_ms, book.verb);
    while let Some((timer, due_ms, mut order, refund)) = book.take_due_timer()? {
        book.now_ms = due_ms.min(now_ms);
        book.verb = match timer {
            Timer::RefundDone | Timer::RefundFails => "refund",
            Timer::LateSuccess => "reverse",
            _ => "pay",
        };
        let happened = apply(book, timer, &mut order, &refund);
        book.now_ms = now_ms;
        book.verb = verb;
        happened?;
    }
    Ok(())
}

fn apply(
    book: &mut Book<'_>,
    timer: Timer,
    order: &mut Order,
    refund: &str,
) -> Result<(), SandboxError> {
    match timer {
        Timer::Confirm if order.is_open() => super::pay(book, order),
        Timer::Decline if order.is_open() => super::decline(book, order, "PAYERROR"),
        Timer::LateSuccess
            if matches!(order.state, State::Revoked | State::Closed) && !order.money_back =>
        {
            order.tombstone = false;
            super::pay(book, order)
        }
        Timer::Expire => super::expire_if_due(book, order),
        Timer::RefundDone => end_refund(book, order, refund, RefundState::Success),
        Timer::RefundFails => end_refund(book, order, refund, RefundState::Closed),
        Timer::Confirm | Timer::Decline | Timer::LateSuccess => Ok(()),
    }
}

fn end_refund(
    book: &mut Book<'_>,
    order: &mut Order,
    number: &str,
    state: RefundState,
) -> Result<(), SandboxError> {
    let now_ms = book.now_ms;
    let Some(refund) = order
        .refunds
        .iter_mut()
        .find(|refund| refund.number == number && refund.state == RefundState::Processing)
    else {
        return Ok(());
    };
    refund.state = state;
    refund.done_ms = Some(now_ms);
    let refund = refund.clone();
    book.save(order)?;
    notices::refund(book, order, &refund)
}
