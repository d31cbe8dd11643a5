//! The timer task: lets happen what is due, and sends the notifications that are due. Re-armed from
//! the database.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::error::SandboxError;
use crate::notify;
use crate::state::Inner;

/// Sleeps until the next thing is due or until it is woken. Ends with the sandbox.
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
    // An idle sandbox wakes once a virtual hour; a due moment is never waited for less than a
    // millisecond.
    let wait_ms = next_ms.map_or(3_600_000, |at_ms| (at_ms - now_ms).clamp(1, 3_600_000));
    Ok(inner.real(wait_ms).max(Duration::from_millis(1)))
}
