//! What happens by itself: payers decide, refunds settle, notifications leave. All re-armed from the database.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::book::{Book, Order, RefundState, State, Timer};
use crate::error::SandboxError;
use crate::notify;
use crate::payer;
use crate::state::Inner;

/// Lets everything happen that was due by now. Runs before every look at the books, so that an answer
/// never depends on whether the timer task was scheduled in time.
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
        Timer::Confirm if order.is_open() => payer::pay(book, order),
        Timer::Decline if order.is_open() => payer::decline(book, order, "PAYERROR"),
        Timer::LateSuccess
            if matches!(order.state, State::Revoked | State::Closed) && !order.money_back =>
        {
            order.tombstone = false;
            payer::pay(book, order)
        }
        Timer::Expire => payer::expire_if_due(book, order),
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
    notify::refund(book, order, &refund)
}

/// The timer task: sleeps until the next thing is due or until it is woken. Ends with the sandbox.
pub(crate) async fn run(inner: Weak<Inner>, wake: Arc<Notify>) {
    loop {
        let Some(strong) = inner.upgrade() else {
            return;
        };
        let wait = match step(&strong) {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the sandbox's timers stumbled"
                );
                Duration::from_secs(1)
            }
        };
        drop(strong);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = wake.notified() => {}
        }
    }
}

/// Settles, starts the sendings that are due, and says how long nothing more is due.
fn step(inner: &Arc<Inner>) -> Result<Duration, SandboxError> {
    let ((planned, next_timer_ms, now_ms), _) = inner.with_book("any", |book| {
        Ok((
            book.planned_notifications()?,
            book.next_timer_ms()?,
            book.now_ms,
        ))
    })?;
    let mut next_ms = next_timer_ms;
    for (id, at_ms) in planned {
        if inner
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&id)
        {
            continue;
        }
        if at_ms <= now_ms {
            let inner = Arc::clone(inner);
            if let Some(ticket) = notify::claim(&inner, id) {
                tokio::spawn(async move { notify::deliver(inner, ticket).await });
            }
        } else {
            next_ms = Some(next_ms.map_or(at_ms, |soonest| soonest.min(at_ms)));
        }
    }
    // An idle sandbox wakes once a virtual hour; a due moment is never waited for less than a millisecond.
    let wait_ms = next_ms.map_or(3_600_000, |at_ms| (at_ms - now_ms).clamp(1, 3_600_000));
    Ok(inner.real(wait_ms).max(Duration::from_millis(1)))
}
