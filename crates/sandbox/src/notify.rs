//! Sends notifications: one once, judges the reply, and plans the next by the real schedules in
//! virtual time.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use crate::book::{NotificationRow, Sending};
use crate::error::SandboxError;
use crate::notices::{self, Notices};
use crate::state::Inner;
use crate::transcript;

/// However fast virtual time runs, a reply gets this long on tokio's clock.
const LEAST_PATIENCE: Duration = Duration::from_secs(2);

/// The right to send a notification; while it lives nobody else sends it.
pub(crate) struct Ticket {
    inner: Arc<Inner>,
    id: i64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.inner
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
        self.inner.wake.notify_one();
    }
}

/// Claims a notification; `None` when it is on its way already.
pub(crate) fn claim(inner: &Arc<Inner>, id: i64) -> Option<Ticket> {
    inner
        .in_flight
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(id)
        .then(|| Ticket {
            inner: Arc::clone(inner),
            id,
        })
}

/// Sends it once and writes down what came back.
///
/// The ticket is kept a second longer after a failure of our own, so that it does not spin.
pub(crate) async fn deliver(inner: Arc<Inner>, ticket: Ticket) {
    if let Err(error) = send(&inner, ticket.id, false).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a notification could not be recorded"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Delivers those that must arrive before an answer (fault `early_notifications`).
pub(crate) async fn deliver_early(inner: &Arc<Inner>, ids: Vec<i64>) {
    for id in ids {
        if let Some(ticket) = claim(inner, id) {
            deliver(Arc::clone(inner), ticket).await;
        }
    }
}

/// Sends a notification now; `spoil` gives it a signature that does not verify.
pub(crate) async fn send(inner: &Arc<Inner>, id: i64, spoil: bool) -> Result<(), SandboxError> {
    let Some(row) = inner.look(|book| book.notification(id))? else {
        return Ok(());
    };
    let notices = &inner.till(&row.channel)?.notices;
    let at_ms = inner.now_ms();
    let sending = match notices::dress(notices, &inner.accounts, &row, at_ms, spoil)? {
        None => Sending {
            at_ms,
            status: None,
            answer: "the notification address is not a URL".to_owned(),
            acknowledged: false,
        },
        Some(request) => call(inner, notices, &row, request, at_ms).await,
    };
    let next_ms = if sending.acknowledged {
        None
    } else {
        let gap_ms = notices.gaps_ms.get(row.tries);
        gap_ms.map(|gap_ms| inner.now_ms() + gap_ms)
    };
    inner.look(|book| {
        book.record_sending(id, &sending, next_ms)?;
        book.woken = true;
        Ok(())
    })
}

async fn call(
    inner: &Arc<Inner>,
    notices: &Notices,
    row: &NotificationRow,
    request: Request<Bytes>,
    at_ms: i64,
) -> Sending {
    let line = format!("{} {}", request.method(), request.uri());
    let seen = transcript::message(request.headers(), request.body());
    let patience = inner.real(notices.patience_ms).max(LEAST_PATIENCE);
    let reply = match tokio::time::timeout(patience, inner.caller.call(request)).await {
        Ok(reply) => reply,
        Err(_) => Err("no answer in time".to_owned()),
    };
    match reply {
        Ok(response) => {
            let answer = transcript::message(response.headers(), response.body());
            inner.transcript.add(
                at_ms,
                "out",
                &line,
                seen,
                Some(response.status().as_u16()),
                answer,
            );
            Sending {
                at_ms,
                status: Some(response.status().as_u16()),
                answer: String::from_utf8_lossy(response.body())
                    .chars()
                    .take(500)
                    .collect(),
                acknowledged: (notices.is_acknowledged)(&row.form, &response),
            }
        }
        Err(reason) => {
            inner
                .transcript
                .add(at_ms, "out", &line, seen, None, reason.clone().into());
            Sending {
                at_ms,
                status: None,
                answer: reason,
                acknowledged: false,
            }
        }
    }
}
