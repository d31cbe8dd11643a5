//! `/control/clock`: what the clock says, and how it is moved forward (ruling 49).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, read, refuse};
use crate::clock;
use crate::state::Inner;

#[derive(Deserialize)]
struct Asked {
    at: String,
}

/// What it says.
pub(super) async fn show(State(inner): State<Arc<Inner>>) -> Response {
    answer(Ok(told(&inner, inner.now_ms())))
}

/// Moves it. Whoever composes the sandbox has it.
pub(super) async fn advance(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(moved(&inner, &body).await)
}

async fn moved(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let asked: Asked = read(body)?;
    let Some(at_ms) = clock::parse_rfc3339(&asked.at) else {
        return refuse(
            400,
            "at must be RFC 3339, such as 2026-12-01T09:00:00+08:00",
        );
    };
    let Some(mover) = inner.clock_mover.get() else {
        return refuse(
            409,
            "nobody has said how the clock of this sandbox is moved",
        );
    };
    match mover.move_to(at_ms).await {
        Ok(now_ms) => {
            inner.wake.notify_one();
            Ok(told(inner, now_ms))
        }
        Err(sentence) => refuse(409, sentence),
    }
}

fn told(inner: &Inner, now_ms: i64) -> Value {
    let ahead_ms = inner.clock_mover.get().map_or(0, |mover| mover.ahead_ms());
    json!({"now": clock::rfc3339(now_ms), "now_ms": now_ms, "ahead_ms": ahead_ms})
}
