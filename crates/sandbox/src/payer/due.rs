//! What happens to orders by itself when its time has come: payers decide, refunds settle, orders
//! expire.

use super::Ways;
use crate::book::{Book, Order, RefundState, State, Timer, Verb};
use crate::error::SandboxError;

/// Lets everything happen that was due by now. Runs before every look at the books, so that an
/// answer never depends on whether the timer task was scheduled in time.
/// Orders of an upstream whose ways nobody knows any more stay as they are.
pub(crate) fn settle(
    book: &mut Book<'_>,
    ways_of: impl Fn(&str) -> Option<&'static Ways>,
) -> Result<(), SandboxError> {
    let (now_ms, verb) = (book.now_ms, book.verb);
    while let Some((timer, due_ms, mut order, refund)) = book.take_due_timer()? {
        let Some(ways) = ways_of(&order.channel) else {
            continue;
        };
        book.now_ms = due_ms.min(now_ms);
        book.verb = match timer {
            Timer::RefundDone | Timer::RefundFails => Verb::of("refund"),
            Timer::LateSuccess => ways.reversal,
            _ => Verb::of("pay"),
        };
        let happened = apply(book, ways, timer, &mut order, &refund);
        book.now_ms = now_ms;
        book.verb = verb;
        happened?;
    }
    Ok(())
}

fn apply(
    book: &mut Book<'_>,
    ways: &Ways,
    timer: Timer,
    order: &mut Order,
    refund: &str,
) -> Result<(), SandboxError> {
    match timer {
        Timer::Confirm if order.is_open() => super::pay(book, ways, order),
        Timer::Decline if order.is_open() => super::decline(book, order, "PAYERROR"),
        Timer::LateSuccess
            if matches!(order.state, State::Revoked | State::Closed) && !order.money_back =>
        {
            order.tombstone = false;
            super::pay(book, ways, order)
        }
        Timer::Expire => super::expire_if_due(book, ways, order),
        Timer::RefundDone => end_refund(book, ways, order, refund, RefundState::Success),
        Timer::RefundFails => end_refund(book, ways, order, refund, RefundState::Closed),
        Timer::Confirm | Timer::Decline | Timer::LateSuccess => Ok(()),
    }
}

fn end_refund(
    book: &mut Book<'_>,
    ways: &Ways,
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
    super::tell(book, order, (ways.of_refund)(order, &refund))
}
